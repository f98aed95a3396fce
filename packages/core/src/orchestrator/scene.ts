/** A mission as the orchestrator API sees it: one reading for all of its commands. */
import type { Lane } from '@spec-kitty/contracts/lanes'
import { type OpenDependency, openDependencies } from '../repo/lanes/dependencies.ts'
import { type StatusFacts, viewStatus } from '../repo/log/emit.ts'
import { laneOf } from '../repo/log/reduce.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { listWpIds, readWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'

export interface ApiScene {
  readonly project: Project
  readonly mission: Mission
  readonly status: StatusFacts
  readonly packages: readonly WorkPackage[]
  /** Of all packages, in order, those included whose file cannot be read. */
  readonly ids: readonly string[]
}

/** Throws `not_a_repository`, `no_project`, `mission_not_found`, `ambiguous_mission`, `log_corrupt`. */
export async function readScene(ports: Ports, handle: string): Promise<ApiScene> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, handle)
  const status = await viewStatus(ports, project, mission)
  const packages = (await readWorkPackages(ports, mission)).found
  return { project, mission, status, packages, ids: listWpIds(ports, mission) }
}

/** How the `data` of every mission command begins. */
export function missionHead({ slug, number, type }: Pick<Mission, 'slug' | 'number' | 'type'>) {
  return { mission_slug: slug, mission_number: number, mission_type: type }
}

export function sceneLane({ status }: ApiScene, wpId: string): Lane {
  return laneOf(status.reduction, wpId)
}

/** The dependencies that still hold a package up. */
export function unsatisfied(
  scene: ApiScene,
  wp: Pick<WorkPackage, 'dependencies'>,
): readonly OpenDependency[] {
  return openDependencies(wp.dependencies, id => sceneLane(scene, id), scene.ids)
}

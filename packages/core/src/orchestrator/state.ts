/** The reading commands of the orchestrator API. */

import { KittyError } from '@spec-kitty/contracts/errors'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { executionLane, requireLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, PLANNING_LANE } from '../repo/lanes/names.ts'
import { actorName } from '../repo/log/actor.ts'
import { stateOf } from '../repo/log/reduce.ts'
import { findWorkPackage } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'
import { missionHead, readScene, sceneLane, unsatisfied } from './scene.ts'

/** Every work package with its lane and dependencies. Throws what `readScene` throws. */
export async function missionState(ports: Ports, handle: string) {
  const scene = await readScene(ports, handle)
  const lanes = scene.ids.map(id => sceneLane(scene, id))
  const dependencies = new Map(scene.packages.map(wp => [wp.id, wp.dependencies]))
  const count = (lane: string): number => lanes.filter(other => other === lane).length
  return {
    ...missionHead(scene.mission),
    summary: Object.fromEntries(DISPLAY_LANES.map(lane => [lane, count(lane)])),
    work_packages: scene.ids.map(id => {
      const actor = stateOf(scene.status.reduction, id)?.actor
      return {
        wp_id: id,
        lane: sceneLane(scene, id),
        dependencies: [...(dependencies.get(id) ?? [])],
        last_actor: actor === undefined ? null : actorName(actor),
      }
    }),
  }
}

/** What may be begun now. Throws what `readScene` throws. */
export async function listReady(ports: Ports, handle: string) {
  const scene = await readScene(ports, handle)
  const ready = scene.packages.filter(
    wp => sceneLane(scene, wp.id) === 'planned' && unsatisfied(scene, wp).length === 0,
  )
  return {
    ...missionHead(scene.mission),
    ready_work_packages: ready.map(wp => ({
      wp_id: wp.id,
      lane: 'planned',
      dependencies_satisfied: true as const,
    })),
  }
}

/** Where a package is worked on, whether or not it has been begun. Throws `wp_not_found`, `tasks_not_finalized`. */
export async function resolveWorkspace(ports: Ports, handle: string, wpId: string) {
  const { project, mission } = await readScene(ports, handle)
  const wp = await findWorkPackage(ports, mission, wpId)
  const lane = executionLane(requireLanes(ports, mission), wp.id)
  if (lane === undefined) {
    throw new KittyError('tasks_not_finalized', `${wp.id} is in no lane of lanes.json`, {
      hint: sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`,
    })
  }
  const planning = lane.lane_id === PLANNING_LANE
  const path = laneDirectory(project, mission, lane.lane_id)
  return {
    ...missionHead(mission),
    wp_id: wp.id,
    lane_id: lane.lane_id,
    branch: planning ? mission.homeBranch : laneBranch(mission, lane.lane_id),
    execution_mode: planning ? ('direct_repo' as const) : ('worktree' as const),
    workspace_path: path,
    exists: ports.files.stat(path) !== undefined,
    prompt_path: wp.path,
  }
}

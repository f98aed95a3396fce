/** What an interrupted merge of the Python edition leaves behind (docs/merge.md, docs/lanes.md). */

import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'

/** True when the Python edition began a merge of this mission. Its lanes may be in the mission branch already. */
export function hasPythonState(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'root'>,
  mission: Pick<Mission, 'slug' | 'id'>,
): boolean {
  return statePaths(project, mission).some(path => ports.files.stat(path) !== undefined)
}

/** Removes its state and its lock, which it never removes itself after a crash. */
export function dropPythonState(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'root'>,
  mission: Pick<Mission, 'slug' | 'id'>,
): readonly Change[] {
  const lock = join(project.root, '.kittify/runtime/merge/__global_merge__/lock')
  return [...statePaths(project, mission), lock]
    .filter(path => ports.files.stat(path) !== undefined)
    .map(path => ({ kind: 'delete_file', path }))
}

function statePaths(
  project: Pick<Project, 'root'>,
  mission: Pick<Mission, 'slug' | 'id'>,
): readonly string[] {
  const names = mission.id === null ? [mission.slug] : [mission.id, mission.slug]
  return [
    ...names.map(name => join(project.root, '.kittify/runtime/merge', name, 'state.json')),
    join(project.root, '.kittify/merge-state.json'),
  ]
}

/** `agent tasks list-dependents`: who waits for a work package, and for whom it waits. Reads only. */
import type { ListDependents } from '@spec-kitty/contracts/cli/list-dependents'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { locateProject, requireKittify } from '../repo/project/locate.ts'
import { readTaskGraph } from '../repo/tasks/task-graph.ts'
import { readWorkPackages, readWpId } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'

export interface ListDependentsInput {
  readonly wpId: string
  readonly mission?: string | undefined
}

/** The front matter decides; where it says nothing, tasks.md does. Throws `wp_not_found`. */
export async function listDependents(ports: Ports, input: ListDependentsInput): Promise<ListDependents> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const { found, problems } = await readWorkPackages(ports, mission)
  for (const problem of problems) ports.note(problem.message)
  const text = ports.files.text(missionPaths(mission).tasksFile) ?? ''
  const ids = found.map(item => item.id)
  const needs = readTaskGraph(found, ids, text).dependencies
  const id = readWpId(input.wpId) ?? input.wpId
  const mine = needs.get(id)
  if (mine === undefined) {
    throw new KittyError(
      'wp_not_found',
      `Work package '${input.wpId}' not found under ${mission.rel}/tasks.`,
      {
        hint: ids.length === 0 ? sh`There are none yet` : sh`There are: ${listed(ids)}`,
        data: { wp_id: input.wpId },
      },
    )
  }
  const dependents = [...needs].filter(([, ids]) => ids.includes(id)).map(([other]) => other)
  return { wp_id: id, depends_on: [...mine], dependents }
}

/** `agent tasks list-dependents`: who waits for a work package, and for whom it waits. Reads only. */
import type { ListDependents } from '@spec-kitty/contracts/cli/list-dependents'
import { KittyError } from '@spec-kitty/contracts/errors'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { locateProject, requireKittify } from '../repo/project/locate.ts'
import { readTaskGraph } from '../repo/tasks/task-graph.ts'
import { readWorkPackages } from '../repo/tasks/work-package.ts'
import { readWpId, sameWp, spelling } from '../text/wp-id.ts'
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
  const { found, unread } = await readWorkPackages(ports, mission)
  for (const { error } of unread) ports.note(error.message)
  const text = ports.files.text(missionPaths(mission).tasksFile) ?? ''
  const ids = found.map(item => item.id)
  const graph = readTaskGraph(found, ids, text)
  for (const { code, message } of graph.problems) if (code === 'unreadable_list') ports.note(message)
  const needs = graph.dependencies
  const id = spelling(ids)(readWpId(input.wpId) ?? input.wpId)
  const mine = needs.get(id)
  const illegible = unread.find(item => sameWp(item.id, id))
  if (illegible !== undefined) throw illegible.error
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

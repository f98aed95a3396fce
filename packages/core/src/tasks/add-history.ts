/** `agent tasks add-history`: one entry in the activity log of a work package. */
import type { AddHistory } from '@spec-kitty/contracts/cli/add-history'
import { KittyError } from '@spec-kitty/contracts/errors'
import { refuseCoordination } from '../repo/log/source.ts'
import { historyAdded } from '../repo/log/told.ts'
import { resolveMission } from '../repo/mission/handle.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, requireKittify } from '../repo/project/locate.ts'
import { addActivity } from '../repo/tasks/activity.ts'
import { printFrontMatter } from '../repo/tasks/front-matter.ts'
import { findWorkPackage } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'
import { planCommit, refuseProtected } from '../write/commit.ts'
import { transact } from '../write/transact.ts'

export interface AddHistoryInput {
  readonly taskId: string
  readonly note: string
  readonly mission?: string | undefined
  readonly agent?: string | undefined
  readonly shellPid?: string | undefined
  readonly autoCommit?: boolean | undefined
}

/** Throws `wp_not_found`, `invalid_input` (an empty note), and what every writing command refuses. */
export async function addHistory(ports: Ports, input: AddHistoryInput): Promise<AddHistory> {
  if (input.note.trim() === '') {
    throw new KittyError('invalid_input', 'The note is empty', { hint: '--note "what happened"' })
  }
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  refuseCoordination(mission)
  const config = await readConfig(ports, project)
  const { agent = 'user', shellPid, note, autoCommit } = input
  refuseProtected(ports, project, config, autoCommit)
  return transact(ports, project, mission, async () => {
    const wp = await findWorkPackage(ports, mission, input.taskId)
    const file = addActivity(wp.file, { at: ports.clock.now(), actor: agent, shellPid, note })
    const write = { kind: 'write_file', path: wp.path, content: printFrontMatter(file) } as const
    const message = `chore: Add history to ${wp.id} on spec ${mission.slug}`
    return {
      changes: [
        { ...write, expect: printFrontMatter(wp.file) },
        ...planCommit(project, config, { paths: [wp.path], message, autoCommit }),
        historyAdded(wp.id, note, agent),
      ],
      result: { result: 'success', task_id: wp.id, note },
    }
  })
}

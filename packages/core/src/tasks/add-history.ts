/** `agent tasks add-history`: one entry in the activity log of a work package. */
import type { AddHistory } from '@spec-kitty/contracts/cli/add-history'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { historyAdded } from '../repo/log/told.ts'
import { addActivity } from '../repo/tasks/activity.ts'
import { printFrontMatter } from '../repo/tasks/front-matter.ts'
import { findWorkPackage } from '../repo/tasks/work-package.ts'
import { rewrite } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { write } from '../write/write.ts'

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
    throw new KittyError('invalid_input', 'The note is empty', { hint: sh`--note "what happened"` })
  }
  const { agent = 'user', shellPid, note } = input
  return write(ports, input, async ({ mission }) => {
    const wp = await findWorkPackage(ports, mission, input.taskId)
    const file = addActivity(wp.file, { at: ports.clock.now(), actor: agent, shellPid, note })
    return {
      files: rewrite(wp.path, printFrontMatter(wp.file), printFrontMatter(file)),
      message: `chore: Add history to ${wp.id} on spec ${mission.slug}`,
      told: [historyAdded(wp.id, note, agent)],
      answer: { result: 'success', task_id: wp.id, note },
    }
  })
}

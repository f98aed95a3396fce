/** `merge-driver-event-log BASE OURS THEIRS`: git calls it where both sides of a merge have written to a log. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { unionLogs } from '../repo/log/log-union.ts'
import { resolvePath } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { writeLocal } from '../write/local.ts'

export interface DriverInput {
  readonly base: string
  readonly ours: string
  readonly theirs: string
}

export interface DriverResult {
  /** The file that holds the union: the one git calls ours. */
  readonly path: string
  readonly rows: number
}

/**
 * Writes the union of the three files into the second. Throws `log_corrupt` where a side cannot be read or two events
 * share an id; then git leaves the file in conflict for a person.
 */
export async function mergeEventLogs(ports: Ports, input: DriverInput): Promise<DriverResult> {
  const path = resolvePath(ports.env.cwd, input.ours)
  const texts = [input.base, input.ours, input.theirs].map(file => readSide(ports, file))
  const { text, conflicts } = unionLogs(texts)
  if (conflicts.length > 0) {
    throw new KittyError('log_corrupt', `Conflicting payloads found for event_id ${conflicts.join(', ')}`, {
      hint: sh`Keep one line for each of these ids in the log, then: git add it and go on with the merge`,
      data: { event_ids: conflicts },
    })
  }
  await writeLocal(ports, [{ kind: 'write_file', path, content: text }])
  return { path, rows: text.split('\n').length - 1 }
}

function readSide(ports: Pick<Ports, 'files' | 'env'>, file: string): string {
  const path = resolvePath(ports.env.cwd, file)
  const text = ports.files.text(path)
  // git hands over an empty file where the log did not exist; a missing one is a wrong name.
  if (text !== undefined) return text
  throw new KittyError('invalid_input', `No such file: ${path}`, {
    hint: sh`spec-kitty merge-driver-event-log BASE OURS THEIRS is called by git`,
    data: { path },
  })
}

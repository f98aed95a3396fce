/** What git does not see: prompts, memory, reports, logs of a set-up. No lock, no commit, whatever state a mission is in. */
import type { AppendEvents, DeleteFile, WriteFile } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'

/** Writes files that belong to this checkout alone; all of them or none. `named`: a directory elsewhere that the user named. Throws `io_failed`, `file_changed`. */
export async function writeLocal(
  ports: Pick<Ports, 'apply'>,
  changes: readonly (WriteFile | AppendEvents | DeleteFile)[],
  named?: string,
): Promise<void> {
  if (changes.length > 0) await ports.apply(changes, named)
}

/** For what cannot be one decision: a merge that goes on from its journal, the making of a repository, mends one by one. */
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { hold } from './locks.ts'

/** Performs changes at once; all file changes of one call or none. `named`: a directory elsewhere that the user named. */
export type Perform = (changes: readonly Change[], named?: string) => Promise<void>

/** Runs `act` under these locks, taken in the order given, with a way to perform changes. Throws `lock_busy`. */
export async function conduct<T>(
  ports: Pick<Ports, 'apply' | 'locks'>,
  locks: readonly string[],
  act: (perform: Perform) => Promise<T>,
): Promise<T> {
  return await hold(ports, locks, () =>
    act(async (changes, named) => {
      if (changes.length > 0) await ports.apply(changes, named)
    }),
  )
}

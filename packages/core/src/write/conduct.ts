/** For what cannot be one decision: a merge that goes on from its journal, the making of a repository, mends one by one. */
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { awaitIndex } from './index-lock.ts'
import { hold } from './locks.ts'

/** Ports that can perform: all file changes of one call or none. `named`: a directory elsewhere that the user named. */
export interface Stage extends Ports {
  readonly perform: (changes: readonly Change[], named?: string) => Promise<void>
}

/** Runs `act` under these locks, taken in the order given, on ports that can perform changes. Throws `lock_busy`. */
export async function conduct<T>(
  ports: Ports,
  locks: readonly string[],
  act: (stage: Stage) => Promise<T>,
): Promise<T> {
  const perform: Stage['perform'] = async (changes, named) => {
    await awaitIndex(ports, changes)
    if (changes.length > 0) await ports.apply(changes, named)
  }
  return await hold(ports, locks, () => act({ ...ports, perform }))
}

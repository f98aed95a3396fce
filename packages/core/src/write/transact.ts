/** Lock → facts → plan → apply: the shape of every command that writes to a mission (ADR 0002). */

import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { refuseDuringMerge } from './journal.ts'

export interface Plan<R> {
  readonly changes: readonly Change[]
  readonly result: R
}

/** How long a writer waits for another one. */
const LOCK_WAIT_MS = 30_000

/** The lock both editions take around a mission's files (docs/log.md). */
export function missionLock(project: Project, slug: string): string {
  return join(project.commonDir, 'spec-kitty-locks', `${slug}.status.lock`)
}

/**
 * Runs `plan` under the mission's lock and performs what it planned. `plan` reads the facts itself, so that
 * nothing it decides on can change before it is done. Throws whatever it refuses with, or `lock_busy`.
 */
export async function transact<R>(
  ports: Ports,
  project: Project,
  mission: Pick<Mission, 'slug'>,
  plan: () => Promise<Plan<R>> | Plan<R>,
): Promise<R> {
  const lock = await ports.locks.acquire(missionLock(project, mission.slug), LOCK_WAIT_MS)
  try {
    refuseDuringMerge(ports, project, mission.slug)
    const { changes, result } = await plan()
    await ports.apply(changes)
    return result
  } finally {
    lock.release()
  }
}

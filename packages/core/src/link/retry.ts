/** Three attempts one second apart, as long as there is time (docs/sync.md). */
import type { Clock } from '../world/ports.ts'
import type { Budget } from '../world/sync-ports.ts'
import { isTrouble, type SyncTrouble } from './diagnostics.ts'

export const ATTEMPTS = 3
export const PAUSE_MS = 1000
/** The longest a server may make us wait between two attempts, in seconds. */
const LONGEST_WAIT_S = 60

/** True for trouble that may be gone a second later. */
export function isTransient(trouble: SyncTrouble): boolean {
  if (trouble.trouble === 'offline' || trouble.trouble === 'refreshing') return true
  const { status } = trouble
  // 507: quota or disk, which a second does not change.
  return status !== undefined && status !== 507 && (status === 408 || status === 429 || status >= 500)
}

/** How long to wait before the next attempt, in milliseconds; undefined when there is to be none. */
export function pauseBefore(trouble: SyncTrouble, attempt: number, left: number): number | undefined {
  if (attempt >= ATTEMPTS || !isTransient(trouble)) return undefined
  const asked = trouble.retryAfter === undefined ? 0 : trouble.retryAfter * 1000
  if (asked > LONGEST_WAIT_S * 1000) return undefined
  const pause = Math.max(PAUSE_MS, asked)
  return pause < left ? pause : undefined
}

/** Runs `attempt` up to three times; answers its first value, or the trouble of the last attempt. */
export async function withRetries<T extends object>(
  clock: Pick<Clock, 'sleep'>,
  budget: Pick<Budget, 'left'>,
  attempt: () => Promise<T | SyncTrouble>,
): Promise<T | SyncTrouble> {
  for (let count = 1; ; count++) {
    const outcome = await attempt()
    if (!isTrouble(outcome)) return outcome
    const pause = pauseBefore(outcome, count, budget.left())
    if (pause === undefined) return outcome
    await clock.sleep(pause)
  }
}

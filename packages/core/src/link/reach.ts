/**
 * A server that was out of reach: for a while the commands in between look only briefly, so that nobody waits seconds for
 * each of them. Kept beside the spool, for the server that is configured.
 */
import { parseObject } from '@spec-kitty/contracts/json'
import { parseMillis } from '@spec-kitty/contracts/time'
import type { Ports } from '../world/ports.ts'
import type { SyncPorts } from '../world/sync-ports.ts'
import { syncPaths } from './paths.ts'

interface ReachDoor {
  readonly ports: Pick<Ports, 'files' | 'clock'>
  readonly sync: Pick<SyncPorts, 'home' | 'store'>
}

/** The pause after the first failure and its limit, in milliseconds; it doubles in between. */
const FIRST_MS = 30_000
const LONGEST_MS = 300_000
/** What a command in between waits for an answer, in milliseconds. */
export const BRIEF_MS = 300

interface Absence {
  readonly server: string
  readonly failures: number
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** True while the server was out of reach a short time ago. */
export function isOutOfReach(door: ReachDoor, server: string): boolean {
  const now = parseMillis(door.ports.clock.now()) ?? 0
  const absence = read(door, server)
  // A clock that was set back must not make the pause longer.
  return absence !== undefined && now < absence.until && absence.until - now <= LONGEST_MS
}

/** Keeps how an attempt with all patience went. */
export function rememberReach(door: ReachDoor, server: string, reached: boolean): void {
  const { reach } = syncPaths(door.sync.home)
  if (reached) {
    if (door.ports.files.stat(reach) !== undefined) door.sync.store.remove(reach)
    return
  }
  const failures = (read(door, server)?.failures ?? 0) + 1
  const pause = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 10))
  const until = (parseMillis(door.ports.clock.now()) ?? 0) + pause
  door.sync.store.replace(reach, JSON.stringify({ server, failures, until } satisfies Absence))
}

function read(door: ReachDoor, server: string): Absence | undefined {
  const kept = parseObject(door.ports.files.text(syncPaths(door.sync.home).reach) ?? '')
  const { failures, until } = kept ?? {}
  if (kept?.server !== server || typeof failures !== 'number' || typeof until !== 'number') return undefined
  return { server, failures, until }
}

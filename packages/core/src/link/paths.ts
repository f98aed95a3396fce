/** Where sync keeps its files below `~/.spec-kitty` (docs/sync.md). */
import { join } from '../text/paths.ts'

export interface SyncPaths {
  /** Rows that wait, oldest first, append-only. */
  readonly spool: string
  /** How far the server has answered. */
  readonly cursor: string
  /** Rows that gave way at the limit. */
  readonly overflow: string
  /** Rows of another login or server. */
  readonly parked: string
  /** Rows the server refused for good. */
  readonly deadLetter: string
  /** Builds that have been registered. */
  readonly builds: string
  /** Documents that have been announced. */
  readonly documents: string
  readonly clock: string
  /** Held for the milliseconds of an append or a cursor move. */
  readonly spoolLock: string
  /** Held by the one drainer; the path that the Python edition's daemon locks. */
  readonly drainLock: string
  readonly refreshLock: string
  readonly issuer: string
  /** That a server was out of reach. */
  readonly reach: string
}

export function syncPaths(home: string): SyncPaths {
  const at = (name: string) => join(home, name)
  return {
    spool: at('sync/spool.jsonl'),
    cursor: at('sync/cursor.json'),
    overflow: at('sync/overflow.jsonl'),
    parked: at('sync/parked.jsonl'),
    deadLetter: at('sync/dead-letter.jsonl'),
    builds: at('sync/builds.jsonl'),
    documents: at('sync/documents.json'),
    clock: at('clock.json'),
    spoolLock: at('sync/spool.lock'),
    drainLock: at('sync-daemon.lock'),
    refreshLock: at('auth/refresh.lock'),
    issuer: at('auth/issuer.json'),
    reach: at('sync/reach.json'),
  }
}

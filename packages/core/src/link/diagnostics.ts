/**
 * The only voice of sync after a local success (ADR 0009). A command that succeeded has succeeded:
 * trouble is one warning line on stderr per code and invocation, never an exit status and never a word on stdout.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { SYNC_DIAGNOSTIC_CODES } from '@spec-kitty/contracts/sync-codes'
import { plain } from './plain.ts'

export type SyncDiagnosticCode = (typeof SYNC_DIAGNOSTIC_CODES)[number]

/** Why something was not synced. `detail` is for the person: one sentence. */
export type SyncTrouble = {
  readonly trouble: TroubleKind
  readonly detail: string
  /** Of an HTTP answer. */
  readonly status?: number
  /** Seconds the server asked us to wait. */
  readonly retryAfter?: number
}

export type TroubleKind =
  /** The drain lock is held by another process, or our own files cannot be used. */
  | 'lock'
  /** Another process refreshes the login. */
  | 'refreshing'
  /** No HTTP answer at all, or the realtime channel is down. */
  | 'offline'
  /** The time of the command is used up while a request is in flight. */
  | 'ending'
  /** The server answered, and the answer is no. */
  | 'http'
  /** 200, but not what was promised. */
  | 'bad_answer'
  /** Events refused one by one. */
  | 'rejected'
  | 'no_server'
  | 'no_login'
  | 'no_team'
  /** The login belongs to another server than the one configured. */
  | 'other_host'

export function isTrouble(value: unknown): value is SyncTrouble {
  return typeof value === 'object' && value !== null && 'trouble' in value && 'detail' in value
}

const CODE_OF: Readonly<Record<TroubleKind, SyncDiagnosticCode>> = {
  lock: 'sync.final_sync_lock_unavailable',
  refreshing: 'sync.auth_refresh_in_progress',
  offline: 'sync.websocket_offline',
  ending: 'sync.event_loop_unavailable',
  http: 'sync.server_auth_failure',
  bad_answer: 'sync.server_auth_failure',
  rejected: 'sync.server_auth_failure',
  no_server: 'sync.server_auth_failure',
  no_login: 'sync.server_auth_failure',
  no_team: 'sync.server_auth_failure',
  other_host: 'sync.server_auth_failure',
}

const OFFLINE_ERRNO: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
])

/**
 * The code of a cause, by its type and never by words in a message (docs/sync.md). What nobody
 * knows counts as the server's refusal, as in 3.2.0.
 */
export function classifySyncError(cause: unknown): SyncDiagnosticCode {
  if (isTrouble(cause)) return CODE_OF[cause.trouble]
  if (cause instanceof KittyError) {
    return cause.code === 'lock_busy' || cause.code === 'io_failed' ? CODE_OF.lock : CODE_OF.http
  }
  if (!(cause instanceof Error)) return CODE_OF.http
  if (cause.name === 'AbortError' || cause.name === 'TimeoutError') return CODE_OF.ending
  const errno = 'code' in cause ? cause.code : undefined
  return typeof errno === 'string' && OFFLINE_ERRNO.has(errno) ? CODE_OF.offline : CODE_OF.http
}

/** What to say about a cause. */
export function detailOf(cause: unknown): string {
  if (isTrouble(cause)) return cause.detail
  return cause instanceof Error ? cause.message : String(cause)
}

export interface SyncDiagnostics {
  /** Writes the line of a code the first time; the same code again is silent. */
  readonly emit: (code: SyncDiagnosticCode, detail: string) => void
}

/** Made once per invocation. `write` gets whole lines without their newline and sends them to stderr. */
export function createSyncDiagnostics(write: (line: string) => void): SyncDiagnostics {
  const seen = new Set<SyncDiagnosticCode>()
  return {
    emit: (code, detail) => {
      if (seen.has(code)) return
      seen.add(code)
      write(
        `sync_diagnostic severity=warning diagnostic_code=${code} fatal=false sync_phase=final_sync message=${plain(detail, 300)}`,
      )
    },
  }
}

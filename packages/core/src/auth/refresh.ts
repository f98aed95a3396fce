/** One refresh at a time among all processes of both editions (docs/sync.md). */
import { KittyError } from '@spec-kitty/contracts/errors'
import { readTokens } from '@spec-kitty/contracts/wire/answers'
import { CLIENT_ID } from '@spec-kitty/contracts/wire/auth'
import { jsonOf, troubleOf } from '../link/answers.ts'
import type { SyncTrouble } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import type { Ports } from '../world/ports.ts'
import type { Budget, NetAnswer, SyncPorts } from '../world/sync-ports.ts'
import { dropSession, isFresh, keepSession, readSession, type Session, withTokens } from './session.ts'

export interface AccessDoor {
  readonly ports: Pick<Ports, 'files' | 'clock' | 'locks'>
  readonly sync: SyncPorts
}

/** How long one attempt waits for the refresh lock: three of them, a second apart, stay within the time of a command. */
const LOCK_WAIT_MS = 500
const REFRESH_TIMEOUT_MS = 10_000

/**
 * A login whose access token is not the one of `old`: what another process fetched meanwhile, or a new one. A login that
 * the server no longer knows is removed, so that the next command says plainly that nobody is logged in.
 */
export async function refreshSession(
  door: AccessDoor,
  server: string,
  old: Session,
  budget: Budget,
): Promise<Session | SyncTrouble> {
  const { ports, sync } = door
  const { refreshLock } = syncPaths(sync.home)
  sync.store.touch(refreshLock)
  let lock: { readonly release: () => void }
  try {
    lock = await ports.locks.acquire(refreshLock, Math.min(LOCK_WAIT_MS, budget.left()))
  } catch (cause) {
    if (!(cause instanceof KittyError) || cause.code !== 'lock_busy') throw cause
    return { trouble: 'refreshing', detail: 'Another spec-kitty process is refreshing the login' }
  }
  try {
    const stored = readSession(door)
    if (stored === undefined) return { trouble: 'no_login', detail: 'The login was removed meanwhile' }
    if (stored.accessToken !== old.accessToken && isFresh(stored, ports.clock.now())) return stored
    return await exchange(door, server, stored, budget)
  } finally {
    lock.release()
  }
}

async function exchange(
  door: AccessDoor,
  server: string,
  session: Session,
  budget: Budget,
): Promise<Session | SyncTrouble> {
  const answer = await door.sync.net.send({
    method: 'POST',
    url: `${server}/oauth/token`,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: formBody({
      grant_type: 'refresh_token',
      refresh_token: session.refreshToken,
      client_id: CLIENT_ID,
    }),
    timeoutMs: Math.min(REFRESH_TIMEOUT_MS, budget.left()),
    signal: budget.signal,
  })
  const tokens = readTokens(jsonOf(answer))
  if (answer.kind === 'answer' && answer.status === 200 && tokens !== undefined) {
    keepSession(door, withTokens(session, tokens, door.ports.clock.now()), server)
    const kept = readSession(door)
    if (kept !== undefined) return kept
  }
  return refusal(door, session, answer)
}

function refusal(door: AccessDoor, session: Session, answer: NetAnswer): Session | SyncTrouble {
  const word = jsonOf(answer)?.error
  const status = answer.kind === 'answer' ? answer.status : 0
  if ((status === 400 || status === 401) && (word === 'invalid_grant' || word === 'session_invalid')) {
    if (readSession(door)?.refreshToken === session.refreshToken) dropSession(door)
    return {
      trouble: 'http',
      status,
      detail: 'The server ended this login; log in again: spec-kitty auth login',
    }
  }
  if (status === 409 && word === 'refresh_replay_benign_retry') {
    const stored = readSession(door)
    if (stored !== undefined && stored.refreshToken !== session.refreshToken) return stored
    return { trouble: 'refreshing', detail: 'Another process has just refreshed the login' }
  }
  return troubleOf(answer, 'Refreshing the login')
}

/** `application/x-www-form-urlencoded`. */
export function formBody(fields: Readonly<Record<string, string>>): string {
  return new URLSearchParams(fields).toString()
}

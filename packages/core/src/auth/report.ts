/** Who is logged in, and what is wrong with it: `auth status`, `whoami`, `doctor` (docs/sync.md). */
import type { AuthDoctor, AuthStatus } from '@spec-kitty/contracts/cli/auth-status'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { readSyncConfig } from '../link/config.ts'
import { detailOf, isTrouble } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import type { Ports } from '../world/ports.ts'
import type { SyncPorts } from '../world/sync-ports.ts'
import { askMe } from './access.ts'
import { type LinkFinding, linkFinding, linkRow, lookAtLogin, serverFindings } from './checks.ts'
import { issuerOf, readSession, type Session, secondsLeft } from './session.ts'

export interface ReportDoor {
  readonly ports: Pick<Ports, 'env' | 'files' | 'clock' | 'locks'>
  readonly sync: SyncPorts
}

/** The stored login, without its tokens. Throws `session_unreadable`. */
export function authStatus(door: Pick<ReportDoor, 'ports' | 'sync'>): AuthStatus {
  const { server } = readSyncConfig(door.ports, door.sync.home)
  const session = readSession(door)
  if (session === undefined) {
    return {
      authenticated: false,
      server,
      issuer: null,
      user: null,
      teams: [],
      session_id: null,
      access_token_remaining_s: null,
      refresh_token_remaining_s: null,
      auth_method: null,
    }
  }
  const now = door.ports.clock.now()
  const method = session.raw.auth_method
  return {
    authenticated: true,
    server,
    issuer: issuerOf(door, session) ?? null,
    user: { id: session.userId, email: session.email },
    teams: session.teams,
    session_id: session.sessionId,
    access_token_remaining_s: whole(secondsLeft(session.accessExpires, now)),
    refresh_token_remaining_s: whole(secondsLeft(session.refreshExpires, now)),
    auth_method: typeof method === 'string' ? method : null,
  }
}

/** The e-mail address of the login. Throws `not_logged_in`. */
export function whoami(door: Pick<ReportDoor, 'ports' | 'sync'>): {
  readonly email: string
  readonly user_id: string
} {
  const session = readSession(door)
  if (session === undefined)
    throw new KittyError('not_logged_in', 'Nobody is logged in', { hint: sh`Run: spec-kitty auth login` })
  return { email: session.email, user_id: session.userId }
}

const SERVER_MS = 10_000

/** Looks at the stored login and its lock, and with `askServer` whether the server still knows the token. */
export async function authDoctor(door: ReportDoor, askServer: boolean): Promise<AuthDoctor> {
  const config = readSyncConfig(door.ports, door.sync.home)
  const { session, findings: login } = lookAtLogin(door, config)
  const lock = await lookAtLock(door)
  const asked = askServer && session !== undefined && config.server !== null
  const findings = [
    ...login,
    ...serverFindings(config),
    ...(lock.held ? [heldLock(lock.detail)] : []),
    ...(asked ? await judgeServer(door, session, config.server) : []),
  ]
  return {
    schema_version: 1,
    generated_at: door.ports.clock.now(),
    auth_root: `${door.sync.home}/auth`,
    session: session === undefined ? null : describe(door, session),
    refresh_lock: lock,
    findings: findings.map(linkRow),
  }
}

function heldLock(detail: string | null): LinkFinding {
  const message = `The refresh lock is held. ${detail ?? ''}`.trim()
  return linkFinding('warning', 'refresh_lock_held', message, sh`It frees itself when that process ends`)
}

async function judgeServer(
  door: ReportDoor,
  session: Session,
  server: string,
): Promise<readonly LinkFinding[]> {
  if ((issuerOf(door, session) ?? server) !== server) return []
  const budget = door.sync.budget(SERVER_MS)
  try {
    const me = await askMe(door, server, session.accessToken, budget)
    if (!isTrouble(me)) return []
    // An access token that ended is renewed with the next request: no fault.
    const severity = me.status === 401 ? 'info' : 'warning'
    return [linkFinding(severity, 'server_trouble', me.detail, sh`spec-kitty sync now`)]
  } finally {
    budget.end()
  }
}

async function lookAtLock(door: ReportDoor): Promise<AuthDoctor['refresh_lock']> {
  const { refreshLock } = syncPaths(door.sync.home)
  if (door.ports.files.stat(refreshLock) === undefined) return { held: false, detail: null }
  try {
    const lock = await door.ports.locks.acquire(refreshLock, 0)
    lock.release()
    return { held: false, detail: null }
  } catch (cause) {
    return { held: true, detail: detailOf(cause) }
  }
}

function describe(door: ReportDoor, session: Session): AuthDoctor['session'] {
  const now = door.ports.clock.now()
  return {
    present: true,
    user_email: session.email,
    session_id: session.sessionId,
    access_token_remaining_s: whole(secondsLeft(session.accessExpires, now)),
    refresh_token_remaining_s: whole(secondsLeft(session.refreshExpires, now)),
    storage_backend: 'file',
  }
}

function whole(seconds: number | undefined): number | null {
  return seconds === undefined ? null : Math.round(seconds)
}

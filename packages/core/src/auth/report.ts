/** Who is logged in, and what is wrong with it: `auth status`, `whoami`, `doctor` (docs/sync.md). */
import type { AuthDoctor, AuthStatus, Finding } from '@spec-kitty/contracts/cli/auth-status'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { readSyncConfig } from '../link/config.ts'
import { detailOf, isTrouble } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import type { Ports } from '../world/ports.ts'
import type { SyncPorts } from '../world/sync-ports.ts'
import { askMe } from './access.ts'
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
  const findings: Finding[] = []
  const config = readSyncConfig(door.ports, door.sync.home)
  let session: Session | undefined
  try {
    session = readSession(door)
    if (session === undefined) findings.push(NO_SESSION)
    else findings.push(...judgeSession(door, session, config.server))
  } catch (cause) {
    if (!(cause instanceof KittyError)) throw cause
    findings.push({
      id: 'F-008',
      severity: 'critical',
      summary: cause.message,
      remediation: cause.hint ?? sh``,
    })
  }
  if (config.problem !== null)
    findings.push({
      id: 'F-009',
      severity: 'critical',
      summary: config.problem,
      remediation: sh`spec-kitty sync server URL`,
    })
  const lock = await lookAtLock(door)
  if (lock.held)
    findings.push({
      id: 'F-003',
      severity: 'warning',
      summary: `The refresh lock is held. ${lock.detail ?? ''}`.trim(),
      remediation: sh`It frees itself when that process ends`,
    })
  if (askServer && session !== undefined && config.server !== null)
    findings.push(...(await judgeServer(door, session, config.server)))
  return {
    schema_version: 1,
    generated_at: door.ports.clock.now(),
    auth_root: `${door.sync.home}/auth`,
    session: session === undefined ? null : describe(door, session),
    refresh_lock: lock,
    findings,
  }
}

const NO_SESSION: Finding = {
  id: 'F-001',
  severity: 'warning',
  summary: 'Nobody is logged in',
  remediation: sh`spec-kitty auth login`,
}

function judgeSession(door: ReportDoor, session: Session, server: string | null): readonly Finding[] {
  const findings: Finding[] = []
  const issuer = issuerOf(door, session)
  if (issuer !== undefined && server !== null && issuer !== server) {
    const summary = `The login is for ${issuer}, but the sync server is ${server}: nothing is sent`
    findings.push({
      id: 'F-010',
      severity: 'critical',
      summary,
      remediation: sh`spec-kitty auth login --force`,
    })
  }
  const left = secondsLeft(session.refreshExpires, door.ports.clock.now())
  if (left !== undefined && left <= 0) {
    const summary = 'The login has expired'
    findings.push({
      id: 'F-011',
      severity: 'critical',
      summary,
      remediation: sh`spec-kitty auth login --force`,
    })
  }
  if (!session.teams.some(team => team.private)) {
    const summary = 'The login has no private team: events cannot be sent'
    findings.push({
      id: 'F-012',
      severity: 'warning',
      summary,
      remediation: sh`Ask the administrator of the server`,
    })
  }
  return findings
}

async function judgeServer(door: ReportDoor, session: Session, server: string): Promise<readonly Finding[]> {
  if ((issuerOf(door, session) ?? server) !== server) return []
  const budget = door.sync.budget(SERVER_MS)
  try {
    const me = await askMe(door, server, session.accessToken, budget)
    if (!isTrouble(me)) return []
    // An access token that ended is renewed with the next request: no fault.
    const severity = me.status === 401 ? 'info' : 'warning'
    return [{ id: 'F-013', severity, summary: me.detail, remediation: sh`spec-kitty sync now` }]
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

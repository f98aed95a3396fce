/** From "somebody may be logged in" to a token that works at one host (docs/sync.md). */
import { readMe } from '@spec-kitty/contracts/wire/answers'
import type { Me } from '@spec-kitty/contracts/wire/auth'
import { jsonOf, troubleOf } from '../link/answers.ts'
import type { SyncConfig } from '../link/config.ts'
import { isTrouble, type SyncTrouble } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import { withRetries } from '../link/retry.ts'
import type { Scope } from '../link/spool.ts'
import type { Budget } from '../world/sync-ports.ts'
import { type AccessDoor, refreshSession } from './refresh.ts'
import {
  isFresh,
  issuerOf,
  keepSession,
  privateTeam,
  readSession,
  type Session,
  withTeams,
} from './session.ts'

export interface Access {
  readonly server: string
  readonly session: Session
  /** Id of the private team. */
  readonly team: string
  readonly scope: Scope
}

const ME_TIMEOUT_MS = 10_000

/** A fresh token for the configured server, and the team to send to; or why there is none. */
export async function openAccess(
  door: AccessDoor,
  config: SyncConfig,
  budget: Budget,
): Promise<Access | SyncTrouble> {
  const login = findLogin(door, config)
  if (isTrouble(login)) return login
  const { server } = login
  const session = isFresh(login.session, door.ports.clock.now())
    ? login.session
    : await renewed(door, server, login.session, budget)
  return isTrouble(session) ? session : await withTeam(door, server, session, budget)
}

/** The same access with another token, after the server refused this one. */
export async function renewAccess(
  door: AccessDoor,
  access: Access,
  budget: Budget,
): Promise<Access | SyncTrouble> {
  const session = await renewed(door, access.server, access.session, budget)
  return isTrouble(session) ? session : { ...access, session }
}

/** The stored login and the server it is for. Asks nobody. */
export function findLogin(
  door: Pick<AccessDoor, 'ports' | 'sync'>,
  config: SyncConfig,
): { readonly server: string; readonly session: Session } | SyncTrouble {
  const { server, problem } = config
  if (server === null) {
    return {
      trouble: 'no_server',
      detail:
        problem ?? 'No sync server is configured; set SPEC_KITTY_SAAS_URL or run: spec-kitty sync server URL',
    }
  }
  const session = readSession(door)
  if (session === undefined) {
    return { trouble: 'no_login', detail: 'Nobody is logged in; run: spec-kitty auth login' }
  }
  const issuer = issuerOf(door, session)
  if (issuer === undefined) adopt(door, session, server)
  else if (issuer !== server) {
    const detail = `The login is for ${issuer}, but the sync server is ${server}; run: spec-kitty auth login --force`
    return { trouble: 'other_host', detail }
  }
  return { server, session }
}

/** A login of the Python edition does not say who issued it: from its first use on it belongs to this server. */
function adopt(door: Pick<AccessDoor, 'sync'>, session: Session, server: string): void {
  const issuer = { session_id: session.sessionId, server_url: server }
  door.sync.store.replace(syncPaths(door.sync.home).issuer, `${JSON.stringify(issuer)}\n`)
}

function renewed(
  door: AccessDoor,
  server: string,
  session: Session,
  budget: Budget,
): Promise<Session | SyncTrouble> {
  return withRetries(door.ports.clock, budget, () => refreshSession(door, server, session, budget))
}

async function withTeam(
  door: AccessDoor,
  server: string,
  session: Session,
  budget: Budget,
): Promise<Access | SyncTrouble> {
  const known = privateTeam(session)
  if (known !== undefined) return accessOf(server, session, known.id)
  const me = await askMe(door, server, session.accessToken, budget)
  if (isTrouble(me)) return me
  const raw = withTeams(session, me)
  const team = me.teams.find(each => each.is_private_teamspace === true)
  if (team === undefined) {
    return {
      trouble: 'no_team',
      detail: `${session.email} has no private team at ${server}; events stay queued`,
    }
  }
  keepSession(door, raw, server)
  return accessOf(server, session, team.id)
}

function accessOf(server: string, session: Session, team: string): Access {
  return { server, session, team, scope: { server, email: session.email.toLowerCase() } }
}

/** Who a token belongs to, by `/api/v1/me`. */
export async function askMe(
  door: Pick<AccessDoor, 'sync'>,
  server: string,
  token: string,
  budget: Budget,
): Promise<Me | SyncTrouble> {
  const answer = await door.sync.net.send({
    method: 'GET',
    url: `${server}/api/v1/me`,
    headers: { Authorization: `Bearer ${token}` },
    timeoutMs: Math.min(ME_TIMEOUT_MS, budget.left()),
    signal: budget.signal,
  })
  const me = readMe(jsonOf(answer))
  if (answer.kind === 'answer' && answer.status === 200 && me !== undefined) return me
  return troubleOf(answer, 'Asking who is logged in')
}

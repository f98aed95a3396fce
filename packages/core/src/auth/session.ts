/** The login as it is kept: the keys of the Python edition, unknown ones included (docs/sync.md). */
import { isArray, isObject, type Json, type JsonObject, parseObject } from '@spec-kitty/contracts/json'
import { parseMillis, plusMicros } from '@spec-kitty/contracts/time'
import type { Me, TokenResponse } from '@spec-kitty/contracts/wire/auth'
import { syncPaths } from '../link/paths.ts'
import type { Ports } from '../world/ports.ts'
import type { SyncPorts } from '../world/sync-ports.ts'

export interface Session {
  readonly email: string
  readonly userId: string
  readonly accessToken: string
  readonly refreshToken: string
  readonly sessionId: string
  /** ISO time stamps; null when the server did not say. */
  readonly accessExpires: string | null
  readonly refreshExpires: string | null
  readonly teams: readonly SessionTeam[]
  /** The file's content. */
  readonly raw: JsonObject
}

export interface SessionTeam {
  readonly id: string
  readonly name: string
  readonly private: boolean
}

export interface AuthDoor {
  readonly ports: Pick<Ports, 'files' | 'clock'>
  readonly sync: Pick<SyncPorts, 'home' | 'store' | 'secrets'>
}

/** The stored login; undefined when nobody is logged in. Throws `session_unreadable`. */
export function readSession(door: AuthDoor): Session | undefined {
  const text = door.sync.secrets.read()
  return text === undefined ? undefined : parseSession(text)
}

/** Pure part of `readSession`. Undefined when a token is missing: then nobody is logged in. */
export function parseSession(text: string): Session | undefined {
  const raw = parseObject(text)
  const word = (key: string) => {
    const value = raw?.[key]
    return typeof value === 'string' && value !== '' ? value : undefined
  }
  const accessToken = word('access_token')
  const refreshToken = word('refresh_token')
  if (raw === undefined || accessToken === undefined || refreshToken === undefined) return undefined
  return {
    email: word('email') ?? '',
    userId: word('user_id') ?? '',
    accessToken,
    refreshToken,
    sessionId: word('session_id') ?? '',
    accessExpires: word('access_token_expires_at') ?? null,
    refreshExpires: word('refresh_token_expires_at') ?? null,
    teams: isArray(raw.teams) ? raw.teams.flatMap(readTeam) : [],
    raw,
  }
}

function readTeam(value: Json): readonly SessionTeam[] {
  if (!isObject(value) || typeof value.id !== 'string') return []
  const name = typeof value.name === 'string' ? value.name : value.id
  return [{ id: value.id, name, private: value.is_private_teamspace === true }]
}

/** The team that events go to; undefined when the login has none (docs/sync.md). */
export function privateTeam(session: Session): SessionTeam | undefined {
  return session.teams.find(team => team.private)
}

/** A session as the Python edition writes it. `now` is the moment of the answer. */
export function sessionOf(tokens: TokenResponse, me: Me, method: string, now: string): JsonObject {
  const teams = me.teams.map(team => ({
    id: team.id,
    name: team.name,
    role: team.role,
    is_private_teamspace: team.is_private_teamspace === true,
  }))
  const home = teams.find(team => team.is_private_teamspace) ?? teams[0]
  return {
    user_id: me.user_id,
    email: me.email,
    name: me.name ?? me.email,
    teams,
    default_team_id: home?.id ?? '',
    issued_at: now,
    storage_backend: 'file',
    auth_method: method,
    ...tokenKeys(tokens, now, {}),
  }
}

/** The session with the tokens of a refresh in place of its own. */
export function withTokens(session: Session, tokens: TokenResponse, now: string): JsonObject {
  return { ...session.raw, ...tokenKeys(tokens, now, session.raw) }
}

/** The session with what `/me` says about teams. */
export function withTeams(session: Session, me: Me): JsonObject {
  const teams = me.teams.map(team => ({
    id: team.id,
    name: team.name,
    role: team.role,
    is_private_teamspace: team.is_private_teamspace === true,
  }))
  return { ...session.raw, teams }
}

function tokenKeys(tokens: TokenResponse, now: string, before: JsonObject): JsonObject {
  const after = (seconds: number) => plusMicros(now, Math.round(seconds * 1_000_000))
  const refreshEnds =
    tokens.refresh_token_expires_at ??
    (tokens.refresh_token_expires_in === undefined ? undefined : after(tokens.refresh_token_expires_in))
  return {
    access_token: tokens.access_token,
    refresh_token: tokens.refresh_token,
    session_id: tokens.session_id,
    access_token_expires_at: after(tokens.expires_in),
    refresh_token_expires_at: refreshEnds ?? before.refresh_token_expires_at ?? null,
    scope: tokens.scope ?? before.scope ?? '',
    last_used_at: now,
    generation: tokens.generation ?? before.generation ?? null,
  }
}

/** Seconds before the end at which a token counts as ended: it must survive the request. */
const EXPIRY_BUFFER_S = 5

/** Seconds that are left of a time stamp, negative when it is over; undefined when there is none. */
export function secondsLeft(stamp: string | null, now: string): number | undefined {
  const end = stamp === null ? undefined : parseMillis(stamp)
  const start = parseMillis(now)
  return end === undefined || start === undefined ? undefined : (end - start) / 1000
}

export function isFresh(session: Session, now: string): boolean {
  return (secondsLeft(session.accessExpires, now) ?? Number.POSITIVE_INFINITY) > EXPIRY_BUFFER_S
}

/** Keeps a session, and beside it the server that issued it: its tokens go nowhere else. */
export function keepSession(door: AuthDoor, raw: JsonObject, server: string): void {
  const { store, secrets, home } = door.sync
  secrets.write(JSON.stringify(raw))
  const issuer = { session_id: raw.session_id ?? '', server_url: server }
  if (door.ports.files.text(syncPaths(home).issuer) !== `${JSON.stringify(issuer)}\n`)
    store.replace(syncPaths(home).issuer, `${JSON.stringify(issuer)}\n`)
}

/** Forgets the login. The spool stays: its rows wait for the next one. */
export function dropSession(door: AuthDoor): void {
  door.sync.secrets.remove()
  door.sync.store.remove(syncPaths(door.sync.home).issuer)
}

/** The server that issued this session; undefined for a login of the Python edition, which does not say. */
export function issuerOf(
  door: Pick<AuthDoor, 'sync'> & { ports: Pick<Ports, 'files'> },
  session: Session,
): string | undefined {
  const kept = parseObject(door.ports.files.text(syncPaths(door.sync.home).issuer) ?? '')
  return kept?.session_id === session.sessionId && typeof kept.server_url === 'string'
    ? kept.server_url
    : undefined
}

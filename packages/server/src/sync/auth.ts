/**
 * Login: device flow, browser flow with PKCE, refresh with rotation, revocation (docs/sync.md).
 * Refusals are values in the words that clients of both editions understand.
 */

import { formatMicros } from '@spec-kitty/contracts/time'
import { SCOPE, type TokenResponse } from '@spec-kitty/contracts/wire/auth'
import type { Principal, Session, Store, User } from '../store/store.ts'
import type { Clock, Random } from './ports.ts'
import { hashToken, newToken, newUserCode, normaliseUserCode, pkceChallenge } from './secrets.ts'

const SECOND = 1000
const DEVICE_SECONDS = 900
const CODE_SECONDS = 120
const ACCESS_SECONDS = 3600
const WS_SECONDS = 60
const REFRESH_SECONDS = 90 * 24 * 3600
/** However often it is refreshed, after a year somebody types a password again. */
const SESSION_SECONDS = 365 * 24 * 3600
/** Seconds between polls that the device flow asks for. */
export const POLL_INTERVAL = 1

export interface AuthDeps {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** Into the audit; never fails a request. */
  readonly note: Note
}

/** Who did what to what, from which address. */
export type Note = (actor: string, action: string, subject: string, address: string) => Promise<void>

/** An answer in the language of OAuth: status and body. */
export type OAuthAnswer =
  | { readonly status: 200; readonly body: TokenResponse }
  | {
      readonly status: 400 | 401
      readonly body: { readonly error: string }
    }

const refuse = (error: string, status: 400 | 401 = 400): OAuthAnswer => ({ status, body: { error } })

/** Starts a device login; the codes are known to the caller alone. */
export async function startDevice({ store, clock, random }: AuthDeps): Promise<{
  readonly deviceCode: string
  readonly userCode: string
  readonly expiresIn: number
}> {
  const deviceCode = newToken('skdc', random)
  const userCode = newUserCode(random)
  const expiresAt = clock.now() + DEVICE_SECONDS * SECOND
  const hash = hashToken(deviceCode)
  const code = hashToken(userCode)
  await store.putGrants([
    { kind: 'device', hash, expiresAt, session: null, data: { state: 'pending' } },
    { kind: 'user_code', hash: code, expiresAt, session: null, data: { device: hash } },
  ])
  return { deviceCode, userCode, expiresIn: DEVICE_SECONDS }
}

/** Lets a logged-in user answer a device login. False when the code is unknown, expired or answered already. */
export async function answerDevice(
  { store, clock }: AuthDeps,
  typedCode: string,
  user: User,
  approve: boolean,
): Promise<boolean> {
  const now = clock.now()
  const code = await store.takeGrant('user_code', hashToken(normaliseUserCode(typedCode)), now)
  if (code === undefined) return false
  const device = await store.grant('device', String(code.data.device), now)
  if (device === undefined) return false
  const data = approve ? { state: 'approved', user: user.id } : { state: 'denied' }
  await store.putGrants([{ ...device, data }])
  return true
}

/** One poll of the device flow. */
export async function pollDevice(deps: AuthDeps, deviceCode: string, from: string): Promise<OAuthAnswer> {
  const { store, clock } = deps
  const now = clock.now()
  const hash = hashToken(deviceCode)
  const waiting = await store.grant('device', hash, now)
  if (waiting === undefined) return refuse('expired_token')
  if (waiting.data.state === 'pending') return refuse('authorization_pending')
  const taken = await store.takeGrant('device', hash, now)
  if (taken === undefined) return refuse('expired_token')
  if (taken.data.state !== 'approved') return refuse('access_denied')
  return await openSession(deps, String(taken.data.user), from)
}

/** What an authorization request of the browser flow must say; kept with its code. */
export interface CodeRequest {
  readonly redirectUri: string
  readonly challenge: string
}

/** A one-time code for the browser flow, good for two minutes. */
export async function issueCode(deps: AuthDeps, request: CodeRequest, user: User): Promise<string> {
  const code = newToken('skac', deps.random)
  const expiresAt = deps.clock.now() + CODE_SECONDS * SECOND
  const data = { user: user.id, redirect: request.redirectUri, challenge: request.challenge }
  await deps.store.putGrants([{ kind: 'code', hash: hashToken(code), expiresAt, session: null, data }])
  return code
}

/**
 * Exchanges a code. The code is spent by the attempt, whether the verifier fits or not. One that is shown again has been
 * overheard: the session that it opened ends (RFC 6749, 4.1.2).
 */
export async function exchangeCode(
  deps: AuthDeps,
  request: { readonly code: string; readonly redirectUri: string; readonly verifier: string },
  from: string,
): Promise<OAuthAnswer> {
  const { store, clock } = deps
  const hash = hashToken(request.code)
  const grant = await store.takeGrant('code', hash, clock.now())
  const opened = grant?.data.opened
  if (opened !== undefined) await store.endSession(String(opened))
  const fits =
    grant !== undefined &&
    opened === undefined &&
    grant.data.redirect === request.redirectUri &&
    grant.data.challenge === pkceChallenge(request.verifier)
  if (!fits) return refuse('invalid_grant')
  const answer = await openSession(deps, String(grant.data.user), from)
  if (answer.status === 200) {
    const data = { opened: answer.body.session_id }
    await store.putGrants([{ ...grant, data }])
  }
  return answer
}

/**
 * Rotates the refresh token. One that was used before is answered again as long as nobody has used its successor: that
 * answer was lost. Later it is a stolen one, and the session ends.
 */
export async function refresh(deps: AuthDeps, token: string): Promise<OAuthAnswer> {
  const next = newToken('skrt', deps.random)
  const rotation = await deps.store.rotate({
    oldHash: hashToken(token),
    newHash: hashToken(next),
    now: deps.clock.now(),
    lifetimeMs: REFRESH_SECONDS * SECOND,
  })
  if (rotation.kind === 'rotated') return await issueTokens(deps, rotation.session, next)
  return rotation.kind === 'reused' ? refuse('session_invalid', 401) : refuse('invalid_grant')
}

/** Ends the session that a refresh or access token belongs to; unknown tokens need no ending (RFC 7009). */
export async function revoke({ store }: AuthDeps, token: string): Promise<string | undefined> {
  const session = await store.sessionOf(hashToken(token))
  if (session !== undefined) await store.endSession(session)
  return session
}

/** Who holds this access token; undefined when it is unknown, expired, or its session has ended. */
export async function identify({ store, clock }: AuthDeps, token: string): Promise<Principal | undefined> {
  return token === '' ? undefined : await store.principal(hashToken(token), clock.now())
}

/** A token for one WebSocket, to be used once within a minute. */
export async function issueWsToken(
  { store, clock, random }: AuthDeps,
  principal: Principal,
  team: string,
): Promise<{ readonly token: string; readonly expiresIn: number }> {
  const token = newToken('skws', random)
  const expiresAt = clock.now() + WS_SECONDS * SECOND
  const { session, user } = principal
  const data = { team, user: user.id }
  await store.putGrants([{ kind: 'ws', hash: hashToken(token), expiresAt, session, data }])
  return { token, expiresIn: WS_SECONDS }
}

/** Spends a WebSocket token. */
export async function takeWsToken(
  { store, clock }: AuthDeps,
  token: string,
): Promise<{ readonly session: string; readonly user: string; readonly team: string } | undefined> {
  const grant = await store.takeGrant('ws', hashToken(token), clock.now())
  if (grant?.session == null) return undefined
  return { session: grant.session, user: String(grant.data.user), team: String(grant.data.team) }
}

async function openSession(deps: AuthDeps, user: string, from: string): Promise<OAuthAnswer> {
  const who = await deps.store.userById(user)
  if (who === undefined || who.disabledAt !== null) return refuse('access_denied')
  const { store, random } = deps
  const now = deps.clock.now()
  const token = newToken('skrt', random)
  const session: Session = {
    id: `sess-${Buffer.from(random(16)).toString('hex')}`,
    user,
    generation: 1,
    createdAt: now,
    expiresAt: now + REFRESH_SECONDS * SECOND,
    endsAt: now + SESSION_SECONDS * SECOND,
  }
  await store.addSession(session, hashToken(token), from)
  await deps.note(who.name, 'login', session.id, from)
  return await issueTokens(deps, session, token)
}

async function issueTokens(deps: AuthDeps, session: Session, refreshToken: string): Promise<OAuthAnswer> {
  const access = newToken('skat', deps.random)
  const now = deps.clock.now()
  const expiresAt = now + ACCESS_SECONDS * SECOND
  await deps.store.putGrants([
    { kind: 'access', hash: hashToken(access), expiresAt, session: session.id, data: {} },
  ])
  return {
    status: 200,
    body: {
      access_token: access,
      token_type: 'Bearer',
      expires_in: ACCESS_SECONDS,
      refresh_token: refreshToken,
      refresh_token_expires_in: Math.floor((session.expiresAt - now) / SECOND),
      refresh_token_expires_at: formatMicros(session.expiresAt * 1000),
      scope: SCOPE,
      session_id: session.id,
      generation: session.generation,
    },
  }
}

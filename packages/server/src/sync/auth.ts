/**
 * Login: device flow, browser flow with PKCE, refresh with rotation, revocation (docs/sync.md).
 * Refusals are values in the words that clients of both editions understand.
 */

import { formatMicros } from '@spec-kitty/contracts/time'
import { SCOPE, type TokenResponse } from '@spec-kitty/contracts/wire/auth'
import type { Clock, Random } from './ports.ts'
import { hashToken, newToken, newUserCode, normaliseUserCode, pkceChallenge } from './secrets.ts'
import type { Membership, Session, Store, User } from './store.ts'

const SECOND = 1000
const DEVICE_SECONDS = 900
const CODE_SECONDS = 120
const ACCESS_SECONDS = 3600
const WS_SECONDS = 60
const REFRESH_SECONDS = 90 * 24 * 3600
/** Two processes of one user may refresh at the same moment; later, an old token is a stolen one. */
const REPLAY_GRACE_MS = 60 * SECOND
/** Seconds between polls that the device flow asks for. */
export const POLL_INTERVAL = 1

export interface AuthDeps {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  /** Told when a session ends, so that its open channels close. */
  readonly onSessionEnd: (session: string) => void
}

/** Who sent a request. */
export interface Principal {
  readonly user: User
  readonly session: string
  readonly teams: readonly Membership[]
}

/** An answer in the language of OAuth: status and body. */
export type OAuthAnswer =
  | { readonly status: 200; readonly body: TokenResponse }
  | {
      readonly status: 400 | 401 | 409
      readonly body: { readonly error: string; readonly retry_after?: number }
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
  await store.putGrant({ kind: 'device', hash, expiresAt, session: null, data: { state: 'pending' } })
  await store.putGrant({
    kind: 'user_code',
    hash: hashToken(userCode),
    expiresAt,
    session: null,
    data: { device: hash },
  })
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
  await store.putGrant({
    ...device,
    data: approve ? { state: 'approved', user: user.id } : { state: 'denied' },
  })
  return true
}

/** One poll of the device flow. */
export async function pollDevice(deps: AuthDeps, deviceCode: string): Promise<OAuthAnswer> {
  const { store, clock } = deps
  const now = clock.now()
  const hash = hashToken(deviceCode)
  const waiting = await store.grant('device', hash, now)
  if (waiting === undefined) return refuse('expired_token')
  if (waiting.data.state === 'pending') return refuse('authorization_pending')
  const taken = await store.takeGrant('device', hash, now)
  if (taken === undefined) return refuse('expired_token')
  if (taken.data.state !== 'approved') return refuse('access_denied')
  return await openSession(deps, String(taken.data.user))
}

/** What an authorization request of the browser flow must say; kept with its code. */
export interface CodeRequest {
  readonly redirectUri: string
  readonly challenge: string
}

/** A one-time code for the browser flow, good for two minutes. */
export async function issueCode(deps: AuthDeps, request: CodeRequest, user: User): Promise<string> {
  const code = newToken('skac', deps.random)
  await deps.store.putGrant({
    kind: 'code',
    hash: hashToken(code),
    expiresAt: deps.clock.now() + CODE_SECONDS * SECOND,
    session: null,
    data: { user: user.id, redirect: request.redirectUri, challenge: request.challenge },
  })
  return code
}

/** Exchanges a code. The code is spent by the attempt, whether the verifier fits or not. */
export async function exchangeCode(
  deps: AuthDeps,
  request: { readonly code: string; readonly redirectUri: string; readonly verifier: string },
): Promise<OAuthAnswer> {
  const grant = await deps.store.takeGrant('code', hashToken(request.code), deps.clock.now())
  const fits =
    grant !== undefined &&
    grant.data.redirect === request.redirectUri &&
    grant.data.challenge === pkceChallenge(request.verifier)
  return fits ? await openSession(deps, String(grant.data.user)) : refuse('invalid_grant')
}

/** Rotates the refresh token. The one before it is answered 409 for a minute, then counts as stolen. */
export async function refresh(deps: AuthDeps, token: string): Promise<OAuthAnswer> {
  const { store, clock, random } = deps
  const now = clock.now()
  const next = newToken('skrt', random)
  const rotation = await store.rotate({
    oldHash: hashToken(token),
    newHash: hashToken(next),
    now,
    expiresAt: now + REFRESH_SECONDS * SECOND,
    graceMs: REPLAY_GRACE_MS,
  })
  switch (rotation.kind) {
    case 'rotated':
      return await issueTokens(deps, rotation.session, next)
    case 'replayed':
      return { status: 409, body: { error: 'refresh_replay_benign_retry', retry_after: 1 } }
    case 'reused':
      deps.onSessionEnd(rotation.session)
      return refuse('session_invalid', 401)
    case 'unknown':
      return refuse('invalid_grant')
  }
}

/** Ends the session that a refresh or access token belongs to; unknown tokens need no ending (RFC 7009). */
export async function revoke({ store, clock, onSessionEnd }: AuthDeps, token: string): Promise<void> {
  const hash = hashToken(token)
  const session =
    (await store.sessionByRefresh(hash))?.id ?? (await store.grant('access', hash, clock.now()))?.session
  if (session == null) return
  await store.endSession(session)
  onSessionEnd(session)
}

/** Who holds this access token; undefined when it is unknown, expired, or its session has ended. */
export async function identify({ store, clock }: AuthDeps, token: string): Promise<Principal | undefined> {
  const now = clock.now()
  const grant = await store.grant('access', hashToken(token), now)
  if (grant?.session == null) return undefined
  const session = await store.session(grant.session, now)
  const user = session === undefined ? undefined : await store.userById(session.user)
  if (session === undefined || user === undefined) return undefined
  return { user, session: session.id, teams: await store.memberships(user.id) }
}

/** A token for one WebSocket, to be used once within a minute. */
export async function issueWsToken(
  { store, clock, random }: AuthDeps,
  principal: Principal,
  team: string,
): Promise<{ readonly token: string; readonly expiresIn: number }> {
  const token = newToken('skws', random)
  await store.putGrant({
    kind: 'ws',
    hash: hashToken(token),
    expiresAt: clock.now() + WS_SECONDS * SECOND,
    session: principal.session,
    data: { team },
  })
  return { token, expiresIn: WS_SECONDS }
}

/** Spends a WebSocket token. */
export async function takeWsToken(
  { store, clock }: AuthDeps,
  token: string,
): Promise<{ readonly session: string; readonly team: string } | undefined> {
  const grant = await store.takeGrant('ws', hashToken(token), clock.now())
  if (grant?.session == null) return undefined
  return { session: grant.session, team: String(grant.data.team) }
}

async function openSession(deps: AuthDeps, user: string): Promise<OAuthAnswer> {
  const { store, clock, random } = deps
  const token = newToken('skrt', random)
  const session: Session = {
    id: `sess-${Buffer.from(random(16)).toString('hex')}`,
    user,
    refreshHash: hashToken(token),
    generation: 1,
    expiresAt: clock.now() + REFRESH_SECONDS * SECOND,
  }
  await store.addSession(session)
  return await issueTokens(deps, session, token)
}

async function issueTokens(deps: AuthDeps, session: Session, refreshToken: string): Promise<OAuthAnswer> {
  const access = newToken('skat', deps.random)
  await deps.store.putGrant({
    kind: 'access',
    hash: hashToken(access),
    expiresAt: deps.clock.now() + ACCESS_SECONDS * SECOND,
    session: session.id,
    data: {},
  })
  return {
    status: 200,
    body: {
      access_token: access,
      token_type: 'Bearer',
      expires_in: ACCESS_SECONDS,
      refresh_token: refreshToken,
      refresh_token_expires_in: REFRESH_SECONDS,
      refresh_token_expires_at: formatMicros(session.expiresAt * 1000),
      scope: SCOPE,
      session_id: session.id,
      generation: session.generation,
    },
  }
}

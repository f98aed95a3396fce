/** Logging in: device flow and browser flow with PKCE (docs/sync.md, RFC 8628, RFC 7636, RFC 8252). */
import type { AuthLogin, AuthLogout } from '@spec-kitty/contracts/cli/auth-login'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Json } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { readDevice, readTokens } from '@spec-kitty/contracts/wire/answers'
import {
  CLIENT_ID,
  DEVICE_GRANT,
  type DeviceAuthorization,
  type Me,
  SCOPE,
  type TokenResponse,
} from '@spec-kitty/contracts/wire/auth'
import { jsonOf, troubleOf } from '../link/answers.ts'
import { readSyncConfig } from '../link/config.ts'
import { detailOf, isTrouble, type SyncTrouble } from '../link/diagnostics.ts'
import { plain } from '../link/plain.ts'
import type { Ports } from '../world/ports.ts'
import type { Budget, NetAnswer, SyncPorts } from '../world/sync-ports.ts'
import { askMe } from './access.ts'
import { formBody } from './refresh.ts'
import { dropSession, issuerOf, keepSession, readSession, sessionOf } from './session.ts'

export interface LoginDoor {
  readonly ports: Pick<Ports, 'env' | 'files' | 'clock' | 'ids'>
  readonly sync: SyncPorts
  /** Tells the person what to do next. */
  readonly show: (line: string) => void
}

const REQUEST_MS = 30_000
const BROWSER_MS = 300_000
const LONGEST_INTERVAL_S = 10

/** Logs in and keeps the session. Throws `login_failed` when there is no server, or no login came of it. */
export async function login(
  door: LoginDoor,
  options: { readonly headless: boolean; readonly force: boolean },
): Promise<AuthLogin> {
  const { server, problem } = readSyncConfig(door.ports, door.sync.home)
  if (server === null) {
    throw new KittyError(
      'login_failed',
      problem ??
        'SPEC_KITTY_SAAS_URL environment variable is not set, and no server is configured: there is nobody to log in to',
      {
        hint: sh`Set it to the address of your server, e.g. export SPEC_KITTY_SAAS_URL=https://kitty.example.com`,
      },
    )
  }
  const stored = options.force ? undefined : existing(door, server)
  if (stored !== undefined) return stored
  const method = options.headless ? 'device_code' : 'authorization_code'
  const tokens = options.headless ? await deviceFlow(door, server) : await browserFlow(door, server)
  const budget = door.sync.budget(REQUEST_MS)
  try {
    const me = must(await askMe(door, server, tokens.access_token, budget))
    if (me.teams.length === 0) throw refused(`${me.email} belongs to no team at ${server}`)
    keepSession(door, sessionOf(tokens, me, method, door.ports.clock.now()), server)
    return { authenticated: true, already: false, email: me.email, server, team: homeTeam(me), method }
  } finally {
    budget.end()
  }
}

function existing(door: LoginDoor, server: string): AuthLogin | undefined {
  const session = readSession(door)
  if (session === undefined || (issuerOf(door, session) ?? server) !== server) return undefined
  const team = session.teams.find(each => each.private) ?? session.teams[0] ?? null
  return { authenticated: true, already: true, email: session.email, server, team, method: 'stored' }
}

function homeTeam(me: Me): AuthLogin['team'] {
  const team = me.teams.find(each => each.is_private_teamspace === true) ?? me.teams[0]
  return team === undefined
    ? null
    : { id: team.id, name: team.name, private: team.is_private_teamspace === true }
}

/* -------------------------------------------------------------------- device flow */

async function deviceFlow(door: LoginDoor, server: string): Promise<TokenResponse> {
  const answer = await postForm(door, `${server}/oauth/device`, { client_id: CLIENT_ID, scope: SCOPE })
  const device = readDevice(jsonOf(answer))
  if (answer.kind !== 'answer' || answer.status !== 200 || device === undefined)
    throw failed(troubleOf(answer, 'Asking for a device code'))
  announce(door, device)
  const budget = door.sync.budget(device.expires_in * 1000)
  try {
    return await poll(door, server, device, budget)
  } finally {
    budget.end()
  }
}

function announce(door: LoginDoor, device: DeviceAuthorization): void {
  const code = plain(device.user_code, 40)
  // Eight letters in one piece are hard to type.
  const shown = /^\w{8}$/.test(code) ? `${code.slice(0, 4)}-${code.slice(4)}` : code
  door.show(`Visit: ${plain(device.verification_uri, 300)}`)
  door.show(`Code:  ${shown}`)
  if (device.verification_uri_complete !== undefined)
    door.show(`Or open: ${plain(device.verification_uri_complete, 300)}`)
  door.show(`Waiting for authorization (timeout in ${Math.round(device.expires_in / 60)} minutes)...`)
}

async function poll(
  door: LoginDoor,
  server: string,
  device: DeviceAuthorization,
  budget: Budget,
): Promise<TokenResponse> {
  let interval = Math.max(1, Math.min(device.interval ?? 5, LONGEST_INTERVAL_S))
  const fields = { grant_type: DEVICE_GRANT, device_code: device.device_code, client_id: CLIENT_ID }
  while (budget.left() > 0) {
    await door.ports.clock.sleep(interval * 1000)
    const answer = await postForm(door, `${server}/oauth/token`, fields)
    const tokens = readTokens(jsonOf(answer))
    if (answer.kind === 'answer' && answer.status === 200 && tokens !== undefined) return tokens
    // No answer, or a server that stumbles: the code stays good, so the next poll may succeed.
    if (answer.kind === 'failed' || answer.status >= 500) continue
    const word = jsonOf(answer)?.error
    if (word === 'slow_down') interval = Math.min(interval + 5, LONGEST_INTERVAL_S)
    else if (word !== 'authorization_pending') throw denied(word, answer)
  }
  throw refused('The code was not confirmed in time')
}

function denied(word: Json | undefined, answer: NetAnswer): KittyError {
  if (word === 'access_denied') return refused('The login was denied in the browser')
  if (word === 'expired_token') return refused('The code was not confirmed in time')
  return failed(troubleOf(answer, 'Waiting for the confirmation'))
}

/* ------------------------------------------------------------------- browser flow */

const PAGE =
  '<!doctype html><meta charset="utf-8"><title>Spec Kitty</title><p>You can close this window and go back to the terminal.'

async function browserFlow(door: LoginDoor, server: string): Promise<TokenResponse> {
  const budget = door.sync.budget(BROWSER_MS)
  const state = door.ports.ids.hex(32)
  const callback = await door.sync.net.awaitCallback(PAGE, state, budget.signal)
  try {
    const verifier = door.ports.ids.hex(64)
    const { redirectUri } = callback
    const url = `${server}/oauth/authorize?${formBody({
      client_id: CLIENT_ID,
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: SCOPE,
      code_challenge: door.sync.challenge(verifier),
      code_challenge_method: 'S256',
      state,
    })}`
    door.show('Opening browser for OAuth authentication...')
    await door.sync.net.browse(url)
    // A browser that was started may still show nothing: the address is there in any case.
    door.show(`Or open: ${url}`)
    const query = await callback.query.catch(() => undefined)
    const code = codeOf(query)
    const answer = await postForm(door, `${server}/oauth/token`, {
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      client_id: CLIENT_ID,
      code_verifier: verifier,
    })
    const tokens = readTokens(jsonOf(answer))
    if (answer.kind === 'answer' && answer.status === 200 && tokens !== undefined) return tokens
    throw failed(troubleOf(answer, 'Exchanging the code of the browser'))
  } finally {
    callback.close()
    budget.end()
  }
}

/** The code of a redirect that answers our own request and no other. */
function codeOf(query: ReadonlyMap<string, string> | undefined): string {
  if (query === undefined)
    throw refused('The browser did not come back in time', sh`Try: spec-kitty auth login --headless`)
  const error = query.get('error')
  if (error !== undefined) throw refused(`The server refused the login: ${plain(error, 160)}`)
  const code = query.get('code')
  if (code === undefined || code === '') throw refused('The browser came back without a code')
  return code
}

/* ------------------------------------------------------------------------- logout */

/** Revokes the refresh token where that can be done, and forgets the login in any case. */
export async function logout(door: Omit<LoginDoor, 'show'>): Promise<AuthLogout> {
  let session: ReturnType<typeof readSession>
  try {
    session = readSession(door)
  } catch (cause) {
    dropSession(door)
    return { logged_out: true, revoked: false, detail: detailOf(cause) }
  }
  if (session === undefined) return { logged_out: false, revoked: false, detail: 'Nobody was logged in' }
  const server = issuerOf(door, session) ?? readSyncConfig(door.ports, door.sync.home).server
  dropSession(door)
  if (server === null)
    return { logged_out: true, revoked: false, detail: 'No server is configured to revoke it' }
  const answer = await postForm(door, `${server}/oauth/revoke`, {
    token: session.refreshToken,
    token_type_hint: 'refresh_token',
  })
  const revoked = answer.kind === 'answer' && answer.status === 200 && jsonOf(answer)?.revoked === true
  return {
    logged_out: true,
    revoked,
    detail: revoked ? null : troubleOf(answer, 'Revoking the login').detail,
  }
}

function postForm(
  door: Pick<LoginDoor, 'sync'>,
  url: string,
  fields: Readonly<Record<string, string>>,
): Promise<NetAnswer> {
  return door.sync.net.send({
    method: 'POST',
    url,
    headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
    body: formBody(fields),
    timeoutMs: REQUEST_MS,
  })
}

function must<T extends object>(value: T | SyncTrouble): T {
  if (isTrouble(value)) throw failed(value)
  return value
}

function failed(trouble: SyncTrouble): KittyError {
  return refused(trouble.detail)
}

function refused(message: string, hint: Remedy = sh`Try again: spec-kitty auth login`): KittyError {
  return new KittyError('login_failed', message, { hint })
}

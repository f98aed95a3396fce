/** /oauth/* and the pages that belong to it (docs/sync.md). */
import { CLIENT_ID, DEVICE_GRANT } from '@spec-kitty/contracts/wire/auth'
import { Hono } from 'hono'
import type { User } from '../store/store.ts'
import {
  answerDevice,
  exchangeCode,
  issueCode,
  type OAuthAnswer,
  POLL_INTERVAL,
  pollDevice,
  refresh,
  revoke,
  startDevice,
} from './auth.ts'
import { readText } from './body.ts'
import {
  type AppContext,
  type AppDeps,
  type AppEnv,
  addressOf,
  bodyOf,
  originOf,
  refuseBody,
} from './http.ts'
import { authorizePage, devicePage, messagePage, type Page, renderPage } from './pages.ts'

const FORM_BYTES = 16_384
/** Device logins that one address may begin. */
const DEVICE_STARTS = { limit: 120, windowMs: 60_000 }

export function oauthRoutes(deps: AppDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>()
  routes.post('/oauth/device', context => withForm(context, form => device(deps, context, form)))
  routes.post('/oauth/token', context => withForm(context, form => token(deps, context, form)))
  routes.post('/oauth/revoke', context =>
    withForm(context, async form => {
      const session = await revoke(deps, form.get('token') ?? '')
      if (session !== undefined) await deps.note('', 'logout', session, addressOf(deps, context))
      return context.json({ revoked: true })
    }),
  )
  routes.get('/device', context => page(context, devicePage(context.req.query('user_code') ?? '')))
  routes.post('/device', context => withForm(context, form => approve(deps, context, form)))
  routes.get('/oauth/authorize', context => askForLogin(context))
  routes.post('/oauth/authorize', context => withForm(context, form => authorize(deps, context, form)))
  return routes
}

async function withForm(
  context: AppContext,
  use: (form: URLSearchParams) => Promise<Response>,
): Promise<Response> {
  const text = await readText(bodyOf(context), FORM_BYTES)
  if ('problem' in text) return refuseBody(context, text.problem)
  context.header('cache-control', 'no-store')
  return await use(new URLSearchParams(text.value))
}

async function device(deps: AppDeps, context: AppContext, form: URLSearchParams): Promise<Response> {
  if (form.get('client_id') !== CLIENT_ID) return context.json({ error: 'invalid_client' }, 401)
  const key = `device ${addressOf(deps, context)}`
  if (!(await deps.store.reserve([{ key, ...DEVICE_STARTS }], deps.clock.now()))) {
    context.header('retry-after', '60')
    return context.json({ error: 'slow_down', retry_after: 60 }, 429)
  }
  const started = await startDevice(deps)
  const uri = `${originOf(deps, context)}/device`
  return context.json({
    device_code: started.deviceCode,
    user_code: started.userCode,
    verification_uri: uri,
    verification_uri_complete: `${uri}?user_code=${started.userCode}`,
    expires_in: started.expiresIn,
    interval: POLL_INTERVAL,
  })
}

async function token(deps: AppDeps, context: AppContext, form: URLSearchParams): Promise<Response> {
  const { status, body } = await grant(deps, form, addressOf(deps, context))
  return context.json(body, status)
}

async function grant(deps: AppDeps, form: URLSearchParams, from: string): Promise<OAuthAnswer> {
  const field = (name: string): string => form.get(name) ?? ''
  if (field('client_id') !== CLIENT_ID) return { status: 401, body: { error: 'invalid_client' } }
  switch (field('grant_type')) {
    case DEVICE_GRANT:
      return await pollDevice(deps, field('device_code'), from)
    case 'refresh_token':
      return await refresh(deps, field('refresh_token'))
    case 'authorization_code':
      return await exchangeCode(
        deps,
        { code: field('code'), redirectUri: field('redirect_uri'), verifier: field('code_verifier') },
        from,
      )
    default:
      return { status: 400, body: { error: 'unsupported_grant_type' } }
  }
}

/* -------------------------------------------------------------- pages for people */

async function approve(deps: AppDeps, context: AppContext, form: URLSearchParams): Promise<Response> {
  const code = form.get('user_code') ?? ''
  const login = await logIn(deps, context, form)
  if ('problem' in login) return page(context, devicePage(code, login.problem), login.status)
  const approved = form.get('answer') === 'approve'
  if (!(await answerDevice(deps, code, login.user, approved))) {
    return page(context, devicePage('', 'This code is unknown or has expired. Start the login again.'), 400)
  }
  return page(
    context,
    approved
      ? messagePage('Device connected', 'You can close this page and go back to the terminal.')
      : messagePage('Login denied', 'The device gets no access.'),
  )
}

const AUTHORIZE_FIELDS = [
  'client_id',
  'redirect_uri',
  'response_type',
  'scope',
  'code_challenge',
  'code_challenge_method',
  'state',
] as const

type Authorization = Readonly<Record<(typeof AUTHORIZE_FIELDS)[number], string>>

/** The parameters of an authorization request; undefined when they are not those of our client on loopback. */
function authorization(get: (name: string) => string | null | undefined): Authorization | undefined {
  const entries = AUTHORIZE_FIELDS.map(name => [name, get(name) ?? ''] as const)
  const fields = Object.fromEntries(entries) as Authorization
  const fits =
    fields.client_id === CLIENT_ID &&
    fields.response_type === 'code' &&
    fields.code_challenge_method === 'S256' &&
    /^[A-Za-z0-9_-]{43}$/.test(fields.code_challenge) &&
    isLoopback(fields.redirect_uri)
  return fits ? fields : undefined
}

/** A native program listens on this very computer (RFC 8252 §7.3); a code never goes anywhere else. */
function isLoopback(uri: string): boolean {
  if (!URL.canParse(uri)) return false
  const { protocol, hostname, username, password, hash } = new URL(uri)
  const bare = username === '' && password === '' && hash === ''
  return protocol === 'http:' && bare && ['127.0.0.1', 'localhost', '[::1]'].includes(hostname)
}

const BAD_REQUEST = messagePage(
  'This login cannot go on',
  'The request is not one of the Spec Kitty command line.',
)

function askForLogin(context: AppContext): Response {
  const fields = authorization(name => context.req.query(name))
  return fields === undefined ? page(context, BAD_REQUEST, 400) : page(context, authorizePage(fields))
}

async function authorize(deps: AppDeps, context: AppContext, form: URLSearchParams): Promise<Response> {
  const fields = authorization(name => form.get(name))
  if (fields === undefined) return page(context, BAD_REQUEST, 400)
  const login = await logIn(deps, context, form)
  if ('problem' in login) return page(context, authorizePage(fields, login.problem), login.status)
  const redirectUri = fields.redirect_uri
  const request = { redirectUri, challenge: fields.code_challenge }
  const target = new URL(redirectUri)
  target.searchParams.set('code', await issueCode(deps, request, login.user))
  target.searchParams.set('state', fields.state)
  return context.redirect(target.href, 302)
}

async function logIn(
  deps: AppDeps,
  context: AppContext,
  form: URLSearchParams,
): Promise<{ readonly user: User } | { readonly problem: string; readonly status: 401 | 429 }> {
  const [name, from] = [form.get('name') ?? '', addressOf(deps, context)]
  const outcome = await deps.login(name, form.get('password') ?? '', from)
  if ('user' in outcome) return outcome
  await deps.note(name.slice(0, 64), outcome.refused === 'wrong' ? 'login_refused' : 'login_braked', '', from)
  return outcome.refused === 'wrong'
    ? { problem: 'Name or password is wrong.', status: 401 }
    : { problem: 'Too many attempts. Wait a minute and try again.', status: 429 }
}

function page(context: AppContext, shown: Page, status: 200 | 400 | 401 | 429 = 200): Response {
  context.header('cache-control', 'no-store')
  context.header('referrer-policy', 'no-referrer')
  context.header('x-frame-options', 'DENY')
  // The form's answer may lead to the program that listens on the user's own computer.
  context.header(
    'content-security-policy',
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; " +
      "form-action 'self' http://127.0.0.1:* http://localhost:* http://[::1]:*",
  )
  return context.html(renderPage(shown), status)
}

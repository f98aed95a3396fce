/** What the ways to log in share: reading their forms, showing their pages, and the two ends of a login in the browser. */
import { CLIENT_ID } from '@spec-kitty/contracts/wire/auth'
import type { User } from '../store/store.ts'
import { issueCode } from './auth.ts'
import { readText } from './body.ts'
import { type AppContext, type AppDeps, bodyOf, refuseBody } from './http.ts'
import { devicePage, messagePage, type Page, renderPage } from './pages.ts'

const FORM_BYTES = 16_384

/** The fields of a posted form. */
export async function withForm(
  context: AppContext,
  use: (form: URLSearchParams) => Promise<Response>,
): Promise<Response> {
  const text = await readText(bodyOf(context), FORM_BYTES)
  if ('problem' in text) return refuseBody(context, text.problem)
  context.header('cache-control', 'no-store')
  return await use(new URLSearchParams(text.value))
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

export type Authorization = Readonly<Record<(typeof AUTHORIZE_FIELDS)[number], string>>

/** The parameters of an authorization request; undefined when they are not those of our client on loopback. */
export function authorization(get: (name: string) => string | null | undefined): Authorization | undefined {
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

export const BAD_REQUEST = messagePage(
  'This login cannot go on',
  'The request is not one of the Spec Kitty command line.',
)

/** Back to the program that waits on the user's own computer, with a code. */
export async function giveCode(
  deps: AppDeps,
  context: AppContext,
  fields: Authorization,
  user: User,
): Promise<Response> {
  const request = { redirectUri: fields.redirect_uri, challenge: fields.code_challenge }
  const target = new URL(fields.redirect_uri)
  target.searchParams.set('code', await issueCode(deps, request, user))
  target.searchParams.set('state', fields.state)
  return context.redirect(target.href, 302)
}

/** After somebody has answered a device login. */
export function answeredPage(context: AppContext, approved: boolean, known: boolean): Response {
  if (!known) {
    const problem = 'This code is unknown or has expired. Start the login again.'
    return page(context, devicePage('', false, problem), 400)
  }
  return page(
    context,
    approved
      ? messagePage('Device connected', 'You can close this page and go back to the terminal.')
      : messagePage('Login denied', 'The device gets no access.'),
  )
}

/** A page that no other page may frame and no proxy keep. */
export function page(
  context: AppContext,
  shown: Page,
  status: 200 | 400 | 401 | 403 | 429 | 503 = 200,
): Response {
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

/**
 * /sso/*: to the company's identity provider and back. Where somebody wanted to go waits here under the `state`, not in
 * the browser: no cookie. Whoever comes back to connect a device is shown its code and asked, since the link to the
 * provider may have been sent by somebody else.
 */
import { parseJson } from '@spec-kitty/contracts/json'
import { Hono } from 'hono'
import type { User } from '../store/store.ts'
import { answerDevice } from './auth.ts'
import { type Company, userOf } from './company.ts'
import { type AppContext, type AppDeps, type AppEnv, addressOf, originOf } from './http.ts'
import {
  type Authorization,
  answeredPage,
  authorization,
  BAD_REQUEST,
  giveCode,
  page,
  withForm,
} from './login-pages.ts'
import { companyDevicePage, messagePage } from './pages.ts'
import { hashToken, newToken } from './secrets.ts'

const MINUTES_MS = 600_000
const CALLBACK = '/sso/callback'
/** Sign-ins that one address may begin: each is kept for a while. */
const STARTS = { limit: 60, windowMs: 60_000 }

/** None where the server has no provider. */
export function companyRoutes(deps: AppDeps): Hono<AppEnv> {
  const routes = new Hono<AppEnv>()
  const { company } = deps
  if (company === undefined) return routes
  routes.get('/sso/start', context => start(deps, company, context))
  routes.get(CALLBACK, context => arrive(deps, company, context))
  routes.post('/sso/device', context => withForm(context, form => connect(deps, context, form)))
  return routes
}

async function start(deps: AppDeps, company: Company, context: AppContext): Promise<Response> {
  const code = context.req.query('user_code')
  const fields = authorization(name => context.req.query(name))
  if (code === undefined && fields === undefined) return page(context, BAD_REQUEST, 400)
  const key = `sso ${addressOf(deps, context)}`
  if (!(await deps.store.reserve([{ key, ...STARTS }], deps.clock.now())))
    return page(context, messagePage('Too many sign-ins', 'Wait a minute and try again.'), 429)
  const state = newToken('skss', deps.random)
  try {
    const { url, verifier, nonce } = await company.depart(originOf(deps, context) + CALLBACK, state)
    const goal =
      fields === undefined ? { code: (code ?? '').slice(0, 32) } : { fields: JSON.stringify(fields) }
    await keep(deps, state, { verifier, nonce, ...goal })
    return context.redirect(url, 302)
  } catch (error) {
    deps.fault(error, { path: '/sso/start' })
    const words = 'The identity provider of your company does not answer. Try again later.'
    return page(context, messagePage('Sign-in is not possible now', words), 503)
  }
}

async function arrive(deps: AppDeps, company: Company, context: AppContext): Promise<Response> {
  const state = context.req.query('state') ?? ''
  const kept = await deps.store.takeGrant('sso', hashToken(state), deps.clock.now())
  if (kept === undefined || !('verifier' in kept.data)) return page(context, EXPIRED, 400)
  const from = addressOf(deps, context)
  const url = new URL(originOf(deps, context) + CALLBACK)
  url.search = new URL(context.req.url).search
  const departure = { verifier: String(kept.data.verifier), nonce: String(kept.data.nonce) }
  const arrival = await company.arrive(url, state, departure).catch((error: unknown) => {
    deps.fault(error, { path: CALLBACK })
    return undefined
  })
  if (arrival === undefined) {
    await deps.note('', 'login_refused', 'sso', from)
    const words = 'The identity provider did not confirm who you are. Start the login again.'
    return page(context, messagePage('Sign-in failed', words), 401)
  }
  const user = await userOf(deps.store, deps.random, arrival)
  if (user === undefined || user.disabledAt !== null) {
    await deps.note(user?.name ?? '', 'login_refused', arrival.subject, from)
    return page(context, user === undefined ? taken(arrival.subject) : DISABLED, 403)
  }
  if ('fields' in kept.data)
    return await giveCode(deps, context, parseJson(String(kept.data.fields)) as Authorization, user)
  const code = String(kept.data.code)
  const ticket = newToken('skss', deps.random)
  await keep(deps, ticket, { user: user.id, code })
  return page(context, companyDevicePage(code, user.name, ticket))
}

async function connect(deps: AppDeps, context: AppContext, form: URLSearchParams): Promise<Response> {
  const ticket = hashToken(form.get('ticket') ?? '')
  const kept = await deps.store.takeGrant('sso', ticket, deps.clock.now())
  const user: User | undefined = await deps.store.userById(String(kept?.data.user ?? ''))
  if (kept === undefined || user === undefined) return page(context, EXPIRED, 400)
  const approved = form.get('answer') === 'approve'
  return answeredPage(context, approved, await answerDevice(deps, String(kept.data.code), user, approved))
}

async function keep(deps: AppDeps, secret: string, data: Readonly<Record<string, string>>): Promise<void> {
  const expiresAt = deps.clock.now() + MINUTES_MS
  await deps.store.putGrants([{ kind: 'sso', hash: hashToken(secret), expiresAt, session: null, data }])
}

const EXPIRED = messagePage('This sign-in has expired', 'Start the login again in your terminal.')
const DISABLED = messagePage('No access', 'This account is disabled. Ask the operator of the server.')

function taken(subject: string) {
  const words = `There is an account of your name that is not tied to your sign-in. Ask the operator of the server to tie it (serve user link NAME --subject "${subject}").`
  return messagePage('No access yet', words)
}

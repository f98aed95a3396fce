/** /oauth/* and the pages that belong to it (docs/sync.md). */
import { CLIENT_ID, DEVICE_GRANT } from '@spec-kitty/contracts/wire/auth'
import { Hono } from 'hono'
import type { User } from '../store/store.ts'
import {
  answerDevice,
  exchangeCode,
  type OAuthAnswer,
  POLL_INTERVAL,
  pollDevice,
  refresh,
  revoke,
  startDevice,
} from './auth.ts'
import { type AppContext, type AppDeps, type AppEnv, addressOf, originOf } from './http.ts'
import { answeredPage, authorization, BAD_REQUEST, giveCode, page, withForm } from './login-pages.ts'
import { authorizePage, devicePage } from './pages.ts'

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
  routes.get('/device', context =>
    page(context, devicePage(context.req.query('user_code') ?? '', deps.company !== undefined)),
  )
  routes.post('/device', context => withForm(context, form => approve(deps, context, form)))
  routes.get('/oauth/authorize', context => askForLogin(deps, context))
  routes.post('/oauth/authorize', context => withForm(context, form => authorize(deps, context, form)))
  return routes
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
  if ('problem' in login)
    return page(context, devicePage(code, deps.company !== undefined, login.problem), login.status)
  const approved = form.get('answer') === 'approve'
  return answeredPage(context, approved, await answerDevice(deps, code, login.user, approved))
}

function askForLogin(deps: AppDeps, context: AppContext): Response {
  const fields = authorization(name => context.req.query(name))
  return fields === undefined
    ? page(context, BAD_REQUEST, 400)
    : page(context, authorizePage(fields, deps.company !== undefined))
}

async function authorize(deps: AppDeps, context: AppContext, form: URLSearchParams): Promise<Response> {
  const fields = authorization(name => form.get(name))
  if (fields === undefined) return page(context, BAD_REQUEST, 400)
  const login = await logIn(deps, context, form)
  if ('problem' in login)
    return page(context, authorizePage(fields, deps.company !== undefined, login.problem), login.status)
  return await giveCode(deps, context, fields, login.user)
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

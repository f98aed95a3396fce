/** The sync server as Request → Response: no socket, no process, so tests call it in memory. */
import { Hono } from 'hono'
import { StoreTrouble } from '../store/trouble.ts'
import { apiRoutes } from './api-routes.ts'
import { companyRoutes } from './company-routes.ts'
import { type AppContext, type AppDeps, type AppEnv, socketOf } from './http.ts'
import { oauthRoutes } from './oauth-routes.ts'

/** All routes. One log line per request, without query, headers or body: they hold secrets. */
export function createSyncApp(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const nextId = requestIds(deps)
  app.use('*', async (context, next) => {
    const started = deps.clock.now()
    const id = givenId(deps, context) ?? nextId()
    context.set('requestId', id)
    await next()
    const { method, path } = context.req
    const { status } = context.res
    const ms = deps.clock.now() - started
    context.res.headers.set('x-request-id', id)
    // Typed as always there; before a login it is not.
    const principal = context.var.principal as AppEnv['Variables']['principal'] | undefined
    deps.log({
      id,
      method,
      path,
      status,
      ms,
      ...(principal === undefined ? {} : { user: principal.user.name }),
    })
    deps.metrics?.request(method, context.req.routePath, status, ms)
  })
  app.use('/api/v1/events/batch/', (context, next) => refuseWhenFull(deps, context, next))
  app.use('/api/dossier/*', (context, next) => refuseWhenFull(deps, context, next))
  app.onError((error, context) => answerError(deps, context, error))
  app.notFound(context => context.json({ error: 'not_found' }, 404))
  // Hono answers HEAD with the headers of GET: the readiness probe of clients.
  app.get('/', context => context.json({ service: 'spec-kitty-sync', status: 'ok' }))
  for (const path of ['/health', '/api/v1/health']) app.get(path, context => context.json({ status: 'ok' }))
  app.get('/ready', async context => {
    const reason = await deps.unready()
    if (reason === undefined) return context.json({ status: 'ready' })
    return context.json({ status: 'not_ready', reason }, 503)
  })
  app.get('/metrics', async context => {
    // For this machine: what comes through a proxy is somebody else's.
    const here = /^(::ffff:)?127\.|^::1$/.test(socketOf(context)) && !context.req.header('x-forwarded-for')
    if (deps.metrics === undefined || !here) return context.json({ error: 'not_found' }, 404)
    context.header('content-type', deps.metrics.contentType)
    return context.body(await deps.metrics.text())
  })
  app.route('/', oauthRoutes(deps))
  app.route('/', companyRoutes(deps))
  app.route('/api', apiRoutes(deps))
  return app
}

/** The one that the proxy in front has given. */
function givenId(deps: AppDeps, context: AppContext): string | undefined {
  const given = deps.trustProxy === true ? (context.req.header('x-request-id') ?? '') : ''
  return /^[\w.-]{8,64}$/.test(given) ? given : undefined
}

/** Unlike those of any other server; they need not be secret. */
function requestIds(deps: AppDeps): () => string {
  const prefix = Buffer.from(deps.random(5)).toString('hex')
  let count = 0
  return () => prefix + (++count).toString(16).padStart(6, '0')
}

async function refuseWhenFull(
  deps: AppDeps,
  context: AppContext,
  next: () => Promise<void>,
): Promise<Response | undefined> {
  if (deps.isDiskLow()) return storageFull(context)
  await next()
  return undefined
}

function storageFull(context: AppContext): Response {
  const message = 'The disk of the server is nearly full. Nothing is lost; tell its operator.'
  context.header('retry-after', '60')
  return context.json({ error: 'storage_full', message }, 507)
}

/** Trouble of the database is told as such, without its details; anything else tells the client nothing. */
function answerError(deps: AppDeps, context: AppContext, error: unknown): Response {
  const id = (context.var.requestId as string | undefined) ?? ''
  deps.fault(error, { path: context.req.path, id })
  if (!(error instanceof StoreTrouble)) return context.json({ error: 'internal' }, 500)
  if (error.trouble === 'full') return storageFull(context)
  context.header('retry-after', '5')
  const message = 'The database of the server cannot be used at the moment. Nothing is lost; try again later.'
  return context.json({ error: 'storage_unavailable', message }, 503)
}

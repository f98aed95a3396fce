/** The sync server as Request → Response: no socket, no process, so tests call it in memory. */
import { Hono } from 'hono'
import { apiRoutes } from './api-routes.ts'
import type { AppDeps, AppEnv } from './http.ts'
import { oauthRoutes } from './oauth-routes.ts'

/** All routes (docs/sync.md). One log line per request, without query, headers or body: they hold secrets. */
export function createSyncApp(deps: AppDeps): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  app.use('*', async (context, next) => {
    const started = deps.clock.now()
    await next()
    const { status } = context.res
    deps.log({ method: context.req.method, path: context.req.path, status, ms: deps.clock.now() - started })
  })
  app.onError((error, context) => {
    // The message may quote a body; the kind of error is enough to find the place.
    deps.log({ error: error.name, at: error.stack?.split('\n')[1]?.trim() ?? '', path: context.req.path })
    return context.json({ error: 'internal' }, 500)
  })
  app.notFound(context => context.json({ error: 'not_found' }, 404))
  // Hono answers HEAD with the headers of GET: the readiness probe of clients.
  app.get('/', context => context.json({ service: 'spec-kitty-sync', status: 'ok' }))
  app.get('/api/v1/health', context => context.json({ status: 'ok' }))
  app.route('/', oauthRoutes(deps))
  app.route('/api', apiRoutes(deps))
  return app
}

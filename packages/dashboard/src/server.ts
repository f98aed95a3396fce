/** The dashboard's server: one socket, requests judged at the door, answers from memory where nothing changed. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseJson } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { Project } from '@spec-kitty/core/repo/project/locate'
import type { Ports } from '@spec-kitty/core/world/ports'
import type { Asset } from './assets.ts'
import {
  actRefusal,
  cookieName,
  type Door,
  foreign,
  type Head,
  hasCookie,
  type Keys,
  refusal,
  same,
} from './guard.ts'
import { fail, json, quoted, send, text } from './reply.ts'
import { act, type Found, type Site, session, siteOf, view } from './routes.ts'
import { createStream, type Stream } from './stream.ts'
import { watchMissions } from './watcher.ts'

export interface DashboardOptions {
  readonly project: Project
  readonly version: string
  /** Name in git of whoever acts here. */
  readonly user: string
  readonly host: string | undefined
  readonly port: number
  readonly readOnly: boolean
  readonly assets: ReadonlyMap<string, Asset>
  readonly keys: Keys
  /** Called every second. */
  readonly tick?: () => void
  /** Somebody with the token wants it to end. */
  readonly stop: () => void
  /** Something was done from the page, or somebody asks for what waits to be sent. */
  readonly acted?: (() => void) | undefined
}

export interface Dashboard {
  readonly port: number
  /** `http://127.0.0.1:9237` */
  readonly url: string
  readonly close: () => Promise<void>
}

const MOST_BODY = 1_000_000
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
const ALWAYS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'x-frame-options': 'DENY',
}

interface Context {
  readonly site: Site
  readonly door: Door
  readonly stream: Stream
  readonly options: DashboardOptions
  readonly cache: Map<string, { readonly tag: string; readonly body: Buffer }>
}

/** Resolves when it listens. Throws `io_failed` where the address cannot be had. */
export async function startDashboard(ports: Ports, options: DashboardOptions): Promise<Dashboard> {
  const { project, host, readOnly, keys } = options
  const site = siteOf(ports, project, { user: options.user, version: options.version })
  const stream = createStream(keys.request.slice(0, 12))
  let context: Context | undefined
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 }, (request, response) => {
    if (context !== undefined) void answer(context, request, response)
  })
  const port = await listen(server, options.port, host ?? '127.0.0.1')
  context = { site, stream, options, cache: new Map(), door: { port, host, readOnly, keys } }
  const watching = watchMissions(site.ports, project, site.store, stream.send, options.tick)
  void warm(site)
  return {
    port,
    url: `http://${host === undefined ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host}:${port}`,
    close: () =>
      new Promise(resolve => {
        watching.close()
        stream.close()
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** The first page finds everything read; whoever asks meanwhile is answered between two missions. */
async function warm({ store }: Site): Promise<void> {
  for (const slug of store.slugs()) {
    await store.known(slug).catch(() => {})
    await new Promise(setImmediate)
  }
}

/** Throws `io_failed` where somebody else has the port. */
export async function requireFree(port: number, host: string): Promise<void> {
  const server = createServer()
  await listen(server, port, host)
  await new Promise(resolve => server.close(resolve))
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', cause =>
      reject(
        new KittyError('io_failed', `Cannot listen on ${host}:${port}: ${cause.message}`, {
          hint: sh`Take the first free port: spec-kitty dashboard`,
          cause,
        }),
      ),
    )
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : port)
    })
  })
}

async function answer(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  for (const [name, value] of Object.entries(ALWAYS)) response.setHeader(name, value)
  const target = request.url ?? '/'
  const cut = target.indexOf('?')
  // By hand: a parser of addresses would make `/a/../b` something else than what was asked for.
  const path = cut < 0 ? target : target.slice(0, cut)
  const query = new URLSearchParams(cut < 0 ? '' : target.slice(cut + 1))
  const head: Head = { method: request.method ?? 'GET', path, headers: request.headers }
  try {
    if (enter(context, head, query, response)) return
    const refused = refusal(context.door, head)
    if (refused !== undefined)
      return json(response, refused.status, { error: refused.error, code: 'forbidden' })
    if (path.startsWith('/api/')) await api(context, request, head, query, response)
    else page(context, head, response)
  } catch (error) {
    fail(response, error)
  }
}

/** The printed address: a cookie for the token, and the same page without it. */
function enter({ door }: Context, head: Head, query: URLSearchParams, response: ServerResponse): boolean {
  const token = query.get('token') ?? undefined
  if (token === undefined || head.path.startsWith('/api/') || head.method !== 'GET') return false
  if (!same(token, door.keys.token) || foreign(door, head) !== undefined) return false
  response.setHeader(
    'set-cookie',
    `${cookieName(door.port)}=${door.keys.cookie}; HttpOnly; SameSite=Strict; Path=/`,
  )
  response.writeHead(303, { location: head.path.replace(/^\/+/, '/'), 'cache-control': 'no-store' }).end()
  return true
}

async function api(
  context: Context,
  request: IncomingMessage,
  head: Head,
  query: URLSearchParams,
  response: ServerResponse,
): Promise<void> {
  const { site, door, stream, options } = context
  const { path, method } = head
  if (path === '/api/shutdown' || path === '/api/sync/trigger') {
    if (!same(query.get('token') ?? undefined, door.keys.token))
      return json(response, 403, { error: 'invalid_token' })
    if (path === '/api/sync/trigger') {
      json(response, 202, { status: 'scheduled' })
      return options.acted?.()
    }
    json(response, 200, { status: 'stopping' })
    return options.stop()
  }
  if (method === 'POST') return await acting(context, request, head, response)
  if (path === '/api/v2/events') {
    if (!stream.join(response, text(head.headers['last-event-id'])))
      json(response, 503, { error: 'Too many pages listen already', code: 'too_many_listeners' })
    return
  }
  if (path === '/api/v2/session')
    return json(response, 200, session(site, door.readOnly, hasCookie(door, head), door.keys.request))
  if (path === '/api/health') return json(response, 200, health(context, query))
  const found = await cached(context, path, query, text(head.headers['if-none-match']))
  if (found === undefined) return json(response, 404, { error: `Nothing is at ${path}`, code: 'not_found' })
  if (found === 'same') return void response.writeHead(304).end()
  if (found.text) response.setHeader('content-type', 'text/plain; charset=utf-8')
  send(response, 200, found.body, found.tag)
}

/** As 3.2.0 answers, but the token is told only to who has it. */
function health({ site, door }: Context, query: URLSearchParams) {
  const knows = same(query.get('token') ?? undefined, door.keys.token)
  return {
    status: 'ok',
    project_path: site.project.root,
    sync: { running: false, last_sync: null, consecutive_failures: 0 },
    websocket_status: 'Offline',
    token: knows ? door.keys.token : null,
  }
}

const MOST_CACHED = 64

interface Bytes {
  readonly body: Buffer
  readonly tag: string | undefined
  readonly text: boolean
}

/** The bytes of an answer: those of the last time where nothing has changed since. Undefined: no such view. */
async function cached(
  { site, cache }: Context,
  path: string,
  query: URLSearchParams,
  known: string | undefined,
): Promise<Bytes | 'same' | undefined> {
  const key = `${path}?${query}`
  const found: Found | undefined = await view(site, path, query, tag => {
    const kept = cache.get(key)
    return kept?.tag === tag ? kept.body : undefined
  })
  if (found === undefined) return undefined
  const { tag } = found
  if (tag !== undefined && known === quoted(tag)) return 'same'
  const body = found.value instanceof Buffer ? found.value : Buffer.from(JSON.stringify(found.value))
  if (tag !== undefined) {
    cache.delete(key)
    cache.set(key, { tag, body })
    for (const oldest of cache.keys()) if (cache.size > MOST_CACHED) cache.delete(oldest)
  }
  return { body, tag, text: found.text === true }
}

async function acting(
  { site, door, options }: Context,
  request: IncomingMessage,
  head: Head,
  response: ServerResponse,
): Promise<void> {
  const refused = actRefusal(door, head)
  if (refused !== undefined)
    return json(response, refused.status, { error: refused.error, code: 'forbidden' })
  const body = await bodyOf(request)
  if (body === undefined) return json(response, 413, { error: 'The request is too long', code: 'too_long' })
  const result = await act(site, head.path, body === '' ? {} : read(body))
  if (result === undefined)
    return json(response, 404, { error: `Nothing can be done at ${head.path}`, code: 'not_found' })
  const blocked = typeof result === 'object' && result !== null && 'ready' in result && result.ready === false
  json(response, blocked ? 409 : 200, result)
  options.acted?.()
}

function read(body: string): unknown {
  try {
    return parseJson(body)
  } catch {
    throw new KittyError('usage', 'The body of the request is no JSON')
  }
}

/** Undefined where it is longer than any request of ours. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request) {
    chunks.push(chunk)
    size += chunk.length
    if (size > MOST_BODY) return undefined
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** An asset by its name, or the page, which knows itself what its address shows. */
function page({ options }: Context, head: Head, response: ServerResponse): void {
  const name = head.path.slice(1)
  const asset =
    options.assets.get(name) ?? (/^[^/]+\.\w+$/.test(name) ? undefined : options.assets.get('index.html'))
  if (asset === undefined || head.method === 'POST') {
    json(response, 404, { error: `Nothing is at ${head.path}`, code: 'not_found' })
  } else if (text(head.headers['if-none-match']) === quoted(asset.tag)) {
    response.writeHead(304).end()
  } else {
    response.setHeader('content-type', asset.type)
    send(response, 200, asset.bytes, asset.tag)
  }
}

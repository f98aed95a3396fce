/** The network: HTTP without redirects and without surprises, one loopback callback, one WebSocket. Loaded when used. */
import type { Agent, IncomingMessage, RequestOptions } from 'node:http'
import type {
  Callback,
  Net,
  NetAnswer,
  NetFailure,
  NetRequest,
  Socket,
  SocketEvents,
} from '@spec-kitty/core/world/sync-ports'
import { openInBrowser } from './shell.ts'
import type { Variables } from './variables.ts'

/** Larger answers are not read: none of ours comes near. */
const MAX_BODY = 2 * 1024 * 1024

interface Stack {
  readonly request: Starter
  readonly agent: Agent
}

/** Real network. Connections are kept open between requests until `close`. */
export function createNet(env: Variables = {}): Net {
  const stacks = new Map<string, Promise<Stack>>()
  const stackFor = (url: string): Promise<Stack> => {
    const secure = url.startsWith('https:')
    const proxy = proxyFor(url, env)
    const scheme = `${secure ? 'https' : 'http'} ${proxy ?? ''}`
    const stack = stacks.get(scheme) ?? (secure ? openSecureStack(proxy) : openStack())
    stacks.set(scheme, stack)
    return stack
  }
  return {
    send: async request => await exchange(await stackFor(request.url), request),
    close: () => {
      for (const stack of stacks.values()) void stack.then(({ agent }) => agent.destroy())
      stacks.clear()
    },
    awaitCallback,
    browse: openInBrowser,
    socket: (url, bearer, on) => openSocket(url, bearer, on, proxyFor(url, env)),
  }
}

// Two functions, so that https and its certificates are loaded only for https.
async function openStack(): Promise<Stack> {
  const { Agent, request } = await import('node:http')
  return { request, agent: new Agent({ keepAlive: true }) }
}

async function openSecureStack(proxy: string | undefined): Promise<Stack> {
  const { Agent, request } = await import('node:https')
  return { request, agent: proxy === undefined ? new Agent({ keepAlive: true }) : await tunnel(proxy) }
}

/** Connections that lead through the proxy; what is inside stays encrypted for the server alone. */
async function tunnel(proxy: string): Promise<Agent> {
  const { HttpsProxyAgent } = await import('https-proxy-agent')
  return new HttpsProxyAgent(proxy, { keepAlive: true })
}

/**
 * The proxy that the environment names for an encrypted address, unless NO_PROXY excepts its host. Plain http goes to
 * this machine only and through no proxy.
 */
export function proxyFor(url: string, env: Variables): string | undefined {
  if (!/^(https|wss):/.test(url)) return undefined
  const proxy = env.HTTPS_PROXY || env.https_proxy || env.ALL_PROXY || env.all_proxy
  if (proxy === undefined || proxy === '') return undefined
  const { hostname, port } = new URL(url)
  const excepted = (env.NO_PROXY || env.no_proxy || '').split(/[\s,]+/).some(entry => {
    const [name = '', only] = entry.toLowerCase().split(/:(?=\d+$)/)
    if (name === '' || (only !== undefined && only !== (port || '443'))) return false
    const suffix = name.replace(/^\*?\./, '')
    return name === '*' || hostname === suffix || hostname.endsWith(`.${suffix}`)
  })
  if (excepted) return undefined
  return /^[a-z]+:\/\//i.test(proxy) ? proxy : `http://${proxy}`
}

type Starter = (
  url: string,
  options: RequestOptions,
  answer: (message: IncomingMessage) => void,
) => {
  on(event: 'error', listener: (cause: Error) => void): unknown
  on(event: 'proxyConnect', listener: (answer: { readonly statusCode: number }) => void): unknown
  end(body?: string | Uint8Array): unknown
}

function exchange({ request: start, agent }: Stack, request: NetRequest): Promise<NetAnswer> {
  return new Promise(resolve => {
    const stop = new AbortController()
    const over = () => stop.abort()
    let timedOut = false
    const timer = setTimeout(
      () => {
        timedOut = true
        stop.abort()
      },
      Math.min(request.timeoutMs, 2_147_483_647),
    )
    request.signal?.addEventListener('abort', over)
    const finish = (answer: NetAnswer) => {
      clearTimeout(timer)
      request.signal?.removeEventListener('abort', over)
      resolve(answer)
    }
    const fail = (cause: unknown) => finish(failure(cause, stop.signal.aborted, timedOut, request))
    // One that is over already does not send its event again.
    if (request.signal?.aborted === true) over()
    const body = typeof request.body === 'string' ? Buffer.from(request.body) : request.body
    const options = {
      method: request.method,
      agent,
      headers: {
        Accept: 'application/json',
        'User-Agent': 'spec-kitty',
        ...request.headers,
        ...(body === undefined ? {} : { 'Content-Length': String(body.length) }),
      },
      signal: stop.signal,
    }
    try {
      const sent = start(request.url, options, message => collect(message, finish, fail))
      sent.on('error', fail)
      // What a proxy answers in place of a tunnel is no word of the server's.
      sent.on('proxyConnect', ({ statusCode }) => {
        if (statusCode === 200) return
        fail(new Error(`the proxy answered ${statusCode} to the request for a tunnel`))
        stop.abort()
      })
      sent.end(body)
    } catch (cause) {
      fail(cause)
    }
  })
}

function collect(
  message: IncomingMessage,
  finish: (answer: NetAnswer) => void,
  fail: (cause: unknown) => void,
): void {
  const chunks: Buffer[] = []
  let size = 0
  message.on('data', (chunk: Buffer) => {
    size += chunk.length
    if (size > MAX_BODY) {
      finish({ kind: 'failed', reason: 'garbage', detail: `the answer is larger than ${MAX_BODY} bytes` })
      message.destroy()
    } else chunks.push(chunk)
  })
  message.on('error', fail)
  message.on('end', () => {
    const header = (name: string) => {
      const value = message.headers[name]
      return Array.isArray(value) ? value[0] : value
    }
    const body = Buffer.concat(chunks).toString('utf8')
    finish({ kind: 'answer', status: message.statusCode ?? 0, header, body })
  })
}

function failure(cause: unknown, stopped: boolean, timedOut: boolean, request: NetRequest): NetAnswer {
  if (stopped) {
    const reason: NetFailure = timedOut ? 'timeout' : 'aborted'
    return { kind: 'failed', reason, detail: `no answer from ${hostOf(request.url)} in time` }
  }
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  const detail = cause instanceof Error ? cause.message : String(cause)
  if (/^HPE_/.test(code)) return { kind: 'failed', reason: 'garbage', detail: 'the answer is not HTTP' }
  return {
    kind: 'failed',
    reason: 'unreachable',
    detail: code === '' ? detail : `${hostOf(request.url)}: ${code}`,
  }
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}

async function awaitCallback(page: string, state: string, signal: AbortSignal): Promise<Callback> {
  const { createServer } = await import('node:http')
  let answer: (query: ReadonlyMap<string, string>) => void = () => {}
  const query = new Promise<ReadonlyMap<string, string>>((resolve, reject) => {
    answer = resolve
    signal.addEventListener('abort', () => reject(new Error('The browser did not come back in time')))
  })
  // The caller may look at it later; until then a rejection is not unhandled.
  query.catch(() => {})
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1')
    // Any page in the browser can ask this address: only who knows the state of this login ends it.
    const known = url.pathname === '/callback' && url.searchParams.get('state') === state
    response.writeHead(known ? 200 : 404, {
      'Content-Type': 'text/html; charset=utf-8',
      'Cache-Control': 'no-store',
      'Content-Security-Policy': "default-src 'none'",
      Connection: 'close',
    })
    response.end(known ? page : '')
    if (known) answer(new Map(url.searchParams))
  })
  const port = await listen(server)
  return {
    redirectUri: `http://127.0.0.1:${port}/callback`,
    query,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

/** The ports a server may have on its list first, then any. */
async function listen(server: import('node:http').Server): Promise<number> {
  for (const port of [28888, 28889, 28890, 28891, 28892, 0]) {
    const bound = await new Promise<boolean>(resolve => {
      server.once('error', () => resolve(false))
      server.listen(port, '127.0.0.1', () => resolve(true))
    })
    server.removeAllListeners('error')
    const address = server.address()
    if (bound && address !== null && typeof address === 'object') return address.port
  }
  throw new Error('No loopback port is free')
}

function openSocket(url: string, bearer: string, on: SocketEvents, proxy: string | undefined): Socket {
  let close = () => {}
  let send = (_text: string) => {}
  let gone = false
  let opened = false
  const closed = (detail: string) => {
    if (gone) return
    gone = true
    on.closed(opened, detail)
  }
  const agent = proxy === undefined ? undefined : tunnel(proxy)
  void Promise.all([import('ws'), agent]).then(([{ WebSocket }, agent]) => {
    if (gone) return
    const socket = new WebSocket(url, {
      ...(agent === undefined ? {} : { agent }),
      headers: { Authorization: `Bearer ${bearer}` },
      maxPayload: MAX_BODY,
      followRedirects: false,
      handshakeTimeout: 10_000,
    })
    send = text => socket.send(text)
    close = () => socket.close(1000)
    socket.on('open', () => {
      opened = true
    })
    socket.on('message', (data, binary) => {
      if (!binary) on.message(String(data))
    })
    socket.on('unexpected-response', (_request, response) => {
      closed(`the server answered ${response.statusCode} to the upgrade`)
      socket.terminate()
    })
    socket.on('error', cause => closed(cause.message))
    socket.on('close', code => closed(`closed with ${code}`))
  })
  return {
    send: text => send(text),
    close: () => {
      close()
      closed('closed by us')
    },
  }
}

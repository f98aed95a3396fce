/**
 * A proxy in front of a real server that goes wrong on command: for tests of what a client does when the
 * network or the server fails. It records every request that reaches it.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

export type Fault =
  /** Nothing listens: connection refused. Holds for every path until `clear`. */
  | { readonly kind: 'refuse' }
  /** Takes the request, then resets the connection. The server behind never sees it. */
  | { readonly kind: 'reset' }
  /** Takes the request and never answers. */
  | { readonly kind: 'hang' }
  /** Passes everything on, but the answer comes this much later. */
  | { readonly kind: 'slow'; readonly ms: number }
  /** Answers by itself; the server behind never sees the request. */
  | {
      readonly kind: 'status'
      readonly status: number
      readonly body?: unknown
      readonly headers?: Readonly<Record<string, string>>
    }
  /** 200 with this text (default: not JSON) as the body. */
  | { readonly kind: 'garbage'; readonly text?: string }
  /** Bytes that are no HTTP at all. */
  | { readonly kind: 'not_http' }
  /** 200 with a body of this many bytes, sent as fast as the client reads. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** 307 to another place. */
  | { readonly kind: 'redirect'; readonly to: string }
  /** The server works, the client sees half of the answer and a closed connection: "done, but not told". */
  | { readonly kind: 'cut' }
  /** The server works, its JSON answer is changed on the way. */
  | { readonly kind: 'rewrite'; readonly change: (answer: unknown) => unknown }

export interface FaultScope {
  /** Only requests whose path starts with this. */
  readonly path?: string
  /** Only this many requests, then all is well again. */
  readonly times?: number
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  /** The body as it came, compressed if it came so. */
  readonly body: Buffer
}

export interface FaultProxy {
  /** `http://127.0.0.1:<port>`; stays the same through `refuse`. */
  readonly url: string
  readonly requests: readonly SeenRequest[]
  /** Replaces every earlier fault by these. */
  readonly set: (fault: Fault, scope?: FaultScope) => Promise<void>
  /** Adds one; the first that fits a request wins. */
  readonly add: (fault: Fault, scope?: FaultScope) => Promise<void>
  readonly clear: () => Promise<void>
  readonly close: () => Promise<void>
}

interface Armed {
  readonly fault: Fault
  readonly path: string
  left: number
}

/** Starts a proxy on a free loopback port in front of `target`, an origin such as `http://127.0.0.1:8787`. */
export async function createFaultProxy(target: string): Promise<FaultProxy> {
  const seen: SeenRequest[] = []
  const sockets = new Set<Socket>()
  let armed: Armed[] = []

  const take = (path: string): Fault | undefined => {
    const found = armed.find(each => each.left > 0 && path.startsWith(each.path))
    if (found !== undefined) found.left--
    return found?.fault
  }
  const server = createServer((incoming, outgoing) => {
    void readAll(incoming).then(body => {
      const path = incoming.url ?? '/'
      seen.push({ method: incoming.method ?? 'GET', path, headers: incoming.headers, body })
      answer(take(path), { target, incoming, outgoing, body })
    }, ignore)
  })
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const path = incoming.url ?? '/'
    seen.push({ method: 'UPGRADE', path, headers: incoming.headers, body: Buffer.alloc(0) })
    upgrade(take(path), target, incoming, socket, head)
  })
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', ignore)
    socket.on('close', () => sockets.delete(socket))
  })
  const stop = (): Promise<void> =>
    new Promise(resolve => {
      for (const socket of sockets) socket.destroy()
      if (server.listening) server.close(() => resolve())
      else resolve()
    })

  await listen(server, 0)
  const { port } = server.address() as AddressInfo
  const add = async (fault: Fault, scope: FaultScope = {}): Promise<void> => {
    armed.push({ fault, path: scope.path ?? '', left: scope.times ?? Number.POSITIVE_INFINITY })
    if (fault.kind === 'refuse') await stop()
  }
  const clear = async (): Promise<void> => {
    armed = []
    if (!server.listening) await listen(server, port)
  }
  return {
    url: `http://127.0.0.1:${port}`,
    requests: seen,
    add,
    clear,
    set: async (fault, scope) => {
      await clear()
      await add(fault, scope)
    },
    close: stop,
  }
}

interface Exchange {
  readonly target: string
  readonly incoming: IncomingMessage
  readonly outgoing: ServerResponse
  readonly body: Buffer
}

function answer(fault: Fault | undefined, exchange: Exchange): void {
  const { outgoing, incoming } = exchange
  switch (fault?.kind) {
    case 'reset':
      incoming.socket.resetAndDestroy()
      return
    case 'hang':
      return
    case 'slow':
      setTimeout(() => forward(exchange, relay), fault.ms)
      return
    case 'status': {
      const text =
        typeof fault.body === 'string' ? fault.body : JSON.stringify(fault.body ?? { error: 'forced' })
      outgoing.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers }).end(text)
      return
    }
    case 'garbage':
      outgoing
        .writeHead(200, { 'content-type': 'application/json' })
        .end(fault.text ?? '<html>\u001b[31mnot json</html>')
      return
    case 'not_http':
      incoming.socket.end('\u0000\u0001 this is not the protocol you are looking for\r\n\r\n')
      return
    case 'huge':
      pour(outgoing, fault.bytes)
      return
    case 'redirect':
      outgoing.writeHead(307, { location: fault.to }).end()
      return
    case 'cut':
      forward(exchange, (status, headers, bytes) => {
        outgoing.writeHead(status, { ...headers, 'content-length': String(bytes.length) })
        outgoing.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => incoming.socket.destroy())
      })
      return
    case 'rewrite':
      forward(exchange, (status, headers, bytes) => {
        const changed = Buffer.from(JSON.stringify(fault.change(JSON.parse(bytes.toString('utf8')))))
        relay(status, headers, changed, outgoing)
      })
      return
    case 'refuse':
    case undefined:
      forward(exchange, relay)
  }
}

type Reply = (status: number, headers: IncomingHttpHeaders, bytes: Buffer, outgoing: ServerResponse) => void

const relay: Reply = (status, headers, bytes, outgoing) => {
  outgoing.writeHead(status, { ...headers, 'content-length': String(bytes.length) }).end(bytes)
}

/** Asks the server behind and hands its whole answer to `reply`; 502 when it cannot be reached. */
function forward({ target, incoming, outgoing, body }: Exchange, reply: Reply): void {
  const { 'transfer-encoding': _, ...headers } = incoming.headers
  const asked = request(
    new URL(incoming.url ?? '/', target),
    { method: incoming.method, headers: { ...headers, 'content-length': String(body.length) } },
    answered => {
      const { 'transfer-encoding': __, ...rest } = answered.headers
      void readAll(answered).then(bytes => reply(answered.statusCode ?? 502, rest, bytes, outgoing), ignore)
    },
  )
  asked.on('error', error => outgoing.writeHead(502).end(JSON.stringify({ error: error.message })))
  asked.end(body)
}

/** WebSocket: refusals and silence are played, everything else is piped through. */
function upgrade(
  fault: Fault | undefined,
  target: string,
  incoming: IncomingMessage,
  socket: Socket,
  head: Buffer,
): void {
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'reset') {
    socket.resetAndDestroy()
    return
  }
  if (fault?.kind === 'status') {
    socket.end(`HTTP/1.1 ${fault.status} Forced\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
    return
  }
  const behind: Duplex = connect(Number(new URL(target).port), '127.0.0.1', () => {
    const lines = incoming.rawHeaders.flatMap((name, i, all) =>
      i % 2 === 0 ? [`${name}: ${all[i + 1]}`] : [],
    )
    behind.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`)
    behind.write(head)
    socket.pipe(behind).pipe(socket)
  })
  behind.on('error', () => socket.destroy())
  socket.on('close', () => behind.destroy())
}

/** Streams a JSON string of `bytes` characters without holding it. */
function pour(outgoing: ServerResponse, bytes: number): void {
  const chunk = Buffer.alloc(65_536, 'a')
  let left = bytes
  outgoing.writeHead(200, { 'content-type': 'application/json' })
  outgoing.write('"')
  const more = (): void => {
    while (left > 0 && !outgoing.destroyed) {
      left -= chunk.length
      if (!outgoing.write(chunk)) {
        outgoing.once('drain', more)
        return
      }
    }
    outgoing.end('"')
  }
  more()
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of stream) parts.push(part)
  return Buffer.concat(parts)
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** A client that hangs up is what these tests are about. */
function ignore(): void {}

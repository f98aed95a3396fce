/** The WebSocket channel: snapshot first, then events as they come in (docs/sync.md). */
import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { formatMicros } from '@spec-kitty/contracts/time'
import { DEFAULT_LIMITS, type ServerMessage } from '@spec-kitty/contracts/wire/batch'
import { type WebSocket, WebSocketServer } from 'ws'
import { publish, REALTIME_PATH } from './api-routes.ts'
import { takeWsToken } from './auth.ts'
import { type AppDeps, bearerOf } from './http.ts'
import type { Listener } from './hub.ts'
import { ingest } from './ingest.ts'

const PING_MS = 30_000
/** A client that does not read is let go rather than remembered for ever. */
const MAX_UNSENT_BYTES = 4 * 1024 * 1024

export interface Realtime {
  /** Closes every channel. */
  readonly close: () => void
}

/** Answers upgrades on `server`. */
export function attachRealtime(server: Server, deps: AppDeps): Realtime {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: DEFAULT_LIMITS.max_decompressed_bytes_per_batch,
    // No compression: nothing to blow up, and messages are small.
    perMessageDeflate: false,
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    void admit(request, deps).then(
      ticket => {
        if (ticket === undefined) refuseUpgrade(socket)
        else sockets.handleUpgrade(request, socket, head, ws => converse(ws, ticket, deps))
      },
      () => socket.destroy(),
    )
  })
  const timer = setInterval(() => {
    const message: ServerMessage = { type: 'ping', timestamp: formatMicros(deps.clock.now() * 1000) }
    for (const ws of sockets.clients) ws.send(JSON.stringify(message))
  }, PING_MS)
  timer.unref()
  return {
    close: () => {
      clearInterval(timer)
      for (const ws of sockets.clients) ws.close(1001)
      sockets.close()
    },
  }
}

type Ticket = Readonly<Record<'session' | 'team', string>>

async function admit(request: IncomingMessage, deps: AppDeps): Promise<Ticket | undefined> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  if (pathname !== REALTIME_PATH) return undefined
  return await takeWsToken(deps, bearerOf(request.headers.authorization))
}

function refuseUpgrade(socket: Duplex): void {
  socket.end('HTTP/1.1 401 Unauthorized\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
}

function converse(ws: WebSocket, ticket: Ticket, deps: AppDeps): void {
  const listener: Listener = {
    ...ticket,
    send: message => {
      if (ws.bufferedAmount > MAX_UNSENT_BYTES) ws.terminate()
      else ws.send(JSON.stringify(message))
    },
    close: () => ws.close(4401, 'session ended'),
  }
  ws.on('error', () => ws.terminate())
  // One thing at a time, the snapshot first: nothing more is read from the client until it is done.
  const inTurn = (work: () => Promise<void>): void => {
    ws.pause()
    line = line.then(work).then(
      () => ws.resume(),
      () => ws.terminate(),
    )
  }
  let line: Promise<void> = Promise.resolve()
  ws.on('message', (data, binary) => {
    if (!binary) inTurn(() => receive(String(data), listener, deps))
  })
  inTurn(async () => {
    listener.send({ type: 'snapshot', work_packages: [...(await deps.store.workPackages(ticket.team))] })
    // A client may be gone before its snapshot is read.
    if (ws.readyState === ws.OPEN) ws.on('close', deps.hub.join(listener))
  })
}

/** A bare envelope is taken in like one of a batch; a LocalCommit is acknowledged; the rest is ignored. */
async function receive(text: string, listener: Listener, deps: AppDeps): Promise<void> {
  const message = parse(text)
  if (message === undefined) return
  if (message.type === 'LocalCommit') {
    const hash = message.git_hash
    listener.send({ type: 'LocalCommitAck', git_hash: typeof hash === 'string' ? hash : null })
    return
  }
  if (!('event_id' in message)) return
  // The Python edition leaves this note to itself in what it sends here.
  const { drain_blocked_reason: _, ...event } = message
  const { fresh } = await ingest(deps, listener.team, [event])
  await publish(deps, listener.team, fresh, listener)
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

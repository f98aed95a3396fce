/** The WebSocket channel: the board in pages first, or what came since `?after=`, then events as they come in. */

import type { IncomingMessage, Server } from 'node:http'
import type { Duplex } from 'node:stream'
import { parseJson } from '@spec-kitty/contracts/json'
import { formatMicros } from '@spec-kitty/contracts/time'
import { DEFAULT_LIMITS, type ServerMessage } from '@spec-kitty/contracts/wire/batch'
import { type WebSocket, WebSocketServer } from 'ws'
import type { SnapshotCursor } from '../store/store.ts'
import { REALTIME_PATH } from './api-routes.ts'
import { takeWsToken } from './auth.ts'
import { type AppDeps, bearerOf } from './http.ts'
import { eventFrame, type Listener } from './hub.ts'
import { canonicalId, ingest, judgeEvents } from './judging.ts'

const PING_MS = 30_000
/** A client that does not read is let go rather than remembered for ever; it comes back with `?after=`. */
const MAX_UNSENT_BYTES = 8 * 1024 * 1024
/** While more than this is under way, nothing is read for a client that catches up. */
const UNSENT_BYTES = 1024 * 1024
const SNAPSHOT_ROWS = 1000
const EVENT_PAGE = { rows: 500, bytes: 512 * 1024 }

export interface Realtime {
  /** Asks every channel to close. */
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
    if (!isChannel(request)) {
      answerWithoutUpgrade(server, request, socket, head)
      return
    }
    socket.on('error', () => socket.destroy())
    void takeWsToken(deps, bearerOf(request.headers.authorization)).then(
      ticket => {
        if (ticket === undefined) refuseUpgrade(socket, '401 Unauthorized')
        else
          sockets.handleUpgrade(request, socket, head, ws =>
            converse({ ws, socket }, ticket, resumeAt(request), deps),
          )
      },
      (error: unknown) => {
        deps.fault(error, { path: REALTIME_PATH })
        refuseUpgrade(socket, '503 Service Unavailable')
      },
    )
  })
  const timer = setInterval(() => beat(sockets, deps), PING_MS)
  timer.unref()
  return {
    close: () => {
      clearInterval(timer)
      for (const ws of sockets.clients) ws.close(1001)
      sockets.close()
    },
  }
}

/** Pings every client, lets go of those that did not answer the last one, and of sessions that have run out. */
function beat(sockets: WebSocketServer, deps: AppDeps): void {
  const message: ServerMessage = { type: 'ping', timestamp: formatMicros(deps.clock.now() * 1000) }
  const text = JSON.stringify(message)
  for (const ws of sockets.clients) {
    if (silent.has(ws)) {
      ws.terminate()
      continue
    }
    silent.add(ws)
    ws.ping()
    ws.send(text)
  }
  deps.hub.review().catch((error: unknown) => deps.fault(error, { at: 'review' }))
}

/** Clients that have said nothing since the last ping. */
const silent = new WeakSet<WebSocket>()

function isChannel(request: IncomingMessage): boolean {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  return pathname === REALTIME_PATH && /\bwebsocket\b/i.test(request.headers.upgrade ?? '')
}

function resumeAt(request: IncomingMessage): number | undefined {
  const after = new URL(request.url ?? '/', 'http://localhost').searchParams.get('after')
  const seq = Number(after ?? Number.NaN)
  return Number.isSafeInteger(seq) && seq >= 0 ? seq : undefined
}

/**
 * A server may ignore an upgrade it does not want and answers as if it had not been offered (RFC 9110, 7.8). Node has let
 * go of the connection already, so the request goes in once more, without the offer.
 */
function answerWithoutUpgrade(server: Server, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const lines = [`${request.method} ${request.url} HTTP/${request.httpVersion}`]
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(at, at + 2)
    if (/^(upgrade|http2-settings)$/i.test(name)) continue
    const kept = /^connection$/i.test(name)
      ? value
          .split(',')
          .filter(token => !/^\s*(upgrade|http2-settings)\s*$/i.test(token))
          .join(',')
      : value
    if (kept !== '') lines.push(`${name}: ${kept}`)
  }
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]))
  server.emit('connection', socket)
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

type Ticket = Readonly<Record<'session' | 'user' | 'team', string>>

/** A channel, and the connection below it. */
interface Channel {
  readonly ws: WebSocket
  readonly socket: Duplex
}

function converse({ ws, socket }: Channel, ticket: Ticket, after: number | undefined, deps: AppDeps): void {
  const listener: Listener = {
    ...ticket,
    at: after ?? 0,
    own: new Set(),
    // Ready frames, past the library, which would make them anew for each: it has no state of its own between messages.
    send: frames => {
      if (ws.bufferedAmount > MAX_UNSENT_BYTES) ws.terminate()
      else if (ws.readyState === ws.OPEN) socket.write(frames)
    },
    close: () => ws.close(4401, 'session ended'),
  }
  const say = (message: ServerMessage): void => ws.send(JSON.stringify(message))
  ws.on('error', () => ws.terminate())
  ws.on('pong', () => silent.delete(ws))
  // One thing at a time, the board first: nothing more is read from the client until it is done.
  let line: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): void => {
    ws.pause()
    line = line.then(work).then(
      () => ws.resume(),
      (error: unknown) => {
        deps.fault(error, { path: REALTIME_PATH })
        ws.terminate()
      },
    )
  }
  ws.on('message', (data, binary) => {
    silent.delete(ws)
    if (!binary) inTurn(() => receive(String(data), ticket, listener, say, deps))
  })
  inTurn(async () => {
    if (after === undefined) listener.at = await sendSnapshot(ws, ticket.team, say, deps)
    await catchUp(ws, listener, deps)
  })
}

/** The board, page by page; answers the event behind which it is true. */
async function sendSnapshot(
  ws: WebSocket,
  team: string,
  say: (message: ServerMessage) => void,
  { store }: AppDeps,
): Promise<number> {
  const seq = await store.head()
  let cursor: SnapshotCursor | null = null
  do {
    const page: Awaited<ReturnType<typeof store.snapshot>> = await store.snapshot(team, cursor, SNAPSHOT_ROWS)
    cursor = page.next ?? null
    say({ type: 'snapshot', work_packages: [...page.workPackages], seq, more: cursor !== null })
    await drained(ws)
  } while (cursor !== null && ws.readyState === ws.OPEN)
  return seq
}

/** What came in meanwhile, until there is nothing left and the hub takes over. */
async function catchUp(ws: WebSocket, listener: Listener, { store, hub }: AppDeps): Promise<void> {
  // A client may be gone before its board is read.
  while (ws.readyState === ws.OPEN) {
    const head = await store.head()
    for (;;) {
      const rows = await store.events(listener.team, listener.at, EVENT_PAGE)
      listener.send(Buffer.concat(rows.map(({ seq, body }) => eventFrame(seq, body))))
      const last = rows.at(-1)?.seq
      if (last === undefined || ws.readyState !== ws.OPEN) break
      listener.at = last
      await drained(ws)
    }
    listener.at = Math.max(listener.at, head)
    if (ws.readyState !== ws.OPEN) return
    const leave = hub.join(listener)
    if (leave === undefined) continue
    ws.on('close', leave)
    // Its session may have ended before it was among those that are looked at.
    await hub.review()
    return
  }
}

/** Waits until a slow client has read most of what it was sent. */
async function drained(ws: WebSocket): Promise<void> {
  while (ws.bufferedAmount > UNSENT_BYTES && ws.readyState === ws.OPEN)
    await new Promise(resolve => setTimeout(resolve, 20))
}

/** A bare envelope is taken in like one of a batch; a LocalCommit is acknowledged; the rest is ignored. */
async function receive(
  text: string,
  ticket: Ticket,
  listener: Listener,
  say: (message: ServerMessage) => void,
  deps: AppDeps,
): Promise<void> {
  const message = parse(text)
  if (message === undefined) return
  if (message.type === 'LocalCommit') {
    const hash = message.git_hash
    say({ type: 'LocalCommitAck', git_hash: typeof hash === 'string' ? hash : null })
    return
  }
  if (!('event_id' in message)) return
  // The Python edition leaves this note to itself in what it sends here.
  const { drain_blocked_reason: _, ...event } = message
  const { session, user, team } = ticket
  // Before it is stored: the news may be told before we hear of it.
  const id = canonicalId(String(event.event_id))
  listener.own.add(id)
  const judged = judgeEvents([event], team, formatMicros(deps.clock.now() * 1000))
  const outcome = await ingest(deps.store, team, judged, { user, session })
  if (outcome.kind !== 'taken' || outcome.counts.success === 0) listener.own.delete(id)
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = parseJson(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

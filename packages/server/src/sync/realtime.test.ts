import { once } from 'node:events'
import { WsToken } from '@spec-kitty/contracts/wire/auth'
import { type ServerMessage, ServerMessage as ServerMessageSchema } from '@spec-kitty/contracts/wire/batch'
import * as v from 'valibot'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { startTestServer, type TestServer } from '../testing/start.ts'
import { wireEvent } from '../testing/wire-event.ts'

let server: TestServer
let token: string
const open: WebSocket[] = []

beforeAll(async () => {
  server = await startTestServer()
  token = (await server.login()).access_token
})
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate()
})
afterAll(() => server.cleanup())

async function ticket(bearer = token, at = server, team = 'private-alice'): Promise<WsToken> {
  const answer = await fetch(`${at.url}/api/v1/ws-token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${bearer}` },
    body: JSON.stringify({ team_id: team }),
  })
  return v.parse(WsToken, await answer.json())
}

interface Channel {
  readonly socket: WebSocket
  readonly next: () => Promise<ServerMessage>
}

/** Opens a channel; messages are kept until they are asked for. */
async function connect(bearer = token, at = server, team?: string): Promise<Channel> {
  const { ws_token, ws_url } = await ticket(bearer, at, team)
  const socket = new WebSocket(ws_url, { headers: { authorization: `Bearer ${ws_token}` } })
  open.push(socket)
  const messages: ServerMessage[] = []
  socket.on('message', data => {
    messages.push(v.parse(ServerMessageSchema, JSON.parse(String(data))))
    socket.emit('queued')
  })
  await once(socket, 'open')
  return {
    socket,
    next: async () => {
      while (messages.length === 0) await once(socket, 'queued')
      return messages.shift() as ServerMessage
    },
  }
}

const post = (event: unknown): Promise<Response> =>
  fetch(`${server.url}/api/v1/events/batch/`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
    body: JSON.stringify({ events: [event] }),
  })

test('the snapshot comes first, then what others send', async () => {
  const listener = await connect()
  expect(await listener.next()).toEqual({ type: 'snapshot', work_packages: [] })
  const event = wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000101' })
  await post(event)
  expect(await listener.next()).toEqual({ type: 'event', event })
  await post(event)
  const late = await connect()
  expect(await late.next()).toMatchObject({ work_packages: [{ wp_id: 'WP01', lane: 'claimed' }] })
})

test('an event sent over the channel is stored once and told to the others', async () => {
  const [sender, other] = [await connect(), await connect()]
  await sender.next()
  await other.next()
  const event = wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000102' })
  sender.socket.send(JSON.stringify({ ...event, drain_blocked_reason: null }))
  expect(await other.next()).toEqual({ type: 'event', event })
  expect((await (await post(event)).json()) as object).toMatchObject({ results: [{ status: 'duplicate' }] })
})

test('what is no event is ignored, a LocalCommit is acknowledged', async () => {
  const { socket, next } = await connect()
  await next()
  for (const odd of ['{', '7', 'null', '{"type":"pong"}', '{"event_id":"x"}']) socket.send(odd)
  socket.send(JSON.stringify({ type: 'LocalCommit', git_hash: 'abc' }))
  socket.send(JSON.stringify({ type: 'LocalCommit' }))
  expect(await next()).toEqual({ type: 'LocalCommitAck', git_hash: 'abc' })
  expect(await next()).toEqual({ type: 'LocalCommitAck', git_hash: null })
})

test('a channel token works once, for a minute, and nothing else opens one', async () => {
  const refused = async (url: string, bearer: string): Promise<string> => {
    const socket = new WebSocket(url, { headers: { authorization: `Bearer ${bearer}` } })
    const [error] = (await once(socket, 'error')) as [Error]
    return error.message
  }
  const { ws_token, ws_url } = await ticket()
  const first = new WebSocket(ws_url, { headers: { authorization: `Bearer ${ws_token}` } })
  open.push(first)
  await once(first, 'open')
  expect(await refused(ws_url, ws_token)).toContain('401')
  expect(await refused(ws_url, token)).toContain('401')
  expect(await refused(ws_url, '')).toContain('401')
  expect(await refused(ws_url.replace('/ws/', '/other/'), (await ticket()).ws_token)).toContain('401')
  const late = await ticket()
  server.pass(61_000)
  expect(await refused(ws_url, late.ws_token)).toContain('401')
})

test('logging out closes the channel', async () => {
  const tokens = await server.login()
  const { socket } = await connect(tokens.access_token)
  const closed = once(socket, 'close')
  await server.form('/oauth/revoke', { token: tokens.refresh_token })
  expect((await closed)[0]).toBe(4401)
})

test('a message beyond the limit ends the channel, not the server', async () => {
  const { socket } = await connect()
  const closed = once(socket, 'close')
  socket.send('x'.repeat(1_048_577))
  expect((await closed)[0]).toBe(1009)
  expect((await fetch(server.url)).status).toBe(200)
})

test('a flood of events is taken in order, each once', async () => {
  const { socket, next } = await connect()
  await next()
  const ids = Array.from({ length: 300 }, (_, i) => `01M84XCG40QJQ9XH0CG${String(i).padStart(7, '0')}`)
  for (const event_id of ids) socket.send(JSON.stringify(wireEvent({ event_id })))
  socket.send(JSON.stringify({ type: 'LocalCommit', git_hash: 'end' }))
  expect(await next()).toEqual({ type: 'LocalCommitAck', git_hash: 'end' })
  const rows = await server.store.events('private-alice', 0, 1000)
  expect(rows.map(row => JSON.parse(row.body).event_id).slice(-300)).toEqual(ids)
})

test('a client that left before the snapshot is not listened for', async () => {
  const { ws_token, ws_url } = await ticket()
  const socket = new WebSocket(ws_url, { headers: { authorization: `Bearer ${ws_token}` } })
  await once(socket, 'open')
  socket.terminate()
  expect((await post(wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000199' }))).status).toBe(200)
})

test('a channel is pinged every half minute', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const own = await startTestServer()
  try {
    const { access_token } = await own.login()
    const channel = await connect(access_token, own)
    await channel.next()
    vi.advanceTimersByTime(30_000)
    expect(await channel.next()).toMatchObject({ type: 'ping', timestamp: expect.stringMatching(/^2/) })
  } finally {
    vi.useRealTimers()
    await own.cleanup()
  }
})

test('a shared project is told to the team it is shared with, another is not', async () => {
  await server.addUser('bob', ['platform'])
  const bob = (await server.login('bob')).access_token
  const shared = wireEvent().project_uuid
  const send = (path: string, body: unknown): Promise<Response> =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${bob}` },
      body: JSON.stringify(body),
    })
  await send('/api/v1/sync/repository-shares/', {
    source_project_uuid: shared,
    destination_team_slug: 'platform',
  })
  const listener = await connect(bob, server, 'platform')
  await listener.next()
  const hidden = wireEvent({
    event_id: '01M84XCG40QJQ9XH0CGA000301',
    project_uuid: '550e8400-e29b-41d4-a716-446655440000',
  })
  const shown = wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000302' })
  await send('/api/v1/events/batch/', { events: [hidden, shown] })
  expect(await listener.next()).toEqual({ type: 'event', event: shown })
})

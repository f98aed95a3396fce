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
  expect(await listener.next()).toMatchObject({ type: 'snapshot', work_packages: [], more: false })
  const event = wireEvent({ event_id: '01M84XCG40QJQ9XH0CGA000101' })
  await post(event)
  expect(await listener.next()).toMatchObject({ type: 'event', event })
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
  expect(await other.next()).toMatchObject({ type: 'event', event })
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
  expect(await refused(ws_url.replace('/ws/', '/other/'), (await ticket()).ws_token)).toContain('404')
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
  const rows = await server.store.events('private-alice', 0, { rows: 1000, bytes: 1e7 })
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
  expect(await listener.next()).toMatchObject({ type: 'event', event: shown })
})

test('a board larger than a page comes in several, and whoever comes back hears what was missed', async () => {
  await server.addUser('dora')
  const dora = (await server.login('dora')).access_token
  const send = (events: readonly unknown[]): Promise<Response> =>
    fetch(`${server.url}/api/v1/events/batch/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${dora}` },
      body: JSON.stringify({ events }),
    })
  const event = (n: number, wp = n) =>
    wireEvent({
      event_id: `01M84XCG40QJQ9XH0DR${String(n).padStart(7, '0')}`,
      payload: { ...wireEvent().payload, mission_slug: `m-${wp}` },
    })
  for (const from of [0, 700, 1400]) await send(Array.from({ length: 700 }, (_, i) => event(from + i)))
  const first = await connect(dora, server, 'private-dora')
  const pages: ServerMessage[] = []
  do pages.push(await first.next())
  while (pages.at(-1)?.more === true)
  expect(pages.length).toBeGreaterThan(1)
  expect(pages.flatMap(page => page.work_packages as unknown[])).toHaveLength(2100)
  const seq = Number(pages[0]?.seq)
  first.socket.close()
  await send([event(3000), event(3001)])
  const { ws_token, ws_url } = await ticket(dora, server, 'private-dora')
  const socket = new WebSocket(`${ws_url}?after=${seq}`, { headers: { authorization: `Bearer ${ws_token}` } })
  open.push(socket)
  const heard: ServerMessage[] = []
  socket.on('message', data => heard.push(JSON.parse(String(data)) as ServerMessage))
  await once(socket, 'open')
  await send([event(3002)])
  await expect.poll(() => heard.map(each => each.seq)).toEqual([seq + 1, seq + 2, seq + 3])
})

test('an upgrade that nobody knows is answered as if it had not been offered', async () => {
  const { connect: dial } = await import('node:net')
  const talk = async (text: string): Promise<string> => {
    const socket = dial(Number(new URL(server.url).port), '127.0.0.1')
    socket.write(text)
    const chunks: Buffer[] = []
    socket.on('data', chunk => chunks.push(chunk))
    await once(socket, 'end')
    return Buffer.concat(chunks).toString()
  }
  const offer =
    'Host: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n'
  expect(await talk(`GET /api/v1/health HTTP/1.1\r\n${offer}\r\n`)).toMatch(/^HTTP\/1\.1 200 OK/)
  const form = 'client_id=cli_native'
  const type = 'Content-Type: application/x-www-form-urlencoded'
  const posted = await talk(
    `POST /oauth/device HTTP/1.1\r\n${offer}${type}\r\nContent-Length: ${form.length}\r\n\r\n${form}`,
  )
  expect(posted).toContain('"user_code"')
})

test('60 listeners hear 500 events in order, and the sender does not wait for them', async () => {
  const own = await startTestServer()
  try {
    await own.addUser('eve', ['crowd'])
    const { access_token } = await own.login('eve')
    const counts: number[] = []
    const last: string[] = []
    const listeners = await Promise.all(
      Array.from({ length: 60 }, async (_, i) => {
        const { ws_token, ws_url } = await ticket(access_token, own, 'crowd')
        const socket = new WebSocket(ws_url, { headers: { authorization: `Bearer ${ws_token}` } })
        open.push(socket)
        counts[i] = 0
        const ready = new Promise<void>(resolve =>
          socket.on('message', data => {
            const message = JSON.parse(String(data)) as ServerMessage
            if (message.type === 'snapshot') resolve()
            if (message.type !== 'event') return
            counts[i] = (counts[i] ?? 0) + 1
            const id = String((message.event as { event_id: string }).event_id)
            expect(id > (last[i] ?? '')).toBe(true)
            last[i] = id
          }),
        )
        await ready
      }),
    )
    expect(listeners).toHaveLength(60)
    const events = Array.from({ length: 500 }, (_, i) =>
      wireEvent({ event_id: `01M84XCG40QJQ9XH0EV${String(i).padStart(7, '0')}` }),
    )
    const answer = await fetch(`${own.url}/api/v1/events/batch/`, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'x-team-slug': 'crowd' },
      body: JSON.stringify({ events }),
    })
    expect(answer.status).toBe(200)
    await expect.poll(() => counts.every(count => count === 500), { timeout: 20_000 }).toBe(true)
  } finally {
    await own.cleanup()
  }
})

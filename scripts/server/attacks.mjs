/**
 * What others notice of somebody who asks much or means harm: `node attacks.mjs [SECONDS]`. Measures how long small requests
 * wait while boards and pages are read, and /health while everything is thrown at the server at once. Who attacks lives in
 * a process of its own.
 */
import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { root } from '../workspace.mjs'
import { call, event, logIn, memoryOf, openServers, report, sendBatch, spread, USER } from './world.mjs'

const KINDS = {
  nothing: {},
  reading: { page: 2, snapshot: 2 },
  everything: {
    ...{ page: 4, snapshot: 4, password: 8, device: 4, bomb: 2, deep: 2, batch: 4, halfOpen: 300 },
  },
}

/** One round of an attack. */
const ATTACKS = {
  page: async (url, token) => {
    for (let after = 0; ; ) {
      const { text } = await call(url, `/api/v1/events/?after=${after}`, { token })
      const next = Number(/"next":(\d+)\}$/.exec(text)?.[1] ?? after)
      if (next === after) return
      after = next
    }
  },
  snapshot: async (url, token) => {
    const { WebSocket } = createRequire(join(root, 'packages/server/package.json'))('ws')
    const team = `private-${process.env.LOAD_USER}`
    const asked = await call(url, '/api/v1/ws-token', { token, body: JSON.stringify({ team_id: team }) })
    const { ws_url, ws_token } = JSON.parse(asked.text)
    const socket = new WebSocket(ws_url, { headers: { authorization: `Bearer ${ws_token}` } })
    await new Promise(resolve => {
      socket.on('error', resolve)
      socket.on('close', resolve)
      socket.on('message', message => {
        if (message.toString('latin1', message.length - 20).includes('"more":false')) socket.terminate()
      })
    })
  },
  password: (url, _, n) => {
    const fields = { user_code: 'AAAA-AAAA', name: `somebody${n}`, password: 'wrong', answer: 'approve' }
    const type = 'application/x-www-form-urlencoded'
    return call(url, '/device', { body: new URLSearchParams(fields).toString(), type })
  },
  device: url =>
    call(url, '/oauth/device', {
      body: 'client_id=cli_native',
      type: 'application/x-www-form-urlencoded',
    }),
  bomb: (url, token) =>
    call(url, '/api/v1/events/batch/', { token, body: BOMB, headers: { 'content-encoding': 'gzip' } }),
  deep: (url, token) => call(url, '/api/v1/events/batch/', { token, body: DEEP }),
  batch: (url, token, n) =>
    sendBatch(
      { url, token },
      Array.from({ length: 1000 }, (_, i) => event(n * 1000 + i)),
    ),
  halfOpen: url =>
    new Promise(resolve => {
      const { hostname, port } = new URL(url)
      const socket = connect(Number(port), hostname, () =>
        socket.write('GET / HTTP/1.1\r\nHost: x\r\nX-Slow: '),
      )
      socket.on('error', resolve)
      socket.on('close', resolve)
    }),
}
const BOMB = gzipSync(Buffer.alloc(50 * 1024 * 1024))
const DEEP = `{"events":[{"payload":${'['.repeat(200_000)}${']'.repeat(200_000)}}]}`

function attack(url, token, kinds) {
  for (const [kind, count] of Object.entries(kinds))
    for (let n = 0; n < count; n++)
      void (async () => {
        for (let round = 0; ; round++) {
          try {
            await ATTACKS[kind](url, token, n * 100_000 + round)
          } catch {
            await wait(20)
          }
        }
      })()
  process.stdout.write('ready\n')
}

async function probe(url, token, path, kinds, seconds) {
  const child = spawn(process.execPath, [import.meta.filename, 'attack', url, token, kinds], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, LOAD_USER: USER },
  })
  await new Promise(resolve => child.stdout.once('data', resolve))
  await wait(1000)
  const times = []
  for (const until = performance.now() + seconds * 1000; performance.now() < until; ) {
    const from = performance.now()
    await call(url, path, { token })
    times.push(performance.now() - from)
    await wait(10)
  }
  child.kill('SIGKILL')
  return spread(times)
}

async function main(seconds) {
  const world = await openServers()
  const [server] = world.servers
  const { url } = server
  const token = await logIn(url)
  const packages = i => ({ mission_slug: `mission-${i % 1000}-01KQW4DF`, wp_id: `WP${i % 20_000}` })
  for (let at = 0; at < 20_000; at += 1000)
    await sendBatch(
      { url, token },
      Array.from({ length: 1000 }, (_, i) => event(at + i, packages(at + i))),
    )
  for (let i = 0; i < 40; i++)
    await sendBatch({ url, token }, [event(i, { reason: 'x'.repeat(900_000), force: true })])
  const idle = await probe(url, token, '/api/v1/me', 'nothing', seconds / 2)
  const reading = await probe(url, token, '/api/v1/me', 'reading', seconds)
  const everything = await probe(url, token, '/health', 'everything', seconds)
  const memory_mib = Math.round(memoryOf(server))
  server.child.removeAllListeners('exit')
  await world.end()
  report({ idle, reading, everything, memory_mib })
}

if (process.argv[2] === 'attack') attack(process.argv[3], process.argv[4], KINDS[process.argv[5]])
else await main(Number(process.argv[2] ?? 12))

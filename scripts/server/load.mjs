/**
 * Load for a sync server: starts one or more of them on loopback, lets clients send batches for a while, and prints what
 * came through. For figures to plan with (docs/scale.md), and for a look at one's own machine; bounded in count and time.
 *
 *   node scripts/server/load.mjs --clients 50 --batch 3 --seconds 10
 *   node scripts/server/load.mjs --database postgres://… --servers 2 --batch 100 --clients 8
 *
 * --pause MS lets each client wait between batches. --cli PROGRAM measures another build. --listeners N opens channels
 * that hear everything, on the last server, in a process of their own. --sync MS lets each sync of the servers take so much
 * longer, as disks do that promise what they say. --prepared N makes N requests before the clock starts and ends with the
 * last: the clients share the processors with the servers, and making events is not the servers' work. --warm S sends for
 * so many seconds before: a server runs for weeks, and its first seconds are spent compiling.
 */
import { spawn } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { openConnection, postBytes } from './connection.mjs'
import { slowDisk } from './slow-disk.mjs'
import {
  bodyOf,
  call,
  event,
  logIn,
  memoryOf,
  openServers,
  PROGRAM,
  processorOf,
  report,
  spread,
  USER,
} from './world.mjs'

const { values } = parseArgs({
  options: {
    cli: { type: 'string', default: PROGRAM },
    database: { type: 'string' },
    servers: { type: 'string', default: '1' },
    clients: { type: 'string', default: '50' },
    batch: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    events: { type: 'string' },
    listeners: { type: 'string', default: '0' },
    pause: { type: 'string', default: '0' },
    disk: { type: 'string', default: tmpdir() },
    sync: { type: 'string' },
    prepared: { type: 'string', default: '0' },
    warm: { type: 'string', default: '0' },
  },
})
const number = name => Number(values[name])
const clients = Math.min(number('clients'), 500)
const size = number('batch')
const seconds = Math.min(number('seconds'), 600)
const mostEvents = values.events === undefined ? Number.POSITIVE_INFINITY : number('events')

const slow = values.sync === undefined ? undefined : slowDisk(number('sync'))
if (values.sync !== undefined && slow === undefined) {
  report({ failure: 'no C compiler to make syncs slow with' })
  process.exit(1)
}
const world = await openServers({ ...values, count: number('servers'), env: slow?.env })
const doors = await Promise.all(world.servers.map(async ({ url }) => ({ url, token: await logIn(url) })))

const sentAt = new Map()
const heardAfter = []
const now = () => performance.timeOrigin + performance.now()
async function openListeners(count) {
  const { url, token } = doors.at(-1)
  const script = join(import.meta.dirname, 'listeners.mjs')
  const child = spawn(process.execPath, [script, url, token, `private-${USER}`, String(count)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let rest = ''
  await new Promise((resolve, reject) => {
    child.once('exit', () => reject(new Error('the listeners ended')))
    child.stdout.on('data', text => {
      const lines = (rest + String(text)).split('\n')
      rest = lines.pop()
      for (const line of lines) {
        const [id, at] = line.split(' ')
        if (id === 'ready') resolve()
        else if (sentAt.has(id)) heardAfter.push(Number(at) - sentAt.get(id))
      }
    })
  })
  return child
}
const listening = number('listeners') > 0 ? await openListeners(number('listeners')) : undefined

const batchOf = first => Array.from({ length: size }, (_, i) => event(first + i))
const bytesOf = ({ url, token }, list) => postBytes(url, '/api/v1/events/batch/', token, bodyOf(list))
const prepared = doors.map((door, at) => {
  const count = Math.ceil((number('prepared') - at) / doors.length)
  return Array.from({ length: count }, (_, n) => bytesOf(door, batchOf((n * doors.length + at) * size)))
})
const spare = number('prepared') > 0

const connections = await Promise.all(
  Array.from({ length: clients }, (_, n) => openConnection(doors[n % doors.length].url)),
)
async function send(n, bytes) {
  const answer = await connections[n].send(bytes)
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text.slice(0, 200)}`)
}
async function warm(until) {
  const client = async n => {
    for (let round = 0; performance.now() < until; round++)
      await send(n, bytesOf(doors[n % doors.length], batchOf(n * 1000 + round * size)))
  }
  await Promise.all(connections.map((_, n) => client(n)))
}
await warm(performance.now() + number('warm') * 1000)

const times = []
const health = []
let events = 0
let most = 0
const before = world.servers.map(processorOf)
const started = performance.now()
const over = () => performance.now() - started > seconds * 1000 || events >= mostEvents
async function client(n) {
  const at = n % doors.length
  for (let round = 0; !over(); round++) {
    const list = spare ? [] : batchOf(n * 1000 + round * size)
    if (listening !== undefined) for (const { event_id } of list) sentAt.set(event_id, now())
    const bytes = spare ? prepared[at].pop() : bytesOf(doors[at], list)
    if (bytes === undefined) return
    const from = performance.now()
    await send(n, bytes)
    times.push(performance.now() - from)
    events += size
    if (number('pause') > 0) await wait(number('pause'))
  }
}
const ended = new AbortController()
async function watch() {
  while (!ended.signal.aborted) {
    const from = performance.now()
    await call(doors[0].url, '/api/v1/health')
    health.push(performance.now() - from)
    most = Math.max(most, ...world.servers.map(memoryOf))
    await wait(50)
  }
}
let failure
const watching = watch()
try {
  await Promise.all(connections.map((_, n) => client(n)))
} catch (error) {
  failure = error.message
}
const took = (performance.now() - started) / 1000
ended.abort()
await watching
const spent = world.servers.reduce((sum, server, at) => sum + processorOf(server) - before[at], 0)
if (listening !== undefined) {
  await wait(2000)
  listening.removeAllListeners('exit')
  listening.kill()
}
for (const connection of connections) connection.end()
const figures = {
  servers: world.servers.length,
  clients,
  batch: size,
  listeners: number('listeners'),
  seconds: Math.round(took * 10) / 10,
  events,
  events_per_second: Math.round(events / took),
  requests_per_second: Math.round(times.length / took),
  request_ms: spread(times),
  health_ms: spread(health),
  heard_after_ms: heardAfter.length === 0 ? undefined : spread(heardAfter),
  processor_ms_per_request: Math.round((spent / times.length) * 100) / 100,
  memory_mib: Math.round(most),
  bytes_per_event: existsSync(join(world.data, 'sync.db'))
    ? Math.round(statSync(join(world.data, 'sync.db')).size / events)
    : undefined,
  failure,
}
await world.end()
slow?.end()
report(figures)

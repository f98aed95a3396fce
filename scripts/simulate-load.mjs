/**
 * Load for a sync server: starts one or more of them on loopback, lets clients send batches for a while, and prints what
 * came through. For figures to plan with (docs/run-a-sync-server.md), and for a look at one's own machine; bounded in count and time.
 *
 *   node scripts/simulate-load.mjs --clients 50 --batch 3 --seconds 10
 *   node scripts/simulate-load.mjs --database postgres://… --servers 2 --batch 100 --clients 8
 *
 * --pause MS lets each client wait between batches.
 * --cli PROGRAM compares another build. --listeners N opens channels that hear everything.
 */
import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './workspace.mjs'

const { WebSocket } = createRequire(join(root, 'packages/server/package.json'))('ws')

const { values } = parseArgs({
  options: {
    cli: { type: 'string', default: join(root, 'bin/spec-kitty') },
    database: { type: 'string' },
    servers: { type: 'string', default: '1' },
    clients: { type: 'string', default: '50' },
    batch: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '10' },
    events: { type: 'string' },
    listeners: { type: 'string', default: '0' },
    pause: { type: 'string', default: '0' },
    disk: { type: 'string', default: tmpdir() },
  },
})
const number = name => Number(values[name])
const pause = number('pause')
const clients = Math.min(number('clients'), 500)
const seconds = Math.min(number('seconds'), 600)
const mostEvents = values.events === undefined ? Number.POSITIVE_INFINITY : number('events')

const data = mkdtempSync(join(values.disk, 'spec-kitty-load-'))
const user = `load${process.pid}`
const place = values.database === undefined ? ['--data', data] : ['--database', values.database]
const agent = new Agent({ keepAlive: true, maxSockets: 1000 })

function call(url, path, { body, token, type = 'application/json' } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
      },
      answer => {
        const chunks = []
        answer.on('data', chunk => chunks.push(chunk))
        answer.on('end', () => resolve({ status: answer.statusCode, text: Buffer.concat(chunks).toString() }))
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const form = async (url, path, fields) =>
  await call(url, path, {
    body: new URLSearchParams(fields).toString(),
    type: 'application/x-www-form-urlencoded',
  })

async function logIn(url, name) {
  const device = JSON.parse((await form(url, '/oauth/device', { client_id: 'cli_native' })).text)
  await form(url, '/device', {
    user_code: device.user_code,
    name,
    password: 'password of the load',
    answer: 'approve',
  })
  const tokens = await form(url, '/oauth/token', {
    client_id: 'cli_native',
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: device.device_code,
  })
  return JSON.parse(tokens.text).access_token
}

let counter = Date.now() * 1000
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
function ulid() {
  let left = counter++
  let text = ''
  for (let i = 0; i < 14; i++) {
    text = LETTERS[left % 32] + text
    left = Math.floor(left / 32)
  }
  return `01M84XCG40QJ${text}`
}

const project = randomUUID()
const build = randomUUID()
function event(i, sentAt) {
  const id = ulid()
  return {
    event_id: id,
    event_type: 'WPStatusChanged',
    aggregate_id: 'WP01',
    aggregate_type: 'WorkPackage',
    schema_version: '3.0.0',
    build_id: build,
    payload: {
      mission_slug: `mission-${i % 500}-01KQW4DF`,
      wp_id: `WP${String(i % 20).padStart(2, '0')}`,
      from_lane: 'planned',
      to_lane: 'claimed',
      actor: 'claude',
      execution_mode: 'worktree',
    },
    node_id: 'b805cd5cee74',
    lamport_clock: i + 1,
    causation_id: null,
    correlation_id: id,
    timestamp: new Date(sentAt).toISOString(),
    project_uuid: project,
    project_slug: 'load',
    git_branch: 'main',
    head_commit_sha: 'a'.repeat(40),
    repo_slug: null,
  }
}

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
const rounded = value => (value === undefined ? null : Math.round(value * 10) / 10)
function spread(times) {
  const sorted = [...times].sort((a, b) => a - b)
  return {
    p50: rounded(percentile(sorted, 0.5)),
    p99: rounded(percentile(sorted, 0.99)),
    max: rounded(sorted.at(-1)),
  }
}

function startServer() {
  return new Promise((resolve, reject) => {
    const child = spawn(values.cli, ['serve', ...place, '--port', '0', '--quiet', '--json'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout.once('data', text => resolve({ child, url: JSON.parse(String(text)).listening }))
    child.once('exit', status => reject(new Error(`serve ended with ${status}`)))
  })
}

const memory = ({ child }) => {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Milliseconds of processor time so far; Linux counts in hundredths of a second. */
const processor = ({ child }) => {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return 0
  }
}

async function listen(url, token, told) {
  const ticket = JSON.parse(
    (await call(url, '/api/v1/ws-token', { token, body: JSON.stringify({ team_id: `private-${user}` }) }))
      .text,
  )
  const socket = new WebSocket(ticket.ws_url, { headers: { authorization: `Bearer ${ticket.ws_token}` } })
  await new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.on('message', message => {
      const text = String(message)
      if (text.startsWith('{"type":"snapshot"')) resolve()
      else if (text.startsWith('{"type":"event"')) told(/"event_id":"(\w+)"/.exec(text)?.[1])
    })
  })
  return socket
}

execFileSync(values.cli, ['serve', 'user', 'add', user, '--password-stdin', ...place], {
  input: 'password of the load\n',
  stdio: ['pipe', 'ignore', 'inherit'],
})
const servers = await Promise.all(Array.from({ length: number('servers') }, startServer))
const tokens = await Promise.all(servers.map(({ url }) => logIn(url, user)))
const sentAt = new Map()
const heardAfter = []
const sockets = []
for (let i = 0; i < number('listeners'); i++) {
  const at = servers.length - 1 - (i % servers.length)
  const first = i === 0
  sockets.push(
    await listen(servers[at].url, tokens[at], id => {
      if (first && sentAt.has(id)) heardAfter.push(performance.now() - sentAt.get(id))
    }),
  )
}

const times = []
const health = []
let events = 0
let most = 0
const before = servers.map(processor)
const started = performance.now()
const over = () => performance.now() - started > seconds * 1000 || events >= mostEvents
async function client(n) {
  const { url } = servers[n % servers.length]
  const token = tokens[n % servers.length]
  const size = number('batch')
  for (let round = 0; !over(); round++) {
    const list = Array.from({ length: size }, (_, i) => event(n * 1000 + round * size + i, Date.now()))
    const body = JSON.stringify({ events: list })
    const from = performance.now()
    if (sockets.length > 0) for (const { event_id } of list) sentAt.set(event_id, from)
    const answer = await call(url, '/api/v1/events/batch/', { token, body })
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text.slice(0, 200)}`)
    times.push(performance.now() - from)
    events += size
    if (pause > 0) await new Promise(resolve => setTimeout(resolve, pause))
  }
}
async function watch() {
  while (!over()) {
    const from = performance.now()
    await call(servers[0].url, '/api/v1/health')
    health.push(performance.now() - from)
    most = Math.max(most, ...servers.map(memory))
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}
let failure
try {
  await Promise.all([watch(), ...Array.from({ length: clients }, (_, n) => client(n))])
} catch (error) {
  failure = error.message
}
const took = (performance.now() - started) / 1000
const spent = servers.reduce((sum, server, at) => sum + processor(server) - before[at], 0)
if (sockets.length > 0) await new Promise(resolve => setTimeout(resolve, 2000))
for (const socket of sockets) socket.terminate()
const report = {
  servers: servers.length,
  clients,
  batch: number('batch'),
  listeners: sockets.length,
  seconds: rounded(took),
  events,
  events_per_second: Math.round(events / took),
  requests_per_second: rounded(times.length / took),
  request_ms: spread(times),
  health_ms: spread(health),
  heard_after_ms: heardAfter.length === 0 ? undefined : { count: heardAfter.length, ...spread(heardAfter) },
  processor_ms_per_request: rounded(spent / times.length),
  memory_mib: Math.round(most),
  failure,
}
agent.destroy()
const kept = join(data, 'sync.db')
await Promise.all(
  servers.map(
    ({ child }) =>
      new Promise(resolve => {
        child.removeAllListeners('exit')
        child.once('exit', resolve)
        child.kill('SIGTERM')
      }),
  ),
)
const bytes = existsSync(kept) ? Math.round(statSync(kept).size / events) : undefined
process.stdout.write(`${JSON.stringify({ ...report, bytes_per_event: bytes })}\n`)
rmSync(data, { recursive: true, force: true })

/** What all measurements of a sync server need: servers as processes, a login, events, requests, figures. */
import { execFileSync, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from '../workspace.mjs'

export const PROGRAM = join(root, 'bin/spec-kitty')
export const USER = `load${process.pid}`
export const PASSWORD = 'password of the load'

const agent = new Agent({ keepAlive: true, maxSockets: 2000 })

/** One request; `body` may be a text or a Buffer. */
export function call(url, path, { body, token, type = 'application/json', headers = {} } = {}) {
  return new Promise((resolve, reject) => {
    const sent = request(
      url + path,
      {
        agent,
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          ...(body === undefined ? {} : { 'content-type': type, 'content-length': Buffer.byteLength(body) }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
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

const form = (url, path, fields) =>
  call(url, path, {
    body: new URLSearchParams(fields).toString(),
    type: 'application/x-www-form-urlencoded',
  })

/** Approves a login that waits for its code. */
export const approve = (url, code) =>
  form(url, '/device', { user_code: code, name: USER, password: PASSWORD, answer: 'approve' })

/** Logs in and answers the access token. */
export async function logIn(url) {
  const device = JSON.parse((await form(url, '/oauth/device', { client_id: 'cli_native' })).text)
  await approve(url, device.user_code)
  const tokens = await form(url, '/oauth/token', {
    client_id: 'cli_native',
    grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
    device_code: device.device_code,
  })
  return JSON.parse(tokens.text).access_token
}

/**
 * A user and `count` servers on one place: a new directory, or the PostgreSQL at `database`. `start` starts one more,
 * `end` stops all of `servers` and removes the directory. `env`: what the servers have in their environment besides.
 */
export async function openServers({ cli = PROGRAM, database, count = 1, disk = tmpdir(), env = {} } = {}) {
  const data = mkdtempSync(join(disk, 'spec-kitty-load-'))
  const place = database === undefined ? ['--data', data] : ['--database', database]
  execFileSync(cli, ['serve', 'user', 'add', USER, '--password-stdin', ...place], {
    input: `${PASSWORD}\n`,
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const start = () =>
    new Promise((resolve, reject) => {
      const child = spawn(cli, ['serve', ...place, '--port', '0', '--quiet', '--json'], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, ...env },
      })
      child.stdout.once('data', text => resolve({ child, url: JSON.parse(String(text)).listening }))
      child.once('exit', status => reject(new Error(`serve ended with ${status}`)))
    })
  const servers = await Promise.all(Array.from({ length: count }, start))
  const end = async () => {
    agent.destroy()
    const ended = servers.map(({ child }) => {
      if (child.exitCode !== null || child.signalCode !== null) return undefined
      return new Promise(resolve => {
        child.once('exit', resolve)
        child.kill('SIGTERM')
      })
    })
    await Promise.all(ended)
    rmSync(data, { recursive: true, force: true })
  }
  return { data, servers, start, end }
}

/** Resident memory in MiB. */
export function memoryOf({ child }) {
  try {
    const status = readFileSync(`/proc/${child.pid}/status`, 'utf8')
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024
  } catch {
    return 0
  }
}

/** Milliseconds of processor time so far; Linux counts in hundredths of a second. */
export function processorOf({ child }) {
  try {
    const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return 0
  }
}

let counter = Date.now() * 1000
const LETTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
export function ulid() {
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

/** A transition, one of 500 missions with 20 packages; `payload` changes parts of it. */
export function event(i, payload = {}) {
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
      ...payload,
    },
    node_id: 'b805cd5cee74',
    lamport_clock: i + 1,
    causation_id: null,
    correlation_id: id,
    timestamp: new Date().toISOString(),
    project_uuid: project,
    project_slug: 'load',
    git_branch: 'main',
    head_commit_sha: 'a'.repeat(40),
    repo_slug: null,
  }
}

/** A batch as it is sent. */
export const bodyOf = events => JSON.stringify({ events })

/** Sends a batch; throws when it was not taken. */
export async function sendBatch({ url, token }, events) {
  const answer = await call(url, '/api/v1/events/batch/', { token, body: bodyOf(events) })
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text.slice(0, 200)}`)
}

const rounded = value => (value === undefined ? null : Math.round(value * 10) / 10)
export const percentile = (times, part) => {
  const sorted = [...times].sort((a, b) => a - b)
  return rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))])
}
export const spread = times => ({
  count: times.length,
  p50: percentile(times, 0.5),
  p99: percentile(times, 0.99),
  max: percentile(times, 1),
})

/** One JSON line for whoever measures. */
export const report = value => process.stdout.write(`${JSON.stringify(value)}\n`)

/** Whatever is sent to the socket: an answer, never a fault of ours, and nothing is written without all keys. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { addReadyMission } from '@spec-kitty/host/testing/lanes'
import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld } from '@spec-kitty/host/testing/world'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Dashboard } from './server.ts'
import { KEYS, startTestDashboard } from './testing/start.ts'

const SECRET = 'SECRET-OUTSIDE'
const world = createWorld()
let dashboard: Dashboard

beforeAll(async () => {
  addReadyMission(world)
  world.write('../secret.md', `${SECRET}\n`)
  symlinkSync(join(world.dir, 'secret.md'), join(world.root, 'kitty-specs', MISSION_SLUG, 'leak.md'))
  symlinkSync(world.dir, join(world.root, 'kitty-specs', MISSION_SLUG, 'research'))
  world.commit()
  dashboard = await startTestDashboard(world)
})
afterAll(async () => {
  await dashboard.close()
  world.cleanup()
})

/** The bytes as they are, whatever a client's library would make of them; what comes back until the server closes. */
function send(bytes: Buffer): Promise<string> {
  return new Promise(resolve => {
    const chunks: Buffer[] = []
    const socket = connect(dashboard.port, '127.0.0.1')
    const end = () => resolve(Buffer.concat(chunks).toString('latin1'))
    socket.on('data', chunk => {
      chunks.push(chunk)
      // The stream of news has no end.
      if (chunk.includes('text/event-stream')) socket.destroy()
    })
    socket.on('error', () => {})
    socket.on('close', end)
    socket.write(bytes)
  })
}

/** Of everything in the repository but what git keeps for itself. */
function digest(): string {
  const hash = createHash('sha256')
  const walk = (directory: string): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name)
      if (entry.isDirectory() && entry.name !== '.git') walk(path)
      else if (entry.isFile()) hash.update(path).update(readFileSync(path))
    }
  }
  walk(world.root)
  for (const ref of ['refs/heads/main', 'logs/HEAD']) hash.update(readFileSync(join(world.root, '.git', ref)))
  return hash.digest('hex')
}

const UP = [
  '..',
  '%2e%2e',
  '..%2f..',
  '%2e%2e%2f',
  '....',
  '%00',
  '%ff',
  '%c0%ae',
  '__proto__',
  'constructor',
]
const WORDS = [
  'api',
  'v2',
  'missions',
  'packages',
  'events',
  'session',
  'health',
  'features',
  'kanban',
  'shutdown',
]
const PARTS = [
  MISSION_SLUG,
  'WP01',
  'WP99',
  'log',
  'merge',
  'lanes',
  'diff',
  'documents',
  'leak.md',
  'research',
]
const ACTS = ['approve', 'reject', 'move', 'subtasks', 'start-review', 'merge']
const segment = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...WORDS, ...PARTS, ...ACTS) },
  { weight: 2, arbitrary: fc.constantFrom(...UP, 'secret.md', 'etc', 'passwd', '.git', 'config') },
  { weight: 1, arbitrary: fc.string({ maxLength: 12, unit: 'binary' }).map(encodeURIComponent) },
)
const known = fc.constantFrom(
  ...[
    '/',
    '/api/v2/missions',
    `/api/v2/missions/${MISSION_SLUG}`,
    `/api/v2/missions/${MISSION_SLUG}/merge`,
    `/api/v2/packages/${MISSION_SLUG}/WP01`,
    ...ACTS.map(act => `/api/v2/packages/${MISSION_SLUG}/WP01/${act}`),
  ],
)
const path = fc.oneof(
  known,
  fc.array(segment, { maxLength: 7 }).map(parts => `/${parts.join('/')}`),
  fc.tuple(known, segment).map(([start, more]) => `${start}/${more}`),
)
const query = fc.option(
  fc.tuple(
    fc.constantFrom('token', 'path', 'before', 'limit', 'x'),
    fc.oneof(segment, fc.integer().map(String)),
  ),
  { nil: undefined },
)

/** Each header that the door judges: right, wrong or left out. */
const header = (name: string, ...values: string[]) =>
  fc.oneof(
    { weight: 4, arbitrary: fc.constant([]) },
    { weight: 4, arbitrary: fc.constantFrom(...values).map(value => [`${name}: ${value}`]) },
    {
      weight: 1,
      arbitrary: fc
        .string({ maxLength: 10 })
        .map(value => [`${name}: ${value.replace(/[^\x20-\x7e]/g, '?')}`]),
    },
  )
const headersOf = (port: number) =>
  fc
    .tuple(
      fc.oneof(
        { weight: 12, arbitrary: fc.constant([`Host: 127.0.0.1:${port}`]) },
        header('Host', 'evil.example'),
      ),
      fc.oneof(fc.constant([]), header('Origin', `http://127.0.0.1:${port}`, 'https://evil.example')),
      fc.oneof(fc.constant([]), header('Sec-Fetch-Site', 'same-origin', 'cross-site', 'none')),
      header('Cookie', `spec_kitty_${port}=${KEYS.cookie}`, `spec_kitty_${port}=x`),
      header('Content-Type', 'application/json', 'text/plain'),
      header('X-Spec-Kitty-Token', KEYS.cookie, KEYS.token, 'x'),
      header('If-None-Match', '"x"', '*'),
    )
    .map(list => list.flat())
const body = fc.oneof(
  fc.constantFrom(
    '',
    '{}',
    '{"to":"canceled","force":true}',
    '{"strategy":"merge"}',
    '[]',
    'null',
    '{"to":{}}',
  ),
  fc.json({ maxDepth: 3 }),
  fc.constant(`${'['.repeat(5_000)}`),
  fc.string({ unit: 'binary', maxLength: 40 }),
)

function request(method: string, target: string, headers: readonly string[], text: string): Buffer {
  const length = Buffer.byteLength(text)
  const head = [`${method} ${target} HTTP/1.1`, ...headers, 'Connection: close', `Content-Length: ${length}`]
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`)
}

function judge(answer: string): void {
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
  expect(status >= 200 && status < 500, answer.slice(0, 300)).toBe(true)
  expect(answer).not.toContain(SECRET)
  expect(answer).not.toMatch(/\[core\]|root:x:|\n {4}at /)
}

it('answers whatever comes, tells nothing from outside, and writes nothing without all keys', async () => {
  const before = digest()
  const method = fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('GET', 'POST', 'POST', 'HEAD') },
    { weight: 1, arbitrary: fc.constantFrom('PUT', 'DELETE', 'OPTIONS', 'TRACE', 'get', 'X Y', '') },
  )
  await fc.assert(
    fc.asyncProperty(
      method,
      path,
      query,
      headersOf(dashboard.port),
      body,
      async (verb, at, asked, headers, text) => {
        const target = `${at}${asked === undefined ? '' : `?${asked.join('=')}`}`
        judge(await send(request(verb, target, headers, text)))
      },
    ),
    { numRuns: 400 },
  )
  expect(digest()).toBe(before)
  expect(world.git('status', '--porcelain')).toBe('')
}, 60_000)

it('refuses what the keys allow and nobody understands, and stays as it was', async () => {
  const before = digest()
  const right = [
    `Host: 127.0.0.1:${dashboard.port}`,
    `Cookie: spec_kitty_${dashboard.port}=${KEYS.cookie}`,
    'Content-Type: application/json',
    `X-Spec-Kitty-Token: ${KEYS.request}`,
  ]
  const acts = fc.constantFrom(...ACTS.map(act => `/api/v2/packages/${MISSION_SLUG}/WP01/${act}`))
  const odd = fc.oneof(
    fc.json({ maxDepth: 3 }),
    fc
      .record({ to: fc.oneof(fc.string(), fc.constant(null)), note: fc.anything() })
      .map(value => JSON.stringify(value)),
    fc.constantFrom(
      '{"__proto__":{"to":"done"}}',
      '{"to":"../../x"}',
      '{"to":"nowhere"}',
      '['.repeat(50_000),
    ),
  )
  await fc.assert(
    fc.asyncProperty(fc.oneof(acts, path), odd, async (at, text) => {
      // What is right on purpose has tests of its own.
      fc.pre(!/^\{\}$|"(?:reviewer|feedback|agent|ids)"|"done"/.test(text) && !/merge$/.test(at))
      judge(await send(request('POST', at, right, text)))
    }),
    { numRuns: 200 },
  )
  expect(digest()).toBe(before)
}, 60_000)

it('outlives connections that begin and never go on', async () => {
  const open = Array.from({ length: 50 }, () => connect(dashboard.port, '127.0.0.1').on('error', () => {}))
  open.forEach((socket, i) => {
    socket.write(
      `POST /api/v2/missions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999${i % 2 ? '' : '\r\n\r\n{'}`,
    )
  })
  const asked = [`Host: 127.0.0.1:${dashboard.port}`]
  expect(await send(request('GET', '/api/v2/missions', asked, ''))).toMatch(/^HTTP\/1\.1 200/)
  for (const socket of open) socket.destroy()
})

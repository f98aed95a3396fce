/**
 * What the dashboard costs: one mission of `--wps` packages and `--events` events, beside `--missions` small ones. One JSON
 * line. Times are wall milliseconds: judge them on a machine that does nothing else.
 *
 *   node scripts/measure-dashboard.mjs [--wps 1000] [--events 100000] [--missions 500] [--rounds 20] [--browser]
 *
 * `first`: from the request to the last byte of page, session, list and mission, one start each. `change`: from the end of the
 * append to the mission as it is now, over the stream. `screen`: from the end of `move-task` to the moved card, in a browser.
 * `…_cpu`: of the server's main thread alone, which tells more of a busy machine.
 */
import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { Agent, request } from 'node:http'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { median } from './bench/measure.mjs'
import { makeMission, moveRow, SLUG } from './bench/mission.mjs'
import { root } from './workspace.mjs'

const { values } = parseArgs({
  options: {
    wps: { type: 'string', default: '1000' },
    events: { type: 'string', default: '100000' },
    missions: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '20' },
    idle: { type: 'string', default: '10' },
    browser: { type: 'boolean', default: false },
  },
})
const [wps, events, missions, rounds, idle] = ['wps', 'events', 'missions', 'rounds', 'idle'].map(name =>
  Number(values[name]),
)
const BIN = join(root, 'bin/spec-kitty')
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env
const sleep = ms => new Promise(resolve => setTimeout(resolve, ms))
const quantile = (list, part) => list.toSorted((a, b) => a - b)[Math.ceil(list.length * part) - 1]
const round = number => Math.round(number * 10) / 10

function makeProject(directory) {
  makeMission(directory, { wps, events, env })
  const small = mkdtempSync(join(tmpdir(), 'spec-kitty-small-'))
  makeMission(small, { wps: 5, events: 30, env })
  for (let i = 1; i < missions; i++) {
    const slug = `small-${String(i).padStart(3, '0')}`
    const home = join(directory, 'kitty-specs', slug)
    cpSync(join(small, 'kitty-specs', SLUG), home, { recursive: true })
    for (const name of ['meta.json', 'status.events.jsonl', 'lanes.json']) {
      const text = readFileSync(join(home, name), 'utf8')
      const id = `01KSMALL${String(i).padStart(18, '0')}`
      writeFileSync(
        join(home, name),
        text.replaceAll(SLUG, slug).replaceAll('01KBENCHA1B2C3D4E5F6G7H8J9', id),
      )
    }
  }
  rmSync(small, { recursive: true, force: true })
  for (const words of [
    ['add', '-A'],
    ['commit', '-q', '--allow-empty', '-m', 'More missions'],
  ])
    execFileSync('git', words, { cwd: directory, env })
}

/** The server in the background, as people start it. */
function start(directory) {
  execFileSync(process.execPath, [BIN, 'dashboard'], { cwd: directory, env, stdio: 'ignore' })
  const [url, port, token, pid] = readFileSync(join(directory, '.kittify/.dashboard'), 'utf8').split('\n')
  const stop = () => execFileSync(process.execPath, [BIN, 'dashboard', '--kill'], { cwd: directory, env })
  return { pid: Number(pid), url, port: Number(port), token, stop, agent: new Agent({ keepAlive: true }) }
}

const ask = ({ port, agent }, path) =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent }, response => {
      const chunks = []
      response.on('data', chunk => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
    })
    asked.on('error', reject)
    asked.end()
  })

async function first(directory) {
  const server = start(directory)
  const began = performance.now()
  await Promise.all(
    ['/', '/app.js', '/app.css', '/api/v2/session', '/api/v2/missions', `/api/v2/missions/${SLUG}`].map(
      path => ask(server, path),
    ),
  )
  const took = performance.now() - began
  const cpu = mainThread(server.pid)
  server.stop()
  return { took, cpu }
}

/** Milliseconds of CPU of a thread since it began, as the scheduler counts it. */
const threadTime = (pid, thread) =>
  Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6
/** Of the one that answers. */
const mainThread = pid => threadTime(pid, pid)

function listen({ port }) {
  const waiting = []
  request({ host: '127.0.0.1', port, path: '/api/v2/events' }, response => {
    response.on('data', chunk => {
      if (String(chunk).includes('event: change')) for (const wake of waiting.splice(0)) wake()
    })
  })
    .on('error', () => {})
    .end()
  return () => new Promise(resolve => waiting.push(resolve))
}

async function change(server, directory, number) {
  const log = join(directory, 'kitty-specs', SLUG, 'status.events.jsonl')
  const { row, wp, lane } = moveRow(events + number)
  const heard = server.heard()
  const cpu = mainThread(server.pid)
  appendFileSync(log, row)
  const began = performance.now()
  await heard
  const told = performance.now() - began
  const detail = JSON.parse(await ask(server, `/api/v2/missions/${SLUG}`))
  if (detail.packages.find(card => card.id === wp)?.lane !== lane) throw new Error(`${wp} is not ${lane}`)
  return { told, took: performance.now() - began, cpu: mainThread(server.pid) - cpu }
}

/** Milliseconds of CPU of all threads so far, and MiB now and at most. */
function usage(pid) {
  const cpu = readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + threadTime(pid, thread), 0)
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const mib = name => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]) / 1024)
  return { cpu, now: mib('VmRSS'), most: mib('VmHWM') }
}

async function onScreen(server, directory) {
  const { chromium } = await import('playwright-core')
  const browser = await chromium.launch({
    executablePath: process.env.SPEC_KITTY_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu'],
  })
  try {
    const page = await browser.newPage()
    await page.goto(`${server.url}/?token=${server.token}`)
    await page.locator('main h1').waitFor()
    const began = performance.now()
    await page.goto(`${server.url}/m/${SLUG}`)
    await page.locator('[data-wp]').first().waitFor()
    const board = performance.now() - began
    await page.locator('.pulse.live').waitFor()
    const screens = []
    // WP01 is planned in the fixture: taken and given back.
    for (const [lane, ...more] of [
      ['claimed'],
      ['planned', '--force', '--note', 'back'],
      ['claimed'],
      ['planned', '--force', '--note', 'back'],
      ['claimed'],
    ]) {
      execFileSync(
        process.execPath,
        [BIN, 'agent', 'tasks', 'move-task', 'WP01', '--to', lane, '--mission', SLUG, '--json', ...more],
        { cwd: directory, env },
      )
      const from = performance.now()
      await page.locator(`[data-lane=${lane}] [data-wp=WP01]`).waitFor({ timeout: 10_000 })
      screens.push(performance.now() - from)
    }
    return { board: round(board), screen: screens.map(round) }
  } finally {
    await browser.close()
  }
}

const directory = mkdtempSync(join(tmpdir(), 'spec-kitty-dashboard-'))
try {
  mkdirSync(directory, { recursive: true })
  makeProject(directory)
  const firsts = []
  for (let i = 0; i < 5; i++) firsts.push(await first(directory))
  const server = start(directory)
  server.heard = listen(server)
  await ask(server, `/api/v2/missions/${SLUG}`)
  await sleep(500)
  const changes = []
  for (let i = 0; i < rounds; i++) {
    changes.push(await change(server, directory, i))
    await sleep(100)
  }
  const seen = values.browser ? await onScreen(server, directory) : {}
  const before = usage(server.pid)
  await sleep(idle * 1000)
  const after = usage(server.pid)
  server.stop()
  const took = changes.map(({ took }) => took)
  console.log(
    JSON.stringify({
      wps,
      events,
      missions,
      load: round(loadavg()[0]),
      first: firsts.map(({ took }) => round(took)),
      start_cpu: round(median(firsts.map(({ cpu }) => cpu))),
      change: {
        median: round(median(took)),
        p95: round(quantile(took, 0.95)),
        told: round(median(changes.map(({ told }) => told))),
        cpu: round(median(changes.map(({ cpu }) => cpu))),
      },
      ...seen,
      idle_percent: round((after.cpu - before.cpu) / idle / 10),
      mib: after.now,
      mib_most: after.most,
    }),
  )
} finally {
  rmSync(directory, { recursive: true, force: true })
}
process.exit()

/**
 * What the client makes of a queue: `node drain.mjs [EVENTS]` fills a spool, drains it to a local server, and prints
 * events a second and the client's peak memory.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { makeMission } from '../bench/mission.mjs'
import { approve, event, openServers, PROGRAM, report } from './world.mjs'

const count = Number(process.argv[2] ?? 100_000)
const world = await openServers()
const [{ url }] = world.servers
const scratch = mkdtempSync(join(tmpdir(), 'spec-kitty-drain-'))
const home = join(scratch, 'home')
mkdirSync(join(home, '.spec-kitty/sync'), { recursive: true, mode: 0o700 })
const env = {
  ...process.env,
  HOME: home,
  GIT_AUTHOR_NAME: 'load',
  GIT_AUTHOR_EMAIL: 'load@localhost',
  GIT_COMMITTER_NAME: 'load',
  GIT_COMMITTER_EMAIL: 'load@localhost',
  SPEC_KITTY_ENABLE_SAAS_SYNC: '1',
  SPEC_KITTY_SAAS_URL: url,
}
const cwd = join(scratch, 'repository')
makeMission(cwd, { wps: 2, events: 20, env })

async function logIn() {
  const child = spawn(PROGRAM, ['auth', 'login', '--headless'], { cwd, env })
  const exit = once(child, 'exit')
  for await (const chunk of child.stdout) {
    const code = /^Code: +(\S+)$/m.exec(String(chunk))?.[1]
    if (code !== undefined) await approve(url, code)
  }
  if ((await exit)[0] !== 0) throw new Error('login failed')
}

await logIn()
const rows = Array.from({ length: count }, (_, i) =>
  JSON.stringify({ scope: null, tries: 0, event: event(i), seq: i + 1 }),
)
writeFileSync(
  join(home, '.spec-kitty/sync/spool.jsonl'),
  `{"spool":"01KQW4DF00000000000000000S","seq":0}\n${rows.join('\n')}\n`,
  { mode: 0o600 },
)
const hook = join(scratch, 'peak.cjs')
const peak = join(scratch, 'peak')
writeFileSync(
  hook,
  `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peak)}, JSON.stringify(process.resourceUsage())))`,
)
const started = performance.now()
const child = spawn(process.execPath, ['--require', hook, PROGRAM, 'sync', 'now', '--json'], { cwd, env })
let stdout = ''
child.stdout.on('data', text => {
  stdout += text
})
await once(child, 'close')
const seconds = (performance.now() - started) / 1000
const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(peak, 'utf8'))
const { remaining, trouble } = JSON.parse(stdout)
report({
  events: count,
  events_per_second: Math.round(count / seconds),
  seconds: Math.round(seconds * 10) / 10,
  client_cpu_seconds: Math.round((userCPUTime + systemCPUTime) / 1e5) / 10,
  memory_mib: Math.round(maxRSS / 1024),
  remaining,
  trouble,
})
await world.end()
rmSync(scratch, { recursive: true, force: true })

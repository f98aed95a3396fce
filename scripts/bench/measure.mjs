/** Measures whole processes: wall and CPU time (git included), peak memory, number of git processes. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { root } from '../workspace.mjs'

/** Node tells the CPU time of its own process only; `getrusage(RUSAGE_CHILDREN)` also that of what it started. */
function childTimes() {
  const koffi = createRequire(join(root, 'packages/host/package.json'))('koffi')
  const libc = koffi.load(process.platform === 'darwin' ? 'libSystem.B.dylib' : 'libc.so.6')
  const getrusage = libc.func('int getrusage(int who, _Out_ uint8_t *usage)')
  const usage = Buffer.alloc(256)
  return () => {
    getrusage(-1, usage)
    const seconds = at => Number(usage.readBigInt64LE(at)) + Number(usage.readInt32LE(at + 8)) / 1e6
    return (seconds(0) + seconds(16)) * 1000
  }
}

export const median = numbers => {
  const sorted = numbers.toSorted((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

/** A stage for measuring in `scratch`: its own HOME, a counting git. */
export function createStage(scratch) {
  const cpu = childTimes()
  const tools = join(scratch, 'tools')
  const log = join(scratch, 'git.log')
  mkdirSync(tools, { recursive: true })
  mkdirSync(join(scratch, 'home'), { recursive: true })
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim()
  writeFileSync(join(tools, 'git'), `#!/bin/sh\necho "$*" >> '${log}'\nexec '${git}' "$@"\n`, { mode: 0o755 })
  const look = join(tools, 'look.cjs')
  writeFileSync(
    look,
    `process.on('exit', () => require('node:fs').writeFileSync(process.env.BENCH_LOOK, JSON.stringify(process.resourceUsage())))\n`,
  )
  // Node 20 reads every certificate of that file at start; it would triple the yardstick.
  const { NODE_EXTRA_CA_CERTS: _, ...outer } = process.env
  const env = {
    ...outer,
    HOME: join(scratch, 'home'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Bench',
    GIT_AUTHOR_EMAIL: 'bench@example.invalid',
    GIT_COMMITTER_NAME: 'Bench',
    GIT_COMMITTER_EMAIL: 'bench@example.invalid',
    NO_COLOR: '1',
  }

  /** Runs a case once; `extra` environment. Throws when its exit status is not the expected one. */
  function once(item, extra = {}) {
    const cwd = item.fresh ? freshCopy(item.cwd) : item.cwd
    const before = cpu()
    const started = performance.now()
    const done = spawnSync(item.command[0], item.command.slice(1), {
      cwd,
      env: { ...env, ...extra },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const sample = { wall: performance.now() - started, cpu: cpu() - before }
    if (item.fresh) rmSync(cwd, { recursive: true, force: true })
    if (done.status !== (item.status ?? 0)) {
      throw new Error(`${item.name}: exit ${done.status}\n${done.stderr?.toString() ?? done.error}`)
    }
    return sample
  }

  function freshCopy(from) {
    const to = join(scratch, 'copy')
    rmSync(to, { recursive: true, force: true })
    cpSync(from, to, { recursive: true })
    return to
  }

  return {
    env,
    once,
    /** Of the Node process alone, when it ends: its peak memory in MiB, its CPU time in ms. */
    lookAt(item) {
      const file = join(scratch, 'look')
      rmSync(file, { force: true })
      once(item, { NODE_OPTIONS: `--require=${look}`, BENCH_LOOK: file })
      if (!existsSync(file)) return { memory: Number.NaN, cpu: Number.NaN }
      const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(file, 'utf8'))
      return { memory: maxRSS / 1024, cpu: (userCPUTime + systemCPUTime) / 1000 }
    },
    gitProcessesOf(item) {
      rmSync(log, { force: true })
      once(item, { PATH: `${tools}:${env.PATH}` })
      return existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0
    },
  }
}

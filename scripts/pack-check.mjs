/**
 * `npm run pack:check`: packs, installs the tarball into an empty folder and uses what was installed: version, tour, a
 * mission, `serve`, the conformance scenarios, on the oldest Node that is promised and the newest 20, 22 and 24, which
 * npm brings. `--here`: only the Node that runs this. `--nodes 22,24`: only those. `--some`: only some scenarios. `--short`:
 * both of those without a value. `--jobs 1`: one scenario at a time.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join, relative } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import { conformance } from './conformance.mjs'
import { number, readOptions } from './options.mjs'
import { pack, stage } from './pack.mjs'
import { filesBelow, makeScratch, root, run } from './workspace.mjs'

const PACKED = 1_500_000
const INSTALLED = 30_000_000
/** Scenarios of the short form: each area once. */
const SOME = ['life_full_mission', 'merge_squash_two_lanes', 'setup_init_idempotent', 'status_move_task_flow']

const { values: asked } = readOptions(import.meta.url, {
  nodes: { type: 'string', default: '20.19.0,20,22,24' },
  jobs: { type: 'string', default: '3' },
  short: { type: 'boolean', default: false },
  some: { type: 'boolean', default: false },
  here: { type: 'boolean', default: false },
})
const NODES = asked.nodes.split(',')
const jobs = number('jobs', asked.jobs)
const some = asked.short || asked.some
const here = asked.short || asked.here
const windows = process.platform === 'win32'

let failed = 0
let passed = 0
function judge(held, what, output = '') {
  if (held) passed += 1
  else failed += 1
  process.stdout.write(`${held ? 'ok    ' : 'FAILED'} ${what}\n`)
  if (!held && output !== '') process.stdout.write(`${output.trimEnd()}\n`)
  return held
}

/** What the tarball holds: nothing of this machine, nothing compiled, and what publint and tsc say of it. */
async function judgePackage(path, scratch) {
  const { size } = statSync(path)
  judge(size <= PACKED, `packed ${Math.round(size / 1000)} kB of at most ${PACKED / 1000}`)
  const files = filesBelow(stage)
  judge(
    !files.some(file => /\.(cache|map)$|compiled/.test(relative(stage, file))),
    'no compiled forms inside',
  )
  const leaks = files.filter(file => readFileSync(file, 'latin1').includes(root)).map(f => relative(stage, f))
  judge(leaks.length === 0, 'no path of this machine inside', leaks.join('\n'))
  const { messages, pkg } = await publint({ pkgDir: stage, strict: true })
  judge(messages.length === 0, 'publint', messages.map(message => formatMessage(message, pkg)).join('\n'))
  const user = join(scratch, 'user.mts')
  writeFileSync(
    user,
    `import type { Answers, Refusal } from '${join(stage, 'types/index.d.ts')}'\n` +
      `export const code = (answer: Answers['agent tasks status'] | Refusal) => 'code' in answer ? answer.code : answer.total_wps\n`,
  )
  const tsc = await run(join(root, 'node_modules/.bin/tsc'), ['--ignoreConfig', '--noEmit', '--strict', user])
  judge(tsc.status === 0, 'types of the JSON contract', tsc.output)
}

/** Installs with a prefix of its own; answers the folder with the program. */
async function install(path, prefix) {
  const words = ['install', '--global', '--prefix', prefix, '--no-audit', '--no-fund', path]
  const { status, output } = await run('npm', words, { cwd: dirname(prefix) })
  judge(status === 0, 'npm install', output)
  const size = filesBelow(prefix).reduce((sum, file) => sum + statSync(file).size, 0)
  judge(size <= INSTALLED, `installed ${Math.round(size / 1e6)} MB of at most ${INSTALLED / 1e6}`)
  return windows ? prefix : join(prefix, 'bin')
}

/** The program of a Node release from npm, fetched once. */
async function nodeOf(version) {
  const name = `node-${windows ? 'win' : process.platform}-${process.arch}`
  const prefix = join(root, 'build/nodes', version)
  const program = join(prefix, 'node_modules', name, windows ? 'bin/node.exe' : 'bin/node')
  const words = ['install', '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', prefix]
  mkdirSync(prefix, { recursive: true })
  const { status, output } = await run('npm', [...words, `${name}@${version}`])
  if (status !== 0 || !existsSync(program)) throw new Error(`Node ${version} cannot be fetched: ${output}`)
  return program
}

const MISSION = [
  ['git', 'init', '-q', '-b', 'main', '.'],
  ['git', 'commit', '-q', '--allow-empty', '-m', 'Begin'],
  ['spec-kitty', 'init', '--ai', 'claude', '--non-interactive'],
  ['spec-kitty', 'quick', 'Say hello', '--json'],
  ['spec-kitty', 'agent', 'tasks', 'status', '--json'],
]

/** Uses the installed program as a user of that Node would. */
async function use(node, bin, scratch) {
  const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...outer } = process.env
  const path = [dirname(node), bin, outer.PATH].join(delimiter)
  const home = mkdtempSync(join(scratch, 'home-'))
  const env = { ...outer, PATH: path, HOME: home, USERPROFILE: home, ...AUTHOR }
  const kitty = join(bin, windows ? 'spec-kitty.cmd' : 'spec-kitty')
  const cwd = mkdtempSync(join(scratch, 'project-'))
  const { output: version } = await run(node, ['--version'])
  const on = what => `Node ${version.trim()}: ${what}`
  const told = await run(kitty, ['--version'], { env, cwd })
  judge(/^spec-kitty \d+\.\d+\.\d+/.test(told.output) && told.status === 0, on('--version'), told.output)
  const tour = await run(kitty, ['tour'], { env, cwd })
  judge(tour.status === 0, on('tour'), tour.output)
  for (const [program, ...words] of MISSION) {
    const { status, output } = await run(program === 'git' ? 'git' : kitty, words, { env, cwd })
    if (!judge(status === 0, on([program, ...words].join(' ')), output)) return
  }
  judge(await serves(kitty, env, join(scratch, `data-${version.trim()}`)), on('serve answers'))
  const only = some ? SOME : ['']
  const scenarios = await conformance(
    { ...env, HOME: outer.HOME, TMPDIR: scratch },
    { cli: kitty, only, jobs },
  )
  judge(scenarios.failed === 0, on(scenarios.note), scenarios.output)
}

const AUTHOR = {
  GIT_AUTHOR_NAME: 'Pack',
  GIT_AUTHOR_EMAIL: 'pack@example.invalid',
  GIT_COMMITTER_NAME: 'Pack',
  GIT_COMMITTER_EMAIL: 'pack@example.invalid',
}

/** Starts the sync server, asks how it is, and stops it. */
function serves(kitty, env, data) {
  return new Promise(resolve => {
    const child = spawn(kitty, ['serve', '--port', '0', '--data', data, '--json'], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const late = setTimeout(() => end(false), 20_000)
    let said = ''
    const end = held => {
      clearTimeout(late)
      child.kill()
      if (!held) process.stdout.write(said)
      resolve(held)
    }
    const listen = async chunk => {
      said += chunk
      const address = /"listening":\s*"([^"]+)"/.exec(said)?.[1]
      if (address === undefined) return
      child.stdout.removeListener('data', listen)
      const answer = await fetch(`${address}/api/v1/health`).catch(() => undefined)
      end(answer?.ok === true)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', chunk => {
      said += chunk
    })
    child.on('error', () => end(false))
  })
}

async function main() {
  const scratch = makeScratch('spec-kitty-pack-')
  try {
    const path = await pack()
    await judgePackage(path, scratch)
    const bin = await install(path, join(scratch, 'prefix'))
    if (here) await use(process.execPath, bin, scratch)
    else for (const version of NODES) await use(await nodeOf(version), bin, scratch)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  process.stdout.write(`${passed} passed, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

process.exitCode = await main()

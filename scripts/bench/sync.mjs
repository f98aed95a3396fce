/** What sync costs a lane change: switched off, and switched on with a healthy server on loopback. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { median } from './measure.mjs'
import { makeMission, SLUG } from './mission.mjs'

const MOST_MS = 60
const MOST_DEDUPLICATION_MS = 5
const PASSWORD = 'correct horse battery'

/** Prints medians and answers `{held, text}` judgements, as `verdicts` does. `program` makes a command of words. */
export async function benchSync(stage, scratch, program, rounds) {
  const cwd = join(scratch, 'sync')
  makeMission(cwd, { wps: 20, events: 1000, env: stage.env })
  const data = join(scratch, 'server')
  const [node, ...words] = program('serve')
  const env = { ...stage.env, SPEC_KITTY_ENABLE_SAAS_SYNC: '1' }
  const more = ['user', 'add', 'bench', '--data', data, '--password-stdin']
  execFileSync(node, [...words, ...more], { env, input: `${PASSWORD}\n` })
  const server = spawn(node, [...words, '--data', data, '--port', '0', '--json', '--quiet'], { env })
  try {
    const [chunk] = await once(server.stdout, 'data')
    const { url } = JSON.parse(String(chunk))
    await login(program, url, cwd, { ...env, SPEC_KITTY_SAAS_URL: url })
    return [...measure(stage, cwd, program, url, rounds), await deduplication(scratch)]
  } finally {
    server.kill('SIGTERM')
    await once(server, 'exit')
  }
}

async function login(program, url, cwd, env) {
  const [node, ...words] = program('auth', 'login', '--headless')
  const child = spawn(node, words, { cwd, env })
  const exit = once(child, 'exit')
  for await (const chunk of child.stdout) {
    const code = /^Code: +(\S+)$/m.exec(String(chunk))?.[1]
    if (code === undefined) continue
    const form = { user_code: code, name: 'bench', password: PASSWORD, answer: 'approve' }
    await fetch(`${url}/device`, { method: 'POST', body: new URLSearchParams(form) })
  }
  const [status] = await exit
  if (status !== 0) throw new Error('bench: login failed')
}

function measure(stage, cwd, program, url, rounds) {
  let lane = 'in_progress'
  const change = extra => {
    lane = lane === 'blocked' ? 'in_progress' : 'blocked'
    const words = [
      'agent',
      'status',
      'emit',
      'WP01',
      '--to',
      lane,
      '--actor',
      'bench',
      '--force',
      '--reason',
      'x',
    ]
    const command = program(...words, '--mission', SLUG, '--json')
    return stage.once({ name: 'lane change', command, cwd }, extra)
  }
  const on = { SPEC_KITTY_ENABLE_SAAS_SYNC: '1', SPEC_KITTY_SAAS_URL: url }
  const modes = { unset: {}, off: { SPEC_KITTY_ENABLE_SAAS_SYNC: '0', SPEC_KITTY_SAAS_URL: url }, on }
  const samples = Object.fromEntries(Object.keys(modes).map(name => [name, []]))
  // The first one also tells of the build and of all documents.
  change(on)
  for (let round = 0; round < rounds; round++)
    for (const [name, extra] of Object.entries(modes)) samples[name].push(change(extra))
  const wall = name => median(samples[name].map(sample => sample.wall))
  const cpu = name => median(samples[name].map(sample => sample.cpu))
  for (const name of Object.keys(modes))
    console.log(
      `lane change, sync ${name.padEnd(6)} ${cpu(name).toFixed(1)} ms CPU, ${wall(name).toFixed(1)} ms wall`,
    )
  const added = wall('on') - wall('off')
  return [
    { held: added <= MOST_MS, text: `sync on and healthy adds ${added.toFixed(1)} of at most ${MOST_MS} ms` },
  ]
}

/** What the set of codes already told costs an invocation: made, and asked a thousand times more than any command does. */
async function deduplication(scratch) {
  const { rolldown } = await import('rolldown')
  const packages = join(import.meta.dirname, '../../packages')
  const input = {
    diagnostics: join(packages, 'core/src/link/diagnostics.ts'),
    codes: join(packages, 'contracts/src/sync-codes.ts'),
  }
  const bundle = await rolldown({ input, platform: 'node' })
  await bundle.write({ dir: scratch, format: 'esm', entryFileNames: '[name].mjs' })
  const load = name => import(pathToFileURL(join(scratch, `${name}.mjs`)).href)
  const { createSyncDiagnostics } = await load('diagnostics')
  const { SYNC_DIAGNOSTIC_CODES } = await load('codes')
  const started = performance.now()
  let lines = 0
  const diagnostics = createSyncDiagnostics(() => {
    lines++
  })
  for (let i = 0; i < 1000; i++) for (const code of SYNC_DIAGNOSTIC_CODES) diagnostics.emit(code, 'offline')
  const spent = performance.now() - started
  return {
    held: spent <= MOST_DEDUPLICATION_MS && lines === SYNC_DIAGNOSTIC_CODES.length,
    text: `5,000 diagnostics, ${lines} printed, in ${spent.toFixed(2)} of at most ${MOST_DEDUPLICATION_MS} ms`,
  }
}

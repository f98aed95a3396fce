/**
 * The figures of docs/scale.md, measured on this machine: one JSON line for each, from `server/load.mjs`. Bounded to a
 * few minutes.
 *
 *   node scripts/measure-server.mjs [--old PROGRAM] [--database postgres://…] [--only NAME…]
 *
 * --old measures another build beside this one, in turns, so that both see the same machine. `million` needs --only.
 */
import { spawnSync } from 'node:child_process'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { root } from './workspace.mjs'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { old: { type: 'string' }, database: { type: 'string' }, only: { type: 'boolean' } },
})

const SQLITE = {
  small: ['--clients', '50', '--batch', '3', '--seconds', '10'],
  single: ['--clients', '1', '--batch', '3', '--seconds', '5'],
  hundred: ['--clients', '10', '--batch', '100', '--seconds', '8'],
  thousand: ['--clients', '4', '--batch', '1000', '--seconds', '10'],
}
/** Things that the first server did not do, or that take long. */
const OURS = {
  listeners: ['--clients', '1', '--batch', '500', '--seconds', '30', '--listeners', '300', '--pause', '5000'],
  million: ['--clients', '4', '--batch', '1000', '--seconds', '600', '--events', '1000000'],
}
const POSTGRES = {
  'postgres-hundred': ['--servers', '2', '--clients', '8', '--batch', '100', '--seconds', '10'],
  'postgres-small': ['--servers', '2', '--clients', '50', '--batch', '3', '--seconds', '10'],
  'postgres-listener': [
    '--servers',
    '2',
    '--clients',
    '2',
    '--batch',
    '20',
    '--seconds',
    '10',
    '--listeners',
    '2',
  ],
}
const COMPARED = values.old === undefined ? [] : [['old', values.old]]

function measure(name, who, words) {
  const script = join(root, 'scripts/server/load.mjs')
  const ran = spawnSync(process.execPath, [script, ...words], { encoding: 'utf8', maxBuffer: 1 << 26 })
  const report = ran.status === 0 ? JSON.parse(ran.stdout) : { failure: ran.stderr.slice(-300) }
  const load = Math.round(loadavg()[0] * 10) / 10
  process.stdout.write(`${JSON.stringify({ name, who, at: new Date().toISOString(), load, ...report })}\n`)
}

const wanted = name => (values.only === true ? positionals.includes(name) : name !== 'million')
for (const [name, words] of Object.entries(SQLITE)) {
  if (!wanted(name)) continue
  for (const [who, cli] of COMPARED) measure(name, who, [...words, '--cli', cli])
  measure(name, 'this', words)
}
for (const [name, words] of Object.entries(OURS)) if (wanted(name)) measure(name, 'this', words)
if (values.database !== undefined)
  for (const [name, words] of Object.entries(POSTGRES))
    if (wanted(name)) measure(name, 'this', [...words, '--database', values.database])

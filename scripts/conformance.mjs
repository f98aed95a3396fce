/**
 * The black-box scenarios that lie beside the clone in CI (../shared/conformance), against bin/spec-kitty.
 * A clone without them skips the step with the reason.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './workspace.mjs'

/** The folders of scenarios: those of the first round all hold, those of the second but for NOT_YET. */
const FOLDERS = ['scenarios', 'round2']

/** Scenarios that cannot pass yet, a name a line. */
const NOT_YET = new Set(
  readFileSync(join(import.meta.dirname, 'not-yet.txt'), 'utf8')
    .split('\n')
    .filter(line => line !== '' && !line.startsWith('#')),
)

/** Scenarios that need a Python program, by the start of their name, and the variable that names it. e2e has tests of its own for these. */
const NEEDS = {
  interop_new_i1_: undefined,
  interop_new_i3_: 'SK_PY40',
  interop_new_: 'SK_PY327',
  interop_: 'SK_PY',
  sync_contract_drift_caught: 'SK_EVENTS_PYTHON',
}

function lacksPython(name) {
  const prefix = Object.keys(NEEDS).find(start => name.startsWith(start))
  const variable = prefix === undefined ? undefined : NEEDS[prefix]
  return variable !== undefined && process.env[variable] === undefined
}

function scenarios(directory) {
  return readdirSync(directory)
    .filter(name => /^[a-z].*\.py$/.test(name))
    .map(name => name.slice(0, -'.py'.length))
    .filter(name => !NOT_YET.has(name) && !lacksPython(name))
}

/**
 * Resolves with `{passed, failed, output, note}`, as a step of scripts/test.mjs. `cli` is the program under test;
 * `only` leaves those whose name begins with one of its words; `jobs` run at once.
 */
export async function conformance(env, { cli = join(root, 'bin/spec-kitty'), only = [''], jobs = 3 } = {}) {
  const home = join(root, '../shared/conformance')
  const runner = join(home, 'run')
  const skip = reason => ({ passed: 0, failed: 0, output: '', note: `skipped: ${reason}` })
  if (!existsSync(runner)) return skip('../shared/conformance is not beside this clone')
  if ((await run('python3', ['--version'])).status !== 0) return skip('python3 is not installed')
  const total = { passed: 0, failed: 0, output: '' }
  for (const folder of FOLDERS.filter(name => existsSync(join(home, name)))) {
    const names = scenarios(join(home, folder)).filter(name => only.some(start => name.startsWith(start)))
    if (names.length === 0) continue
    const words = [runner, '--cli', cli, '--jobs', String(jobs), '--dir', folder, ...names]
    const { status, output } = await run('python3', words, { env })
    const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output)?.map(Number) ?? [0, 0, 0]
    total.passed += passed
    total.failed += status === 0 ? 0 : Math.max(failed, 1)
    if (status !== 0) total.output += output
  }
  return { ...total, note: `${total.passed} scenarios` }
}

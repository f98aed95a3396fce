/**
 * The black-box scenarios that lie beside the clone in CI (../shared/conformance), against bin/spec-kitty.
 * A clone without them skips the step with the reason.
 */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './workspace.mjs'

/** Scenarios that cannot pass yet, each with its reason. */
const NOT_YET = { setup_dashboard_registry: 'the dashboard is not built yet' }

/** Scenarios that need a Python program, by the start of their name, and the variable that names it. e2e has tests of its own for these. */
const NEEDS = { interop_: 'SK_PY', sync_contract_drift_caught: 'SK_EVENTS_PYTHON' }

function scenarios(directory) {
  const lacking = Object.keys(NEEDS).filter(prefix => process.env[NEEDS[prefix]] === undefined)
  return readdirSync(directory)
    .filter(name => /^[a-z].*\.py$/.test(name))
    .map(name => name.slice(0, -'.py'.length))
    .filter(name => !(name in NOT_YET) && !lacking.some(prefix => name.startsWith(prefix)))
}

/** Resolves with `{passed, failed, output, note}`, as a step of scripts/test.mjs. */
export async function conformance(env) {
  const runner = join(root, '../shared/conformance/run')
  const skip = reason => ({ passed: 0, failed: 0, output: '', note: `skipped: ${reason}` })
  if (!existsSync(runner)) return skip('../shared/conformance is not beside this clone')
  if ((await run('python3', ['--version'])).status !== 0) return skip('python3 is not installed')
  const cli = join(root, 'bin/spec-kitty')
  const names = scenarios(join(root, '../shared/conformance/scenarios'))
  const { status, output } = await run('python3', [runner, '--cli', cli, '--jobs', '2', ...names], { env })
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output)?.map(Number) ?? [0, 0, 0]
  return { passed, failed: status === 0 ? 0 : Math.max(failed, 1), output, note: `${passed} scenarios` }
}

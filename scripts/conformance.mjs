/**
 * The black-box scenarios that lie beside the clone in CI (../shared/conformance), against bin/spec-kitty.
 * A clone without them skips the step with the reason.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './workspace.mjs'

/** Scenarios that must pass; a name here never leaves the list. */
const SCENARIOS = [
  'merge_dryrun_ready',
  'merge_finalize_lanes',
  'merge_implement_creates_lane',
  'merge_implement_reuses_lane',
  'merge_squash_two_lanes',
  'status_board_json',
  'status_concurrent_emit',
  'status_emit_chain',
  'status_json_bytes',
  'status_mark_checkbox',
  'status_move_task_flow',
  'status_reducer_order_dedupe',
]

/** Resolves with `{passed, failed, output, note}`, as a step of scripts/test.mjs. */
export async function conformance(env) {
  const runner = join(root, '../shared/conformance/run')
  const skip = reason => ({ passed: 0, failed: 0, output: '', note: `skipped: ${reason}` })
  if (!existsSync(runner)) return skip('../shared/conformance is not beside this clone')
  if ((await run('python3', ['--version'])).status !== 0) return skip('python3 is not installed')
  const cli = join(root, 'bin/spec-kitty')
  const { status, output } = await run('python3', [runner, '--cli', cli, '--jobs', '2', ...SCENARIOS], {
    env,
  })
  const [, passed, failed] = /(\d+) passed, (\d+) failed\s*$/.exec(output)?.map(Number) ?? [0, 0, 0]
  return { passed, failed: status === 0 ? 0 : Math.max(failed, 1), output, note: `${passed} scenarios` }
}

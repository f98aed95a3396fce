/** Which branch a checkout stands on. */
import type { SwitchBranch } from '@spec-kitty/core/world/change'
import type { RunGit } from './run.ts'

/**
 * Puts the checkout on a branch, made at the current commit when there is none of that name. Git refuses before it
 * touches anything when an edit would be lost; there already is fine.
 */
export async function switchBranch(run: RunGit, change: SwitchBranch): Promise<void> {
  const cwd = change.checkout
  const ref = `refs/heads/${change.branch}`
  const known = await run({ cwd, args: ['rev-parse', '--verify', '--quiet', ref], accept: [1] })
  const create = known.status === 0 ? [] : ['-c']
  const args = ['-c', 'core.hooksPath=/dev/null', 'switch', '-q', '--no-guess', ...create, change.branch]
  await run({ cwd, args, writes: true })
}

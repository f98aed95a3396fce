/** What we ever ask of a remote. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { PushPlace } from '@spec-kitty/core/world/ports'
import type { RunGit } from './run.ts'

/**
 * Updates remote-tracking references: of one branch, which must be there, and of those that match `also`
 * (`prefix*`). No tags, nothing is merged.
 */
export async function fetchBranch(
  run: RunGit,
  cwd: string,
  remote: string,
  branch: string,
  also: readonly string[],
): Promise<void> {
  const specs = [branch, ...also].map(name => `+refs/heads/${name}:refs/remotes/${remote}/${name}`)
  await run({
    cwd,
    args: ['fetch', '-q', '--no-tags', '--no-auto-maintenance', remote, ...specs],
    writes: true,
    network: true,
  })
}

/** Never forced. Throws `push_refused` with what the remote itself says. */
export async function pushBranch(run: RunGit, cwd: string, branch: string, to: PushPlace): Promise<void> {
  const spec = `refs/heads/${branch}:refs/heads/${to.branch}`
  const answer = await run({
    cwd,
    args: ['push', to.remote, spec],
    writes: true,
    network: true,
    accept: [1, 128],
  })
  if (answer.status === 0) return
  const words = answer.stderr
    .split('\n')
    .map(line => line.replace(/^remote: ?/, '').trim())
    .filter(line => line !== '' && !/^(?:hint:|To |error: failed to push|Everything up-to-date)/.test(line))
  const raced = /\((?:fetch first|non-fast-forward|stale info)\)|cannot lock ref|failed to update ref/.test(
    answer.stderr,
  )
  throw new KittyError('push_refused', `${to.remote} did not take ${branch}: ${words.join('; ')}`, {
    data: { stderr: answer.stderr, raced, remote: to.remote, remote_branch: to.branch },
  })
}

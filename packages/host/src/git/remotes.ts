/** What we ever ask of a remote. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import type { PushPlace } from '@spec-kitty/core/world/ports'
import { type RunGit, textOf } from './run.ts'

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
  await push(run, cwd, [to.remote, `refs/heads/${branch}:refs/heads/${to.branch}`], branch, to)
}

/**
 * A commit in the place of what the remote's branch is known to hold; null: the branch is new. Throws `push_refused`
 * with what the remote says, also when it holds something else by now.
 */
export async function publishCommit(
  run: RunGit,
  cwd: string,
  commit: Sha,
  to: PushPlace,
  expected: Sha | null,
): Promise<void> {
  const ref = `refs/heads/${to.branch}`
  const lease = `--force-with-lease=${ref}:${expected ?? ''}`
  await push(run, cwd, [lease, to.remote, `${commit}:${ref}`], to.branch, to)
}

/** Null where the remote has no such branch. */
export async function remoteHead(run: RunGit, cwd: string, at: PushPlace): Promise<Sha | null> {
  const args = ['ls-remote', '--heads', at.remote, `refs/heads/${at.branch}`]
  return parseSha(textOf(await run({ cwd, args, network: true })).split(/\s/)[0] ?? '') ?? null
}

async function push(run: RunGit, cwd: string, words: readonly string[], branch: string, to: PushPlace) {
  const call = { cwd, writes: true, network: true, accept: [1, 128] }
  const answer = await run({ ...call, args: ['push', ...words] })
  if (answer.status === 0) return
  const said = answer.stderr
    .split('\n')
    .map(line => line.replace(/^remote: ?/, '').trim())
    .filter(line => line !== '' && !/^(?:hint:|To |error: failed to push|Everything up-to-date)/.test(line))
  const raced = /\((?:fetch first|non-fast-forward|stale info)\)|cannot lock ref|failed to update ref/.test(
    answer.stderr,
  )
  throw new KittyError('push_refused', `${to.remote} did not take ${branch}: ${said.join('; ')}`, {
    data: { stderr: answer.stderr, raced, remote: to.remote, remote_branch: to.branch },
  })
}

/** The two things we ever ask of a remote. */
import type { RunGit } from './run.ts'

/** Updates the remote-tracking reference of one branch; no tags, nothing is merged. */
export async function fetchBranch(run: RunGit, cwd: string, remote: string, branch: string): Promise<void> {
  const spec = `+refs/heads/${branch}:refs/remotes/${remote}/${branch}`
  await run({
    cwd,
    args: ['fetch', '-q', '--no-tags', '--no-auto-maintenance', remote, spec],
    writes: true,
    network: true,
  })
}

/** Never forced: a remote that moved on refuses. */
export async function pushBranch(run: RunGit, cwd: string, remote: string, branch: string): Promise<void> {
  const spec = `refs/heads/${branch}:refs/heads/${branch}`
  await run({ cwd, args: ['push', '-q', remote, spec], writes: true, network: true })
}

/** Branches in the place where git takes any commit: there it would mean the tag, or any other reference, of that name. */
import type { Ports } from '../../world/ports.ts'

type Where = Pick<Ports['git'], 'named'>

/** How a command names the commit of a branch: by its short name, by `heads/…` where that means something else. */
export function revision(git: Where, top: string, branch: string): string {
  return isTaken(git, top, [`refs/${branch}`, `refs/tags/${branch}`]) ? `heads/${branch}` : branch
}

/** The same for what is known of a branch of a remote (`origin/main`). */
export function remoteRevision(git: Where, top: string, branch: string): string {
  const others = ['refs', 'refs/tags', 'refs/heads'].map(above => `${above}/${branch}`)
  return isTaken(git, top, others) ? `remotes/${branch}` : branch
}

function isTaken(git: Where, top: string, names: readonly string[]): boolean {
  return git.named(top, names).size > 0
}

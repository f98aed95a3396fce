/** What a finished merge has cleaned up, and what it kept. */

export interface Landing {
  readonly removedWorktrees: readonly string[]
  readonly deletedBranches: readonly string[]
  readonly kept: readonly { readonly subject: string; readonly reason: string }[]
}

/** Why cleaning up keeps a branch: without it the checkout would stand on nothing. */
export const CHECKED_OUT = 'it is checked out'
/** A worktree on a medium that is not there now. */
export const LOCKED = 'its folder is not here, and git was told to keep it'

/** Whether git will commit: in somebody's name, and with the signature that the user wants. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import type { Ports } from '../../world/ports.ts'

export interface CommitTrouble {
  readonly code: 'identity_unknown' | 'signing_failed'
  readonly message: string
  readonly remedy: Remedy
}

/** `words`: what git says of it. */
export function nameless(top: string, words: string): CommitTrouble {
  return {
    code: 'identity_unknown',
    message: `Git does not know in whose name to commit: ${words}`,
    remedy: sh`git -C ${top} config user.name "Your Name" && git -C ${top} config user.email you@example.com`,
  }
}

/** `words`: what git says of it. */
export function unsigned(top: string, words: string): CommitTrouble {
  return {
    code: 'signing_failed',
    message: `Commits are to be signed (commit.gpgsign), and that fails: ${words}. Mend the key, or leave the signature out`,
    remedy: sh`git -C ${top} config commit.gpgsign false`,
  }
}

/** Refuses what git would refuse in the end, as `git_failed`. Three processes; five where commits are signed. */
export async function requireCommittable({ git }: Pick<Ports, 'git'>, top: string): Promise<void> {
  const identity = await git.identityProblem(top)
  const signature = identity === undefined ? await git.signatureProblem(top) : undefined
  const trouble =
    identity !== undefined
      ? nameless(top, identity)
      : signature !== undefined
        ? unsigned(top, signature)
        : undefined
  if (trouble !== undefined) throw new KittyError('git_failed', trouble.message, { hint: trouble.remedy })
}

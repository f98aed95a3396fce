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

/** What the user has set for git, by the key that git prints. */
export type Settings = ReadonlyMap<string, string>

/** A date that git surely reads. */
const PLAIN_DATE = /^20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/

/** Names and addresses are set, and no date that git might not read: then it need not be asked in whose name it commits. */
export function isNamed({ env }: Pick<Ports, 'env'>, settings: Settings): boolean {
  return ['author', 'committer'].every(role => {
    const variable = (part: string) => env.get(`GIT_${role}_${part}`.toUpperCase())
    const value = (part: string) =>
      variable(part) ?? settings.get(`${role}.${part}`) ?? settings.get(`user.${part}`) ?? ''
    const date = variable('date')
    if (date !== undefined && !PLAIN_DATE.test(date)) return false
    // Of a name that is nothing but marks git leaves nothing.
    return ['name', 'email'].every(part => /[\p{L}\p{N}]/u.test(value(part)))
  })
}

/** The user wants commits to be signed. */
export function signs(settings: Settings): boolean {
  return /^(true|yes|on|1)$/i.test(settings.get('commit.gpgsign') ?? '')
}

/** Refuses what git would refuse in the end, as `git_failed`. One process; three where commits are signed, or nobody is named. */
export async function requireCommittable(ports: Pick<Ports, 'git' | 'env'>, top: string): Promise<void> {
  const { git } = ports
  const settings = await git.settings(top)
  const identity = isNamed(ports, settings) ? undefined : await git.identityProblem(top)
  const signature = identity === undefined && signs(settings) ? await git.signatureProblem(top) : undefined
  const trouble =
    identity !== undefined
      ? nameless(top, identity)
      : signature !== undefined
        ? unsigned(top, signature)
        : undefined
  if (trouble !== undefined) throw new KittyError('git_failed', trouble.message, { hint: trouble.remedy })
}

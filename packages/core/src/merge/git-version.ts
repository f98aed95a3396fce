/** The git that a merge needs: one rule for `merge` and `doctor`. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'

/** Git learned to merge without a checkout (`merge-tree --write-tree`) in this version. */
const NEEDED = [2, 38] as const

/** The refusal for a git of this version; undefined for one that can merge. */
export function gitTooOld([major, minor, patch]: readonly [number, number, number]): KittyError | undefined {
  const [needMajor, needMinor] = NEEDED
  if (major > needMajor || (major === needMajor && minor >= needMinor)) return undefined
  return new KittyError(
    'git_too_old',
    `Merging needs git ${NEEDED.join('.')} or newer; this is ${major}.${minor}.${patch}`,
    { hint: sh`Install a newer git, or put one first on PATH.` },
  )
}

/** Throws `git_too_old`. */
export function requireGit(version: readonly [number, number, number]): void {
  const refusal = gitTooOld(version)
  if (refusal !== undefined) throw refusal
}

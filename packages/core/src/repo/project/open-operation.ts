/** An operation of git that somebody began and has not ended: nothing is committed or moved into the middle of it. */
import type { Files } from '../../world/ports.ts'
import { gitDirectory } from './locate.ts'

export interface OpenOperation {
  readonly name: 'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'bisect'
  /** Words after `git` that drop it. */
  readonly abort: string
}

/** Files of the git directory. A rebase comes first: where it stops it leaves the sign of a cherry-pick too. */
const SIGNS: Readonly<Record<string, OpenOperation['name']>> = {
  'rebase-merge': 'rebase',
  'rebase-apply': 'rebase',
  MERGE_HEAD: 'merge',
  CHERRY_PICK_HEAD: 'cherry-pick',
  REVERT_HEAD: 'revert',
  BISECT_LOG: 'bisect',
}

/** The operation open in a checkout; each linked worktree has its own. Throws `not_a_repository`. */
export function openOperation(
  files: Pick<Files, 'list' | 'stat' | 'text'>,
  checkout: string,
): OpenOperation | undefined {
  return operationAmong(files.list(gitDirectory(files, checkout)))
}

/** The same from the names in a git directory. Pure. */
export function operationAmong(names: readonly string[]): OpenOperation | undefined {
  const present = new Set(names)
  const found = Object.entries(SIGNS).find(([sign]) => present.has(sign))
  if (found === undefined) return undefined
  const [, name] = found
  return { name, abort: name === 'bisect' ? 'bisect reset' : `${name} --abort` }
}

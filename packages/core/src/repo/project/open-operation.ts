/** An operation of git that somebody began and has not ended: nothing is committed or moved into the middle of it. */

import { join } from '../../text/paths.ts'
import type { Files } from '../../world/ports.ts'
import { gitDirectory } from './locate.ts'

export interface OpenOperation {
  readonly name: 'merge' | 'rebase' | 'am' | 'cherry-pick' | 'revert' | 'bisect'
  /** Words after `git` that drop it. */
  readonly abort: string
  /**
   * What going on does with uncommitted edits: they become a part of the commit at which it stopped, which may be empty
   * (`joined`) or must not be (`wanted`), they have to be committed first (`apart`), or it does not look at them (`left`).
   */
  readonly edits: 'joined' | 'wanted' | 'apart' | 'left'
}

type Where = Pick<Files, 'list' | 'text'>

/** The operation open in a checkout; each linked worktree has its own. Throws `not_a_repository`. */
export function openOperation(
  files: Pick<Files, 'list' | 'stat' | 'text'>,
  checkout: string,
): OpenOperation | undefined {
  return operationIn(files, gitDirectory(files, checkout))
}

/** The same from the git directory of the checkout. */
export function operationIn(files: Where, gitDir: string): OpenOperation | undefined {
  const present = new Set(files.list(gitDir))
  const of = (name: OpenOperation['name'], edits: OpenOperation['edits']): OpenOperation => ({
    name,
    abort: name === 'bisect' ? 'bisect reset' : `${name} --abort`,
    edits,
  })
  // A rebase comes first: where it stops it leaves the sign of a cherry-pick too.
  if (present.has('rebase-merge')) {
    const parts = new Set(files.list(join(gitDir, 'rebase-merge')))
    // It failed before it began, with nothing but edits put aside: git itself can neither go on nor back.
    if (parts.has('autostash') && !parts.has('head-name'))
      return { ...of('rebase', 'left'), abort: 'rebase --quit' }
    return of('rebase', isPaused(files, gitDir) ? 'apart' : 'joined')
  }
  if (present.has('rebase-apply')) {
    const mails = files.list(join(gitDir, 'rebase-apply')).includes('applying')
    return of(mails ? 'am' : 'rebase', 'wanted')
  }
  if (present.has('MERGE_HEAD')) return of('merge', 'left')
  if (present.has('CHERRY_PICK_HEAD')) return of('cherry-pick', 'wanted')
  if (present.has('REVERT_HEAD')) return of('revert', 'wanted')
  // Between two commits of a series: the one that stopped it was committed by hand.
  const [, next] = /^\s{0,9}(p|pick|revert)\s/.exec(files.text(join(gitDir, 'sequencer/todo')) ?? '') ?? []
  if (next !== undefined) return of(next === 'revert' ? 'revert' : 'cherry-pick', 'apart')
  return present.has('BISECT_LOG') ? of('bisect', 'left') : undefined
}

/** A rebase that stopped at no commit, or at one that has been committed or amended since. */
function isPaused(files: Where, gitDir: string): boolean {
  const at = files.text(join(gitDir, 'rebase-merge/amend'))?.trim()
  if (at !== undefined) return files.text(join(gitDir, 'HEAD'))?.trim() !== at
  return !files.list(join(gitDir, 'rebase-merge')).includes('message') || isRescheduled(files, gitDir)
}

/** The last step of a rebase could not be begun, and comes first again. */
export function isRescheduled(files: Pick<Files, 'text'>, gitDir: string): boolean {
  const [done = '', todo = ''] = ['done', 'git-rebase-todo'].map(name =>
    files.text(join(gitDir, 'rebase-merge', name)),
  )
  const last = done.trimEnd().split('\n').at(-1)
  return last !== undefined && last !== '' && last === todo.split('\n')[0]
}

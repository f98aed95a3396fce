/**
 * Where the work of a branch is found that is not there: a branch of a remote, a backup of ours, what git remembers of its
 * worktree, the last commit that was recorded. In this order, for everybody who misses one.
 */
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import type { Files } from '../../world/ports.ts'

/** Prefixes of the references that `findLost` looks through. */
export const WITNESSES = ['refs/heads/', 'refs/remotes/', 'refs/kitty/backup/'] as const

export interface Missing {
  /** Short name. */
  readonly branch: string
  readonly refs: ReadonlyMap<string, Sha>
  /** Where its worktree stood last, as `lastStand` read it. */
  readonly stood: Sha | undefined
  /** The last commit recorded of it: where its work began, if nothing later is known. */
  readonly recorded: string | undefined
}

export interface Found {
  readonly remedy: Remedy
  /** False where only the beginning of the work is known: later commits have to be looked for. */
  readonly whole: boolean
}

/** The command that makes the branch again from the best witness; undefined when nothing is known of it. */
export function findLost({ branch, refs, stood, recorded }: Missing): Found | undefined {
  const remote = [...refs.keys()].find(ref => ref.startsWith('refs/remotes/') && ref.endsWith(`/${branch}`))
  if (remote !== undefined) {
    // So that no branch or tag of ours is meant that is called alike.
    return { remedy: sh`git branch ${branch} ${remote.slice('refs/'.length)}`, whole: true }
  }
  const backup = backupsOf(branch, refs).at(-1)
  if (backup !== undefined) return { remedy: sh`git branch ${branch} ${backup}`, whole: true }
  if (stood !== undefined) return { remedy: sh`git branch ${branch} ${stood}`, whole: true }
  return recorded === undefined ? undefined : { remedy: sh`git branch ${branch} ${recorded}`, whole: false }
}

/** The tips that were kept of a branch: shelves of commands, which begin with a time, last; none that a reflog led to. */
function backupsOf(branch: string, refs: ReadonlyMap<string, Sha>): readonly string[] {
  const own = `refs/kitty/backup/${branch}/`
  const kept = [...refs.keys()].filter(ref => ref.startsWith(own) && !ref.slice(own.length).includes('/'))
  const shelved = [...refs.keys()].filter(
    ref => ref.startsWith('refs/kitty/backup/') && ref.endsWith(`/heads/${branch}`),
  )
  return [...kept, ...shelved.toSorted(compareCodePoints)]
}

/** The last commit that git saw checked out in a worktree, from what it keeps of one whose branch is gone. */
export function lastStand(
  files: Pick<Files, 'list' | 'text'>,
  commonDir: string,
  path: string,
): Sha | undefined {
  const shelf = join(commonDir, 'worktrees')
  const name = files
    .list(shelf)
    .find(at => files.text(join(shelf, at, 'gitdir'))?.trim() === join(path, '.git'))
  const log = name === undefined ? undefined : files.text(join(shelf, name, 'logs', 'HEAD'))
  return parseSha(log?.trimEnd().split('\n').at(-1)?.split(' ')[1] ?? '')
}

/**
 * What lies in the folder where a lane is worked on. The folder itself is asked, by its own `.git`: git's list of
 * worktrees knows nothing of one that it has forgotten, and calls one that was moved gone.
 */
import type { Sha } from '@spec-kitty/contracts/ids'
import { basename, join, resolvePath } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'

export type LaneHome =
  | { readonly kind: 'absent' | 'empty' }
  /** Files, but no worktree of this repository: `known` when git still has its registration under that name. */
  | { readonly kind: 'unreadable'; readonly known: boolean }
  /** A repository of its own. */
  | { readonly kind: 'foreign' }
  | {
      readonly kind: 'worktree'
      /** Checked out there; null when detached. */
      readonly branch: string | null
      readonly head: Sha | null
    }

/** Reads files only. `commonDir` is the git directory that all worktrees of the repository share. */
export function readLaneHome(ports: Pick<Ports, 'files' | 'git'>, commonDir: string, home: string): LaneHome {
  const { files } = ports
  const stat = files.stat(home)
  if (stat === undefined) return { kind: 'absent' }
  if (stat.kind === 'directory' && files.list(home).length === 0) return { kind: 'empty' }
  const dotGit = files.stat(join(home, '.git'))
  if (dotGit?.kind === 'directory') return { kind: 'foreign' }
  const pointer = /^gitdir: (.+)$/m
    .exec(dotGit === undefined ? '' : (files.text(join(home, '.git')) ?? ''))?.[1]
    ?.trim()
  if (pointer === undefined) return { kind: 'unreadable', known: false }
  const gitDir = resolvePath(home, pointer)
  const ours = join(commonDir, 'worktrees', basename(gitDir))
  if (files.stat(gitDir) === undefined) return { kind: 'unreadable', known: files.stat(ours) !== undefined }
  if (gitDir !== ours) {
    // A copy of the whole folder still points to the original; anything else belongs to another repository.
    const copied = files.text(join(ours, 'gitdir')) === files.text(join(gitDir, 'gitdir'))
    return copied ? { kind: 'unreadable', known: true } : { kind: 'foreign' }
  }
  const back = resolvePath(gitDir, (files.text(join(gitDir, 'gitdir')) ?? '').trim())
  if (back !== join(home, '.git') && files.stat(back) === undefined)
    return { kind: 'unreadable', known: true }
  const { branch, sha } = ports.git.head(home)
  return { kind: 'worktree', branch, head: sha }
}

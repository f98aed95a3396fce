/** What an edition of Spec Kitty leaves in a lane's worktree without an owner: it may go with the worktree. */
import { parseObject } from '@spec-kitty/contracts/json'
import { join } from '../../text/paths.ts'
import type { Files } from '../../world/ports.ts'

/** The review lock of the Python edition; everything else in these folders is somebody's work. */
const LOCK = '.spec-kitty/review-lock.json'
const LOCK_KEYS: readonly string[] = ['worktree_path', 'wp_id', 'agent', 'started_at', 'pid']

/** True for a file that we know by name and by what is in it. `path` is relative to the worktree. */
export function isLitter(files: Pick<Files, 'text'>, worktree: string, path: string): boolean {
  if (path !== LOCK) return false
  const lock = parseObject(files.text(join(worktree, path)) ?? '')
  return lock !== undefined && Object.keys(lock).every(key => LOCK_KEYS.includes(key))
}

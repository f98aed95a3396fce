/** The locks that writers take, in the git directory that all worktrees share. */
import type { Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

/** How long a writer waits for another one. */
const LOCK_WAIT_MS = 30_000

/** The lock both editions take around a mission's files. */
export function missionLock(project: Pick<Project, 'commonDir'>, slug: string): string {
  return lockPath(project, `${slug}.status`)
}

/** Around what belongs to no mission: settings, files of agents, the making of missions. */
export function projectLock(project: Pick<Project, 'commonDir'>): string {
  return lockPath(project, 'project')
}

/** One merge at a time in a repository: two would build on the same target. */
export function mergeLock(project: Pick<Project, 'commonDir'>): string {
  return lockPath(project, 'merge')
}

function lockPath(project: Pick<Project, 'commonDir'>, name: string): string {
  return join(project.commonDir, 'spec-kitty-locks', `${name}.lock`)
}

/** Runs `act` under these locks, taken in the order given; `waitMs` is for each. Throws `lock_busy`. */
export async function hold<T>(
  ports: Pick<Ports, 'locks'>,
  [path, ...others]: readonly string[],
  act: () => Promise<T>,
  waitMs = LOCK_WAIT_MS,
): Promise<T> {
  if (path === undefined) return await act()
  const lock = await ports.locks.acquire(path, waitMs)
  try {
    return await hold(ports, others, act, waitMs)
  } finally {
    lock.release()
  }
}

/** Work in the checkout itself (ADR 0025): what speaks against handing it over. */
import { sh } from '@spec-kitty/contracts/sh'
import { isBookkeeping } from '../../repo/mission/bookkeeping.ts'
import type { Mission } from '../../repo/mission/handle.ts'
import type { Project } from '../../repo/project/locate.ts'
import type { Ports } from '../../world/ports.ts'
import type { LaneProblem } from './lane-work.ts'

export interface InPlaceWork {
  readonly directory: string
  /** Tracked files with uncommitted changes, our own bookkeeping left out. */
  readonly dirty: readonly string[]
  /** Something but bookkeeping was committed since the work began; true where that is not known. */
  readonly changed: boolean
}

/** Two git processes. New files that git does not know may be anybody's: they hold nothing up. */
export async function readInPlaceWork(
  ports: Pick<Ports, 'git'>,
  project: Project,
  mission: Mission,
  baseCommit: string | undefined,
): Promise<InPlaceWork> {
  const directory = project.top
  const foreign = (path: string): boolean => !isBookkeeping(mission, path)
  const [status, changed] = await Promise.all([
    ports.git.status(directory),
    baseCommit === undefined ? undefined : ports.git.changedPaths(directory, baseCommit, 'HEAD'),
  ])
  const dirty = status.filter(entry => entry.code !== '??' && foreign(entry.path))
  return {
    directory,
    dirty: dirty.map(entry => entry.path),
    changed: changed === undefined || changed.some(foreign),
  }
}

/** Pure. */
export function inPlaceProblems({ directory, dirty, changed }: InPlaceWork): readonly LaneProblem[] {
  if (dirty.length > 0) {
    const hint = sh`git -C ${directory} commit -m "Describe the work" -- ${dirty}`
    return [{ message: `uncommitted changes in ${directory}: ${dirty.slice(0, 5).join(', ')}`, hint }]
  }
  if (changed) return []
  return [{ message: 'nothing has been committed since the work began', hint: sh`Commit the work` }]
}

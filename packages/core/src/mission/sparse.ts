/**
 * The Python edition hides the status files in the lane worktrees of a coordination mission by a sparse checkout,
 * and refuses to merge a flat mission that has one.
 */

import { sh } from '@spec-kitty/contracts/sh'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneWorktree } from '../repo/lanes/names.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { join, resolvePath } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'

const LIMIT_MS = 60_000

/** Gives the lane worktrees all their files back; nobody's edits are touched. One git process each. */
export async function liftSparse(
  ports: Pick<Ports, 'files' | 'env'>,
  project: Project,
  mission: Mission,
): Promise<{ readonly lifted: string[]; readonly warnings: string[] }> {
  const lifted: string[] = []
  const warnings: string[] = []
  for (const { lane_id: laneId } of readLanes(ports, mission)?.lanes ?? []) {
    const relative = laneWorktree(mission, laneId)
    const path = join(project.root, relative)
    if (!isSparse(ports, path)) continue
    const { status } = await ports.env.run(['git', 'sparse-checkout', 'disable'], {
      cwd: path,
      limitMs: LIMIT_MS,
    })
    if (status === 0) lifted.push(relative)
    else warnings.push(sh`${relative} is still sparse: git -C ${path} sparse-checkout disable`)
  }
  return { lifted, warnings }
}

/** As the worktree's own configuration says; read by hand. */
function isSparse(ports: Pick<Ports, 'files'>, path: string): boolean {
  const gitDir = /^gitdir: (.+)$/m.exec(ports.files.text(join(path, '.git')) ?? '')?.[1]
  if (gitDir === undefined) return false
  const config = ports.files.text(join(resolvePath(path, gitDir.trim()), 'config.worktree')) ?? ''
  return /^[ \t]*sparsecheckout[ \t]*=[ \t]*true[ \t]*\r?$/im.test(config)
}

/** A new mission lands on a branch of the user's, never on one that the product makes and deletes. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { missionBranch } from '../repo/lanes/names.ts'
import { listMissions } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { OURS } from '../repo/project/successor.ts'
import type { Ports } from '../world/ports.ts'

/** Throws `invalid_input` for a branch of another mission: it goes with that mission's merge, and the work with it. */
export function refuseMissionBranch(ports: Pick<Ports, 'files'>, project: Project, branch: string): void {
  if (!branch.startsWith(OURS)) return
  const owner = listMissions(ports, project).find(mission => {
    const { slug, id } = mission
    return (
      branch === `${OURS}${slug}` ||
      branch.startsWith(`${OURS}${slug}-`) ||
      (id !== null && branch === missionBranch({ slug, id }))
    )
  })
  const whose = owner === undefined ? 'a mission' : `mission ${owner.slug}`
  throw new KittyError(
    'invalid_input',
    `'${branch}' is the branch of ${whose} and goes when that is merged: a new mission cannot be merged into it`,
    {
      hint: owner === undefined ? sh`git switch main` : sh`git switch ${owner.targetBranch}`,
      data: { branch, mission_slug: owner?.slug ?? null },
    },
  )
}

/** Throws `invalid_input` for a target that nobody has made: the mission could be built and never merged. */
export function requireBranch(ports: Pick<Ports, 'git'>, project: Project, branch: string): void {
  const names = [`refs/heads/${branch}`, `refs/remotes/origin/${branch}`]
  if (ports.git.named(project.top, names).size > 0) return
  throw new KittyError('invalid_input', `There is no branch '${branch}' for the mission to land on`, {
    hint: sh`git branch ${branch}`,
    data: { error_code: 'INVALID_TARGET_BRANCH', target_branch: branch },
  })
}

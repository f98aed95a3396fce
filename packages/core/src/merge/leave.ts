/** A merge from the mission's own branch (ADR 0025) ends on the target: the branch is done with. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { Project } from '../repo/project/locate.ts'
import type { Stage } from '../write/conduct.ts'
import { CHECKED_OUT, type Landing } from './landing.ts'

/**
 * After a finished merge: goes to the target and deletes the mission branch, when that is where the checkout stands and
 * branches are to be deleted. Where git refuses to go, because an edit would be lost, the branch stays.
 */
export async function leaveMissionBranch(
  ports: Stage,
  project: Project,
  state: MergeState,
  landing: Landing,
): Promise<Landing> {
  const branch = state.summary?.mission_branch ?? ''
  const ref = `refs/heads/${branch}`
  const left = landing.kept.find(item => item.subject === ref && item.reason === CHECKED_OUT)
  const old = ports.git.named(project.top, [ref]).get(ref)
  if (left === undefined || old === undefined) return landing
  try {
    await ports.perform([
      { kind: 'switch_branch', checkout: project.top, branch: state.options.target },
      {
        kind: 'update_refs',
        repo: project.top,
        message: 'spec-kitty merge: clean up',
        updates: [{ ref, old, new: null }],
      },
    ])
  } catch (cause) {
    if (cause instanceof KittyError && cause.code === 'git_failed') return landing
    throw cause
  }
  return {
    ...landing,
    deletedBranches: [...landing.deletedBranches, branch],
    kept: landing.kept.filter(item => item !== left),
  }
}

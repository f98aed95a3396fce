/** A merge from a branch of the mission (ADR 0025, ADR 0039) ends on the target: what is there says that it is done. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { Mission } from '../repo/mission/handle.ts'
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

/**
 * The same from a mission's home beside the target, which goes on telling of the time before the merge; the branch itself
 * stays. Where git refuses to go, the checkout stays.
 */
export async function leaveHome(
  ports: Stage,
  project: Project,
  { homeBranch: home, targetBranch }: Pick<Mission, 'homeBranch' | 'targetBranch'>,
  { options: { target } }: MergeState,
  landing: Landing,
): Promise<Landing> {
  const beside = home !== targetBranch && target === targetBranch
  if (!beside || ports.git.head(project.top).branch !== home) return landing
  try {
    await ports.perform([{ kind: 'switch_branch', checkout: project.top, branch: target }])
  } catch (cause) {
    if (cause instanceof KittyError && cause.code === 'git_failed') return landing
    throw cause
  }
  const reason = `the mission was planned there; the checkout went on to ${target}`
  return { ...landing, kept: [...landing.kept, { subject: `refs/heads/${home}`, reason }] }
}

/** Why the target, its remote or the mission branch would not take a merge. */
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { conflictWords } from '../repo/lanes/combine.ts'
import { besideTarget } from '../repo/mission/landing.ts'
import { isInside } from '../text/paths.ts'
import type { StatusEntry } from '../world/ports.ts'
import {
  blocker,
  inLane,
  inTurn,
  keepBookkeeping,
  keepPlanning,
  leaveFor,
  mergeIntoLane,
  type Rule,
} from './blocker.ts'
import { type MergeFacts, targetRef } from './facts.ts'
import type { OwnConflict } from './ledger.ts'

export const targetWritable: Rule = facts => {
  const { mission, project, standing, remote, targetElsewhere } = facts
  const { target } = facts.options
  const { slug } = mission
  if (facts.closed !== undefined) {
    const way =
      remote.names.length > 0
        ? sh`spec-kitty merge --pr --mission ${slug}`
        : besideTarget(mission, facts.rev(target))
    return [blocker('protected_branch', target, facts.closed, way)]
  }
  if (facts.target === null && facts.byRequest) {
    const { place } = remote
    if (place === undefined) return []
    return [
      blocker(
        'missing_target_branch',
        target,
        `${place.remote} has no branch ${place.branch} as far as is known here`,
        sh`git -C ${project.top} fetch ${place.remote} ${place.branch}`,
      ),
    ]
  }
  if (facts.target === null) {
    const next = remote.upstream === null ? facts.successor : undefined
    // A branch of a lane has what nobody approved.
    const onLane = facts.laneFacts.some(lane => lane.branch === standing.branch)
    const start = onLane && facts.missionTip !== null ? [facts.rev(facts.missionBranch)] : []
    const remedy =
      remote.upstream !== null && remote.tracking !== undefined
        ? sh`git -C ${project.top} branch ${target} ${facts.remoteRev(remote.tracking)}`
        : next === undefined
          ? sh`git -C ${project.top} branch ${[target, ...start]}`
          : sh`spec-kitty merge --target ${next.name} --mission ${slug}`
    const note =
      next === undefined
        ? ''
        : next.renamed
          ? `; it was renamed to ${next.name}`
          : `; the checkout is on ${next.name}`
    return [
      blocker('missing_target_branch', target, `Target branch ${target} does not exist here${note}`, remedy),
    ]
  }
  if (targetElsewhere === undefined) return []
  return [
    blocker(
      'target_checked_out_elsewhere',
      target,
      `Target branch ${target} is checked out in ${targetElsewhere.path}`,
      targetElsewhere.stop?.goOn ?? sh`git -C ${targetElsewhere.path} switch --detach`,
      { worktree: targetElsewhere.path },
    ),
  ]
}

export const remoteKnown: Rule = facts => {
  const { options, remote, project, mission } = facts
  if (!options.push || remote.push !== undefined) return []
  const [first] = remote.names
  return [
    blocker(
      'no_remote',
      options.target,
      first === undefined
        ? 'There is no remote to push to'
        : `Git does not know where to push ${options.target}: it follows none of ${remote.names.join(', ')}`,
      first === undefined
        ? facts.open
          ? sh`spec-kitty merge --mission ${mission.slug}`
          : besideTarget(mission, facts.rev(options.target))
        : sh`git -C ${project.top} config ${`branch.${options.target}.remote`} ${first}`,
    ),
  ]
}

export const targetInSync: Rule = facts => {
  const { options, remote, standing, project } = facts
  const { target } = options
  const { place, tracking, fetchProblem } = remote
  if (place === undefined || tracking === undefined) return []
  if (fetchProblem !== undefined) {
    return [
      blocker(
        'target_refresh_failed',
        target,
        `${tracking} could not be fetched: ${fetchProblem}`,
        sh`git -C ${project.top} fetch ${place.remote} ${place.branch}`,
        {
          diagnostic_code: 'TARGET_BRANCH_REFRESH_FAILED',
          branch_or_work_package: target,
        },
      ),
    ]
  }
  const { ahead, behind } = remote.distance
  // A pull request is built on what the remote has; where nothing is merged, nothing has to be in step.
  if (behind === 0 || facts.byRequest || facts.closed !== undefined) return []
  const diverged = ahead > 0
  const theirs = facts.remoteRev(tracking)
  const merge = sh`git -C ${project.top} merge ${diverged ? [theirs] : ['--ff-only', theirs]}`
  const remedy = standing.onTarget
    ? inTurn(...keepBookkeeping(facts), merge)
    : diverged
      ? inTurn(leaveFor(facts, target), merge)
      : sh`git -C ${project.top} branch -f ${target} ${theirs}`
  return [
    blocker(
      diverged ? 'target_diverged_from_remote' : 'target_behind_remote',
      target,
      diverged
        ? `${target} and ${tracking} have diverged: ${ahead} commits here, ${behind} there`
        : `${target} is ${behind} ${behind === 1 ? 'commit' : 'commits'} behind ${tracking}`,
      remedy,
      {
        diagnostic_code: 'TARGET_BRANCH_NOT_SYNCHRONIZED',
        branch_or_work_package: target,
        violated_invariant: 'local_target_branch_must_match_tracking_branch',
        ahead,
        behind,
      },
    ),
  ]
}

export const missionBranchExists: Rule = facts => {
  const { missionBranch: branch, target, needsBranches, missionTip } = facts
  if (!needsBranches || missionTip !== null || target === null) return []
  return [
    blocker(
      'missing_mission_branch',
      branch,
      `The mission branch ${branch} does not exist`,
      sh`git branch ${branch} ${target.slice(0, 12)}`,
      { expected_branch: branch },
    ),
  ]
}

function intended(top: string, dirt: readonly StatusEntry[]): readonly Remedy[] {
  const paths = dirt.filter(({ code }) => code === ' A').map(({ path }) => path)
  return paths.length === 0 ? [] : [sh`git -C ${top} reset -q -- ${paths}`]
}

/** The checkout's branch has the files that count; what a lane wrote into its copies stays in its history. */
function editedInLanes({ project, mission, standing, options, rev }: MergeFacts, own: OwnConflict) {
  const source = standing.branch === null ? (standing.head ?? rev(options.target)) : rev(standing.branch)
  const dirty = standing.dirt.filter(({ path }) => own.files.includes(path))
  const keep = keepPlanning(project.top, dirty)
  return own.lanes.map(lane =>
    blocker(
      'mission_files_conflict',
      mission.slug,
      `Files of the mission conflict between the checkout and ${lane.id}: ${conflictWords(own)}`,
      inTurn(
        ...keep,
        inLane(project.top, lane, place =>
          inTurn(
            sh`git -C ${place} restore ${[`--source=${source}`]} --staged --worktree --ignore-skip-worktree-bits -- ${own.files}`,
            sh`git -C ${place} commit -m "Take the planning files of the checkout"`,
          ),
        ),
      ),
      { files: [...own.files], lane: lane.id },
    ),
  )
}

export const targetMergeable: Rule = (facts, { targetConflicts, rebaseConflict }, { conflict: own }) => {
  const { project, options, mission } = facts
  const { target } = options
  const found = targetConflicts.map(({ lane, others, conflict }) =>
    blocker(
      'target_conflict',
      target,
      `The mission conflicts with ${target} in ${lane.id}: ${conflictWords(conflict)}`,
      mergeIntoLane(
        project.top,
        lane,
        others.map(other => other.branch),
        conflict,
      ),
      { files: [...conflict.files], lane: lane.id },
    ),
  )
  if (own !== undefined && own.lanes.length > 0) found.push(...editedInLanes(facts, own))
  else if (own !== undefined) {
    found.push(
      blocker(
        'mission_files_conflict',
        mission.slug,
        `Files of the mission conflict between the checkout and ${target}: ${conflictWords(own)}`,
        inTurn(
          ...keepPlanning(
            project.top,
            facts.standing.dirt.filter(({ path }) => isInside(mission.rel, path)),
          ),
          // What is uncommitted beside them has nothing to do with it; of what is only intended, git makes no stash.
          ...intended(project.top, facts.standing.dirt),
          sh`git -C ${project.top} merge --autostash ${targetRef(facts)}`,
        ),
        { files: [...own.files] },
      ),
    )
  }
  if (rebaseConflict) {
    const commit = rebaseConflict.commit.slice(0, 12)
    found.push(
      blocker(
        'rebase_conflict',
        commit,
        `Commit ${commit} does not apply on top of ${target}: ${conflictWords(rebaseConflict.conflict)}`,
        sh`spec-kitty merge --strategy squash --mission ${mission.slug}`,
        { commit: rebaseConflict.commit, files: [...rebaseConflict.conflict.files] },
      ),
    )
  }
  return found
}

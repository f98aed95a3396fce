/**
 * Why a merge may not start: an ordered list of small rules, all of them asked, so that no blocker masks another
 *. The dry run and the real merge ask the same list.
 */
import type { MergeBlocker } from '@spec-kitty/contracts/cli/merge-dry-run'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { isBookkeeping, type LaneFact, type MergeFacts, REMOTE } from './facts.ts'
import type { Forecast } from './forecast.ts'

type Rule = (facts: MergeFacts, forecast: Forecast) => readonly MergeBlocker[]

/** In the order in which they are told. */
export function mergeBlockers(facts: MergeFacts, forecast: Forecast): readonly MergeBlocker[] {
  const over = alreadyMerged(facts)
  if (over.length === 0) return RULES.flatMap(rule => rule(facts, forecast))
  const unfinished = mergeInProgress(facts, forecast)
  return unfinished.length > 0 ? unfinished : over
}

function blocker(
  code: string,
  subject: string,
  message: string,
  remediation: Remedy | readonly Remedy[],
  more: JsonObject = {},
): MergeBlocker {
  const remedy = typeof remediation === 'string' ? remediation : [...remediation]
  return { code, blocker: code, diagnostic_code: code, subject, message, remediation: remedy, ...more }
}

function alreadyMerged({ mission, states, options }: MergeFacts): readonly MergeBlocker[] {
  const lanes = [...states.values()]
  const finished = lanes.includes('done') && lanes.every(lane => lane === 'done' || lane === 'canceled')
  if (!finished || typeof mission.meta.baseline_merge_commit !== 'string') return []
  return [
    blocker(
      'already_merged',
      mission.slug,
      `Mission ${mission.slug} is merged into ${options.target} already`,
      sh`spec-kitty agent tasks status --mission ${mission.slug}`,
    ),
  ]
}

const mergeInProgress: Rule = ({ journal, mission }) => {
  if (journal === undefined || journal.phase === 'refused') return []
  const way = journal.phase === 'aborting' ? '--abort' : '--resume'
  return [
    blocker(
      'merge_in_progress',
      mission.slug,
      `A merge of ${mission.slug} was interrupted`,
      sh`spec-kitty merge ${way} --mission ${mission.slug}`,
    ),
  ]
}

const cleanWorktree: Rule = (facts, forecast) => {
  const { project, mission } = facts
  const changed = facts.dirt
    .filter(entry => entry.code !== '??')
    .filter(
      entry => !isBookkeeping(mission, entry.path) || entry.code.includes('D') || isUnmerged(entry.code),
    )
    .map(entry => entry.path)
  const found: MergeBlocker[] = []
  if (changed.length > 0) {
    found.push(
      blocker(
        'dirty_worktree',
        project.top,
        `The checkout of ${facts.onMission ? facts.missionBranch : facts.options.target} has uncommitted changes: ${list(changed)}`,
        sh`git -C ${project.top} stash push -- ${changed}`,
        { paths: changed },
      ),
    )
  }
  if (forecast.inTheWay.length > 0) {
    const paths = [...forecast.inTheWay]
    found.push(
      blocker(
        'dirty_worktree',
        project.top,
        `Uncommitted files are where the merge would write: ${list(paths)}`,
        sh`git -C ${project.top} stash push --include-untracked -- ${paths}`,
        { paths },
      ),
    )
  }
  return found
}

function isUnmerged(code: string): boolean {
  return code.includes('U') || code === 'AA' || code === 'DD'
}

const noOpenOperation: Rule = ({ openOperation: open, project }) => {
  if (open === undefined) return []
  return [
    blocker(
      'merge_in_progress',
      project.top,
      `A git ${open.name} is open in ${project.top}`,
      sh`git -C ${project.top} ${open.abort.split(' ')}`,
    ),
  ]
}

const targetWritable: Rule = facts => {
  const { target } = facts.options
  if (facts.protectedTarget) {
    return [
      blocker(
        'protected_branch',
        target,
        `Branch ${target} is protected by .kittify/config.yaml: the merge would commit to it`,
        sh`git switch -c integrate-${facts.mission.slug} ${target} && spec-kitty merge --target integrate-${facts.mission.slug} --mission ${facts.mission.slug}`,
      ),
    ]
  }
  if (facts.target === null) {
    return [
      blocker(
        'missing_target_branch',
        target,
        `Target branch ${target} does not exist here`,
        facts.upstream === null ? sh`git branch ${target}` : sh`git branch ${target} ${REMOTE}/${target}`,
      ),
    ]
  }
  if (facts.targetElsewhere === undefined) return []
  return [
    blocker(
      'target_checked_out_elsewhere',
      target,
      `Target branch ${target} is checked out in ${facts.targetElsewhere}`,
      sh`git -C ${facts.targetElsewhere} switch --detach`,
      { worktree: facts.targetElsewhere },
    ),
  ]
}

const targetInSync: Rule = ({ options, fetchProblem, onTarget, ahead, behind }) => {
  const { target } = options
  const tracking = `${REMOTE}/${target}`
  if (fetchProblem !== undefined) {
    return [
      blocker(
        'target_refresh_failed',
        target,
        `${tracking} could not be fetched: ${fetchProblem}`,
        sh`git fetch ${REMOTE} ${target}`,
        {
          diagnostic_code: 'TARGET_BRANCH_REFRESH_FAILED',
          branch_or_work_package: target,
        },
      ),
    ]
  }
  if (behind === 0) return []
  const diverged = ahead > 0
  const remedy = onTarget
    ? sh`git merge ${[...(diverged ? [] : ['--ff-only']), tracking]}`
    : diverged
      ? sh`git switch ${target} && git merge ${tracking}`
      : sh`git branch -f ${target} ${tracking}`
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

const missionBranchExists: Rule = facts => {
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

const laneBranchesExist: Rule = ({ laneFacts, missionBranch }) =>
  laneFacts
    .filter(lane => lane.tip === null && !lane.canceled)
    .map(lane =>
      blocker(
        'missing_lane_branch',
        lane.branch,
        `${lane.id} (${lane.wpIds.join(', ')}) has no branch ${lane.branch}`,
        sh`git branch ${lane.branch} ${missionBranch}`,
        { lane: lane.id, expected_branch: lane.branch },
      ),
    )

const reviewsConsistent: Rule = ({ reviews }) =>
  reviews.map(finding => ({
    ...blocker(
      finding.diagnostic_code,
      finding.branch_or_work_package,
      `${finding.diagnostic_code}: ${finding.branch_or_work_package} is ${finding.lane}, but ${finding.latest_review_cycle_path} says otherwise`,
      finding.remediation,
    ),
    ...finding,
    remediation: [...finding.remediation],
  }))

/** How a work package gets on from each lane. */
const NEXT_STEP: Readonly<Record<string, (wpId: string, slug: string) => Remedy>> = {
  claimed: (wpId, slug) => sh`spec-kitty agent action implement ${wpId} --agent NAME --mission ${slug}`,
  in_progress: (wpId, slug) => sh`spec-kitty agent tasks move-task ${wpId} --to for_review --mission ${slug}`,
  for_review: (wpId, slug) => sh`spec-kitty agent action review ${wpId} --agent NAME --mission ${slug}`,
  in_review: (wpId, slug) => sh`spec-kitty agent tasks move-task ${wpId} --to approved --mission ${slug}`,
  blocked: (wpId, slug) => sh`spec-kitty agent tasks move-task ${wpId} --to in_progress --mission ${slug}`,
}

const workPackagesApproved: Rule = ({ states, mission }) => {
  const open = [...states].filter(([, lane]) => !['approved', 'done', 'canceled'].includes(lane))
  const found = open.map(([wpId, lane]) =>
    blocker(
      'wp_not_approved',
      wpId,
      `${wpId} is ${lane}, not approved`,
      (NEXT_STEP[lane] ?? NEXT_STEP.claimed)?.(wpId, mission.slug) ?? sh``,
      { wp_id: wpId, lane },
    ),
  )
  if (found.length > 0 || [...states.values()].some(lane => lane !== 'canceled')) return found
  return [
    blocker(
      'nothing_to_merge',
      mission.slug,
      `Mission ${mission.slug} has no work package that could be merged`,
      sh`spec-kitty mission close --mission ${mission.slug}`,
    ),
  ]
}

const laneWorktreesClean: Rule = ({ laneFacts }) =>
  laneFacts
    .filter(lane => lane.dirty.length > 0 && !lane.canceled)
    .map(lane => {
      const place = lane.worktree ?? lane.home
      return blocker(
        'dirty_lane_worktree',
        lane.id,
        `The worktree of ${lane.id} has uncommitted changes: ${list(lane.dirty)}`,
        sh`git -C ${place} add -A && git -C ${place} commit -m ${`Finish ${lane.id}`}`,
        { lane: lane.id, worktree: lane.worktree, paths: [...lane.dirty] },
      )
    })

const lanesMergeable: Rule = ({ missionBranch }, { laneConflicts }) =>
  laneConflicts.map(({ lane, other, files }) =>
    blocker(
      'lane_conflict',
      lane.id,
      `${lane.id} conflicts with ${other?.id ?? missionBranch}: ${list(files)}`,
      mergeThere(lane, other?.branch ?? missionBranch),
      { lane: lane.id, other: other?.id ?? missionBranch, files: [...files] },
    ),
  )

const targetMergeable: Rule = (facts, { targetConflict, rebaseConflict }) => {
  const { target } = facts.options
  const found: MergeBlocker[] = []
  if (targetConflict) {
    const { files, lane = facts.laneFacts[0] } = targetConflict
    found.push(
      blocker(
        'target_conflict',
        target,
        `The mission conflicts with ${target}: ${list(files)}`,
        lane ? mergeThere(lane, target) : sh`git switch ${facts.missionBranch} && git merge ${target}`,
        { files: [...files], ...(lane ? { lane: lane.id } : {}) },
      ),
    )
  }
  if (rebaseConflict) {
    const commit = rebaseConflict.commit.slice(0, 12)
    found.push(
      blocker(
        'rebase_conflict',
        commit,
        `Commit ${commit} does not apply on top of ${target}: ${list(rebaseConflict.files)}`,
        sh`spec-kitty merge --strategy squash --mission ${facts.mission.slug}`,
        { commit: rebaseConflict.commit, files: [...rebaseConflict.files] },
      ),
    )
  }
  return found
}

const RULES: readonly Rule[] = [
  mergeInProgress,
  cleanWorktree,
  noOpenOperation,
  targetWritable,
  targetInSync,
  missionBranchExists,
  laneBranchesExist,
  reviewsConsistent,
  workPackagesApproved,
  laneWorktreesClean,
  lanesMergeable,
  targetMergeable,
]

/** Resolving is done in the lane's worktree; one is made where there is none. */
function mergeThere(lane: LaneFact, branch: string): Remedy {
  if (lane.worktree !== null) return sh`git -C ${lane.worktree} merge ${branch}`
  return sh`git worktree add ${lane.home} ${lane.branch} && git -C ${lane.home} merge ${branch}`
}

function list(paths: readonly string[]): string {
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : ''
  return paths.slice(0, 10).join(', ') + more
}

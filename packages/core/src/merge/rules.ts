/**
 * Why a merge may not start: an ordered list of small rules, all of them asked, so that no blocker masks another. The
 * dry run and the real merge ask the same list.
 */
import type { MergeBlocker } from '@spec-kitty/contracts/cli/merge-dry-run'
import { part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { conflictWords } from '../repo/lanes/combine.ts'
import { goOn } from '../repo/lanes/place.ts'
import { isBookkeeping } from '../repo/mission/bookkeeping.ts'
import { type CommitTrouble, nameless, unsigned } from '../repo/project/committer.ts'
import { isInside } from '../text/paths.ts'
import type { StatusEntry } from '../world/ports.ts'
import { blocker, inLane, inTurn, list, mergeIntoLane, type Rule } from './blocker.ts'
import { isUnmerged, type MergeFacts, takesPart, targetRef } from './facts.ts'
import type { Forecast } from './forecast.ts'
import {
  approvedCodeUnchanged,
  laneBranchesExist,
  laneFilesReadable,
  lanesAtHome,
  lanesMergeable,
  lanesWithRemote,
  laneWorktreesClean,
  noStrayLinks,
  planningFilesKept,
} from './lane-rules.ts'
import type { OwnConflict } from './ledger.ts'
import type { Preview } from './preview.ts'
import type { InTheWay } from './rehearsal.ts'

/** In the order in which they are told. */
export function mergeBlockers(
  facts: MergeFacts,
  forecast: Forecast,
  preview: Preview,
): readonly MergeBlocker[] {
  const over = alreadyMerged(facts)
  if (over.length === 0) return RULES.flatMap(rule => rule(facts, forecast, preview))
  const unfinished = mergeInProgress(facts, forecast, preview)
  return unfinished.length > 0 ? unfinished : over
}

function alreadyMerged({ mission, states, options, arrival }: MergeFacts): readonly MergeBlocker[] {
  if (arrival !== undefined)
    return [blocker('already_merged', mission.slug, arrival.sentence, arrival.command)]
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

/** Edits in the checkout. While git is in the middle of something, only that is told: a stash would break it. */
const cleanWorktree: Rule = facts => {
  const { standing, mission, project } = facts
  if (standing.operation !== undefined || !(standing.onTarget || standing.onMission)) return []
  const entries = standing.dirt
    .filter(entry => entry.code !== '??')
    .filter(
      entry => !isBookkeeping(mission, entry.path) || entry.code.includes('D') || isUnmerged(entry.code),
    )
  if (entries.length === 0) return []
  const paths = entries.flatMap(({ path, from }) => (from === undefined ? [path] : [path, from]))
  const at = sh`git -C ${project.top} stash push`
  // What is staged otherwise than as a plain change, git does not put aside by name.
  const plain = entries.every(({ code }) => /^[ MT][ MTD]$/.test(code))
  const remedy = plain
    ? sh`${part(at)} -- ${paths}`
    : inTurn(sh`git -C ${project.top} reset -q -- ${paths}`, sh`${part(at)} --include-untracked -- ${paths}`)
  const branch = standing.onMission ? facts.missionBranch : facts.options.target
  const message = `The checkout of ${branch} has uncommitted changes: ${list(entries.map(entry => entry.path))}`
  return [blocker('dirty_worktree', project.top, message, remedy, { paths })]
}

/** What git itself would not overwrite when it moves the checkout. */
const checkoutMovable: Rule = ({ project, standing }, _, { obstacle }) => {
  if (obstacle === undefined || standing.operation !== undefined) return []
  const { paths, words } = obstacle
  const changed = new Set(standing.dirt.filter(({ code }) => code !== '??').map(entry => entry.path))
  // Edits that git sees are told by the rule before.
  const told = paths.filter(({ kind, path }) => kind !== 'tracked' || !changed.has(path) || words === '')
  if (told.length > 0) {
    const names = told.map(({ path }) => path)
    const message = `Uncommitted files are where the merge would write: ${list(names)}`
    return [blocker('dirty_worktree', project.top, message, putAside(project.top, told), { paths: names })]
  }
  if (paths.length > 0 || [...changed].length > 0) return []
  const message = `Git would not move the checkout: ${words.replaceAll('\n', '; ')}`
  return [blocker('checkout_blocked', project.top, message, sh`git -C ${project.top} status`)]
}

function putAside(top: string, found: readonly InTheWay[]): Remedy {
  const of = (...kinds: readonly string[]) =>
    found.filter(({ kind }) => kinds.includes(kind)).map(({ path }) => path)
  const show = found.flatMap(({ path, option }) =>
    option === undefined ? [] : [sh`git -C ${top} update-index ${option} -- ${path}`],
  )
  const [seen, untracked] = [of('tracked', 'hidden'), of('untracked')]
  return inTurn(
    ...show,
    ...(seen.length > 0 && untracked.length === 0 ? [sh`git -C ${top} stash push -- ${seen}`] : []),
    ...(untracked.length > 0
      ? [sh`git -C ${top} stash push --include-untracked -- ${[...seen, ...untracked]}`]
      : []),
    // No stash takes ignored files by name.
    ...of('ignored').map(path => sh`mv ${`${top}/${path}`} ${`${top}/${path}.mine`}`),
  )
}

const noOpenOperation: Rule = ({ standing, project }) => {
  const { operation } = standing
  if (operation === undefined) return []
  const { name, abort } = operation
  const drop = name === 'bisect' ? '' : ` Finish it, or drop it with what was resolved: git ${abort}`
  return [
    blocker(
      'merge_in_progress',
      project.top,
      `A git ${name} is open in ${project.top}.${drop}`,
      goOn(project.top, name),
    ),
  ]
}

/** In the checkout, and in the worktrees of lanes, where remedies and the removal would fail. */
const nobodyAtTheIndex: Rule = ({ standing, project, laneFacts }) => {
  const lanes = laneFacts.filter(takesPart).map(({ worktree, lock }) => ({ place: worktree ?? '', lock }))
  return [{ place: project.top, lock: standing.lock }, ...lanes].flatMap(({ place, lock }) =>
    lock === undefined
      ? []
      : [
          blocker(
            'index_locked',
            place,
            `Another git is at work in ${place}, or one crashed there: ${lock} exists. When none runs, remove it`,
            sh`rm ${lock}`,
          ),
        ],
  )
}

const identityKnown: Rule = ({ identityProblem, project }) =>
  identityProblem === undefined ? [] : [cannotCommit(project.top, nameless(project.top, identityProblem))]

function cannotCommit(top: string, { code, message, remedy }: CommitTrouble): MergeBlocker {
  return blocker(code, top, message, remedy)
}

const signaturePossible: Rule = ({ project }, _, { signing }) =>
  signing === undefined ? [] : [cannotCommit(project.top, unsigned(project.top, signing))]

const filtersWork: Rule = ({ project }, _, { filter }) => {
  if (filter === undefined) return []
  // Git names the program first, in quotes, and the filter after it.
  const name = /(?:smudge|clean|process) filter '?([^\s']+)'? failed/.exec(filter)?.[1] ?? 'lfs'
  return [
    blocker(
      'filter_failed',
      project.top,
      `A filter that is required does not give the contents of files: ${filter.replaceAll('\n', '; ')}. Mend it, or let git write them without`,
      sh`git -C ${project.top} config ${`filter.${name}.required`} false`,
    ),
  ]
}

const targetWritable: Rule = facts => {
  const { mission, project, standing, remote, targetElsewhere } = facts
  const { target } = facts.options
  const { slug } = mission
  const name = `integrate-${slug}`
  if (facts.closed !== undefined) {
    const way =
      remote.names.length > 0
        ? sh`spec-kitty merge --pr --mission ${slug}`
        : sh`git switch -c ${name} ${target} && spec-kitty merge --target ${name} --mission ${slug}`
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
    const here =
      standing.branch !== null && standing.branch !== facts.missionBranch ? standing.branch : undefined
    const remedy =
      remote.upstream !== null && remote.tracking !== undefined
        ? sh`git -C ${project.top} branch ${target} ${remote.tracking}`
        : here === undefined
          ? sh`git -C ${project.top} branch ${target}`
          : sh`spec-kitty merge --target ${here} --mission ${slug}`
    const note = here === undefined || remote.upstream !== null ? '' : `; the checkout is on ${here}`
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
      targetElsewhere.holds === undefined
        ? sh`git -C ${targetElsewhere.path} switch --detach`
        : goOn(targetElsewhere.path, targetElsewhere.holds.operation),
      { worktree: targetElsewhere.path },
    ),
  ]
}

const remoteKnown: Rule = ({ options, remote, project, mission }) => {
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
        ? sh`spec-kitty merge --mission ${mission.slug}`
        : sh`git -C ${project.top} config ${`branch.${options.target}.remote`} ${first}`,
    ),
  ]
}

const targetInSync: Rule = facts => {
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
  const merge = sh`git -C ${project.top} merge ${diverged ? [tracking] : ['--ff-only', tracking]}`
  const remedy = standing.onTarget
    ? merge
    : diverged
      ? inTurn(sh`git -C ${project.top} switch ${target}`, merge)
      : sh`git -C ${project.top} branch -f ${target} ${tracking}`
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

const reviewsConsistent: Rule = ({ reviews }) =>
  reviews.map(finding => ({
    ...blocker(
      finding.diagnostic_code,
      finding.branch_or_work_package,
      `${finding.diagnostic_code}: ${finding.branch_or_work_package} is ${finding.lane}, but ${finding.latest_review_cycle_path} says otherwise`,
      [],
    ),
    ...finding,
    remediation: [...finding.remediation],
  }))

/** How a work package gets on from each lane; `who` holds it. */
function nextStep(lane: string, wpId: string, slug: string, who: string): Remedy {
  if (lane === 'for_review' || lane === 'in_review')
    return sh`spec-kitty agent action review ${wpId} --agent ${lane === 'in_review' ? who : 'NAME'} --mission ${slug}`
  if (lane === 'in_progress' || lane === 'blocked') {
    const to = lane === 'blocked' ? 'in_progress' : 'for_review'
    return sh`spec-kitty agent tasks move-task ${wpId} --to ${to} --mission ${slug}`
  }
  return sh`spec-kitty agent action implement ${wpId} --agent NAME --mission ${slug}`
}

const workPackagesApproved: Rule = ({ states, mission, log }) => {
  const open = [...states].filter(([, lane]) => !['approved', 'done', 'canceled'].includes(lane))
  const found = open.map(([wpId, lane]) => {
    const actor = log.reduction.workPackages.get(wpId)?.actor
    const who = typeof actor === 'string' && actor !== '' ? actor : 'NAME'
    const state = lane === 'in_review' ? `in review by ${who}, not approved yet` : `${lane}, not approved`
    const remedy = nextStep(lane, wpId, mission.slug, who)
    return blocker('wp_not_approved', wpId, `${wpId} is ${state}`, remedy, { wp_id: wpId, lane })
  })
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

/** Commits files of the mission where they lie, and nothing beside them. */
function keepPlanning(top: string, dirt: readonly StatusEntry[]): readonly Remedy[] {
  if (dirt.length === 0) return []
  const paths = dirt.map(({ path }) => path)
  const fresh = dirt.filter(({ code }) => code === '??').map(({ path }) => path)
  return [
    ...(fresh.length === 0 ? [] : [sh`git -C ${top} add -- ${fresh}`]),
    sh`git -C ${top} commit -m "Keep planning files" -- ${paths}`,
  ]
}

/** The checkout's branch has the files that count; what a lane wrote into its copies stays in its history. */
function editedInLanes({ project, mission, standing, options }: MergeFacts, own: OwnConflict) {
  const source = standing.branch ?? standing.head ?? options.target
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
            sh`git -C ${place} restore ${[`--source=${source}`]} --staged --worktree -- ${own.files}`,
            sh`git -C ${place} commit -m "Take the planning files of the checkout"`,
          ),
        ),
      ),
      { files: [...own.files], lane: lane.id },
    ),
  )
}

const targetMergeable: Rule = (facts, { targetConflicts, rebaseConflict }, { conflict: own }) => {
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
          // What is uncommitted beside them has nothing to do with it.
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

const RULES: readonly Rule[] = [
  mergeInProgress,
  noOpenOperation,
  nobodyAtTheIndex,
  cleanWorktree,
  checkoutMovable,
  identityKnown,
  targetWritable,
  remoteKnown,
  targetInSync,
  missionBranchExists,
  lanesAtHome,
  laneBranchesExist,
  lanesWithRemote,
  reviewsConsistent,
  workPackagesApproved,
  approvedCodeUnchanged,
  laneWorktreesClean,
  noStrayLinks,
  planningFilesKept,
  laneFilesReadable,
  lanesMergeable,
  targetMergeable,
  filtersWork,
  signaturePossible,
]

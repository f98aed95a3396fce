/**
 * Why a merge may not start: an ordered list of small rules, all of them asked, so that no blocker masks another. The
 * dry run and the real merge ask the same list.
 */

import type { MergeBlocker } from '@spec-kitty/contracts/cli/merge-dry-run'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { actorName } from '../repo/log/actor.ts'
import type { ReviewFinding } from '../repo/review/consistency.ts'
import { fileBack } from '../repo/tasks/without-file.ts'
import { blocker, inTurn, leaveFor, type Rule } from './blocker.ts'
import {
  checkoutMovable,
  cleanWorktree,
  filtersWork,
  identityKnown,
  nobodyAtTheIndex,
  noOpenOperation,
  signaturePossible,
} from './checkout-rules.ts'
import type { MergeFacts } from './facts.ts'
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
import type { Preview } from './preview.ts'
import {
  missionBranchExists,
  remoteKnown,
  targetInSync,
  targetMergeable,
  targetWritable,
} from './target-rules.ts'

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

const reviewsConsistent: Rule = ({ reviews }) =>
  reviews.map(finding => ({
    ...blocker(
      finding.diagnostic_code,
      finding.branch_or_work_package,
      `${finding.diagnostic_code}: ${describe(finding)}`,
      [],
    ),
    ...finding,
    remediation: [...finding.remediation],
  }))

function describe({ schema_error: problem, ...finding }: ReviewFinding): string {
  const { branch_or_work_package: wpId, lane, latest_review_cycle_path: path } = finding
  if (typeof problem === 'string') return `the latest review of ${wpId} cannot be read: ${problem}`
  return `${wpId} is ${lane}, but ${path} says otherwise`
}

/** How a work package gets on from each lane. What somebody has in hand is for that one to end, whom the blocker names. */
function nextStep(lane: string, wpId: string, slug: string, holder: string): Remedy {
  const flag = ['--mission', slug]
  switch (lane) {
    case 'for_review':
      return sh`spec-kitty agent action review ${wpId} --agent NAME ${flag}`
    case 'in_review':
      return sh`spec-kitty agent action review ${wpId} --agent ${holder} ${flag}`
    case 'claimed':
      return sh`spec-kitty agent action implement ${wpId} --agent ${holder} ${flag}`
    case 'in_progress':
      return sh`spec-kitty agent tasks move-task ${wpId} --to for_review ${flag}`
    case 'blocked':
      return sh`spec-kitty agent tasks move-task ${wpId} --to in_progress ${flag}`
    default:
      return sh`spec-kitty agent action implement ${wpId} --agent NAME ${flag}`
  }
}

const workPackagesApproved: Rule = facts => {
  const { states, withoutFile, mission, log, outdated, options } = facts
  const open = [...states].filter(([, lane]) => !['approved', 'done', 'canceled'].includes(lane))
  const found = open.map(([wpId, lane]) => {
    const who = actorName(log.reduction.workPackages.get(wpId)?.actor ?? '') || 'NAME'
    const held: Readonly<Record<string, string>> = {
      claimed: `claimed by ${who}, not approved yet`,
      in_progress: `in progress with ${who}, not approved yet`,
      in_review: `in review by ${who}, not approved yet`,
    }
    const state = held[lane] ?? `${lane}, not approved`
    const lost = withoutFile.includes(wpId)
    const step = lost ? fileBack(wpId, mission) : nextStep(lane, wpId, mission.slug, who)
    // Here the step would be taken on an older log.
    const remedy = outdated ? inTurn(leaveFor(facts, options.target), step) : step
    return blocker('wp_not_approved', wpId, `${wpId} is ${state}${lost ? ', and has no file' : ''}`, remedy, {
      wp_id: wpId,
      lane,
    })
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

const RULES: readonly Rule[] = [
  mergeInProgress,
  // Most remedies commit something.
  identityKnown,
  signaturePossible,
  noOpenOperation,
  nobodyAtTheIndex,
  cleanWorktree,
  checkoutMovable,
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
]

/** The checks before a work package moves: all of them run, all refusals are reported. Pure. */
import type { ErrorCode } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { isRejected } from '../../repo/review/cycle.ts'
import { askOther } from '../../repo/review/independence.ts'
import { wordOf } from '../../repo/tasks/lists.ts'
import { basename } from '../../text/paths.ts'
import type { MoveFacts } from './facts.ts'
import { inPlaceProblems } from './in-place.ts'
import { laneProblems } from './lane-work.ts'
import { approvesNow, isApproval, type MoveRequest } from './request.ts'

export interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: Remedy
}

type Guard = (facts: MoveFacts, request: MoveRequest) => readonly Refusal[]

/** In the order of the specification; empty when nothing speaks against the move. */
export function moveRefusals(facts: MoveFacts, request: MoveRequest): readonly Refusal[] {
  return GUARDS.flatMap(guard => guard(facts, request))
}

const agentOwnership: Guard = ({ wp, mission, from, owner }, request) => {
  const { agent } = request
  if (request.force || owner === null || agent === undefined) return []
  // As its front matter spells it, too: `claude:opus`.
  if (agent === owner || (owner === wp.agent && agent === wordOf(wp.file.fields.agent))) return []
  const sendsBack = request.to === 'planned'
  // Once it is approved it is nobody's: whoever reads it may find what is to be changed.
  if (sendsBack && isApproval(from.lane)) return []
  const message = `Agent mismatch: ${wp.id} is assigned to '${owner}', not '${agent}'. Use --force to override.`
  // Nobody is told to act under another's name: a reviewer claims the review.
  if ((sendsBack || isApproval(request.to)) && (from.lane === 'for_review' || from.lane === 'in_review')) {
    const review = sh`spec-kitty agent action review ${wp.id} --agent ${agent} --mission ${mission.slug}`
    const hint =
      from.lane === 'for_review' ? review : sh`${owner} reviews it now; take another one, or add --force`
    return [{ code: 'claimed_by_other', message, hint }]
  }
  return [
    {
      code: 'claimed_by_other',
      message,
      hint: sh`${owner} has it; when it is to be taken over all the same, add --force`,
    },
  ]
}

/** Where the project asks for it, nobody approves its own work but as an exception on record. */
const independence: Guard = ({ wp, mission, ownWork, independence: rule }, request) => {
  if (ownWork === undefined || rule !== 'require' || request.selfReviewFallback === true) return []
  return [{ code: 'guard_failed', ...askOther(wp.id, ownWork, mission.slug) }]
}

/** An approval is itself the newest verdict; only `done` on top of a rejection, or an unreadable one, is stopped. */
const reviewVerdict: Guard = (facts, request) => {
  const { wp, cycle, cycleProblem, from } = facts
  if (!isApproval(request.to)) return []
  if (cycleProblem !== undefined) {
    const { message, hint } = cycleProblem
    return [{ code: 'file_malformed', message, hint: hint ?? sh`Mend its front matter` }]
  }
  if (cycle === undefined || !isRejected(cycle) || request.skipReviewArtifactCheck === true) return []
  if (approvesNow(facts, request)) return []
  const rerun = 'Re-run with --skip-review-artifact-check --note "why" to put the rejection aside.'
  const message = `${wp.id} has a rejected review artifact (${basename(cycle.path)}). ${rerun}`
  const hint = sh`${wp.id} is ${from.lane}: --skip-review-artifact-check --note "why it no longer holds"`
  return [{ code: 'guard_failed', message, hint }]
}

const reviewFeedback: Guard = ({ wp, feedback, branchLost }, request) => {
  const { to, note, reviewFeedbackFile, reviewFeedback } = request
  if (reviewFeedback !== undefined && reviewFeedback.trim() !== '') return []
  if (to !== 'planned' && reviewFeedbackFile === undefined) return []
  // Nobody can say what to change in work that is gone; why it begins anew is in the note.
  if (branchLost && note !== undefined && reviewFeedbackFile === undefined) return []
  const hint = sh`Write what is to be changed into a file: --review-feedback-file FILE`
  if (reviewFeedbackFile === undefined) {
    return [{ code: 'guard_failed', message: `Moving ${wp.id} to planned requires review feedback.`, hint }]
  }
  if (feedback === undefined) {
    const message = `Moving ${wp.id} to ${to} requires review feedback: there is no file ${reviewFeedbackFile}`
    return [{ code: 'guard_failed', message, hint }]
  }
  if (feedback.trim() !== '') return []
  const message = `Moving ${wp.id} to ${to} requires review feedback: ${reviewFeedbackFile} is empty`
  return [{ code: 'guard_failed', message, hint }]
}

const subtasks: Guard = ({ wp, openSubtasks, mission }, { to }) => {
  if (openSubtasks.length === 0) return []
  const rows = openSubtasks.map(({ row }) => `\n  ${row}`).join('')
  const ids = [...new Set(openSubtasks.flatMap(({ id }) => id ?? []))]
  const byHand = sh`Tick them in ${`${mission.rel}/tasks.md`}: [x]`
  return [
    {
      code: 'guard_failed',
      message: `Cannot move ${wp.id} to ${to} - unchecked subtasks:${rows}`,
      hint:
        ids.length === 0
          ? byHand
          : sh`Once they are done: spec-kitty agent tasks mark-status ${ids} --status done --mission ${mission.slug}`,
    },
  ]
}

const planningFiles: Guard = ({ wp, dirty, mission }, { to }) => {
  if (dirty.length === 0) return []
  const message = `Cannot move ${wp.id} to ${to} - uncommitted planning files: ${dirty.join(', ')}`
  // The folder, not the names: git refuses the name of a file that is staged as deleted.
  const hint = sh`git add -- ${mission.rel} && git commit -m "Update planning files" -- ${mission.rel}`
  return [{ code: 'dirty_worktree', message, hint }]
}

const laneWork: Guard = ({ wp, laneWork: work, inPlace }, { to }) => {
  const problems = [
    ...(work === undefined ? [] : laneProblems(work)),
    ...(inPlace === undefined ? [] : inPlaceProblems(inPlace)),
  ]
  return problems.map(({ message, hint }) => ({
    code: 'guard_failed',
    message: `Cannot move ${wp.id} to ${to} - ${message}`,
    hint,
  }))
}

const mergeAncestry: Guard = ({ wp, ancestry }) => {
  if (ancestry.kind !== 'unmerged' && ancestry.kind !== 'no_branch') return []
  const { branch, target } = ancestry
  const why =
    ancestry.kind === 'unmerged'
      ? `${branch} is not merged into ${target}`
      : `there is no ${branch} to look at`
  return [
    {
      code: 'guard_failed',
      message: `Cannot move ${wp.id} to done - merge ancestry cannot be shown: ${why}`,
      hint: sh`Let spec-kitty merge do it, or put the reason on record: --done-override-reason TEXT`,
    },
  ]
}

const issues: Guard = ({ wp, mission, unsettledIssues }, { to }) => {
  if (unsettledIssues.length === 0) return []
  const message = `Cannot move ${wp.id} to ${to} - ${mission.rel}/issue-matrix.md does not settle ${unsettledIssues.join(', ')}`
  return [
    { code: 'guard_failed', message, hint: sh`Give each of them a row with a verdict and its evidence` },
  ]
}

const seeded: Guard = ({ wp, mission, from, circle }) => {
  if (from.lane !== 'genesis') return []
  const why =
    circle.length === 0
      ? 'its tasks are not finalized'
      : `dependencies go in a circle: ${circle.join(' -> ')}`
  const remedy = sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`
  return [
    {
      code: 'tasks_not_finalized',
      message: `${wp.id} has no status events yet: ${why}`,
      hint: circle.length === 0 ? remedy : sh`Break the circle in ${mission.rel}/tasks.md, then: ${remedy}`,
    },
  ]
}

const GUARDS: readonly Guard[] = [
  seeded,
  agentOwnership,
  independence,
  reviewVerdict,
  reviewFeedback,
  subtasks,
  planningFiles,
  laneWork,
  mergeAncestry,
  issues,
]

/** The refusals as the JSON answer lists them. */
export function blockersOf(refusals: readonly Refusal[]): readonly JsonObject[] {
  return refusals.map(({ code, message, hint }) => ({ code, message, hint }))
}

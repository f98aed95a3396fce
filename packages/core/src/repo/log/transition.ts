/** One lane change as a value: facts and request in, event or refusal out. Nothing is read or written here. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { ExecutionMode, NewTransition } from '@spec-kitty/contracts/files/events'
import { isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { judge } from './matrix.ts'
import { laneOf, type Reduction, stateOf } from './reduce.ts'

/** Identity and time of an event, drawn with the facts so that plans stay pure. */
export interface Stamp {
  readonly id: string
  readonly at: string
}

/** Who the event belongs to; a `Mission` fits. */
export interface EventOwner {
  readonly slug: string
  readonly id: string | null
}

export interface TransitionRequest {
  readonly wpId: string
  readonly to: Lane
  readonly actor: string
  readonly force?: boolean | undefined
  readonly reason?: string | undefined
  readonly evidence?: JsonObject | undefined
  readonly reviewRef?: string | undefined
  readonly policyMetadata?: JsonObject | undefined
  /** `worktree` when left out. */
  readonly executionMode?: ExecutionMode | undefined
  /** Where the work is done. */
  readonly workspace?: string | undefined
  /** Every subtask is ticked; false when left out. */
  readonly subtasksComplete?: boolean | undefined
}

/** Where a work package stands before the change. */
export interface Standing {
  readonly lane: Lane
  /** Actor of the last transition; null before the first. */
  readonly holder: Json
}

export type TransitionOutcome =
  | { readonly event: NewTransition; readonly refusal?: never }
  | { readonly refusal: KittyError; readonly event?: never }

export function standing(reduction: Reduction, wpId: string): Standing {
  return { lane: laneOf(reduction, wpId), holder: stateOf(reduction, wpId)?.actor ?? null }
}

/**
 * The event that moves a work package, or why it may not move: `illegal_transition` or `guard_failed`. A review given
 * as evidence or as a reference stands for the other form too, so that the event says it in both.
 */
export function planTransition(
  owner: EventOwner,
  from: Standing,
  request: TransitionRequest,
  stamp: Stamp,
): TransitionOutcome {
  const refusal = judge({
    from: from.lane,
    holder: from.holder,
    to: request.to,
    actor: request.actor,
    force: request.force ?? false,
    reason: request.reason ?? null,
    reviewRef: request.reviewRef ?? null,
    evidence: request.evidence ?? null,
    workspace: request.workspace ?? null,
    subtasksComplete: request.subtasksComplete ?? false,
  })
  if (refusal !== undefined) {
    const { code, message, hint } = refusal
    const data = { wp_id: request.wpId, from_lane: from.lane, to_lane: request.to }
    return { refusal: new KittyError(code, message, { hint, data }) }
  }
  return { event: buildEvent(owner, from.lane, request, stamp) }
}

/** As `planTransition`, for callers that have no use for a refusal but to throw it. */
export function requireTransition(
  owner: EventOwner,
  from: Standing,
  request: TransitionRequest,
  stamp: Stamp,
): NewTransition {
  const outcome = planTransition(owner, from, request, stamp)
  if (outcome.refusal !== undefined) throw outcome.refusal
  return outcome.event
}

/** Several changes of one work package in a row, e.g. claimed and then in progress; one stamp each. Throws the refusal. */
export function planWalk(
  owner: EventOwner,
  from: Standing,
  requests: readonly TransitionRequest[],
  stamps: readonly Stamp[],
): readonly NewTransition[] {
  const events: NewTransition[] = []
  let here = from
  for (const [index, request] of requests.entries()) {
    const stamp = stamps[index]
    if (stamp === undefined) throw new Error(`planWalk: ${requests.length} changes, ${stamps.length} stamps`)
    const event = requireTransition(owner, here, request, stamp)
    events.push(event)
    here = { lane: event.to_lane, holder: event.actor }
  }
  return events
}

function buildEvent(owner: EventOwner, from: Lane, request: TransitionRequest, stamp: Stamp): NewTransition {
  const evidence = evidenceOf(from, request)
  const reviewRef = reviewRefOf(from, request)
  const result = reviewResultOf(from, request, evidence, reviewRef)
  return {
    actor: request.actor,
    at: stamp.at,
    event_id: stamp.id,
    evidence,
    execution_mode: request.executionMode ?? 'worktree',
    force: request.force ?? false,
    from_lane: from,
    // Old missions have no id: then the key is left out, not null (docs/log.md).
    ...(owner.id === null ? {} : { mission_id: owner.id }),
    mission_slug: owner.slug,
    policy_metadata: request.policyMetadata ?? null,
    reason: request.reason ?? null,
    review_ref: reviewRef,
    ...(result === undefined ? {} : { review_result: result }),
    to_lane: request.to,
    wp_id: request.wpId,
  }
}

/** An approval by reference alone still names its reviewer. */
function evidenceOf(from: Lane, request: TransitionRequest): JsonObject | null {
  const { evidence, reviewRef, to, actor } = request
  if (evidence !== undefined) return evidence
  if (from !== 'in_review' || reviewRef === undefined || (to !== 'approved' && to !== 'done')) return null
  return { review: { reviewer: actor, verdict: 'approved', reference: reviewRef } }
}

/** A rejection with evidence alone still points at its feedback: the reducer and the server look there. */
function reviewRefOf(from: Lane, request: TransitionRequest): string | null {
  const { evidence, reviewRef, to } = request
  if (reviewRef !== undefined) return reviewRef
  const review = evidence?.review
  if (from !== 'in_review' || to === 'approved' || to === 'done' || !isObject(review)) return null
  return typeof review.reference === 'string' ? review.reference : null
}

/** The verdict of a review as later editions look for it: a row that ends one without it leaves them with none. */
function reviewResultOf(
  from: Lane,
  { to, actor }: TransitionRequest,
  evidence: JsonObject | null,
  reviewRef: string | null,
): JsonObject | undefined {
  if (from !== 'in_review' && to !== 'approved') return undefined
  if (isObject(evidence?.review)) {
    const { reviewer, verdict, reference } = evidence.review
    const said = [reviewer, verdict, reference].every(value => typeof value === 'string' && value !== '')
    if (said) return { reviewer, verdict, reference } as JsonObject
  }
  const sentBack = from === 'in_review' && (to === 'planned' || to === 'in_progress')
  return sentBack && reviewRef !== null
    ? { reviewer: actor, verdict: 'changes_requested', reference: reviewRef }
    : undefined
}

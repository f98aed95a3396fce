/**
 * Which lane changes are legal, and what each asks for (docs/log.md). The matrix is data; a pair that is
 * not listed is illegal without force.
 *
 * From every lane that is not an end there is a way to `canceled` and a way to `done` without force: work can always
 * be given up or finished. `done` and `canceled` are ends: to open finished work again is an exception that wants a
 * reason on record, hence force - or, for a whole mission, `spec-kitty mission reopen`.
 */

import { isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES, type DisplayLane, type Lane, parseLane } from '@spec-kitty/contracts/lanes'
import { listed, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { actorName, isActor } from './actor.ts'

/** What is known about a requested change. Text that is blank counts as missing. */
export interface Move {
  readonly from: Lane
  readonly to: Lane
  readonly actor: string
  readonly force: boolean
  readonly reason: string | null
  /** Who made the last transition: the reviewer while the work package is in review. */
  readonly holder: Json
  /** Pointer to a review or its feedback. */
  readonly reviewRef: string | null
  readonly evidence: JsonObject | null
  /** Where the work is done; the CLI always knows one. */
  readonly workspace: string | null
  /** Every subtask of the work package is ticked. */
  readonly subtasksComplete: boolean
}

export type Guard =
  | 'actor'
  | 'workspace'
  | 'subtasks'
  | 'evidence'
  | 'reason'
  | 'review_result'
  | 'review_ref'

export interface MoveRefusal {
  readonly code: 'illegal_transition' | 'guard_failed'
  readonly message: string
  /** What to do. */
  readonly hint: Remedy
}

type Exits = { readonly [to in Lane]?: Guard | null }

const GIVE_UP: Exits = { blocked: null, canceled: null }

/** From → to → what it asks for; null asks for nothing. */
export const MATRIX: { readonly [from in Lane]: Exits } = {
  genesis: { planned: null, canceled: null },
  planned: { claimed: 'actor', ...GIVE_UP },
  claimed: { in_progress: 'workspace', ...GIVE_UP },
  in_progress: { for_review: 'subtasks', approved: 'evidence', planned: 'reason', ...GIVE_UP },
  for_review: { in_review: 'actor', ...GIVE_UP },
  in_review: {
    approved: 'review_result',
    done: 'review_result',
    in_progress: 'review_result',
    planned: 'review_result',
    blocked: 'review_result',
    canceled: 'review_result',
  },
  approved: { done: 'evidence', in_progress: 'review_ref', planned: 'review_ref', ...GIVE_UP },
  done: {},
  blocked: { in_progress: null, canceled: null },
  canceled: {},
}

/** True when the pair is in the matrix, whatever its guard says. */
export function isLegal(from: Lane, to: Lane): boolean {
  return MATRIX[from][to] !== undefined
}

/** Lanes that can be reached from `from` without force, in display order. */
export function exits(from: Lane): readonly Lane[] {
  return DISPLAY_LANES.filter(to => isLegal(from, to))
}

/** The lane a user typed (docs/log.md: trimmed, any case, `doing`); undefined when there is none. */
export function targetLane(text: string): DisplayLane | undefined {
  const lane = parseLane(text)
  return lane === 'genesis' ? undefined : lane
}

/** Why a move is refused; undefined when it is legal and its guard is satisfied, or rightly forced. */
export function judge(move: Move): MoveRefusal | undefined {
  if (move.force) return judgeForce(move)
  const guard = MATRIX[move.from][move.to]
  if (guard === undefined) return illegal(move)
  return incompleteEvidence(move) ?? (guard === null ? undefined : GUARDS[guard](move))
}

function judgeForce(move: Move): MoveRefusal | undefined {
  if (move.to === 'genesis') return illegal(move)
  if (filled(move.actor) && filled(move.reason)) return undefined
  return refuse('Force transitions require actor and reason', sh`Add --actor NAME and --reason TEXT`)
}

function illegal(move: Move): MoveRefusal {
  const { from, to, holder, actor } = move
  if (from === 'in_review' && to === 'in_review' && !isActor(holder, actor)) {
    const who = actorName(holder)
    return refuse(
      `WP already claimed for review by ${who}; cannot be claimed by ${actor}`,
      sh`Let ${who} finish the review, or take it over: --force --reason TEXT`,
    )
  }
  const legal = exits(from)
  const hint =
    legal.length === 0
      ? sh`${from} is an end; to leave it all the same: --force --actor NAME --reason TEXT`
      : sh`From ${from} a work package can go to ${listed(legal)}; anything else wants --force --reason TEXT`
  return { code: 'illegal_transition', message: `Illegal transition: ${from} -> ${to}`, hint }
}

const EVIDENCE_HINT = sh`Add --evidence-json '{"review": {"reviewer": "NAME", "verdict": "approved", "reference": "PR#1"}}'`

const GUARDS: { readonly [guard in Guard]: (move: Move) => MoveRefusal | undefined } = {
  actor: move =>
    filled(move.actor) ? undefined : refuse('Transition requires actor identity', sh`Add --actor NAME`),
  workspace: move =>
    filled(move.workspace)
      ? undefined
      : refuse(
          `Transition ${pair(move)} requires workspace context`,
          sh`Add --workspace-context TEXT, or claim it with: spec-kitty agent action implement`,
        ),
  subtasks: move =>
    move.subtasksComplete
      ? undefined
      : refuse(
          `Transition ${pair(move)} requires completed subtasks or force with reason`,
          sh`Tick them: spec-kitty agent tasks mark-status T001 --status done`,
        ),
  evidence: move =>
    hasReview(move.evidence, ['reviewer', 'reference'])
      ? undefined
      : refuse(
          'Transition to approved/done requires evidence (reviewer identity and approval reference)',
          EVIDENCE_HINT,
        ),
  reason: move =>
    filled(move.reason)
      ? undefined
      : refuse(`Transition ${pair(move)} requires reason`, sh`Add --reason TEXT`),
  review_result: move =>
    filled(move.reviewRef) || hasReview(move.evidence, ['reviewer', 'verdict', 'reference'])
      ? undefined
      : refuse(
          'Transition from in_review requires review_result (reviewer, verdict, reference)',
          sh`${part(EVIDENCE_HINT)}, or --review-ref REFERENCE`,
        ),
  review_ref: move =>
    filled(move.reviewRef)
      ? undefined
      : refuse(
          'Transition requires review_ref (review feedback reference)',
          sh`Add --review-ref REFERENCE of the feedback`,
        ),
}

/** Evidence that is given must be whole, also where the guard would be content with less. */
function incompleteEvidence({ to, evidence }: Move): MoveRefusal | undefined {
  if (to !== 'approved' && to !== 'done') return undefined
  if (evidence === null || hasReview(evidence, ['reviewer', 'verdict', 'reference'])) return undefined
  return refuse(
    `Moving to ${to} requires evidence with review.reviewer, review.verdict, and review.reference`,
    EVIDENCE_HINT,
  )
}

function hasReview(evidence: JsonObject | null, keys: readonly string[]): boolean {
  const review = evidence?.review
  return isObject(review) && keys.every(key => filled(review[key]))
}

function filled(value: Json | undefined): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

function pair({ from, to }: Move): string {
  return `${from} -> ${to}`
}

function refuse(message: string, hint: Remedy): MoveRefusal {
  return { code: 'guard_failed', message, hint }
}

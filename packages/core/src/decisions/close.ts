/** `agent decision resolve`, `defer`, `cancel`: the end of a question (docs/missions.md). */
import type { DecisionClose } from '@spec-kitty/contracts/cli/decision'
import type { DecisionEntry, DecisionIndex } from '@spec-kitty/contracts/files/decision'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import type { Stamp } from '../repo/log/transition.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Ports } from '../world/ports.ts'
import { type DecisionPlan, decisionRefusal, recordDecision, zulu } from './record.ts'

export interface CloseDecisionInput {
  readonly mission?: string | undefined
  readonly id: string
  readonly outcome: 'resolved' | 'deferred' | 'canceled'
  readonly finalAnswer?: string | undefined
  /** The answer is none of the options. */
  readonly otherAnswer?: boolean | undefined
  readonly rationale?: string | undefined
  readonly resolvedBy?: string | undefined
  readonly autoCommit?: boolean | undefined
}

/**
 * Ends a decision. A deferred one may be resolved later; the same end with the same words again is fine.
 * Throws `decision_refused` with `DECISION_NOT_FOUND` or `DECISION_TERMINAL_CONFLICT`.
 */
export async function closeDecision(ports: Ports, input: CloseDecisionInput): Promise<DecisionClose> {
  return recordDecision<DecisionClose>(ports, input, ({ mission, index }, stamps) => {
    const before = find(index, input.id)
    const wanted = {
      final_answer: input.finalAnswer ?? null,
      other_answer: input.otherAnswer ?? false,
      rationale: input.rationale ?? null,
    }
    const answer = {
      decision_id: before.decision_id,
      event_lamport: null,
      status: input.outcome,
      terminal_outcome: input.outcome,
    }
    if (isSame(before, input.outcome, wanted)) return { answer: { ...answer, idempotent: true } }
    requireOpen(before, input.outcome)
    const entry: DecisionEntry = {
      ...before,
      ...wanted,
      status: input.outcome,
      resolved_at: zulu(stamps[0].at),
      resolved_by: input.resolvedBy ?? null,
    }
    const plan: DecisionPlan = {
      index: { ...index, entries: index.entries.map(item => (item === before ? entry : item)) },
      entry,
      event: { type: 'DecisionPointResolved', payload: closed(mission, entry, stamps[0]) },
      change:
        entry.final_answer === null
          ? input.outcome
          : `${input.outcome} (final_answer=${JSON.stringify(entry.final_answer)})`,
    }
    return { plan, answer: { ...answer, idempotent: false } }
  })
}

function find(index: DecisionIndex, id: string): DecisionEntry {
  const entry = index.entries.find(item => item.decision_id === id.toUpperCase())
  if (entry !== undefined) return entry
  const open = index.entries.filter(item => item.status === 'open').map(item => item.decision_id)
  throw decisionRefusal(
    'DECISION_NOT_FOUND',
    `There is no decision ${id} in this mission`,
    { decision_id: id },
    open.length > 0 ? sh`Open: ${listed(open)}` : sh`No decision is open`,
  )
}

type Answer = Pick<DecisionEntry, 'final_answer' | 'other_answer' | 'rationale'>

function isSame(entry: DecisionEntry, outcome: CloseDecisionInput['outcome'], wanted: Answer): boolean {
  return (
    entry.status === outcome &&
    entry.final_answer === wanted.final_answer &&
    entry.other_answer === wanted.other_answer &&
    entry.rationale === wanted.rationale
  )
}

function requireOpen(entry: DecisionEntry, outcome: CloseDecisionInput['outcome']): void {
  if (entry.status === 'open' || (entry.status === 'deferred' && outcome === 'resolved')) return
  throw decisionRefusal(
    'DECISION_TERMINAL_CONFLICT',
    `Decision ${entry.decision_id} is ${entry.status} already and cannot become ${outcome} with other words`,
    { decision_id: entry.decision_id, existing_status: entry.status, requested_status: outcome },
    sh`Open a new question, with another --input-key`,
  )
}

function closed(mission: Mission, entry: DecisionEntry, stamp: Stamp): JsonObject {
  return {
    actual_participants: [],
    closed_locally_while_widened: false,
    closure_message: null,
    decision_point_id: entry.decision_id,
    final_answer: entry.final_answer,
    mission_id: mission.id,
    mission_slug: mission.slug,
    mission_type: mission.type,
    origin_surface: 'planning_interview',
    other_answer: entry.other_answer,
    rationale: entry.rationale,
    recorded_at: zulu(stamp.at),
    resolved_by: entry.resolved_by ?? 'cli',
    run_id: entry.decision_id,
    state_entered_at: zulu(stamp.at),
    summary: null,
    terminal_outcome: entry.status,
  }
}

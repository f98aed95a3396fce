/** `agent decision …`: always one JSON document, with and without `--json` (docs/missions.md). */
import * as v from 'valibot'
import { DecisionEntry } from '../files/decision.ts'

/** A refusal; exit status 1. */
export const DecisionRefusal = v.looseObject({ code: v.string(), error: v.string() })

export const DecisionOpen = v.object({
  artifact_path: v.string(),
  contract: v.literal('decision_open_v2'),
  /** `DRY_RUN` with `--dry-run`. */
  decision_id: v.string(),
  /** Kept for readers of the Python edition; carries no meaning here. */
  event_lamport: v.null(),
  /** True when the question was open already. */
  idempotent: v.boolean(),
  mission_id: v.nullable(v.string()),
  recovery: v.object({
    idempotency_key: v.object({
      input_key: v.string(),
      mission_id: v.nullable(v.string()),
      mission_slug: v.string(),
      origin_flow: v.string(),
      slot_key: v.nullable(v.string()),
      step_id: v.nullable(v.string()),
    }),
    rerun_safe: v.literal(true),
  }),
})
export type DecisionOpen = v.InferOutput<typeof DecisionOpen>
export const DecisionOpenCommand = v.union([DecisionOpen, DecisionRefusal])

const outcome = v.picklist(['resolved', 'deferred', 'canceled'])
export const DecisionClose = v.object({
  decision_id: v.string(),
  event_lamport: v.null(),
  idempotent: v.boolean(),
  status: outcome,
  terminal_outcome: outcome,
})
export type DecisionClose = v.InferOutput<typeof DecisionClose>
export const DecisionCloseCommand = v.union([DecisionClose, DecisionRefusal])

/** The keys that 4.0 has. */
export const DecisionList = v.object({
  contract: v.literal('decision_list_v1'),
  mission_slug: v.string(),
  mission_id: v.nullable(v.string()),
  count: v.number(),
  /** Oldest first. */
  decisions: v.array(
    v.pick(DecisionEntry, [
      'decision_id',
      'status',
      'origin_flow',
      'input_key',
      'question',
      'options',
      'step_id',
      'slot_key',
      'final_answer',
      'rationale',
      'created_at',
      'resolved_at',
      'resolved_by',
    ]),
  ),
})
export type DecisionList = v.InferOutput<typeof DecisionList>
export const DecisionListCommand = v.union([DecisionList, DecisionRefusal])

export const DecisionVerify = v.object({
  status: v.picklist(['clean', 'drift']),
  deferred_count: v.number(),
  marker_count: v.number(),
  findings: v.array(
    v.object({
      kind: v.picklist(['DEFERRED_WITHOUT_MARKER', 'MARKER_WITHOUT_DECISION', 'STALE_MARKER']),
      decision_id_or_ref: v.string(),
      /** `plan.md:L3`; null for a decision that no document mentions. */
      location: v.nullable(v.string()),
      detail: v.string(),
    }),
  ),
})
export type DecisionVerify = v.InferOutput<typeof DecisionVerify>
export const DecisionVerifyCommand = v.union([DecisionVerify, DecisionRefusal])

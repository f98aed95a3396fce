/** `decisions/index.json`: questions of a mission and their answers (docs/missions.md). Read loosely. */
import * as v from 'valibot'

const text = v.nullable(v.string())

export const DecisionEntry = v.looseObject({
  created_at: v.string(),
  decision_id: v.string(),
  final_answer: text,
  input_key: v.string(),
  mission_id: text,
  mission_slug: v.string(),
  opened_by: v.string(),
  options: v.array(v.string()),
  origin_flow: v.picklist(['charter', 'specify', 'plan']),
  other_answer: v.boolean(),
  question: v.string(),
  rationale: text,
  resolved_at: text,
  resolved_by: text,
  slot_key: text,
  status: v.picklist(['open', 'resolved', 'deferred', 'canceled']),
  step_id: text,
  summary_json: v.nullable(v.unknown()),
})
export type DecisionEntry = v.InferOutput<typeof DecisionEntry>

export const DecisionIndex = v.looseObject({
  version: v.literal(1),
  mission_id: text,
  entries: v.array(DecisionEntry),
})
export type DecisionIndex = v.InferOutput<typeof DecisionIndex>

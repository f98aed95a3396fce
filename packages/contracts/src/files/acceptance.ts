/** `acceptance-matrix.json` (docs/merge.md): one criterion for each functional requirement. Read loosely. */
import * as v from 'valibot'

export const AcceptanceCriterion = v.looseObject({
  criterion_id: v.string(),
  description: v.string(),
  proof_type: v.string(),
  evidence: v.nullable(v.string()),
  pass_fail: v.picklist(['pending', 'pass', 'fail']),
  verified_by: v.nullable(v.string()),
  verified_at: v.nullable(v.string()),
  notes: v.string(),
})
export type AcceptanceCriterion = v.InferOutput<typeof AcceptanceCriterion>

export const AcceptanceMatrix = v.looseObject({
  mission_slug: v.string(),
  /** Decimal digits, or empty before the merge. */
  mission_number: v.string(),
  mission_type: v.string(),
  overall_verdict: v.picklist(['pending', 'pass', 'fail']),
  criteria: v.array(AcceptanceCriterion),
  negative_invariants: v.array(v.looseObject({})),
})
export type AcceptanceMatrix = v.InferOutput<typeof AcceptanceMatrix>

/** `agent mission record-analysis --json` (docs/missions.md). */
import * as v from 'valibot'

const artifact = v.object({
  /** Relative to the repository; null when there is none. */
  path: v.nullable(v.string()),
  sha256: v.nullable(v.string()),
})
const count = v.nullable(v.number())

export const RecordAnalysis = v.object({
  success: v.literal(true),
  result: v.literal('success'),
  /** Absolute. */
  path: v.string(),
  mission_slug: v.string(),
  mission_id: v.nullable(v.string()),
  input_artifacts: v.object({
    'spec.md': artifact,
    'plan.md': artifact,
    'tasks.md': artifact,
    charter: artifact,
  }),
  /** The word after `Verdict:` in the report, else `unknown`. */
  verdict: v.string(),
  /** Null where the report gives no number. */
  issue_counts: v.object({ critical: count, high: count, medium: count, low: count, info: count }),
  findings: v.array(v.string()),
  stale: v.literal(false),
  generated_at: v.string(),
  commit_created: v.boolean(),
  spec_kitty_version: v.string(),
})
export type RecordAnalysis = v.InferOutput<typeof RecordAnalysis>

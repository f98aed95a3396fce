/** `agent mission setup-plan --json`, also `plan` (docs/missions.md). `blocked` comes with exit status 1. */
import * as v from 'valibot'
import { BranchContract } from './branch-contract.ts'

export const SetupPlan = v.object({
  result: v.picklist(['success', 'blocked']),
  phase_complete: v.boolean(),
  mission_slug: v.string(),
  /** Paths are absolute. */
  feature_dir: v.string(),
  spec_file: v.string(),
  spec_committed: v.boolean(),
  spec_substantive: v.boolean(),
  /** Absent while the gate of the specification is closed. */
  plan_file: v.optional(v.string()),
  plan_substantive: v.optional(v.boolean()),
  /** Only while the gate of the specification is closed. */
  error_code: v.optional(v.literal('SPEC_NOT_SUBSTANTIVE_OR_UNCOMMITTED')),
  blocked_reason: v.optional(v.string()),
  next_step: v.string(),
  ...BranchContract.entries,
  spec_kitty_version: v.string(),
})
export type SetupPlan = v.InferOutput<typeof SetupPlan>

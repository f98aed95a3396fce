/** The branch names that every planning command reports. */
import * as v from 'valibot'

const names = {
  current_branch: v.string(),
  target_branch: v.string(),
  base_branch: v.string(),
  planning_base_branch: v.string(),
  merge_target_branch: v.string(),
}

/** Where a pull request would begin; only `branch-context` says so. */
const primary = {
  primary_branch: v.optional(v.string()),
  current_is_primary: v.optional(v.boolean()),
  recommended_strategy: v.optional(v.picklist(['feature-branch', 'stay'])),
}

const said = { ...names, branch_matches_target: v.boolean(), branch_strategy_summary: v.string() }

export const BranchContract = v.object({
  ...said,
  branch_context: v.object({
    ...names,
    ...primary,
    expected_checkout_branch: v.string(),
    matches_target: v.boolean(),
    branch_strategy_summary: v.string(),
    reason: v.optional(v.string()),
  }),
  /** The same once more, as prompts of the Python edition name them. */
  CURRENT_BRANCH: v.string(),
  TARGET_BRANCH: v.string(),
  BASE_BRANCH: v.string(),
  PLANNING_BASE_BRANCH: v.string(),
  MERGE_TARGET_BRANCH: v.string(),
  EXPECTED_TARGET_BRANCH: v.string(),
  EXPECTED_BASE_BRANCH: v.string(),
  BRANCH_MATCHES_TARGET: v.boolean(),
  NOW_UTC_ISO: v.string(),
  runtime_vars: v.object({ now_utc_iso: v.string(), ...said, ...primary }),
})
export type BranchContract = v.InferOutput<typeof BranchContract>

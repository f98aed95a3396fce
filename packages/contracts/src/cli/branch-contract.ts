/** The branch names that every planning command reports. */
import * as v from 'valibot'

const names = {
  current_branch: v.string(),
  target_branch: v.string(),
  base_branch: v.string(),
  planning_base_branch: v.string(),
  merge_target_branch: v.string(),
}

export const BranchContract = v.object({
  ...names,
  branch_matches_target: v.boolean(),
  branch_strategy_summary: v.string(),
  branch_context: v.object({
    ...names,
    expected_checkout_branch: v.string(),
    matches_target: v.boolean(),
    branch_strategy_summary: v.string(),
  }),
})
export type BranchContract = v.InferOutput<typeof BranchContract>

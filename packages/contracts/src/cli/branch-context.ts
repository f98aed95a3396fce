/** `agent mission branch-context --json`: which branch a new mission would be planned on (docs/missions.md). */
import * as v from 'valibot'
import { BranchContract } from './branch-contract.ts'

export const BranchContext = v.object({
  result: v.literal('success'),
  repo_root: v.string(),
  target_branch_source: v.picklist(['current_branch', 'option']),
  next_step: v.string(),
  ...BranchContract.entries,
  primary_branch: v.string(),
  current_is_primary: v.boolean(),
  recommended_strategy: v.picklist(['feature-branch', 'stay']),
  branch_recommendation_reason: v.string(),
  PRIMARY_BRANCH: v.string(),
  CURRENT_IS_PRIMARY: v.boolean(),
  RECOMMENDED_STRATEGY: v.string(),
  spec_kitty_version: v.string(),
})
export type BranchContext = v.InferOutput<typeof BranchContext>

/** `spec-kitty agent action review --json`: what a reviewer needs. */
import * as v from 'valibot'

export const AgentActionReview = v.object({
  result: v.literal('success'),
  wp_id: v.string(),
  mission_slug: v.string(),
  lane: v.literal('in_review'),
  reviewer: v.string(),
  /** False when this reviewer had claimed it before. */
  claimed: v.boolean(),
  lane_id: v.string(),
  workspace_path: v.string(),
  branch: v.string(),
  base_commit: v.nullable(v.string()),
  diff_command: v.string(),
  changed_files: v.array(v.string()),
  review_cycle: v.number(),
  wp_file: v.string(),
  approve_command: v.string(),
  reject_command: v.string(),
  prompt: v.string(),
})
export type AgentActionReview = v.InferOutput<typeof AgentActionReview>

/** `spec-kitty quick` and `spec-kitty promote` (ADR 0025). */
import * as v from 'valibot'

export const Quick = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  mission_id: v.string(),
  wp_id: v.string(),
  /** Where the work will be merged: the branch that was checked out. */
  target_branch: v.string(),
  /** Where the work is to be committed. */
  branch: v.string(),
  mode: v.picklist(['branch', 'worktree']),
  /** Absolute. */
  workspace_path: v.string(),
  /** Absolute: the one file that says what is wanted. */
  wp_file: v.string(),
  /** Commands from here to the merge. */
  next: v.array(v.string()),
})
export type Quick = v.InferOutput<typeof Quick>

export const Promote = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  mission_type: v.literal('software-dev'),
  /** Absolute. */
  created_files: v.array(v.string()),
  next: v.array(v.string()),
})
export type Promote = v.InferOutput<typeof Promote>

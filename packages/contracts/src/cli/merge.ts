/** `spec-kitty merge --json`: what a real merge, `--resume` and `--abort` answer. A refusal is a `MergeBlocked`. */
import * as v from 'valibot'
import { MergeBlocked, MergeReady } from './merge-dry-run.ts'

export const MergeDone = v.object({
  result: v.literal('success'),
  spec_kitty_version: v.string(),
  mission_slug: v.string(),
  mission_number: v.nullable(v.number()),
  target_branch: v.string(),
  mission_branch: v.string(),
  strategy: v.picklist(['merge', 'squash', 'rebase']),
  /** The target before and after. */
  baseline_merge_commit: v.string(),
  merge_commit: v.string(),
  merged_lanes: v.array(v.string()),
  done_work_packages: v.array(v.string()),
  /** Old values of all refs that moved or went, as `refs/kitty/backup/…` names. */
  backup_refs: v.array(v.string()),
  removed_worktrees: v.array(v.string()),
  deleted_branches: v.array(v.string()),
  /** What cleaning up left in place, with the reason. */
  kept: v.array(v.object({ subject: v.string(), reason: v.string() })),
  pushed: v.boolean(),
  resumed: v.boolean(),
  /** What did not stop the merge and yet should be known. */
  warnings: v.array(v.string()),
})
export type MergeDone = v.InferOutput<typeof MergeDone>

export const MergeAborted = v.object({
  result: v.literal('aborted'),
  mission_slug: v.nullable(v.string()),
  /** False when there was nothing to abort. */
  aborted: v.boolean(),
  restored_refs: v.array(v.string()),
  message: v.string(),
})
export type MergeAborted = v.InferOutput<typeof MergeAborted>

export const Merge = v.union([MergeDone, MergeAborted, MergeReady, MergeBlocked])
export type Merge = v.InferOutput<typeof Merge>

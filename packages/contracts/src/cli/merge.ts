/** `spec-kitty merge --json`: what a real merge, `--resume` and `--abort` answer. A refusal is a `MergeBlocked`. */
import * as v from 'valibot'
import { PullRequest } from '../files/landing.ts'
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

/** `merge --pr`: the landing is pushed; with `--dry-run` it is only built, and `ready` says so. */
export const MergeLanding = v.object({
  result: v.literal('landing'),
  ready: v.optional(v.literal(true)),
  spec_kitty_version: v.string(),
  mission_slug: v.string(),
  /** Of the mission from the moment it has landed. */
  mission_number: v.nullable(v.number()),
  target_branch: v.string(),
  strategy: v.picklist(['merge', 'squash', 'rebase']),
  /** At the remote. */
  branch: v.string(),
  remote: v.string(),
  /** The commit that is there now. */
  head: v.string(),
  title: v.string(),
  body: v.string(),
  /** The file with the body; null in a dry run. */
  body_file: v.nullable(v.string()),
  /** The branch was there before. */
  updated: v.boolean(),
  /** False when the branch held all of it already. */
  pushed: v.boolean(),
  pr: v.nullable(PullRequest),
  /** Where a browser opens the pull request; null where the remote's address does not tell. */
  compare_url: v.nullable(v.string()),
  opened_by: v.nullable(v.picklist(['gh', 'glab'])),
  warnings: v.array(v.string()),
})
export type MergeLanding = v.InferOutput<typeof MergeLanding>

/** `merge --landed`: the content is on the target, and the mission is settled here; with `--dry-run`, would be. */
export const MergeLanded = v.object({
  result: v.literal('landed'),
  ready: v.optional(v.literal(true)),
  spec_kitty_version: v.string(),
  mission_slug: v.string(),
  target_branch: v.string(),
  /** How the forge put it there. */
  how: v.picklist(['squash', 'merge', 'rebase']),
  /** The commit of the target that brought it. */
  commit: v.string(),
  mission_number: v.nullable(v.number()),
  done_work_packages: v.array(v.string()),
  removed_worktrees: v.array(v.string()),
  deleted_branches: v.array(v.string()),
  kept: v.array(v.object({ subject: v.string(), reason: v.string() })),
  warnings: v.array(v.string()),
})
export type MergeLanded = v.InferOutput<typeof MergeLanded>

/** What is done in this repository alone. */
export type MergeHere = MergeDone | MergeAborted | MergeReady | MergeBlocked

export const Merge = v.union([MergeDone, MergeAborted, MergeReady, MergeBlocked, MergeLanding, MergeLanded])
export type Merge = v.InferOutput<typeof Merge>

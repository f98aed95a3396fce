/** `spec-kitty merge --dry-run --json` (docs/merge.md). */
import * as v from 'valibot'
import { ExecutionLane } from '../files/lanes-json.ts'

/** One reason why a merge cannot start. Further keys say more about the code. */
export const MergeBlocker = v.looseObject({
  code: v.string(),
  /** The same word, under the name that 3.2.0 readers look for. */
  blocker: v.string(),
  /** What it is about: a branch, a work package, a lane, a path. */
  subject: v.string(),
  message: v.string(),
  /** A command that can be pasted, or a list of steps. */
  remediation: v.union([v.string(), v.array(v.string())]),
})
export type MergeBlocker = v.InferOutput<typeof MergeBlocker>

const Preview = {
  spec_kitty_version: v.string(),
  mission_slug: v.string(),
  target_branch: v.string(),
  strategy: v.picklist(['merge', 'squash', 'rebase']),
  delete_branch: v.boolean(),
  remove_worktree: v.boolean(),
  push: v.boolean(),
  mission_branch: v.string(),
  lanes: v.array(ExecutionLane),
  /** The number that the mission would get; left out when it has one. */
  would_assign_mission_number: v.optional(v.number()),
  blockers: v.array(MergeBlocker),
  /** What does not stop the merge and yet should be known. */
  warnings: v.array(v.string()),
}

export const MergeReady = v.object({ ready: v.literal(true), ...Preview })
export type MergeReady = v.InferOutput<typeof MergeReady>

/** Not ready: the keys of a missing mission branch, else those of the first blocker, are repeated at the top. */
export const MergeBlocked = v.looseObject({
  ready: v.literal(false),
  ...Preview,
  blocked: v.literal(true),
  blocker: v.string(),
  diagnostic_code: v.string(),
  expected_branch: v.optional(v.pipe(v.string(), v.regex(/^kitty\/mission-.+/))),
  remediation: v.union([v.string(), v.array(v.string())]),
  error: v.string(),
  code: v.string(),
})
export type MergeBlocked = v.InferOutput<typeof MergeBlocked>

export const MergeDryRun = v.variant('ready', [MergeReady, MergeBlocked])
export type MergeDryRun = v.InferOutput<typeof MergeDryRun>

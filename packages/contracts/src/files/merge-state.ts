/**
 * The journal of a merge: `<git common dir>/spec-kitty-merge/<mission>.json`. It holds everything that is needed
 * to finish the merge or to take it back; it lives in the git directory, so it never shows up in a status.
 */
import * as v from 'valibot'

const RefMove = v.object({ ref: v.string(), old: v.nullable(v.string()), new: v.nullable(v.string()) })

export const MergeOptions = v.object({
  strategy: v.picklist(['merge', 'squash', 'rebase']),
  target: v.string(),
  push: v.boolean(),
  delete_branch: v.boolean(),
  remove_worktree: v.boolean(),
  /** First words of the commit that lands. */
  message: v.optional(v.string()),
})
export type MergeOptions = v.InferOutput<typeof MergeOptions>

export const MergePlan = v.object({
  /** Target and mission branch. */
  moves: v.array(RefMove),
  /** Created in the same transaction: old values of every ref that moves or is to be deleted. */
  backups: v.array(RefMove),
  /** The checkout of the target, null when it is checked out nowhere. */
  checkout: v.nullable(v.object({ path: v.string(), from: v.string(), to: v.string() })),
  /** Where the target is pushed; null when it is not. Journals of earlier editions mean `origin`. */
  push: v.optional(v.nullable(v.object({ remote: v.string(), branch: v.string() }))),
  /** Uncommitted bookkeeping files that the merge takes along; contents as blob ids. */
  files: v.array(v.object({ path: v.string(), before: v.string(), after: v.string() })),
  worktrees: v.array(v.object({ path: v.string(), branch: v.string(), litter: v.array(v.string()) })),
  /** Deleted at the end. */
  branches: v.array(RefMove),
  contexts: v.array(v.object({ path: v.string(), text: v.string() })),
})
export type MergePlan = v.InferOutput<typeof MergePlan>

export const MergeState = v.object({
  version: v.literal(1),
  mission_slug: v.string(),
  mission_id: v.nullable(v.string()),
  /**
   * `refused`: blockers were found, nothing was done, `--resume` tries again with the same options.
   * `prepared`: everything is built; whether the refs have moved is seen from the backups.
   * `moved`: refs and checkout are there. `pushed`: so is the remote. `aborting`: on the way back.
   */
  phase: v.picklist(['refused', 'prepared', 'moved', 'pushed', 'aborting']),
  started_at: v.string(),
  options: MergeOptions,
  plan: v.nullable(MergePlan),
  /** What the finished merge will answer, but for the cleaning up. */
  summary: v.nullable(
    v.object({
      mission_number: v.nullable(v.number()),
      mission_branch: v.string(),
      baseline_merge_commit: v.string(),
      merge_commit: v.string(),
      merged_lanes: v.array(v.string()),
      done_work_packages: v.array(v.string()),
    }),
  ),
})
export type MergeState = v.InferOutput<typeof MergeState>

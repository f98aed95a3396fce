/** `GET /api/v2/packages/:mission/:wp`, its diff, and the truth about its lane. */
import * as v from 'valibot'
import { ShowWorkPackage } from '../cli/story.ts'

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))
const TextOrNull = v.nullable(v.string())

/** What git says of a lane now. */
export const LaneTruth = v.object({
  lane_id: v.string(),
  branch: v.string(),
  /** Absolute; null where there is no worktree. */
  worktree: TextOrNull,
  /** Commits that the lane has and its base has not, and the other way round; null without a branch. */
  ahead: v.nullable(Count),
  behind: v.nullable(Count),
  /** What `ahead` and `behind` are counted against. */
  base: v.string(),
  /** Uncommitted paths, the first hundred. */
  dirty: v.array(v.string()),
  dirty_count: Count,
  last_commit: TextOrNull,
  /** ISO time; null when unknown. */
  last_commit_at: TextOrNull,
})
export type LaneTruth = v.InferOutput<typeof LaneTruth>

export const PackageDetail = v.object({
  /** The very keys of `show --json`: lane, since, who, agent, waits_for, reviews, branch, commits, events. */
  ...ShowWorkPackage.entries,
  /** Body of its file, Markdown. */
  prompt: v.string(),
  /** Relative to the project. */
  path: v.string(),
  subtasks: v.array(v.object({ id: TextOrNull, text: v.string(), done: v.boolean() })),
  dependencies: v.array(v.string()),
  dependents: v.array(v.string()),
  owned_files: v.array(v.string()),
  requirement_refs: v.array(v.string()),
  /** Null for planning work and before finalize-tasks. */
  lane_truth: v.nullable(LaneTruth),
  /** Lanes that it may be moved to now, without force. */
  moves: v.array(v.string()),
})
export type PackageDetail = v.InferOutput<typeof PackageDetail>

export const FileDiff = v.object({
  /** As it is now; of a file that is gone, as it was. */
  path: v.string(),
  /** Only of a renamed file. */
  old_path: TextOrNull,
  status: v.picklist(['added', 'modified', 'deleted', 'renamed']),
  /** Null for a binary file. */
  additions: v.nullable(Count),
  deletions: v.nullable(Count),
  /** Unified hunks from the first `@@` on; null where it is too long, binary, or without a change of contents. */
  patch: TextOrNull,
  /** The patch was left out: ask for this file alone with `?path=`. Of a file alone: it goes on. */
  cut: v.boolean(),
})
export type FileDiff = v.InferOutput<typeof FileDiff>

/** `GET /api/v2/packages/:mission/:wp/diff`, `?path=FILE` for one file with a wider limit. */
export const PackageDiff = v.object({
  mission_slug: v.string(),
  wp_id: v.string(),
  /** Commits; null before there is work. */
  base: TextOrNull,
  head: TextOrNull,
  files: v.array(FileDiff),
  /** Files beyond the limit are not listed. */
  total_files: Count,
})
export type PackageDiff = v.InferOutput<typeof PackageDiff>

/** `spec-kitty context info|list|cleanup --json`. */
import * as v from 'valibot'

/** `.kittify/workspaces/<slug>-<lane>.json` (docs/lanes.md): a cache, never the truth. */
const WorkspaceEntry = v.object({
  name: v.string(),
  wp_id: v.string(),
  mission_slug: v.string(),
  worktree_path: v.string(),
  branch_name: v.string(),
  base_branch: v.nullable(v.string()),
  base_commit: v.nullable(v.string()),
  dependencies: v.array(v.string()),
  created_at: v.nullable(v.string()),
  created_by: v.string(),
  vcs_backend: v.string(),
  lane_id: v.string(),
  lane_wp_ids: v.array(v.string()),
  current_wp: v.nullable(v.string()),
  lane_test_env: v.record(v.string(), v.string()),
  /** True when the worktree is there. */
  exists: v.boolean(),
  /** True when the context file has no worktree or its mission is gone. */
  orphaned: v.boolean(),
})

export const ContextInfo = WorkspaceEntry
export type ContextInfo = v.InferOutput<typeof ContextInfo>

export const ContextList = v.object({ workspaces: v.array(WorkspaceEntry), count: v.number() })
export type ContextList = v.InferOutput<typeof ContextList>

export const ContextCleanup = v.object({
  dry_run: v.boolean(),
  /** Names of the context files removed, or that would be. */
  removed: v.array(v.string()),
  count: v.number(),
})
export type ContextCleanup = v.InferOutput<typeof ContextCleanup>

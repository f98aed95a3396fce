/** `spec-kitty implement --json` (docs/lanes.md). */
import * as v from 'valibot'

/** The workspace of a claimed work package. */
export const Implement = v.object({
  /** Relative to the primary checkout; `.` for planning work, which has no worktree. */
  workspace: v.string(),
  workspace_path: v.string(),
  branch: v.string(),
  mission_slug: v.string(),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
  wp_id: v.string(),
  lane_id: v.string(),
  execution_mode: v.string(),
  /** The Python edition says `created` on reuse too; `reused` tells them apart. */
  status: v.literal('created'),
  lane_test_env: v.record(v.string(), v.string()),
  reused: v.boolean(),
  base_branch: v.string(),
  base_commit: v.string(),
  /** Lanes whose approved code was brought into this one by this command. */
  merged_lanes: v.array(v.string()),
  warnings: v.array(v.string()),
})
export type Implement = v.InferOutput<typeof Implement>

/** `implement --recover`: what a crashed session had left undone. */
export const ImplementRecover = v.object({
  status: v.picklist(['success', 'error']),
  wp_id: v.string(),
  recovered_wps: v.array(v.string()),
  worktrees_recreated: v.array(v.string()),
  contexts_recreated: v.array(v.string()),
  transitions_emitted: v.number(),
  errors: v.array(v.string()),
})
export type ImplementRecover = v.InferOutput<typeof ImplementRecover>

/** What the command prints: a workspace, or with `--recover` the repairs. */
export const ImplementCommand = v.union([Implement, ImplementRecover])
export type ImplementCommand = v.InferOutput<typeof ImplementCommand>

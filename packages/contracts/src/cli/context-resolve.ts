/** `agent context resolve --json` (docs/missions.md): everything a prompt must know, resolved once. */
import * as v from 'valibot'

const text = v.nullable(v.string())

export const ContextResolve = v.object({
  success: v.literal(true),
  action: v.string(),
  mission_slug: v.string(),
  /** Absolute, like all paths here. */
  feature_dir: v.string(),
  target_branch: v.string(),
  detection_method: v.picklist(['explicit', 'inferred']),
  /** Null for actions on the mission as a whole, like everything below. */
  wp_id: text,
  wp_file: text,
  /** The lane of its status. */
  lane: text,
  /** The lane it is built in. */
  lane_id: text,
  branch_name: text,
  execution_mode: text,
  /** `lane_workspace`, or `repository_root` for planning work. */
  resolution_kind: text,
  dependencies: v.array(v.string()),
  resolved_base: text,
  auto_merge: v.literal(false),
  workspace_path: text,
  commands: v.record(v.string(), v.string()),
  warnings: v.array(v.string()),
})
export type ContextResolve = v.InferOutput<typeof ContextResolve>

/** `where --json`: which checkout, mission, lane and work package this is, and what comes next. */
export const Where = v.object({
  checkout: v.string(),
  branch: text,
  /** True in the worktree of a lane. */
  in_lane: v.boolean(),
  mission_slug: text,
  lane_id: text,
  /** Work packages of the lane with their status. */
  work_packages: v.array(v.object({ wp_id: v.string(), title: v.string(), lane: v.string() })),
  /** Absolute; where the mission's files and the board are. */
  feature_dir: text,
  next_step: v.string(),
})
export type Where = v.InferOutput<typeof Where>

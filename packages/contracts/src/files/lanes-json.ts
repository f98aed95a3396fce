/** `lanes.json`: which work package is built in which lane (docs/lanes.md). Read loosely, written strictly. */
import * as v from 'valibot'

export const ExecutionLane = v.looseObject({
  lane_id: v.string(),
  /** Execution order. */
  wp_ids: v.array(v.string()),
  write_scope: v.array(v.string()),
  predicted_surfaces: v.array(v.string()),
  depends_on_lanes: v.array(v.string()),
  /** Depth in the graph of lanes: 0 depends on nothing. */
  parallel_group: v.number(),
})
export type ExecutionLane = v.InferOutput<typeof ExecutionLane>

export const CollapseReport = v.looseObject({
  events: v.array(
    v.looseObject({ wp_a: v.string(), wp_b: v.string(), rule: v.string(), evidence: v.string() }),
  ),
  total_merges: v.number(),
  independent_wps_collapsed: v.number(),
  by_rule: v.record(v.string(), v.number()),
})
export type CollapseReport = v.InferOutput<typeof CollapseReport>

export const LanesJson = v.looseObject({
  version: v.literal(1),
  mission_slug: v.string(),
  mission_id: v.string(),
  /** Authoritative for merge, whatever the naming rule says. */
  mission_branch: v.string(),
  target_branch: v.string(),
  lanes: v.array(ExecutionLane),
  computed_at: v.string(),
  computed_from: v.string(),
  planning_artifact_wps: v.array(v.string()),
  /** Only when work packages were put into one lane. */
  collapse_report: v.optional(CollapseReport),
})
export type LanesJson = v.InferOutput<typeof LanesJson>

/** `agent mission finalize-tasks --json`, also `tasks`; and the smaller `agent tasks finalize-tasks` (docs/missions.md). */
import * as v from 'valibot'
import { CollapseReport } from '../files/lanes-json.ts'

const Bootstrap = v.object({
  total_wps: v.number(),
  /** Work packages that got their first event, or would get it. */
  newly_seeded: v.number(),
  already_initialized: v.number(),
})

const Lanes = v.object({
  computed: v.boolean(),
  count: v.number(),
  lane_ids: v.array(v.string()),
  planning_artifact_wps: v.array(v.string()),
  collapse_report: CollapseReport,
})

const refs = v.record(v.string(), v.array(v.string()))
const change = v.object({
  wp_id: v.string(),
  /** Front matter keys and their new values. */
  changes: v.record(v.string(), v.union([v.string(), v.array(v.string())])),
})

const shared = {
  mission_slug: v.string(),
  wp_count: v.number(),
  updated_wp_count: v.number(),
  dependencies_parsed: refs,
  requirement_refs_parsed: refs,
  ownership_warnings: v.array(v.string()),
  /** Lines of tasks.md that look like a dependency and yield none. */
  dependency_warnings: v.array(v.string()),
}

export const FinalizeTasks = v.object({
  result: v.literal('success'),
  ...shared,
  modified_wps: v.array(v.string()),
  unchanged_wps: v.array(v.string()),
  /** Unchanged, with dependencies that only their front matter states. */
  preserved_wps: v.array(v.string()),
  tasks_dir: v.string(),
  commit_created: v.boolean(),
  commit_hash: v.nullable(v.string()),
  /** Relative to the repository. */
  files_committed: v.array(v.string()),
  bootstrap: Bootstrap,
  lanes: Lanes,
  spec_kitty_version: v.string(),
})
export type FinalizeTasks = v.InferOutput<typeof FinalizeTasks>

export const FinalizeTasksPreview = v.object({
  result: v.literal('validation_passed'),
  validate_only: v.literal(true),
  ...shared,
  would_modify: v.array(change),
  unchanged: v.array(v.string()),
  would_preserve: v.array(v.string()),
  validation: v.object({ bootstrap_preview: Bootstrap, lanes_preview: Lanes }),
  message: v.string(),
  spec_kitty_version: v.string(),
})
export type FinalizeTasksPreview = v.InferOutput<typeof FinalizeTasksPreview>

export const FinalizeTasksCommand = v.union([FinalizeTasks, FinalizeTasksPreview])
export type FinalizeTasksCommand = v.InferOutput<typeof FinalizeTasksCommand>

/** `agent tasks finalize-tasks`: dependencies and first events only. */
export const SeedTasks = v.object({
  result: v.picklist(['success', 'validation_passed']),
  mission_slug: v.string(),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
  updated_wp_count: v.number(),
  modified_wps: v.optional(v.array(v.string())),
  unchanged_wps: v.optional(v.array(v.string())),
  preserved_wps: v.optional(v.array(v.string())),
  would_modify: v.optional(v.array(change)),
  unchanged: v.optional(v.array(v.string())),
  would_preserve: v.optional(v.array(v.string())),
  validate_only: v.optional(v.literal(true)),
  dependencies: refs,
  dependency_warnings: v.array(v.string()),
  bootstrap: v.object({
    ...Bootstrap.entries,
    skipped: v.number(),
    wp_details: v.record(v.string(), v.picklist(['initialized', 'already_exists', 'would_seed'])),
  }),
})
export type SeedTasks = v.InferOutput<typeof SeedTasks>

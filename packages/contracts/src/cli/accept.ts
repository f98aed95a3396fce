/** `spec-kitty accept --json` (docs/merge.md): a readiness summary, or the record of an acceptance. */
import * as v from 'valibot'

const Strings = v.array(v.string())

const Who = {
  agent: v.nullable(v.string()),
  assignee: v.nullable(v.string()),
  shell_pid: v.nullable(v.string()),
}

const WorkPackageSummary = v.object({
  id: v.string(),
  /** The same, and below what `metadata` says. */
  work_package_id: v.string(),
  title: v.string(),
  lane: v.string(),
  path: v.string(),
  /** Null before the tasks are finalized. */
  latest_lane: v.nullable(v.string()),
  has_lane_entry: v.boolean(),
  metadata: v.object({ lane: v.nullable(v.string()), ...Who }),
  ...Who,
})

const NamedCheck = v.object({ check: v.string(), detail: v.string() })

const Finished = {
  accepted_wps: Strings,
  approved_wps: Strings,
  done_wps: Strings,
  merge_pending_wps: Strings,
}

const FailedCheck = v.object({ check: v.string(), detail: v.string(), remedy: v.string() })

export const AcceptSummary = v.object({
  mission_slug: v.string(),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
  branch: v.nullable(v.string()),
  repo_root: v.string(),
  feature_dir: v.string(),
  tasks_dir: v.string(),
  worktree_root: v.string(),
  primary_repo_root: v.string(),
  lanes: v.record(v.string(), Strings),
  work_packages: v.array(WorkPackageSummary),
  metadata_issues: Strings,
  activity_issues: Strings,
  unchecked_tasks: Strings,
  needs_clarification: Strings,
  missing_artifacts: Strings,
  optional_missing: Strings,
  git_dirty: Strings,
  /** Folders the mission type expects and the checkout lacks: advice, the merge may bring them. */
  path_violations: Strings,
  warnings: Strings,
  failed_checks: v.array(FailedCheck),
  skipped_checks: v.array(NamedCheck),
  blocked_checks: v.array(NamedCheck),
  recommended_fix_order: Strings,
  all_done: v.boolean(),
  ok: v.boolean(),
  diagnose: v.optional(v.boolean()),
  /** Beside the summary of an acceptance, not in it. */
  ...v.partial(v.object(Finished)).entries,
  /** Only on a refused acceptance. */
  error: v.optional(v.string()),
  code: v.optional(v.literal('not_ready')),
  hint: v.optional(v.string()),
})
export type AcceptSummary = v.InferOutput<typeof AcceptSummary>

export const Accepted = v.object({
  accepted_at: v.string(),
  accepted_by: v.string(),
  mode: v.picklist(['pr', 'local']),
  parent_commit: v.nullable(v.string()),
  /** The commit whose contents were accepted, as meta.json records it (ADR 0012). */
  accept_commit: v.nullable(v.string()),
  /** The commit that holds the record; null when nothing was committed. */
  record_commit: v.nullable(v.string()),
  commit_created: v.boolean(),
  /** False for `--no-commit`: ready, and nothing was written. */
  recorded: v.boolean(),
  instructions: Strings,
  cleanup_instructions: Strings,
  notes: Strings,
  ...Finished,
  summary: AcceptSummary,
})
export type Accepted = v.InferOutput<typeof Accepted>

export const Accept = v.union([Accepted, AcceptSummary])
export type Accept = v.InferOutput<typeof Accept>

/** `spec-kitty agent tasks status --json`: the board. Key names of 3.2.0. */
import * as v from 'valibot'
import { Landed, Landing } from '../files/landing.ts'

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))
const TextOrNull = v.nullable(v.string())

export const BoardRow = v.object({
  id: v.string(),
  title: v.string(),
  /** `genesis` before the first event. */
  lane: v.string(),
  phase: TextOrNull,
  /** File name. */
  file: v.string(),
  agent: TextOrNull,
  agent_profile: TextOrNull,
  shell_pid: TextOrNull,
  execution_mode: v.string(),
  workspace_kind: v.picklist(['lane_workspace', 'repo_root']),
  /** Ticked in tasks.md or in the log; absent without subtasks. */
  subtasks: v.optional(v.object({ done: Count, total: Count })),
  /** Work in progress only: is there a sign of life in its worktree? */
  stale: v.optional(
    v.object({
      status: v.picklist(['fresh', 'stale', 'unknown']),
      /** Null where a commit tells. */
      reason: TextOrNull,
      minutes_since_commit: v.nullable(Count),
      last_commit_time: TextOrNull,
      threshold_minutes: Count,
    }),
  ),
  is_stale: v.optional(v.boolean()),
  minutes_since_commit: v.optional(v.nullable(Count)),
  worktree_exists: v.optional(v.boolean()),
  /** Approved or done although the newest review says otherwise. */
  _stale_verdict: v.optional(v.string()),
  stale_review_artifact: v.optional(v.string()),
  /** The one who approved it built it as well. */
  self_approved: v.optional(v.boolean()),
  /** In review for longer than the project allows. */
  _stall_label: v.optional(v.string()),
  review_stall: v.optional(
    v.object({ minutes_in_review: Count, threshold_minutes: v.number(), reviewer: v.string() }),
  ),
  /** The four below only where the board is drawn for people: packages that are not finished yet and come first. */
  waits_for: v.optional(v.array(v.string())),
  blocked_because: v.optional(v.string()),
  approved_by: v.optional(v.string()),
  /** How often a review sent it back. */
  sent_back: v.optional(Count),
})
export type BoardRow = v.InferOutput<typeof BoardRow>

export const TasksStatus = v.object({
  mission_slug: v.string(),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
  target_branch: v.string(),
  /** The title of the mission and what comes next: only where the board is drawn for people. */
  title: v.optional(v.string()),
  next_step: v.optional(v.string()),
  total_wps: Count,
  /** Lanes that hold something. */
  by_lane: v.record(v.string(), Count),
  work_packages: v.array(BoardRow),
  progress_percentage: v.number(),
  progress_semantics: v.literal('weighted_readiness'),
  weighted_percentage: v.number(),
  done_count: Count,
  done_percentage: v.number(),
  stale_wps: Count,
  stale_verdicts: v.array(
    v.object({ wp_id: v.string(), lane: v.string(), verdict: v.string(), artifact: v.string() }),
  ),
  stalled_wps: v.array(v.string()),
  auto_commit: v.boolean(),
  /** Pushed, and not on the target yet; null otherwise. */
  landing: v.nullable(Landing),
  /** Its content is on the target, and it is not settled in this repository. */
  landed: v.optional(Landed),
})
export type TasksStatus = v.InferOutput<typeof TasksStatus>

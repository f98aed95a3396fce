/** `next --json`: one decision (docs/missions.md). All keys are always there. */
import * as v from 'valibot'

const text = v.nullable(v.string())

export const Next = v.object({
  kind: v.picklist(['query', 'step', 'decision_required', 'blocked', 'terminal']),
  agent: text,
  mission_slug: v.string(),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
  /** Same as `mission_type`. */
  mission: v.string(),
  /** A step id, `not_started`, `blocked` or `done`. */
  mission_state: v.string(),
  timestamp: v.string(),
  /** What the agent does now; null in query mode. */
  action: text,
  wp_id: text,
  /** Absolute. */
  workspace_path: text,
  /** Absolute; written, under 6 KB. */
  prompt_file: text,
  reason: text,
  /** What is missing before the step counts as done. */
  guard_failures: v.array(v.string()),
  /** Null before there are work packages. */
  progress: v.nullable(
    v.object({
      total_wps: v.number(),
      done_wps: v.number(),
      approved_wps: v.number(),
      in_progress_wps: v.number(),
      planned_wps: v.number(),
      for_review_wps: v.number(),
      weighted_percentage: v.number(),
    }),
  ),
  origin: v.record(v.string(), v.string()),
  /** There are no runs: the decision follows from board and documents. */
  run_id: v.null(),
  step_id: text,
  decision_id: text,
  input_key: text,
  question: text,
  options: v.nullable(v.array(v.string())),
  is_query: v.boolean(),
  /** In query mode: the step that would be issued. */
  preview_step: text,
  /** What is run next, after the prompt when there is one; null when nothing is left. */
  next_command: text,
  /** The decision that `--answer` answered, and the answer. */
  answered: v.optional(v.string()),
  answer: v.optional(v.string()),
})
export type Next = v.InferOutput<typeof Next>

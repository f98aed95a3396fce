/** `spec-kitty agent tasks mark-status --json`: closed, no further keys. */
import * as v from 'valibot'

export const TaskFormat = v.picklist(['checkbox', 'pipe_table', 'inline_subtasks', 'wp_id'])
export type TaskFormat = v.InferOutput<typeof TaskFormat>

export const TaskOutcome = v.picklist(['updated', 'already_satisfied', 'not_found'])
export type TaskOutcome = v.InferOutput<typeof TaskOutcome>

export const TaskIdResult = v.strictObject({
  /** Upper case, without qualifier. */
  id: v.string(),
  outcome: TaskOutcome,
  /** The strategy that decided; null when none knew the id. */
  format: v.nullable(TaskFormat),
  message: v.string(),
})
export type TaskIdResult = v.InferOutput<typeof TaskIdResult>

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const MarkStatus = v.strictObject({
  /** In the order asked. */
  results: v.array(TaskIdResult),
  summary: v.strictObject({ updated: Count, already_satisfied: Count, not_found: Count }),
})
export type MarkStatus = v.InferOutput<typeof MarkStatus>

/** `spec-kitty agent tasks move-task --json`. */
import * as v from 'valibot'

export const MoveTask = v.object({
  result: v.literal('success'),
  task_id: v.string(),
  old_lane: v.string(),
  new_lane: v.string(),
  /** The work package file, absolute. */
  path: v.string(),
  /** The last event of the walk. */
  event_id: v.string(),
  work_package_id: v.string(),
  to_lane: v.string(),
  status_events_path: v.string(),
  /** The one who approves it built it as well. */
  self_approved: v.optional(v.boolean()),
  /** Pointer to the review cycle that a rejection wrote. */
  review_feedback: v.optional(v.string()),
})
export type MoveTask = v.InferOutput<typeof MoveTask>

/** `spec-kitty agent tasks add-history --json`. */
import * as v from 'valibot'

export const AddHistory = v.object({
  result: v.literal('success'),
  task_id: v.string(),
  note: v.string(),
})
export type AddHistory = v.InferOutput<typeof AddHistory>

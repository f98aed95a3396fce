/** `spec-kitty agent tasks validate-workflow --json`. */
import * as v from 'valibot'

export const ValidateWorkflow = v.object({
  valid: v.boolean(),
  errors: v.array(v.string()),
  warnings: v.array(v.string()),
  task_id: v.string(),
  lane: v.string(),
})
export type ValidateWorkflow = v.InferOutput<typeof ValidateWorkflow>

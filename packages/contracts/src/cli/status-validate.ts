/** Result of `agent status validate`; exit status 1 when not passed. */
import * as v from 'valibot'

export const AgentStatusValidate = v.strictObject({
  mission_slug: v.string(),
  passed: v.boolean(),
  errors: v.array(v.string()),
  warnings: v.array(v.string()),
  error_count: v.number(),
  warning_count: v.number(),
})
export type AgentStatusValidate = v.InferOutput<typeof AgentStatusValidate>

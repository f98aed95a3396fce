/** `spec-kitty tour --json`. */
import * as v from 'valibot'

export const Tour = v.object({
  result: v.literal('success'),
  /** The repository it left, absolute; null when it was removed again. */
  repository: v.nullable(v.string()),
  steps: v.array(v.object({ command: v.string(), exit_status: v.number() })),
  /** Commands to go on with, in a repository of one's own. */
  next_steps: v.array(v.string()),
})
export type Tour = v.InferOutput<typeof Tour>

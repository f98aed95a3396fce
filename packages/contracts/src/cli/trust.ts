/** Result of `trust`. */
import * as v from 'valibot'

export const Trust = v.strictObject({
  result: v.literal('success'),
  /** What was agreed to by this call. */
  key: v.nullable(v.string()),
  /** What the repository's configuration wants to run. */
  commands: v.array(
    v.strictObject({ setting: v.string(), command: v.string(), key: v.string(), trusted: v.boolean() }),
  ),
})
export type Trust = v.InferOutput<typeof Trust>

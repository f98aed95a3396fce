/** Result of the merge drivers. */
import * as v from 'valibot'

export const MergeDriver = v.strictObject({
  path: v.string(),
  /** False: the file has conflict markers, and the exit status is 1. */
  clean: v.boolean(),
  /** Of an event log. */
  rows: v.optional(v.number()),
  problem: v.optional(v.string()),
})
export type MergeDriver = v.InferOutput<typeof MergeDriver>

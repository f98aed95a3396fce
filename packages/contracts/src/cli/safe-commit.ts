/** `spec-kitty safe-commit --json` (docs/merge.md). */
import * as v from 'valibot'

export const SafeCommit = v.object({
  result: v.literal('success'),
  success: v.literal(true),
  /** False when nothing in the listed files differs from the last commit. */
  committed: v.boolean(),
  /** Relative to the top of the checkout. */
  files: v.array(v.string()),
  /** Directories that were asked for, with the files they stand for. */
  expansion: v.optional(v.array(v.object({ directory: v.string(), files: v.array(v.string()) }))),
  branch: v.string(),
  commit: v.nullable(v.string()),
})
export type SafeCommit = v.InferOutput<typeof SafeCommit>

/** Result of `uninstall`. Paths are relative to the project. */
import * as v from 'valibot'

export const Uninstall = v.strictObject({
  result: v.literal('success'),
  dry_run: v.boolean(),
  project_root: v.string(),
  /** Files that were ours alone. */
  deleted: v.array(v.string()),
  /** Files of the user's that lost our part. */
  cleaned: v.array(v.string()),
  /** Ours, but changed by somebody since: left alone. */
  kept: v.array(v.string()),
  merge_driver_removed: v.boolean(),
  committed: v.boolean(),
  notes: v.array(v.string()),
})
export type Uninstall = v.InferOutput<typeof Uninstall>

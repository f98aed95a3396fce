/** `spec-kitty migrate flatten --json`. */
import * as v from 'valibot'

export const MigrateFlatten = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  /** False when the mission was flat already. */
  flattened: v.boolean(),
  coordination_branch: v.nullable(v.string()),
  /** Lines that only the coordination branch had. */
  events_added: v.number(),
  /** Files taken from the coordination branch, relative to the repository. */
  files_taken: v.array(v.string()),
  worktree_removed: v.boolean(),
  /** Lane worktrees that hold all files again, relative to the primary checkout. */
  sparse_lifted: v.array(v.string()),
  committed: v.boolean(),
  warnings: v.array(v.string()),
})
export type MigrateFlatten = v.InferOutput<typeof MigrateFlatten>

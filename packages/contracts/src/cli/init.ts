/** `spec-kitty init --json`. */
import * as v from 'valibot'

export const Init = v.object({
  result: v.picklist(['initialized', 'already_initialized']),
  dry_run: v.boolean(),
  /** Absolute. */
  project_root: v.string(),
  agents: v.array(v.string()),
  files: v.array(
    v.object({
      /** Relative to the project. */
      path: v.string(),
      /** `kept`: a file of the user's lies there; it was not touched. */
      action: v.picklist(['created', 'updated', 'kept']),
    }),
  ),
  git: v.picklist(['existing', 'initialized', 'none']),
  committed: v.boolean(),
  protected_branches: v.array(v.string()),
  notes: v.array(v.string()),
  next_steps: v.array(v.string()),
})
export type Init = v.InferOutput<typeof Init>

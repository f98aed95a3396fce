/** `spec-kitty agent tasks list-dependents --json`. */
import * as v from 'valibot'

export const ListDependents = v.object({
  wp_id: v.string(),
  /** Direct ones. */
  depends_on: v.array(v.string()),
  dependents: v.array(v.string()),
})
export type ListDependents = v.InferOutput<typeof ListDependents>

/** Result of `materialize`; exit status 1 when a mission could not be done. */
import * as v from 'valibot'

export const Materialize = v.strictObject({
  processed: v.number(),
  errors: v.array(v.string()),
  missions: v.array(
    v.strictObject({ mission_slug: v.string(), files_written: v.array(v.string()), timestamp: v.string() }),
  ),
  derived_dir: v.string(),
})
export type Materialize = v.InferOutput<typeof Materialize>

/** Result of `materialize`; exit status 1 when a mission could not be done. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'

export const Materialize = v.strictObject({
  processed: v.number(),
  /** `<slug>: <why>` of each mission that could not be done; the others were. */
  errors: v.array(v.string()),
  missions: v.array(
    v.strictObject({ mission_slug: v.string(), files_written: v.array(v.string()), timestamp: v.string() }),
  ),
  derived_dir: v.string(),
})
export type Materialize = Answer<typeof Materialize>

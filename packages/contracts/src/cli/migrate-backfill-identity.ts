/** Result of `migrate backfill-identity`: keys of 3.2.0. Exit status 1 when a mission could not be read. */
import * as v from 'valibot'

export const MigrateBackfillIdentity = v.strictObject({
  dry_run: v.boolean(),
  summary: v.strictObject({
    total: v.number(),
    wrote: v.number(),
    skip: v.number(),
    error: v.number(),
    /** Numbers that were written as text. */
    number_coerced: v.number(),
    /** Always 0: this edition keeps no dossiers. */
    dossier_warnings: v.number(),
  }),
  results: v.array(
    v.strictObject({
      slug: v.string(),
      /** Relative to the project. */
      path: v.string(),
      action: v.picklist(['wrote', 'skip', 'error']),
      mission_id: v.nullable(v.string()),
      number_coerced: v.boolean(),
      reason: v.nullable(v.string()),
    }),
  ),
  committed: v.boolean(),
})
export type MigrateBackfillIdentity = v.InferOutput<typeof MigrateBackfillIdentity>

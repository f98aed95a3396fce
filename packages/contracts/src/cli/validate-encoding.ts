/** Result of `validate-encoding`; exit status 1 when a file still needs a repair. */
import * as v from 'valibot'

export const ValidateEncoding = v.strictObject({
  /** No file needs a repair (any more). */
  ok: v.boolean(),
  fixed: v.boolean(),
  missions: v.array(v.string()),
  files_checked: v.number(),
  /** Files with trouble, relative to the project. */
  files: v.array(
    v.strictObject({
      path: v.string(),
      status: v.picklist(['needs_fix', 'fixed']),
      problems: v.array(
        v.strictObject({
          /** 1-based. */
          line: v.number(),
          message: v.string(),
        }),
      ),
      /** Where the old bytes are kept, relative to the project. */
      backup: v.nullable(v.string()),
    }),
  ),
})
export type ValidateEncoding = v.InferOutput<typeof ValidateEncoding>

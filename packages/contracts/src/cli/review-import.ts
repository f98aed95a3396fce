/** `spec-kitty review import`: comments of a pull request become feedback of packages. */
import * as v from 'valibot'

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

export const ReviewImport = v.strictObject({
  /** `nothing_new`: every comment was taken in before, or is settled. */
  result: v.picklist(['success', 'nothing_new']),
  mission_slug: v.string(),
  /** Of the pull request; null where a file was read and none is known. */
  pr: v.nullable(v.number()),
  /** The tool that was asked, or the file that was read. */
  source: v.string(),
  /** Those that went back to planned. */
  packages: v.array(
    v.strictObject({ wp_id: v.string(), old_lane: v.string(), comments: Count, review_feedback: v.string() }),
  ),
  /** Comments that were taken in before. */
  known: Count,
  /** Comments that nobody was given, and why. */
  left: v.array(
    v.strictObject({
      path: v.nullable(v.string()),
      line: v.nullable(v.number()),
      author: v.nullable(v.string()),
      reason: v.string(),
    }),
  ),
})
export type ReviewImport = v.InferOutput<typeof ReviewImport>

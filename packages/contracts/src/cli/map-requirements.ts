/** `spec-kitty agent tasks map-requirements --json`. */
import * as v from 'valibot'

const Refs = v.record(v.string(), v.array(v.string()))

export const MapRequirements = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
  /** What was asked for: work package → requirement ids. */
  mapped: Refs,
  /** What all work packages have now; those without any left out. */
  total_mappings: Refs,
  coverage: v.object({
    total_functional: v.number(),
    mapped_functional: v.number(),
    unmapped_functional: v.array(v.string()),
  }),
  /** Ticket references of the work package, where `--tracker-ref` was given. */
  tracker_refs: v.optional(Refs),
  committed: v.boolean(),
  commit_sha: v.nullable(v.string()),
})
export type MapRequirements = v.InferOutput<typeof MapRequirements>

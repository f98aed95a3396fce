/** `spec-kitty import --json`: what became of specifications of another tool. */
import * as v from 'valibot'

const ImportRow = v.object({
  /** Path of the source, below the directory that was given. */
  source: v.string(),
  line: v.nullable(v.number()),
  what: v.string(),
  /** Null: nothing; `note` says why. */
  became: v.nullable(v.string()),
  note: v.optional(v.string()),
})

const ImportedMission = v.object({
  /** Directory of the source. */
  source: v.string(),
  from: v.picklist(['spec-kit', 'openspec']),
  mission_slug: v.string(),
  /** True: an earlier run made it, and nothing was done. */
  already: v.boolean(),
  work_packages: v.number(),
  tasks: v.number(),
  requirements: v.number(),
  decisions: v.number(),
})

export const Import = v.object({
  result: v.literal('success'),
  missions: v.array(ImportedMission),
  /** Every piece of the sources. */
  items: v.array(ImportRow),
  warnings: v.array(v.string()),
  next: v.array(v.string()),
})
export type Import = v.InferOutput<typeof Import>

/** `meta.json`: the identity of a mission (docs/formats.md). Unknown keys survive every rewrite. */
import * as v from 'valibot'

const Text = v.optional(v.string())

export const MetaSchema = v.looseObject({
  /** ULID; absent in missions that are older than identities. */
  mission_id: v.optional(v.nullable(v.string())),
  /** Normally the name of the directory; not unique. */
  mission_slug: Text,
  slug: Text,
  /** Null until the merge; for display, not unique. */
  mission_number: v.optional(v.nullable(v.union([v.pipe(v.number(), v.integer()), v.string()]))),
  mission_type: Text,
  friendly_name: Text,
  purpose_tldr: Text,
  purpose_context: Text,
  created_at: Text,
  /** Where the mission is merged. */
  target_branch: Text,
  /** Only in missions of the Python edition's coordination topology. */
  coordination_branch: v.optional(v.nullable(v.string())),
  merged_at: Text,
  baseline_merge_commit: v.optional(v.nullable(v.string())),
})

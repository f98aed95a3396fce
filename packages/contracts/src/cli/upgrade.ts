/** Result of `upgrade`: keys of 3.2.0, less its questions to a package index. */
import * as v from 'valibot'

export const Upgrade = v.strictObject({
  status: v.picklist(['up_to_date', 'success', 'pending']),
  success: v.literal(true),
  dry_run: v.boolean(),
  current_version: v.string(),
  target_version: v.string(),
  project: v.strictObject({
    project_root: v.string(),
    /** Null without .kittify/metadata.yaml. */
    schema_version: v.nullable(v.number()),
    min_supported: v.number(),
    max_supported: v.number(),
  }),
  migrations: v.array(
    v.strictObject({
      id: v.picklist(['git-files', 'merge-driver', 'agent-files', 'mission-ids']),
      description: v.string(),
      status: v.picklist(['applied', 'skipped', 'pending']),
      /** Relative to the project. */
      files: v.array(v.string()),
    }),
  ),
  migrations_applied: v.array(v.string()),
  migrations_skipped: v.array(v.string()),
  /** Edited by somebody, so left alone. */
  kept: v.array(v.string()),
  warnings: v.array(v.string()),
  errors: v.array(v.string()),
  auto_committed: v.boolean(),
  auto_commit_paths: v.array(v.string()),
})
export type Upgrade = v.InferOutput<typeof Upgrade>

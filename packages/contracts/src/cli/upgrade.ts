/** Result of `upgrade`: keys of 3.2.0, less its questions to a package index. */
import * as v from 'valibot'

export const Upgrade = v.strictObject({
  status: v.picklist(['up_to_date', 'success', 'pending']),
  success: v.literal(true),
  dry_run: v.boolean(),
  current_version: v.string(),
  target_version: v.string(),
  /** Keys of a plan in 3.2.0. Nothing holds an upgrade up that is not refused; no package index is asked. */
  case: v.literal('none'),
  decision: v.literal('ALLOW'),
  exit_code: v.literal(0),
  /** Of this document. */
  schema_version: v.literal(1),
  cli: v.strictObject({
    installed_version: v.string(),
    latest_version: v.null(),
    latest_source: v.literal('none'),
    is_outdated: v.literal(false),
    fetched_at: v.null(),
  }),
  safety: v.literal('unsafe'),
  install_method: v.literal('npm'),
  upgrade_hint: v.strictObject({ install_method: v.literal('npm'), command: v.string(), note: v.null() }),
  pending_migrations: v.array(
    v.strictObject({
      migration_id: v.string(),
      target_schema_version: v.number(),
      description: v.string(),
      files_modified: v.array(v.string()),
    }),
  ),
  rendered_human: v.string(),
  project: v.strictObject({
    state: v.literal('compatible'),
    metadata_error: v.null(),
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

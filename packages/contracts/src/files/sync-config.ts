/** Files below `~/.spec-kitty` that both editions read, and the spool (docs/sync.md). */
import * as v from 'valibot'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))
const Enabled = v.looseObject({ enabled: v.boolean() })

/** `config.toml`, as the JSON its TOML stands for. */
export const SyncConfigFile = v.looseObject({
  sync: v.optional(
    v.looseObject({
      server_url: v.optional(v.string()),
      max_queue_size: v.optional(count),
      background_daemon: v.optional(v.string()),
      /** By `owner/repo`. */
      repo_defaults: v.optional(v.record(v.string(), Enabled)),
      /** By absolute path. */
      checkout_overrides: v.optional(v.record(v.string(), Enabled)),
    }),
  ),
})

/** `clock.json`: the Lamport clock of this machine. */
export const ClockFile = v.looseObject({ value: count, node_id: v.string(), updated_at: v.string() })

/** A line of `sync/spool.jsonl`, `parked.jsonl`, `overflow.jsonl` and `dead-letter.jsonl`. */
export const SpoolRow = v.looseObject({
  seq: count,
  scope: v.nullable(v.strictObject({ server: v.string(), email: v.string() })),
  tries: count,
  error: v.optional(v.string()),
  event: v.optional(v.looseObject({ event_id: v.string(), event_type: v.string() })),
  document: v.optional(
    v.looseObject({
      path: v.string(),
      content_hash: v.string(),
      project_uuid: v.string(),
      mission_slug: v.string(),
      target_branch: v.string(),
      mission_type: v.string(),
      artifact_path: v.string(),
    }),
  ),
})

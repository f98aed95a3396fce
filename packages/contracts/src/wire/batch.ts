/** Batches, document uploads and the realtime channel (docs/sync.md). */
import * as v from 'valibot'
import { anyObject, count, ordinal, text } from '../wire-fields.ts'

/** What a server takes in one request unless it advertises something else. */
export const DEFAULT_LIMITS = {
  max_events_per_batch: 1000,
  max_decompressed_bytes_per_batch: 1_048_576,
  retry_after_min_seconds: 1,
  retry_after_max_seconds: 60,
} as const

export const SyncLimits = v.looseObject({
  max_events_per_batch: ordinal,
  max_decompressed_bytes_per_batch: ordinal,
  retry_after_min_seconds: v.optional(count),
  retry_after_max_seconds: v.optional(count),
})
export type SyncLimits = v.InferOutput<typeof SyncLimits>

export const SyncHealth = v.looseObject({
  status: v.string(),
  sync_ingress: v.optional(v.looseObject({ limits: v.optional(SyncLimits) })),
})

/** The envelope is a matter of each event: one that is wrong is answered by itself and spoils no batch. */
export const BatchRequest = v.looseObject({ events: v.array(v.unknown()) })

/**
 * `success`, `accepted`, `warning`, `duplicate`: done. `queued`, `pending`: the server has it not yet, keep it.
 * Any other word: rejected. Our server says `success`, `duplicate` or `rejected`.
 */
export const EventResult = v.looseObject({
  event_id: v.nullable(v.string()),
  status: v.string(),
  error_message: v.optional(v.string()),
  error: v.optional(v.string()),
})
export type EventResult = v.InferOutput<typeof EventResult>

export const BatchResponse = v.looseObject({ results: v.array(EventResult) })
export type BatchResponse = v.InferOutput<typeof BatchResponse>

/** Body of a refusal as a whole; `limits` comes with 413, `details` with 400. */
export const SyncFailure = v.looseObject({
  error: v.string(),
  message: v.optional(v.string()),
  limits: v.optional(SyncLimits),
})

/** Largest document that is uploaded, in bytes. */
export const MAX_DOCUMENT_BYTES = 524_288

export const PushContent = v.object({
  project_uuid: text,
  mission_slug: text,
  target_branch: text,
  mission_type: text,
  manifest_version: text,
  artifact_path: text,
  content_hash: text,
  hash_algorithm: v.literal('sha256'),
  content_body: v.string(),
})
export type PushContent = v.InferOutput<typeof PushContent>

export const RepositoryShare = v.looseObject({
  source_project_uuid: text,
  destination_team_slug: text,
  state: v.optional(v.string()),
})
export type RepositoryShare = v.InferOutput<typeof RepositoryShare>

/** A work package as the realtime snapshot shows it: the lane after the latest transition. */
export const SnapshotWorkPackage = v.looseObject({
  project_uuid: text,
  mission_slug: text,
  wp_id: text,
  lane: text,
  updated_at: text,
})
export type SnapshotWorkPackage = v.InferOutput<typeof SnapshotWorkPackage>

/**
 * What the server sends over the WebSocket; the snapshot comes first, in pages while `more` is true, unless the client
 * came back with `?after=<seq>` of the last message it had. Other types are to be ignored.
 */
export const ServerMessage = v.variant('type', [
  v.looseObject({
    type: v.literal('snapshot'),
    work_packages: v.array(anyObject),
    /** Number of the event behind which the snapshot is true. */
    seq: v.optional(count),
    more: v.optional(v.boolean()),
  }),
  v.looseObject({ type: v.literal('ping'), timestamp: v.string() }),
  v.looseObject({ type: v.literal('event'), event: anyObject, seq: v.optional(count) }),
  v.looseObject({ type: v.literal('LocalCommitAck'), git_hash: v.nullable(v.string()) }),
])
export type ServerMessage = v.InferOutput<typeof ServerMessage>

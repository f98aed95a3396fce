/** `spec-kitty sync now|watch|backfill --json`. `synced` and `duplicates` count what the server acknowledged by event id. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'
import { SYNC_DIAGNOSTIC_CODES } from '../sync-codes.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const Failure = v.strictObject({ event_id: v.string(), error: v.string(), category: v.string() })

export const SyncNow = v.strictObject({
  generated_at: v.string(),
  summary: v.strictObject({
    total_events: count,
    synced: count,
    duplicates: count,
    pending: count,
    failed: count,
    categories: v.record(v.string(), count),
  }),
  documents: count,
  remaining: count,
  parked: count,
  dead_letters: count,
  failures: v.array(Failure),
  /** What stopped it; null when everything that waited was sent. */
  trouble: v.nullable(v.strictObject({ code: v.picklist(SYNC_DIAGNOSTIC_CODES), message: v.string() })),
  exit_code: v.picklist([0, 1]),
})
export type SyncNow = Answer<typeof SyncNow>

export const SyncWatch = v.strictObject({
  rounds: count,
  synced: count,
  duplicates: count,
  failed: count,
  remaining: count,
  connected: v.boolean(),
})
export type SyncWatch = Answer<typeof SyncWatch>

/** What the logs say was queued, then sent as `sync now` does. */
export const SyncBackfill = v.strictObject({
  missions: count,
  events: count,
  queued: count,
  sent: SyncNow,
  exit_code: v.picklist([0, 1]),
})
export type SyncBackfill = Answer<typeof SyncBackfill>

/** `status.json`: the snapshot the reducer derives from the log (docs/log.md). Safe to delete. */
import * as v from 'valibot'
import { DISPLAY_LANES } from '../lanes.ts'

const LaneCounts = v.strictObject(
  Object.fromEntries(DISPLAY_LANES.map(lane => [lane, v.pipe(v.number(), v.integer(), v.minValue(0))])),
)

/** State of one work package after its last transition. */
export const WpStateSchema = v.strictObject({
  lane: v.picklist(['genesis', ...DISPLAY_LANES]),
  /** A string, or an object in logs of later editions. */
  actor: v.unknown(),
  last_transition_at: v.string(),
  last_event_id: v.string(),
  force_count: v.pipe(v.number(), v.integer(), v.minValue(0)),
})

/** Only where a log holds retrospective rows (docs/log.md). */
export const RetrospectiveSchema = v.strictObject({
  status: v.picklist(['completed', 'skipped', 'failed', 'pending']),
  mode: v.nullable(v.string()),
  record_path: v.nullable(v.string()),
  proposals_total: v.number(),
  proposals_applied: v.number(),
  proposals_rejected: v.number(),
  proposals_pending: v.number(),
})

export const SnapshotSchema = v.strictObject({
  mission_slug: v.string(),
  /** Decimal text, or empty when the mission has no number. */
  mission_number: v.string(),
  mission_type: v.string(),
  /** Time stamp of the last event in sort order, verbatim; empty for an empty log. */
  materialized_at: v.string(),
  event_count: v.number(),
  last_event_id: v.nullable(v.string()),
  work_packages: v.record(v.string(), WpStateSchema),
  summary: LaneCounts,
  retrospective: v.optional(RetrospectiveSchema),
})

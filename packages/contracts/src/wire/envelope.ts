/**
 * The event envelope on the wire (docs/sync.md). Strict: a field that nobody knows is
 * drift and must be seen.
 */
import * as v from 'valibot'
import { anyObject, count, maybe, stamp, text, uuid, wireId } from '../wire-fields.ts'

/** The wire version; any other is refused, patch levels included. Independent of every package version. */
export const WIRE_SCHEMA_VERSION = '3.0.0'

export const AGGREGATE_TYPES = ['Build', 'Mission', 'WorkPackage', 'MissionDossier'] as const

export const EventEnvelope = v.strictObject({
  event_id: wireId,
  event_type: text,
  aggregate_id: text,
  /** We always write it; the events package does not know it. */
  aggregate_type: v.optional(v.picklist(AGGREGATE_TYPES)),
  schema_version: v.literal(WIRE_SCHEMA_VERSION),
  build_id: text,
  payload: anyObject,
  /** First 12 hexadecimal digits of SHA-256 of `hostname:username`. */
  node_id: text,
  lamport_clock: count,
  causation_id: maybe(wireId),
  correlation_id: wireId,
  /** When it happened, by the producer's clock. Readers keep it; receipt is `received_at`. */
  timestamp: stamp,
  team_slug: maybe(v.string()),
  project_uuid: uuid,
  project_slug: maybe(v.string()),
  git_branch: maybe(v.string()),
  head_commit_sha: maybe(v.string()),
  repo_slug: maybe(v.string()),
  data_tier: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(4))),
})
export type EventEnvelope = v.InferOutput<typeof EventEnvelope>

/** Keys of the time before missions; an envelope that holds one anywhere is refused. */
export const LEGACY_KEYS: ReadonlySet<string> = new Set([
  'feature_slug',
  'feature_number',
  'mission_key',
  'legacy_aggregate_id',
])

/** Deeper nesting than any event has; beyond it a body is an attack. */
const MAX_DEPTH = 32

/**
 * The first reason why a value may not be part of an envelope: a legacy key at any depth, or nesting
 * beyond 32 levels. Undefined when it is fine. Goes no deeper than that, so depth cannot exhaust the stack.
 */
export function findForbidden(value: unknown, at = '', depth = 0): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if (depth >= MAX_DEPTH) return `nested more than ${MAX_DEPTH} levels deep`
  for (const key of Object.keys(value)) {
    if (LEGACY_KEYS.has(key)) return `legacy key ${at}${key}`
    const inner = (value as Readonly<Record<string, unknown>>)[key]
    // Asked here, for speed: most values are no objects.
    if (typeof inner !== 'object' || inner === null) continue
    const found = findForbidden(inner, `${at}${key}.`, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

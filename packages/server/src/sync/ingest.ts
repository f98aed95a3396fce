/**
 * Taking in events: each is judged by itself, an id that is known already is a `duplicate` (docs/sync.md).
 * The producer's time stamp stays as sent; when we got it is kept beside it.
 */
import { formatMicros, parseMillis } from '@spec-kitty/contracts/time'
import type { EventResult } from '@spec-kitty/contracts/wire/batch'
import type { EventEnvelope } from '@spec-kitty/contracts/wire/envelope'
import { judgeEvent } from '@spec-kitty/contracts/wire/event'
import type { PayloadOf } from '@spec-kitty/contracts/wire/payloads'
import type { Ingestion, NewEvent, Sender, Store } from '../store/store.ts'
import type { Clock } from './ports.ts'

export type Ingested =
  /** In the order sent. */
  | { readonly kind: 'taken'; readonly results: readonly EventResult[] }
  | Extract<Ingestion, { readonly kind: 'over_quota' }>

type Verdict = { readonly id: string; readonly row: NewEvent } | { readonly refused: EventResult }

/** Stores what is valid in one transaction and answers for every event. */
export async function ingest(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  team: string,
  values: readonly unknown[],
  sender: Sender,
): Promise<Ingested> {
  const verdicts = values.map(value => judge(value, team))
  const rows = verdicts.flatMap(verdict => ('row' in verdict ? [verdict.row] : []))
  const stored = await store.ingest(team, rows, formatMicros(clock.now() * 1000), sender)
  if (stored.kind === 'over_quota') return stored
  const isNew = stored.fresh.values()
  const results = verdicts.map((verdict): EventResult => {
    if ('refused' in verdict) return verdict.refused
    return { event_id: verdict.id, status: isNew.next().value === true ? 'success' : 'duplicate' }
  })
  return { kind: 'taken', results }
}

function judge(value: unknown, team: string): Verdict {
  const judged = judgeEvent(withoutPrivateBuildFields(value))
  if (!judged.ok) return { refused: rejected(value, judged.faults.join('; ')) }
  const sent = judged.event.team_slug ?? ''
  if (sent !== '' && sent !== team)
    return { refused: rejected(value, 'envelope.team_slug: not the team of this request') }
  return { id: judged.event.event_id, row: rowOf(judged.event) }
}

function rejected(value: unknown, message: string): EventResult {
  const id = (value as { readonly event_id?: unknown } | null)?.event_id
  return {
    event_id: typeof id === 'string' ? id.slice(0, 64) : null,
    status: 'rejected',
    error_message: message,
  }
}

function rowOf(event: EventEnvelope): NewEvent {
  const workPackage = workPackageOf(event)
  return {
    id: canonicalId(event.event_id),
    type: event.event_type,
    project: event.project_uuid.toLowerCase(),
    timestamp: event.timestamp,
    body: JSON.stringify(event),
    ...(workPackage === undefined ? {} : { workPackage }),
  }
}

/** ULIDs in capitals, UUIDs hyphenated in small letters: one id, one spelling. */
export function canonicalId(id: string): string {
  if (id.length === 26) return id.toUpperCase()
  const hex = id.replaceAll('-', '').toLowerCase()
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

function workPackageOf(event: EventEnvelope): NewEvent['workPackage'] {
  if (event.event_type !== 'WPStatusChanged') return undefined
  // Judged just now.
  const { mission_slug, wp_id, to_lane } = event.payload as PayloadOf<'WPStatusChanged'>
  return {
    project_uuid: event.project_uuid.toLowerCase(),
    mission_slug,
    wp_id,
    lane: to_lane === 'doing' ? 'in_progress' : to_lane,
    updated_at: utc(event.timestamp),
  }
}

/** A time stamp of any zone as UTC with microseconds, so that text order is time order. */
function utc(stamp: string): string {
  const micros = /\.\d{3}(\d{3})/.exec(stamp)?.[1] ?? '000'
  return formatMicros((parseMillis(stamp) ?? 0) * 1000 + Number(micros))
}

/** What the Python edition 3.2.0 puts into BuildRegistered against the published contract (docs/sync.md). */
const PRIVATE_BUILD_FIELDS: ReadonlySet<string> = new Set([
  'build_id',
  'node_id',
  'project_uuid',
  'project_slug',
  'project_name',
  'branch',
  'head_commit',
  'developer_name',
  'machine_name',
  'workspace_path',
])

/** Drops those fields, so that the Python edition can sync and no machine name or path is ever kept. */
function withoutPrivateBuildFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || !('payload' in value)) return value
  const event = value as { readonly event_type?: unknown; readonly payload: unknown }
  const { payload } = event
  if (event.event_type !== 'BuildRegistered' || typeof payload !== 'object' || payload === null) return value
  const kept = Object.entries(payload).filter(([key]) => !PRIVATE_BUILD_FIELDS.has(key))
  return { ...event, payload: Object.fromEntries(kept) }
}

/**
 * Taking in events: each is judged by itself, an id that is known already is a `duplicate` (docs/sync.md).
 * The producer's time stamp stays as sent; when we got it is kept beside it.
 */
import { isAscii } from 'node:buffer'
import { NotJson, parseJson } from '@spec-kitty/contracts/json'
import { formatMicros, parseMillis } from '@spec-kitty/contracts/time'
import { BatchRequest, DEFAULT_LIMITS, type EventResult } from '@spec-kitty/contracts/wire/batch'
import type { EventEnvelope } from '@spec-kitty/contracts/wire/envelope'
import { judgeEvent } from '@spec-kitty/contracts/wire/event'
import type { PayloadOf } from '@spec-kitty/contracts/wire/payloads'
import * as v from 'valibot'
import { type Batch, createPacker, type NewEvent, type Packer } from '../store/batch.ts'
import type { OverQuota, Sender, Store } from '../store/store.ts'
import { eventTexts } from './event-texts.ts'

/** Events that may go into the store, and what is said of all that were sent. */
export interface Judged {
  readonly batch: Batch
  /** `{"results":[…]}` in the order sent, as it is said where all that may be stored is new: nearly always. */
  readonly answer: string
  readonly rejected: number
  readonly receivedAt: string
}

export type Judgement = Judged | { readonly problem: 'bad_json' | 'bad_shape' | 'empty' | 'too_large' }

/** Judges the body of a batch request, which comes in parts. */
export type Judge = (body: readonly Uint8Array[], team: string, receivedAt: string) => Promise<Judgement>

/** A judge for one thread. */
export function createJudge(): Judge {
  const packer = createPacker()
  return async (body, team, receivedAt) => {
    const text = textOf(body)
    const texts = eventTexts(text, DEFAULT_LIMITS.max_events_per_batch)
    try {
      if (texts !== undefined) return judgeEvents(parsed(texts), team, receivedAt, packer)
    } catch (error) {
      if (!(error instanceof NotJson)) throw error
    }
    return judgeWhole(text, team, receivedAt, packer)
  }
}

/** Each becomes an object when its turn comes, and nothing when the next one does. */
function* parsed(texts: readonly string[]): Generator<unknown, void, undefined> {
  for (const text of texts) yield parseJson(text)
}

function judgeWhole(text: string, team: string, receivedAt: string, packer: Packer): Judgement {
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    return { problem: 'bad_json' }
  }
  const asked = v.safeParse(BatchRequest, value)
  if (!asked.success) return { problem: 'bad_shape' }
  const { events } = asked.output
  if (events.length === 0) return { problem: 'empty' }
  if (events.length > DEFAULT_LIMITS.max_events_per_batch) return { problem: 'too_large' }
  return judgeEvents(events, team, receivedAt, packer)
}

/** Without putting the parts together first, which would only be one more large thing to clear away. */
function textOf(parts: readonly Uint8Array[]): string {
  // Half the memory, and quicker to read.
  if (parts.every(part => isAscii(part))) return parts.map(latin1).join('')
  const decoder = new TextDecoder()
  return parts.map(part => decoder.decode(part, { stream: true })).join('') + decoder.decode()
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1')
}

/** `packer`: one whose buffers are used again. */
export function judgeEvents(
  values: Iterable<unknown>,
  team: string,
  receivedAt: string,
  packer = createPacker(),
): Judged {
  packer.begin()
  let rejected = 0
  const refuse = (value: unknown, message: string): string => {
    rejected += 1
    return JSON.stringify(refusal(value, message))
  }
  const judge = (value: unknown): string => {
    const judged = judgeEvent(withoutPrivateBuildFields(value))
    if (!judged.ok) return refuse(value, judged.faults.join('; '))
    const sent = judged.event.team_slug ?? ''
    if (sent !== '' && sent !== team) return refuse(value, 'envelope.team_slug: not the team of this request')
    packer.add(rowOf(judged.event), receivedAt)
    // Letters, digits and hyphens, since it was judged.
    return `{"event_id":"${judged.event.event_id}","status":"success"}`
  }
  const answer = `{"results":[${Array.from(values, judge).join(',')}]}`
  return { batch: packer.take(), answer, rejected, receivedAt }
}

export type Ingested =
  | {
      readonly kind: 'taken'
      /** `{"results":[…]}` in the order sent. */
      readonly answer: string
      /** What became of how many. */
      readonly counts: Readonly<Record<'success' | 'duplicate' | 'rejected', number>>
    }
  | OverQuota

/** Stores what is valid in one transaction and answers for every event. */
export async function ingest(
  store: Store,
  team: string,
  { batch, answer, rejected, receivedAt }: Judged,
  sender: Sender,
): Promise<Ingested> {
  const stored = await store.ingest(team, batch, receivedAt, sender)
  if (stored.kind === 'over_quota') return stored
  const { fresh } = stored
  const success = fresh.filter(isNew => isNew).length
  const counts = { success, duplicate: fresh.length - success, rejected }
  return { kind: 'taken', answer: counts.duplicate === 0 ? answer : withDuplicates(answer, fresh), counts }
}

function withDuplicates(answer: string, fresh: readonly boolean[]): string {
  const { results } = parseJson(answer) as { readonly results: readonly EventResult[] }
  const isNew = fresh.values()
  return JSON.stringify({
    results: results.map(result =>
      result.status === 'success' && isNew.next().value === false
        ? { ...result, status: 'duplicate' }
        : result,
    ),
  })
}

function refusal(value: unknown, message: string): EventResult {
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
  const usual = USUAL.exec(stamp)
  if (usual !== null) return `${usual[1]}T${usual[2]}.${usual[3]?.padEnd(6, '0')}+00:00`
  const micros = /\.\d{3}(\d{3})/.exec(stamp)?.[1] ?? '000'
  return formatMicros((parseMillis(stamp) ?? 0) * 1000 + Number(micros))
}

/** The usual spelling of days that exist (of 29 February the calendar must be asked), for speed. */
const USUAL =
  /^(\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31))[T ]((?:[01]\d|2[0-3]):\d\d:\d\d)\.(\d{3}|\d{6})(?:Z|\+00:00)$/

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

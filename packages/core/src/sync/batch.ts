/** Batches: what goes into one, and what the server's answer means for each event (docs/sync.md). Pure. */
import { isArray, isObject, type Json, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { plain } from '../link/plain.ts'

export interface Limits {
  readonly events: number
  /** Uncompressed. */
  readonly bytes: number
}

/** What is safe without asking: nine tenths of what servers advertise by default. */
export const SAFE_LIMITS: Limits = { events: 1000, bytes: 235_929 }
const MOST_BYTES = 524_288

/** Limits a server advertises, within ours. */
export function limitsOf(advertised: Json | undefined): Limits {
  if (!isObject(advertised)) return SAFE_LIMITS
  const events = positive(advertised.max_events_per_batch) ?? SAFE_LIMITS.events
  const bytes = positive(advertised.max_decompressed_bytes_per_batch)
  return {
    events: Math.min(events, SAFE_LIMITS.events),
    bytes: bytes === undefined ? SAFE_LIMITS.bytes : Math.min(Math.floor(bytes * 0.9), MOST_BYTES),
  }
}

function positive(value: Json | undefined): number | undefined {
  return typeof value === 'number' && value >= 1 ? Math.floor(value) : undefined
}

/** The request body. */
export function batchBody(events: readonly JsonObject[], team: string): string {
  return `{"events":[${events.map(event => JSON.stringify({ ...event, team_slug: team })).join(',')}]}`
}

export type Verdict =
  | { readonly state: 'accepted' | 'duplicate' | 'pending' }
  | { readonly state: 'rejected'; readonly error: string }

const ACCEPTED: ReadonlySet<string> = new Set(['success', 'accepted', 'warning'])
const PENDING: ReadonlySet<string> = new Set(['queued', 'pending'])

/** What became of each event, by id; undefined when the answer names no results. An event it forgets is not in the map. */
export function foldResults(body: JsonObject | undefined): ReadonlyMap<string, Verdict> | undefined {
  if (!isArray(body?.results)) return undefined
  const verdicts = new Map<string, Verdict>()
  for (const result of body.results) {
    if (!isObject(result) || typeof result.event_id !== 'string') continue
    const { status } = result
    if (typeof status === 'string' && ACCEPTED.has(status))
      verdicts.set(result.event_id, { state: 'accepted' })
    else if (status === 'duplicate') verdicts.set(result.event_id, { state: 'duplicate' })
    else if (typeof status === 'string' && PENDING.has(status))
      verdicts.set(result.event_id, { state: 'pending' })
    else verdicts.set(result.event_id, { state: 'rejected', error: errorOf(result) })
  }
  return verdicts
}

/** Events that a 400 names, by id; empty when it speaks of the whole. `details` is a list or a list as text. */
export function foldDetails(body: JsonObject | undefined): ReadonlyMap<string, Verdict> {
  const verdicts = new Map<string, Verdict>()
  for (const detail of detailList(body?.details)) {
    if (!isObject(detail) || typeof detail.event_id !== 'string') continue
    verdicts.set(detail.event_id, { state: 'rejected', error: errorOf(detail) })
  }
  return verdicts
}

function detailList(details: Json | undefined): readonly Json[] {
  if (isArray(details)) return details
  if (typeof details !== 'string') return []
  try {
    const value: unknown = parseJson(details)
    return isArray(value) ? value : []
  } catch {
    return []
  }
}

function errorOf(result: JsonObject): string {
  const said = [result.error_message, result.error, result.detail, result.reason, result.status]
  return plain(String(said.find(part => typeof part === 'string' && part !== '') ?? 'rejected'), 300)
}

/** Category of a failure by its words, first hit wins; the words of 3.2.0. */
export function categoryOf(error: string): string {
  return CATEGORIES.find(([, pattern]) => pattern.test(error))?.[0] ?? 'unknown'
}

const CATEGORIES: readonly (readonly [string, RegExp])[] = [
  ['oversized_batch', /^(?=[\s\S]*batch)[\s\S]*too.?large/i],
  ['oversized_event', /too.?large|oversized/i],
  ['throttled', /rate.?limit|throttl|too many/i],
  ['schema_mismatch', /invalid|schema|field|missing|type/i],
  ['auth_expired', /token|expired|unauthorized|401/i],
  ['unauthenticated', /unauthenticated|log(ged)? ?in/i],
  ['direct_ingress_missing_private_team', /private.?team/i],
  ['retryable_transport', /timeout|connection|network|unreachable|unavailable/i],
  ['server_error', /server|5\d\d/i],
]

/** What to do about a category; empty when there is nothing but waiting. */
export function remedyOf(category: string): Remedy {
  return REMEDIES[category] ?? sh``
}

const REMEDIES: Readonly<Record<string, Remedy>> = {
  schema_mismatch: sh`Run \`spec-kitty sync diagnose\` to inspect invalid events`,
  oversized_event: sh`Run \`spec-kitty sync diagnose\` to see the event`,
  auth_expired: sh`Run \`spec-kitty auth login\``,
  unauthenticated: sh`Run \`spec-kitty auth login\``,
  direct_ingress_missing_private_team: sh`Ask the administrator of the server for a private team`,
}

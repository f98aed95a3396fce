/** Judges one event as a whole: envelope, cutover rules, payload (docs/sync.md). Client and server ask the same. */
import * as v from 'valibot'
import { type Predicate, predicateOf } from '../predicate.ts'
import { EventEnvelope, findForbidden } from './envelope.ts'
import { payloadSchema } from './payloads.ts'

export type Judged =
  | { readonly ok: true; readonly event: EventEnvelope }
  /** `field: reason` for each fault, at most ten. */
  | { readonly ok: false; readonly faults: readonly string[] }

/**
 * Everything wrong with an event, so that a user mends it in one go. Names the field (`envelope.event_id`,
 * `payload.to_lane`) and the offending version where that is what is wrong.
 */
export function judgeEvent(value: unknown): Judged {
  const forbidden = findForbidden(value)
  if (forbidden !== undefined) return { ok: false, faults: [`envelope: ${forbidden}`] }
  if (isFine(value)) return { ok: true, event: value }
  const envelope = v.safeParse(EventEnvelope, value)
  const faults = (envelope.issues ?? []).map(issue => fault('envelope', issue))
  const type = eventTypeOf(value)
  const schema = type === undefined ? undefined : payloadSchema(type)
  if (type !== undefined && schema === undefined) faults.push(`event_type: unknown ${JSON.stringify(type)}`)
  if (schema !== undefined) {
    const payload = v.safeParse(schema, (value as { readonly payload?: unknown }).payload ?? {})
    faults.push(...(payload.issues ?? []).map(issue => fault('payload', issue)))
  }
  if (envelope.success && LEGACY_AGGREGATE.test(envelope.output.aggregate_id))
    faults.push('envelope.aggregate_id: legacy prefix')
  if (envelope.success && faults.length === 0) return { ok: true, event: envelope.output }
  return { ok: false, faults: faults.slice(0, 10) }
}

const LEGACY_AGGREGATE = /^feature(?:_catalog)?(?:\/|$)/

/** Of the envelope (under an empty name), and of payloads by event type; made when first needed. */
const predicates = new Map<string, Predicate>()

function fits(type: string, schema: v.GenericSchema, value: unknown): boolean {
  let predicate = predicates.get(type)
  if (predicate === undefined) {
    predicate = predicateOf(schema)
    predicates.set(type, predicate)
  }
  return predicate(value)
}

/** A quick look: false where the schemas must be asked. */
function isFine(value: unknown): value is EventEnvelope {
  if (!fits('', EventEnvelope, value)) return false
  const { event_type, payload, aggregate_id } = value as EventEnvelope
  const schema = payloadSchema(event_type)
  return schema !== undefined && fits(event_type, schema, payload) && !LEGACY_AGGREGATE.test(aggregate_id)
}

function eventTypeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('event_type' in value)) return undefined
  return typeof value.event_type === 'string' && value.event_type !== '' ? value.event_type : undefined
}

function fault(part: string, issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue)
  const text = issue.message.length > 160 ? `${issue.message.slice(0, 160)}…` : issue.message
  return `${part}${path === null ? '' : `.${path}`}: ${text}`
}

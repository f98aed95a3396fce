/** Judges one event as a whole: envelope, cutover rules, payload (docs/sync.md). Client and server ask the same. */
import * as v from 'valibot'
import { type createQuickLook, EventEnvelope, findForbidden } from './envelope.ts'
import { payloadSchema } from './payloads.ts'

export type Judged =
  | { readonly ok: true; readonly event: EventEnvelope }
  /** `field: reason` for each fault, at most ten. */
  | { readonly ok: false; readonly faults: readonly string[] }

type QuickLook = ReturnType<typeof createQuickLook>

/**
 * Everything wrong with an event, so that a user mends it in one go. Names the field (`envelope.event_id`,
 * `payload.to_lane`) and the offending version where that is what is wrong. `isFine`: see `createQuickLook`.
 */
export function judgeEvent(value: unknown, isFine?: QuickLook): Judged {
  const forbidden = findForbidden(value)
  if (forbidden !== undefined) return { ok: false, faults: [`envelope: ${forbidden}`] }
  const fine = isFine?.(value) === true
  const envelope = fine ? undefined : v.safeParse(EventEnvelope, value)
  const faults = (envelope?.issues ?? []).map(issue => fault('envelope', issue))
  const type = eventTypeOf(value)
  const schema = type === undefined ? undefined : payloadSchema(type)
  if (type !== undefined && schema === undefined) faults.push(`event_type: unknown ${JSON.stringify(type)}`)
  if (schema !== undefined) {
    const payload = v.safeParse(schema, (value as { readonly payload?: unknown }).payload ?? {})
    faults.push(...(payload.issues ?? []).map(issue => fault('payload', issue)))
  }
  const event = fine ? value : envelope?.success === true ? envelope.output : undefined
  if (/^feature(?:_catalog)?(?:\/|$)/.test(event?.aggregate_id ?? ''))
    faults.push('envelope.aggregate_id: legacy prefix')
  if (event !== undefined && faults.length === 0) return { ok: true, event }
  return { ok: false, faults: faults.slice(0, 10) }
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

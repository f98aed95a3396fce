/** `spec-kitty sync status|diagnose|doctor --json`. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'
import { AuthDoctor, Finding } from './auth-status.ts'

const count = v.pipe(v.number(), v.integer(), v.minValue(0))

const Status = {
  ok: v.boolean(),
  enabled: v.boolean(),
  server: v.nullable(v.string()),
  server_source: v.nullable(v.picklist(['environment', 'configuration'])),
  auth_required: v.literal(true),
  auth_present: v.boolean(),
  user: v.nullable(v.string()),
  active_queue: v.strictObject({
    path: v.string(),
    event_count: count,
    body_upload_count: count,
    refused_count: count,
  }),
  /** Set aside: nothing of it is lost. */
  parked: count,
  overflow: count,
  dead_letters: count,
  /** The sentences of the findings. */
  problems: v.array(v.string()),
  findings: v.array(Finding),
}

export const SyncStatus = v.strictObject({ ...Status, exit_code: v.picklist([0, 1]) })
export type SyncStatus = Answer<typeof SyncStatus>

export const SyncDiagnose = v.strictObject({
  queued: count,
  checked: count,
  invalid: count,
  dead_letters: count,
  /** Events with a fault or a refusal, the first thousand. */
  events: v.array(
    v.strictObject({
      event_id: v.string(),
      event_type: v.string(),
      state: v.picklist(['queued', 'dead_letter']),
      tries: count,
      /** What the server said last. */
      server_error: v.nullable(v.string()),
      /** What our own reading of the contract finds. */
      faults: v.array(v.string()),
    }),
  ),
})
export type SyncDiagnose = Answer<typeof SyncDiagnose>

export const SyncDoctor = v.strictObject({
  ok: v.boolean(),
  status: v.strictObject(Status),
  auth: AuthDoctor,
  findings: v.array(Finding),
})
export type SyncDoctor = Answer<typeof SyncDoctor>

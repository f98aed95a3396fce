/** One batch or one document to the server, and what became of it (docs/sync.md). */
import type { JsonObject } from '@spec-kitty/contracts/json'
import type { Access } from '../auth/access.ts'
import { jsonOf, saidBy, troubleOf } from '../link/answers.ts'
import { isLoopback } from '../link/config.ts'
import { isTrouble, type SyncTrouble } from '../link/diagnostics.ts'
import { withRetries } from '../link/retry.ts'
import type { DocumentRow } from '../link/spool.ts'
import type { Ports } from '../world/ports.ts'
import type { Budget, NetAnswer, SyncPorts } from '../world/sync-ports.ts'
import {
  batchBody,
  foldDetails,
  foldResults,
  type Limits,
  limitsOf,
  SAFE_LIMITS,
  type Verdict,
} from './batch.ts'
import { uploadOf } from './documents.ts'

export interface Upload {
  readonly ports: Pick<Ports, 'clock' | 'files'>
  readonly sync: SyncPorts
  readonly access: Access
  readonly budget: Budget
  /** For one request, in milliseconds. */
  readonly requestMs: number
  /** Look for the one bad event when a batch is refused as a whole. */
  readonly thorough: boolean
}

export type BatchOutcome =
  /** By event id; an event that is missing waits. */
  | { readonly verdicts: ReadonlyMap<string, Verdict> }
  /** The same again in smaller batches. */
  | { readonly smaller: Limits }

/** Events as they go on the wire. */
export interface Parcel {
  readonly events: readonly JsonObject[]
  /** Uncompressed. */
  readonly bytes: number
  readonly zipped: Uint8Array
}

export async function packEvents(
  { sync, access }: Pick<Upload, 'sync' | 'access'>,
  events: readonly JsonObject[],
): Promise<Parcel> {
  const body = batchBody(events, access.team)
  return { events, bytes: body.length, zipped: await sync.gzip(body) }
}

/** Sends events; three attempts. */
export async function sendEvents(
  upload: Upload,
  { events, bytes, zipped }: Parcel,
): Promise<BatchOutcome | SyncTrouble> {
  if (events.length === 0) return { verdicts: new Map() }
  const answer = await attempt(upload, () =>
    post(upload, '/api/v1/events/batch/', zipped, {
      'Content-Encoding': 'gzip',
      'X-Team-Slug': upload.access.team,
    }),
  )
  if (isTrouble(answer)) return answer
  if (answer.status === 413) return tooLarge(events, bytes, answer)
  if (answer.status === 400) return await refusedAsWhole(upload, events, answer)
  const verdicts = answer.status === 200 ? foldResults(jsonOf(answer)) : undefined
  // An answer that names none of the events is no answer to them; one that forgets some leaves those waiting.
  const answered = verdicts !== undefined && events.some(event => verdicts.has(idOf(event)))
  return answered ? { verdicts } : troubleOf(answer, 'Sending events')
}

/** Uploads one document; three attempts. `stale`: it has changed since, a newer row follows. `dead`: never wanted. */
export async function sendDocument(
  upload: Upload,
  row: DocumentRow,
): Promise<Verdict | 'stale' | 'dead' | SyncTrouble> {
  const content = uploadOf(upload, row)
  if (content === undefined) return 'stale'
  const answer = await attempt(upload, () =>
    post(upload, '/api/dossier/push-content/', JSON.stringify(content), {}),
  )
  if (isTrouble(answer)) return answer
  const { status } = answer
  if (status === 200 || status === 201) return { state: 'accepted' }
  if (status === 401 || status === 429 || status >= 500) return troubleOf(answer, 'Uploading a document')
  if (status === 404 && jsonOf(answer)?.error !== 'namespace_not_found')
    return { state: 'rejected', error: `HTTP 404 ${saidBy(answer)}` }
  return status >= 400 ? 'dead' : troubleOf(answer, 'Uploading a document')
}

/** What the server takes in one batch. Asked only where it matters; a failure means the safe limits. */
export async function askLimits(upload: Upload): Promise<Limits> {
  const { server, session, team } = upload.access
  if (isLoopback(new URL(server).hostname)) return SAFE_LIMITS
  const answer = await upload.sync.net.send({
    method: 'GET',
    url: `${server}/api/v1/sync/health/`,
    headers: { Authorization: `Bearer ${session.accessToken}`, 'X-Team-Slug': team },
    timeoutMs: Math.min(5_000, upload.budget.left()),
    signal: upload.budget.signal,
  })
  const ingress = jsonOf(answer)?.sync_ingress
  return limitsOf(
    typeof ingress === 'object' && ingress !== null && 'limits' in ingress ? ingress.limits : undefined,
  )
}

type Answer = Extract<NetAnswer, { kind: 'answer' }>

/** Retries what may pass; hands every other answer on, with its status, to be understood. */
async function attempt(upload: Upload, send: () => Promise<NetAnswer>): Promise<Answer | SyncTrouble> {
  return await withRetries(upload.ports.clock, upload.budget, async () => {
    const answer = await send()
    if (answer.kind === 'failed') return troubleOf(answer, 'Sending events')
    const passing = answer.status === 408 || answer.status === 429 || answer.status >= 500
    return passing ? troubleOf(answer, 'Sending events') : answer
  })
}

function post(
  { sync, access, requestMs, budget }: Upload,
  path: string,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>>,
): Promise<NetAnswer> {
  return sync.net.send({
    method: 'POST',
    url: `${access.server}${path}`,
    headers: {
      Authorization: `Bearer ${access.session.accessToken}`,
      'Content-Type': 'application/json',
      ...headers,
    },
    body,
    timeoutMs: Math.min(requestMs, budget.left()),
    signal: budget.signal,
  })
}

function tooLarge(events: readonly JsonObject[], bytes: number, answer: Answer): BatchOutcome {
  const [only] = events
  if (events.length === 1 && only !== undefined)
    return {
      verdicts: rejectAll(events, `oversized_event: the server takes no event of ${bytes} bytes (too large)`),
    }
  const advertised = limitsOf(jsonOf(answer)?.limits)
  const half = { events: Math.ceil(events.length / 2), bytes: Math.ceil(bytes / 2) }
  return {
    smaller: {
      events: Math.min(advertised.events, half.events),
      bytes: Math.min(advertised.bytes, half.bytes),
    },
  }
}

/**
 * A 400. Events it names are rejected and the others sent again without them. When it names none, the bad one is looked
 * for by halves, but only where there is time; otherwise the rows stay as they are: one bad event must not cost the rest.
 */
async function refusedAsWhole(
  upload: Upload,
  events: readonly JsonObject[],
  answer: Answer,
): Promise<BatchOutcome | SyncTrouble> {
  const named = foldDetails(jsonOf(answer))
  const others = events.filter(event => !named.has(idOf(event)))
  if (named.size > 0 && others.length < events.length) return await both(upload, named, [others])
  if (!upload.thorough) return troubleOf(answer, 'Sending events')
  if (events.length === 1) return { verdicts: rejectAll(events, saidBy(answer) || 'HTTP 400') }
  const middle = Math.ceil(events.length / 2)
  return await both(upload, new Map(), [events.slice(0, middle), events.slice(middle)])
}

async function both(
  upload: Upload,
  known: ReadonlyMap<string, Verdict>,
  parts: readonly (readonly JsonObject[])[],
): Promise<BatchOutcome | SyncTrouble> {
  const verdicts = new Map(known)
  for (const part of parts) {
    const outcome = await sendEvents(upload, await packEvents(upload, part))
    // What is known already counts; the rest simply waits.
    if (isTrouble(outcome)) return verdicts.size > 0 ? { verdicts } : outcome
    if ('smaller' in outcome) return verdicts.size > 0 ? { verdicts } : outcome
    for (const [id, verdict] of outcome.verdicts) verdicts.set(id, verdict)
  }
  return { verdicts }
}

function rejectAll(events: readonly JsonObject[], error: string): ReadonlyMap<string, Verdict> {
  return new Map(events.map(event => [idOf(event), { state: 'rejected', error }]))
}

export function idOf(event: JsonObject): string {
  return typeof event.event_id === 'string' ? event.event_id : ''
}

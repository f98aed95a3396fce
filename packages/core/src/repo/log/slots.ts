/**
 * What later editions keep of a work package in status.json beside its lane: who has it, its ticks, its verdict. Only
 * the first claim and verdicts come from transitions; the rest from annotations, which count after all of them.
 */
import type { Transition } from '@spec-kitty/contracts/files/events'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { actorName } from './actor.ts'

const CLAIM = ['agent', 'shell_pid', 'shell_pid_created_at'] as const

/** The last of these counts. */
const REPLACED = [
  ...CLAIM,
  'assignee',
  'role',
  'agent_profile',
  'agent_profile_version',
  'model',
  'provider',
] as const

const IMPLEMENTER = 'implementer_of_record'

/** The slots of a package after a transition; undefined where it changes none. */
export function slotsAfter(event: Transition, before: JsonObject | undefined): JsonObject | undefined {
  const { from_lane: from, to_lane: to, policy_metadata: said, review_result: result } = event
  const canceled = to === 'canceled' || (before !== undefined && 'reason_source' in before)
  const claimed = from === 'planned' && to === 'claimed' && isObject(said)
  const judged = isObject(result) || (from === 'in_review' && before?.review_result !== null)
  // Nearly every row of a long log ends here.
  if (!canceled && !claimed && !judged) return undefined
  const { cancellation_reason: _, reason_source: __, ...kept } = before ?? {}
  return {
    ...kept,
    ...(claimed ? claimOf(said, event.actor, before) : {}),
    ...(judged ? { review_result: isObject(result) ? verdictOf(result) : null } : {}),
    ...(to === 'canceled'
      ? { cancellation_reason: event.reason ?? null, reason_source: sourceOf(event) }
      : {}),
  }
}

function claimOf(said: JsonObject, actor: Json, before: JsonObject | undefined): JsonObject {
  const told = CLAIM.filter(key => isSaid(said[key])).map(key => [key, said[key] ?? null] as const)
  const { agent } = said
  // What a migration restates never replaces the one who did claim.
  const restated = actorName(actor).startsWith('migration:') && before !== undefined && IMPLEMENTER in before
  return { ...Object.fromEntries(told), ...(isSaid(agent) && !restated ? { [IMPLEMENTER]: agent } : {}) }
}

/** A verdict counts wherever it is given; whoever leaves the review without one leaves null. */
function verdictOf(result: JsonObject): JsonObject {
  const { reviewer = null, verdict = null, reference = null, feedback_path: path } = result
  return { reviewer, verdict, reference, ...(path == null ? {} : { feedback_path: path }) }
}

function sourceOf({ reason, reason_source: said }: Transition): string {
  if (typeof said === 'string') return said
  const text = typeof reason === 'string' ? reason.trim() : ''
  return text === '' || /^(?:Force move to |move-task: )/.test(text) ? 'synthetic' : 'operator'
}

/** The parts of a reduction that slots come from. */
interface Told {
  /** What transitions say: work package → key → value. */
  readonly slots: ReadonlyMap<string, JsonObject>
  /** In the order of time. */
  readonly annotations: readonly JsonObject[]
}

/** All slots of every package; those that came with a later number of the schema only from it on. */
export function allSlots(
  { slots, annotations }: Told,
  schemaVersion: number | undefined,
): ReadonlyMap<string, JsonObject> {
  const all = new Map<string, { [key: string]: Json }>()
  const of = (wpId: string): { [key: string]: Json } => {
    const known = all.get(wpId) ?? { ...slots.get(wpId) }
    all.set(wpId, known)
    return known
  }
  for (const wpId of slots.keys()) of(wpId)
  for (const { wp_id: wpId, delta } of annotations) {
    if (typeof wpId === 'string' && isObject(delta)) applyDelta(of(wpId), delta)
  }
  if ((schemaVersion ?? 1) < 2) for (const state of all.values()) delete state[IMPLEMENTER]
  return all
}

/** What the log says of who has a package, or had it last: null where it was let go of, undefined where nothing is said. */
export function holdersIn(
  told: Told,
): (wpId: string, key: 'agent' | 'shell_pid') => string | null | undefined {
  let slots: ReadonlyMap<string, JsonObject> | undefined
  return (wpId, key) => {
    slots ??= allSlots(told, undefined)
    const value = slots.get(wpId)?.[key]
    if (typeof value === 'number') return String(value)
    // `tool:model:profile:role`, as in front matter.
    return typeof value === 'string' ? value.split(':')[0]?.trim() : value === null ? null : undefined
  }
}

function applyDelta(state: { [key: string]: Json }, delta: JsonObject): void {
  if (delta.release_runtime_claim === true) for (const key of CLAIM) state[key] = null
  for (const key of REPLACED) {
    const value = delta[key]
    if (isSaid(value)) state[key] = value
  }
  const { subtasks, note, tracker_refs: added, tracker_refs_replace: replaced, review } = delta
  if (isObject(subtasks))
    state.subtasks = { ...(isObject(state.subtasks) ? state.subtasks : {}), ...subtasks }
  if (typeof note === 'string') state.notes = [...list(state.notes), note]
  if (isArray(replaced)) state.tracker_refs = [...new Set(replaced)]
  else if (isArray(added)) state.tracker_refs = [...new Set([...list(state.tracker_refs), ...added])]
  if (isObject(review)) state.review = Object.values(review).every(value => value === '') ? null : review
}

function list(value: Json | undefined): readonly Json[] {
  return value !== undefined && isArray(value) ? value : []
}

function isSaid(value: Json | undefined): value is Json {
  return value !== undefined && value !== null && value !== ''
}

/** An annotation that 3.2.0 can pass over: ours. */
export function isReadByAll(row: JsonObject): boolean {
  return 'event_type' in row
}

/**
 * From log to state (docs/log.md): drop what is no transition, keep the first of equal ids, order by
 * `(at, event_id)` as plain strings, fold. Illegal edges and discontinuities reduce without complaint; judging
 * them is `agent status validate`'s business.
 */
import type { Transition } from '@spec-kitty/contracts/files/events'
import { compareCodePoints, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { wpKey } from '../../text/wp-id.ts'
import { rowsInOrder } from './in-order.ts'
import { eachRow, type LogRow, type LogText } from './log.ts'
import { type Seen, startGrowing, startSeen } from './seen.ts'
import { isReadByAll, slotsAfter } from './slots.ts'

/** State of one work package. Key names are those of status.json. */
export interface WpState {
  readonly lane: Lane
  readonly actor: Json
  readonly last_transition_at: string
  readonly last_event_id: string
  readonly force_count: number
}

export type Tick = 'done' | 'pending'

export interface Reduction {
  readonly workPackages: ReadonlyMap<string, WpState>
  /** Distinct transitions. */
  readonly eventCount: number
  /** Of the last transition in sort order. */
  readonly lastEventId: string | null
  readonly lastAt: string
  /** As the first transition in sort order spells it; empty for an empty log. */
  readonly missionSlug: string
  /** What transitions say beside the lane, for the snapshot of later editions: work package → key → value. */
  readonly slots: ReadonlyMap<string, JsonObject>
  /** Verdicts that transitions carry, by `wpKey`, in the order given. */
  readonly verdicts: ReadonlyMap<string, readonly JsonObject[]>
  /** Rows that move nothing: ticks, notes, who has a package. Sorted as transitions are. */
  readonly annotations: readonly JsonObject[]
  /** Subtask ticks that later editions keep in the log, where they spoke last: work package → subtask → tick. */
  readonly ticks: ReadonlyMap<string, ReadonlyMap<string, Tick>>
  /** Rows named `retrospective.…`, in file order. */
  readonly retrospectives: readonly JsonObject[]
}

/** Hears of each transition that counts, in the order of the reduction, and where its package stands after it. */
export type Listener = (event: Transition, lane: Lane) => void

/** Reduces the text of a log; `begin` makes the listener, anew for each attempt. Throws `log_corrupt`. */
export function reduceLog(text: LogText, begin?: () => Listener): Reduction {
  for (const startIds of [startGrowing, startSeen]) {
    const fold = startFold(undefined, begin?.(), startIds())
    // Who listens hears of the whole transition.
    const move = begin === undefined ? (event: Transition) => takeTransition(fold, event) : undefined
    if (eachRow(text, row => takeRow(fold, row), move)) return finish(fold)
  }
  const anew = startFold(undefined, begin?.())
  for (const row of rowsInOrder(text)) {
    if (row.kind === 'transition') apply(anew, row.value)
    else takeRow(anew, row)
  }
  return finish(anew)
}

/**
 * `reduction` with further transitions, each later than everything before it, and annotations; undefined when one is
 * not later, and the log must be reduced as a whole.
 */
export function continueReduction(
  reduction: Reduction,
  transitions: readonly Transition[],
  annotations: readonly JsonObject[] = [],
  listener?: Listener,
): Reduction | undefined {
  const fold = startFold(reduction, listener)
  fold.annotations.push(...annotations)
  for (const transition of transitions) {
    if (compareCodePoints(transition.at, fold.lastAt) <= 0) return undefined
    if (!takeTransition(fold, transition)) return undefined
  }
  return finish(fold)
}

/** The lane of a work package: `genesis` before its first event. */
export function laneOf(reduction: Reduction, wpId: string): Lane {
  return stateOf(reduction, wpId)?.lane ?? 'genesis'
}

/**
 * The state of a work package, however the log spells its id (`WP1`, `WP01`, `WP001`); of two spellings the one that
 * moved last. Undefined before its first event.
 */
export function stateOf(
  { workPackages }: Pick<Reduction, 'workPackages'>,
  wpId: string,
): WpState | undefined {
  const known = numbered.get(workPackages) ?? byNumber(workPackages)
  numbered.set(workPackages, known)
  return known.get(wpKey(wpId))
}

/** Derived once from each reduction, when the first package is asked for. */
const numbered = new WeakMap<Reduction['workPackages'], ReadonlyMap<string, WpState>>()

function byNumber(workPackages: Reduction['workPackages']): ReadonlyMap<string, WpState> {
  const states = new Map<string, WpState>()
  for (const [id, state] of workPackages) {
    const other = states.get(wpKey(id))
    const later = other === undefined || state.last_transition_at >= other.last_transition_at
    if (later) states.set(wpKey(id), state)
  }
  return states
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/** What a reduction under way remembers. It lives for one reduction and never leaves this file. */
interface Fold {
  /** By id, in the order of their first transitions. */
  readonly packages: Map<string, Package>
  readonly seen: Seen
  readonly verdicts: Map<string, JsonObject[]>
  readonly annotations: JsonObject[]
  readonly retrospectives: JsonObject[]
  readonly listener: Listener | undefined
  count: number
  lastAt: string
  lastId: string | null
  slug: string | undefined
}

interface Package {
  readonly state: Mutable<WpState>
  /** Its state was set by a rollback. */
  rollback: boolean
  slots: JsonObject | undefined
}

function startFold(from?: Reduction, listener?: Listener, seen = startSeen()): Fold {
  const packages = [...(from?.workPackages ?? [])].map(
    ([id, state]) => [id, { state: { ...state }, rollback: false, slots: from?.slots.get(id) }] as const,
  )
  return {
    packages: new Map(packages),
    seen,
    verdicts: new Map([...(from?.verdicts ?? [])].map(([key, given]) => [key, [...given]])),
    annotations: [...(from?.annotations ?? [])],
    retrospectives: [...(from?.retrospectives ?? [])],
    listener,
    count: from?.eventCount ?? 0,
    lastAt: from?.lastAt ?? '',
    lastId: from?.lastEventId ?? null,
    slug: from !== undefined && from.eventCount > 0 ? from.missionSlug : undefined,
  }
}

function finish(fold: Fold): Reduction {
  const annotations = fold.annotations.toSorted(byTime)
  return {
    workPackages: new Map([...fold.packages].map(([id, { state }]) => [id, state])),
    eventCount: fold.count,
    lastEventId: fold.lastId,
    lastAt: fold.lastAt,
    missionSlug: fold.slug ?? '',
    slots: new Map(
      [...fold.packages].flatMap(([id, { slots }]) => (slots === undefined ? [] : [[id, slots]])),
    ),
    verdicts: fold.verdicts,
    annotations,
    ticks: foldTicks(annotations),
    retrospectives: fold.retrospectives,
  }
}

/** False when the row is a transition that is not later than the one before it, or was perhaps there before. */
function takeRow(fold: Fold, row: LogRow): boolean {
  if (row.kind === 'transition') return takeTransition(fold, row.value)
  if (row.kind === 'annotation') fold.annotations.push(row.value)
  else if (row.kind === 'retrospective' && 'event_name' in row.value) fold.retrospectives.push(row.value)
  return true
}

function takeTransition(fold: Fold, event: Transition): boolean {
  if (!isLater(event.at, event.event_id, fold) || !fold.seen.add(event.event_id)) return false
  apply(fold, event)
  return true
}

function apply(fold: Fold, event: Transition): void {
  fold.count += 1
  fold.lastAt = event.at
  fold.lastId = event.event_id
  fold.slug ??= slugOf(event)
  applyTransition(fold, event)
  fold.listener?.(event, fold.packages.get(event.wp_id)?.state.lane ?? event.to_lane)
}

/**
 * Whether an event stands behind the last one taken. The language's own comparison decides for stamps, which are
 * ASCII: it is many times cheaper than one by code points, and this runs once an event.
 */
function isLater(at: string, id: string, fold: Fold): boolean {
  if (at === fold.lastAt) return compareCodePoints(id, fold.lastId ?? '') >= 0
  return at > fold.lastAt
}

function applyTransition(fold: Fold, event: Transition): void {
  const { wp_id: wpId, at } = event
  let known = fold.packages.get(wpId)
  if (known === undefined) {
    known = { state: { ...UNMOVED }, rollback: false, slots: undefined }
    fold.packages.set(wpId, known)
  }
  const { state } = known
  const rollback = isRollback(event)
  // A review that sends work back wins over anything else of the same instant.
  if (known.rollback && !rollback && state.last_transition_at === at) return
  known.rollback = rollback
  known.slots = slotsAfter(event, known.slots) ?? known.slots
  if (isObject(event.review_result)) {
    const key = wpKey(wpId)
    const given = fold.verdicts.get(key)
    if (given === undefined) fold.verdicts.set(key, [event.review_result])
    else given.push(event.review_result)
  }
  state.lane = event.to_lane
  state.actor = event.actor
  state.last_transition_at = at
  state.last_event_id = event.event_id
  if (event.force) state.force_count += 1
}

/** Before the first transition. */
const UNMOVED: WpState = {
  lane: 'genesis',
  actor: null,
  last_transition_at: '',
  last_event_id: '',
  force_count: 0,
}

function slugOf(event: JsonObject): string {
  const slug = event.mission_slug ?? event.feature_slug
  return typeof slug === 'string' ? slug : ''
}

function isRollback(event: Transition): boolean {
  if (event.to_lane !== 'in_progress') return false
  if (event.from_lane === 'in_review') return true
  return event.from_lane === 'for_review' && event.review_ref != null
}

function byTime(a: JsonObject, b: JsonObject): number {
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
  return compareCodePoints(text(a.at), text(b.at)) || compareCodePoints(text(a.event_id), text(b.event_id))
}

function foldTicks(annotations: readonly JsonObject[]): ReadonlyMap<string, ReadonlyMap<string, Tick>> {
  const ticks = new Map<string, Map<string, Tick>>()
  for (const row of annotations) {
    const { wp_id: wpId, delta } = row
    const subtasks = isObject(delta) ? delta.subtasks : undefined
    if (typeof wpId !== 'string' || !isObject(subtasks)) continue
    const mine = ticks.get(wpId) ?? new Map<string, Tick>()
    for (const [id, tick] of Object.entries(subtasks)) {
      // Our own rows repeat tasks.md, which may have been edited since.
      if (isReadByAll(row)) mine.delete(id)
      else mine.set(id, SETTLED.has(tick) ? 'done' : 'pending')
    }
    ticks.set(wpId, mine)
  }
  return ticks
}

/** Words of later editions for a subtask that nobody need do any more. */
export const SETTLED: ReadonlySet<Json> = new Set(['done', 'skipped', 'not_applicable'])

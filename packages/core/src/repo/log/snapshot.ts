/** `status.json` from a reduction: the object and its exact bytes (docs/log.md). */

import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints, isObject, type JsonObject, printSorted } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES, type DisplayLane } from '@spec-kitty/contracts/lanes'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import { actorName } from './actor.ts'
import type { Reduction, WpState } from './reduce.ts'
import { allSlots } from './slots.ts'

/** The text of status.json. It can be made anew: bytes that are no text count as no JSON. */
export function readSnapshotText(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir'>,
): string | undefined {
  try {
    return ports.files.text(missionPaths(mission).snapshot)
  } catch (error) {
    if (error instanceof KittyError && error.code === 'not_utf8') return ''
    throw error
  }
}

/** What the snapshot takes from meta.json; a `Mission` fits. */
export interface SnapshotIdentity {
  readonly slug: string
  readonly number: number | null
  readonly type: string
}

export type Snapshot = JsonObject & {
  readonly mission_slug: string
  readonly mission_number: string
  readonly mission_type: string
  readonly materialized_at: string
  readonly event_count: number
  readonly last_event_id: string | null
  readonly work_packages: { readonly [wpId: string]: WpState & JsonObject }
  readonly summary: LaneSummary
  readonly retrospective?: Retrospective
}

export type LaneSummary = { readonly [lane in DisplayLane]: number }

export type Retrospective = {
  readonly status: 'completed' | 'skipped' | 'failed' | 'pending'
  readonly mode: string | null
  readonly record_path: string | null
  readonly proposals_total: number
  readonly proposals_applied: number
  readonly proposals_rejected: number
  readonly proposals_pending: number
}

/**
 * Whose snapshot is written. Every edition compares all keys of a package with what it computes itself: 3.2.0 five,
 * later editions also those that claims, verdicts and annotations set. No one file suits both.
 */
export interface SnapshotStyle {
  readonly for: '3.2.0' | 'later'
  /** As the file has it; later editions add `implementer_of_record` from 2 on. */
  readonly schemaVersion?: number | undefined
}

/** The style of a status.json; 3.2.0's where there is none. */
export function styleOf(text: string | undefined): SnapshotStyle {
  const version = /^ {2}"schema_version": (\d{1,6})\b/m.exec(text ?? '')?.[1]
  const later = /^ {6}"(?:agent|assignee|model|notes|review|review_result|role|shell_pid|subtasks)":/m
  if (version === undefined && !later.test(text ?? '')) return { for: '3.2.0' }
  return { for: 'later', schemaVersion: version === undefined ? undefined : Number(version) }
}

/** The snapshot of a reduction. The directory name stands in where the log does not name the mission. */
export function snapshotOf(
  reduction: Reduction,
  identity: SnapshotIdentity,
  style: SnapshotStyle = { for: '3.2.0' },
): Snapshot {
  const retrospective = retrospectiveOf(reduction.retrospectives)
  const version = style.schemaVersion
  const slots = style.for === 'later' ? allSlots(reduction, version) : undefined
  return {
    mission_slug: reduction.missionSlug || identity.slug,
    mission_number: missionNumber(identity),
    mission_type: identity.type,
    materialized_at: reduction.lastAt,
    event_count: reduction.eventCount,
    last_event_id: reduction.lastEventId,
    work_packages: Object.fromEntries(
      [...reduction.workPackages].map(([wpId, state]) => [
        wpId,
        slots === undefined ? { ...state } : { ...state, actor: actorName(state.actor), ...slots.get(wpId) },
      ]),
    ),
    ...(version === undefined ? {} : { schema_version: version }),
    summary: countLanes(reduction),
    ...(retrospective === undefined ? {} : { retrospective }),
  }
}

/** The bytes of status.json. */
export function printSnapshot(snapshot: Snapshot): string {
  return printSorted(snapshot)
}

/** How many work packages are in each of the nine lanes; all nine are always there. */
export function countLanes(reduction: Reduction): LaneSummary {
  const counts = Object.fromEntries(DISPLAY_LANES.map(lane => [lane, 0])) as Record<DisplayLane, number>
  for (const { lane } of reduction.workPackages.values()) if (lane !== 'genesis') counts[lane] += 1
  return counts
}

/** Number as status.json has it: decimal text, from meta.json or the directory name, else empty. */
export function missionNumber({ slug, number }: SnapshotIdentity): string {
  if (number !== null) return String(number)
  const prefix = /^(\d{3})-/.exec(slug)?.[1]
  return prefix === undefined ? '' : String(Number(prefix))
}

const OUTCOMES = { completed: 'completed', skipped: 'skipped', failed: 'failed' } as const

/** The `retrospective` block; undefined when the log holds no row about one. */
export function retrospectiveOf(rows: readonly JsonObject[]): Retrospective | undefined {
  if (rows.length === 0) return undefined
  const count = (word: string): number =>
    rows.filter(row => String(row.event_name).endsWith(`.proposal.${word}`)).length
  const [total, applied, rejected] = [count('generated'), count('applied'), count('rejected')]
  const outcome = rows
    .filter(row => outcomeOf(row) !== undefined)
    .toSorted(byTime)
    .at(-1)
  const payload = outcome !== undefined && isObject(outcome.payload) ? outcome.payload : {}
  return {
    status: (outcome && outcomeOf(outcome)) ?? 'pending',
    mode: textOrNull(payload.mode),
    record_path: textOrNull(payload.record_path),
    proposals_total: total,
    proposals_applied: applied,
    proposals_rejected: rejected,
    proposals_pending: Math.max(0, total - applied - rejected),
  }
}

function outcomeOf(row: JsonObject): 'completed' | 'skipped' | 'failed' | undefined {
  const word = String(row.event_name).slice('retrospective.'.length)
  return word in OUTCOMES ? OUTCOMES[word as keyof typeof OUTCOMES] : undefined
}

function byTime(a: JsonObject, b: JsonObject): number {
  return (
    compareCodePoints(String(a.at), String(b.at)) || compareCodePoints(String(a.event_id), String(b.event_id))
  )
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

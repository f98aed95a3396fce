/**
 * What rows of a log say to the server (docs/sync.md): the one producer of events (ADR 0020). Every writer of a
 * log appends through `planAppend`, or builds the log as an object as merge does; both ask here, so a fact has one event,
 * with the id and the time of its row.
 */
import { isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import type { QueuedFact } from '../../world/change.ts'
import type { Mission } from '../mission/handle.ts'
import { type LogText, scanLog } from './log.ts'

const PHASE = ['mission_slug', 'mission_number', 'actor', 'at']
const COMPLETED = [...PHASE, 'artifact_path', 'summary']

/** Lifecycle rows that the server knows, and the keys of their payload; other rows and keys are for the log alone. */
const LIFECYCLE: Readonly<Record<string, readonly string[]>> = {
  MissionCreated: [
    'mission_id',
    'mission_slug',
    'mission_number',
    'mission_type',
    'target_branch',
    'wp_count',
    'friendly_name',
    'purpose_tldr',
    'purpose_context',
    'created_at',
  ],
  SpecifyStarted: PHASE,
  SpecifyCompleted: COMPLETED,
  PlanStarted: PHASE,
  PlanCompleted: COMPLETED,
  TasksStarted: PHASE,
  TasksCompleted: [...COMPLETED, 'wp_count'],
  WPCreated: [
    'mission_slug',
    'mission_number',
    'wp_id',
    'wp_title',
    'actor',
    'wp_path',
    'depends_on',
    'created_at',
  ],
}

const TRANSITION = [
  'wp_id',
  'from_lane',
  'to_lane',
  'actor',
  'execution_mode',
  'force',
  'reason',
  'review_ref',
  'evidence',
]

/** What the server is told of these rows; to be handed over after the commit. */
export function toldOf(mission: Pick<Mission, 'slug'>, rows: readonly JsonObject[]): readonly QueuedFact[] {
  return rows.flatMap(row => factOf(mission, row))
}

/** The mission has landed. `number`: the one it got by that; without one there is nothing to tell. */
export function missionClosed(
  mission: Pick<Mission, 'slug' | 'id' | 'type'>,
  number: number | null,
): readonly QueuedFact[] {
  if (number === null) return []
  const payload = { mission_slug: mission.slug, mission_number: number, mission_type: mission.type }
  const fact = { event_type: 'MissionClosed', aggregate_id: mission.id ?? mission.slug, payload }
  return [fact]
}

/** What a merge that was interrupted has still to tell: its last rows are in the log that landed. */
export function toldOfLanded(
  mission: Pick<Mission, 'slug' | 'id' | 'type'>,
  log: LogText,
  landed: { readonly done_work_packages: readonly string[]; readonly mission_number: number | null },
): readonly QueuedFact[] {
  const last = new Map<string, JsonObject>()
  for (const { kind, value } of scanLog(log)) {
    if (kind === 'transition' && typeof value.wp_id === 'string') last.set(value.wp_id, value)
  }
  const done = landed.done_work_packages.flatMap(wp => {
    const row = last.get(wp)
    return row?.to_lane === 'done' ? [row] : []
  })
  return [...toldOf(mission, done), ...missionClosed(mission, landed.mission_number)]
}

/** An entry in the activity log of a work package: the log of the mission knows nothing of it. */
export function historyAdded(wpId: string, note: string, author: string): QueuedFact {
  const payload = { wp_id: wpId, entry_type: 'note', entry_content: note, author }
  return { event_type: 'HistoryAdded', aggregate_id: wpId, payload }
}

function factOf(mission: Pick<Mission, 'slug'>, row: JsonObject): readonly QueuedFact[] {
  const { event_id, event_type, aggregate_id } = row
  if (typeof event_id !== 'string') return []
  if (typeof row.to_lane === 'string' && typeof row.wp_id === 'string' && typeof row.at === 'string') {
    const payload = { mission_slug: mission.slug, ...pick(row, TRANSITION) }
    return [{ event_id, at: row.at, event_type: 'WPStatusChanged', aggregate_id: row.wp_id, payload }]
  }
  const keys = typeof event_type === 'string' ? LIFECYCLE[event_type] : undefined
  const known = keys !== undefined && typeof event_type === 'string' && typeof aggregate_id === 'string'
  if (!known || typeof row.timestamp !== 'string' || !isObject(row.payload)) return []
  return [{ event_id, at: row.timestamp, event_type, aggregate_id, payload: pick(row.payload, keys) }]
}

function pick(from: JsonObject, keys: readonly string[]): JsonObject {
  const entries = keys.flatMap((key): [string, Json][] => {
    const value = from[key]
    return value === undefined ? [] : [[key, value]]
  })
  return Object.fromEntries(entries)
}

/** How alive a mission is, derived from its log. */
import type { AgentStatusLifecycle } from '@spec-kitty/contracts/cli/status-lifecycle'
import { isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { isTerminal, type Lane } from '@spec-kitty/contracts/lanes'
import { parseMillis } from '@spec-kitty/contracts/time'
import { viewStatus } from '../repo/log/emit.ts'
import { type LogText, scanLog } from '../repo/log/log.ts'
import type { Reduction } from '../repo/log/reduce.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { locateProject, requireKittify } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'

type LifecycleState = AgentStatusLifecycle['state']

const STALE_DAYS = 14
const ABANDONED_DAYS = 30
const RECENT_DAYS = 3
const DAY_MS = 86_400_000
const ACTIVE: ReadonlySet<Lane> = new Set<Lane>([
  'claimed',
  'in_progress',
  'for_review',
  'in_review',
  'approved',
  'blocked',
])
const SURFACE: ReadonlySet<LifecycleState> = new Set<LifecycleState>([
  'active',
  'recently_completed',
  'reopened',
])

/** `agent status lifecycle`. Throws what resolving throws, and `log_corrupt`. */
export async function missionLifecycle(
  ports: Ports,
  input: { readonly mission?: string | undefined },
): Promise<AgentStatusLifecycle> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  const { log, reduction } = await viewStatus(ports, project, mission)
  return deriveLifecycle(mission, log, reduction, ports.clock.now())
}

/** Pure. `now` decides ages. */
export function deriveLifecycle(
  mission: Mission,
  log: { readonly text: LogText; readonly exists: boolean },
  reduction: Reduction,
  now: string,
): AgentStatusLifecycle {
  const events = lifecycleEvents(log.text)
  const lanes = [...reduction.workPackages.values()].map(state => state.lane)
  const among = (...wanted: Lane[]): number => lanes.filter(lane => wanted.includes(lane)).length
  const last = latest([reduction.lastAt, ...events.map(timeOf)])
  const age = daysBetween(last, now)
  const { state, reason } = judgeState(mission, lanes, events, age)
  return {
    mission_slug: mission.slug,
    mission_id: mission.id,
    mission_number: mission.number,
    mission_type: mission.type,
    state,
    surface_state: SURFACE.has(state) ? state : null,
    reason,
    last_activity_at: last,
    last_transition_at: reduction.lastAt || null,
    age_days: age,
    completion_pct: lanes.length === 0 ? 0 : Math.round((among('done') / lanes.length) * 1000) / 10,
    event_count: reduction.eventCount,
    total_wps: lanes.length,
    active_wp_count: lanes.filter(lane => ACTIVE.has(lane)).length,
    blocked_wp_count: among('blocked'),
    review_wp_count: among('for_review', 'in_review'),
    terminal_wp_count: lanes.filter(isTerminal).length,
    has_event_log: log.exists,
    ...postMission(events),
    stale_after_days: STALE_DAYS,
    abandoned_after_days: ABANDONED_DAYS,
  }
}

function judgeState(
  mission: Mission,
  lanes: readonly Lane[],
  events: readonly JsonObject[],
  age: number | null,
): { readonly state: LifecycleState; readonly reason: string } {
  if (isReopened(mission, events))
    return { state: 'reopened', reason: 'The mission was reopened after its merge' }
  const days = age === null ? 'nothing has happened yet' : `last activity ${age} days ago`
  const idle = idleState(age)
  const active = lanes.filter(lane => ACTIVE.has(lane)).length
  if (active > 0) return { state: idle ?? 'active', reason: `${active} work packages are under way; ${days}` }
  if (lanes.length > 0 && lanes.every(isTerminal)) {
    const recent = age !== null && age <= RECENT_DAYS
    return {
      state: recent ? 'recently_completed' : 'archived',
      reason: `All work packages are finished; ${days}`,
    }
  }
  return { state: idle ?? 'recoverable', reason: `No work package is under way; ${days}` }
}

function idleState(age: number | null): 'stale' | 'abandoned' | undefined {
  if (age === null || age < STALE_DAYS) return undefined
  return age >= ABANDONED_DAYS ? 'abandoned' : 'stale'
}

function isReopened({ meta }: Mission, events: readonly JsonObject[]): boolean {
  const merged = typeof meta.merged_at === 'string' ? parseMillis(meta.merged_at) : undefined
  return events.some(event => {
    if (event.event_type !== 'MissionReopened') return false
    const at = parseMillis(timeOf(event))
    return merged === undefined || (at !== undefined && at > merged)
  })
}

function lifecycleEvents(text: LogText): readonly JsonObject[] {
  const events: JsonObject[] = []
  for (const row of scanLog(text)) if (row.kind === 'lifecycle') events.push(row.value)
  return events
}

function postMission(
  events: readonly JsonObject[],
): Pick<AgentStatusLifecycle, 'post_mission_events' | 'last_follow_up_at'> {
  const after = events.filter(
    ({ event_type: type }) => type === 'MissionReopened' || type === 'FollowUpRecorded',
  )
  const followUps = after.filter(event => event.event_type === 'FollowUpRecorded')
  return {
    post_mission_events: after.map(event => ({
      event_type: String(event.event_type),
      at: timeOf(event),
      payload: isObject(event.payload) ? event.payload : {},
    })),
    last_follow_up_at: latest(followUps.map(timeOf)),
  }
}

function timeOf(event: JsonObject): string {
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
  return text(event.at) || text(event.timestamp)
}

/** By the instant, not by the text: stamps of several editions meet here. */
function latest(stamps: readonly string[]): string | null {
  const known = stamps.flatMap(stamp => {
    const millis = parseMillis(stamp)
    return millis === undefined ? [] : [{ stamp, millis }]
  })
  return known.toSorted((a, b) => a.millis - b.millis).at(-1)?.stamp ?? null
}

/** Whole days, never negative; null when one of the stamps is none. */
export function daysBetween(from: string | null, to: string): number | null {
  const [start, end] = [from === null ? undefined : parseMillis(from), parseMillis(to)]
  if (start === undefined || end === undefined) return null
  return Math.max(0, Math.floor((end - start) / DAY_MS))
}

import type { JsonObject } from '@spec-kitty/contracts/json'
import { addMission, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { viewStatus } from '../repo/log/emit.ts'
import { weightedPercentage } from '../repo/log/progress.ts'
import { resolveMission } from '../repo/mission/handle.ts'
import { locateProject } from '../repo/project/locate.ts'
import { derivedViews } from './derived.ts'
import { daysBetween, deriveLifecycle } from './lifecycle.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

async function derive(rows: readonly JsonObject[], day: number, meta: JsonObject = {}) {
  addMission(world, { events: rows.length > 0, meta })
  appendEvents(world, rows)
  const project = locateProject(world.ports)
  const mission = resolveMission(world.ports, project, MISSION_SLUG)
  const { log, reduction } = await viewStatus(world.ports, project, mission)
  const now = `2026-01-${String(day).padStart(2, '0')}T12:00:00.000000+00:00`
  return {
    lifecycle: deriveLifecycle(mission, log, reduction, now),
    views: derivedViews(mission, log, reduction, now),
  }
}
const done = ['WP01', 'WP02'].map((wp, i) => eventRow(wp, 'approved', 'done', 50 + i))
const claimed = [eventRow('WP01', 'planned', 'claimed', 50)]
const reopened = {
  event_id: 'r1',
  event_type: 'MissionReopened',
  timestamp: '2026-01-05T00:00:00Z',
  payload: { reason: 'bug' },
}
const followUp = {
  ...reopened,
  event_id: 'f1',
  event_type: 'FollowUpRecorded',
  timestamp: '2026-01-06T00:00:00Z',
}

describe('the state of a mission', () => {
  test.each([
    ['active', claimed, 14, {}],
    ['stale', claimed, 15, {}],
    ['abandoned', claimed, 31, {}],
    ['recently_completed', done, 4, {}],
    ['archived', done, 5, {}],
    ['recoverable', [eventRow('WP01', 'planned', 'planned', 50)], 3, {}],
    ['stale', [eventRow('WP01', 'planned', 'planned', 50)], 20, {}],
    ['reopened', [...done, reopened], 6, { merged_at: '2026-01-04T00:00:00Z' }],
    ['recently_completed', [...done, reopened], 6, { merged_at: '2026-01-05T12:00:00Z' }],
    ['reopened', [...done, reopened], 6, {}],
  ] as const)('%s', async (state, rows, day, meta) => {
    const { lifecycle } = await derive(rows, day, meta)
    expect(lifecycle.state).toBe(state)
    const shown = ['active', 'recently_completed', 'reopened'].includes(state)
    expect(lifecycle.surface_state).toBe(shown ? state : null)
  })

  test('a mission without a log is recoverable, and nothing is known about its age', async () => {
    addMission(world, { events: false })
    const project = locateProject(world.ports)
    const mission = resolveMission(world.ports, project, MISSION_SLUG)
    const { log, reduction } = await viewStatus(world.ports, project, mission)
    expect(deriveLifecycle(mission, log, reduction, '2026-01-01T00:00:00Z')).toMatchObject({
      state: 'recoverable',
      age_days: null,
      last_activity_at: null,
      last_transition_at: null,
      has_event_log: false,
      completion_pct: 0,
    })
  })

  test('counts lanes, and knows what came after the merge', async () => {
    const { lifecycle } = await derive([...claimed, reopened, followUp], 6)
    expect(lifecycle).toMatchObject({
      total_wps: 2,
      active_wp_count: 1,
      review_wp_count: 0,
      terminal_wp_count: 0,
      last_activity_at: '2026-01-06T00:00:00Z',
      last_transition_at: '2026-01-01T00:00:50.000000+00:00',
      age_days: 0,
      last_follow_up_at: '2026-01-06T00:00:00Z',
      post_mission_events: [
        { event_type: 'MissionReopened', at: '2026-01-05T00:00:00Z', payload: { reason: 'bug' } },
        { event_type: 'FollowUpRecorded' },
      ],
    })
  })
})

test('days are whole, never negative, and unknown where a stamp is none', () => {
  expect(daysBetween('2026-01-01T00:00:00Z', '2026-01-02T23:59:59Z')).toBe(1)
  expect(daysBetween('2026-01-05T00:00:00Z', '2026-01-02T00:00:00Z')).toBe(0)
  expect(daysBetween('soon', '2026-01-02T00:00:00Z')).toBeNull()
})

test('the derived views', async () => {
  const { views } = await derive([eventRow('WP02', 'planned', 'in_review', 50)], 3)
  const view = (name: string) => JSON.parse(views.get(name) ?? '') as JsonObject
  expect([...views.keys()]).toEqual(['status.json', 'board-summary.json', 'progress.json', 'lifecycle.json'])
  expect(view('board-summary.json')).toMatchObject({
    lanes: { planned: ['WP01'], in_review: ['WP02'] },
    total_wps: 2,
    mission_number: null,
  })
  expect(view('progress.json')).toMatchObject({
    percentage: 35,
    weighted_percentage: 35,
    progress_semantics: 'weighted_readiness',
    done_count: 0,
    total_count: 2,
    mission_number: '',
    per_wp: [
      { wp_id: 'WP01', lane: 'planned', lane_weight: 0, wp_weight: 1, fractional_progress: 0 },
      { wp_id: 'WP02', lane: 'in_review', lane_weight: 0.7, wp_weight: 1, fractional_progress: 0.7 },
    ],
  })
  expect(view('lifecycle.json')).toMatchObject({ state: 'active' })
  expect(weightedPercentage([])).toBe(0)
})

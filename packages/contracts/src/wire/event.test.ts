import { describe, expect, test } from 'vitest'
import { findForbidden } from './envelope.ts'
import { judgeEvent } from './event.ts'
import { OTHER_EVENT_TYPES, PAYLOADS } from './payloads.ts'

const ID = '01M84XCG40QJQ9XH0CGA99SM9V'
const TRANSITION = {
  mission_slug: 'demo-01KQW4DF',
  wp_id: 'WP01',
  from_lane: 'planned',
  to_lane: 'claimed',
  actor: 'claude',
  execution_mode: 'worktree',
}

function event(payload: object = TRANSITION, envelope: object = {}): Record<string, unknown> {
  return {
    event_id: ID,
    event_type: 'WPStatusChanged',
    aggregate_id: 'WP01',
    aggregate_type: 'WorkPackage',
    schema_version: '3.0.0',
    build_id: '15532b79-1ce9-4303-beae-be5ef459fb77',
    payload,
    node_id: 'b805cd5cee74',
    lamport_clock: 6,
    causation_id: null,
    correlation_id: ID,
    timestamp: '2026-11-23T19:16:05.884454+00:00',
    team_slug: 'team-1',
    project_uuid: 'c73079ee-67c5-4b7e-9ce5-aa35d02eb116',
    project_slug: 'p1',
    git_branch: 'main',
    head_commit_sha: 'a'.repeat(40),
    repo_slug: null,
    ...envelope,
  }
}

const faults = (value: unknown): string => {
  const judged = judgeEvent(value)
  return judged.ok ? '' : judged.faults.join('; ')
}

test('an event as a client sends it is accepted as it is', () => {
  const sent = event()
  expect(judgeEvent(sent)).toEqual({ ok: true, event: sent })
})

test.each<[string, object, RegExp]>([
  ['unknown field', { bogus: 1 }, /envelope\.bogus/],
  ['malformed id', { event_id: 'not-an-id' }, /envelope\.event_id: must be a ULID or UUID/],
  ['id with a letter that ULIDs do not have', { event_id: `I${ID.slice(1)}` }, /envelope\.event_id/],
  ['other major version', { schema_version: '999.0.0' }, /schema_version.*999\.0\.0/],
  ['other patch version', { schema_version: '3.0.1' }, /schema_version/],
  ['missing correlation', { correlation_id: undefined }, /correlation_id/],
  ['negative clock', { lamport_clock: -1 }, /lamport_clock/],
  ['naive time stamp', { timestamp: '2026-11-23T19:16:05' }, /timestamp: must be an ISO date-time with zone/],
  ['a day that no month has', { timestamp: '2026-13-45T19:16:05Z' }, /timestamp: must be/],
  ['no project', { project_uuid: null }, /project_uuid/],
  ['unknown type', { event_type: 'FeatureCreated' }, /event_type: unknown "FeatureCreated"/],
  ['name of an object method', { event_type: 'constructor' }, /event_type: unknown/],
  ['legacy aggregate', { aggregate_id: 'feature/1' }, /aggregate_id: legacy prefix/],
])('drift in the envelope is named: %s', (_, envelope, message) => {
  expect(faults(event(TRANSITION, envelope))).toMatch(message)
})

test.each<[string, object, RegExp]>([
  ['unknown field', { bogus: 1 }, /payload\.bogus/],
  [
    'legacy key, nested',
    { actor: { role: { feature_slug: 'x' } } },
    /legacy key payload\.actor\.role\.feature_slug/,
  ],
  ['unknown lane', { to_lane: 'flying' }, /payload\.to_lane/],
  ['force without a reason', { force: true, reason: ' ' }, /force needs a reason/],
  ['done without evidence', { from_lane: 'approved', to_lane: 'done' }, /done needs evidence/],
  ['a jump', { to_lane: 'for_review' }, /transition from planned to for_review needs force/],
  ['first lane but planned', { from_lane: null, to_lane: 'claimed' }, /transition from none to claimed/],
  ['rejection', { from_lane: 'in_review', to_lane: 'planned' }, /rejection to planned needs force/],
  ['back to work', { from_lane: 'for_review', to_lane: 'in_progress' }, /needs review_ref/],
  ['leaving the end', { from_lane: 'done', to_lane: 'blocked' }, /needs force/],
])('drift in a transition is named: %s', (_, change, message) => {
  expect(faults(event({ ...TRANSITION, ...change }))).toMatch(message)
})

test.each([
  { from_lane: 'planned', to_lane: 'blocked' },
  { from_lane: 'done', to_lane: 'planned', force: true, reason: 'reopened' },
  { from_lane: 'claimed', to_lane: 'doing' },
  { from_lane: 'in_review', to_lane: 'in_progress', review_ref: 'review-1.md' },
  {
    from_lane: 'approved',
    to_lane: 'done',
    evidence: {
      repos: [{ repo: 'r', branch: 'b', commit: 'c' }],
      review: { reviewer: 'bob', verdict: 'approved' },
    },
  },
])('a legal transition: %j', change => {
  expect(faults(event({ ...TRANSITION, ...change }))).toBe('')
})

test('a type of another producer is taken with any object as payload', () => {
  expect(faults(event({ whatever: 1 }, { event_type: 'GatePassed' }))).toBe('')
  expect(faults(event([], { event_type: 'GatePassed', payload: 3 }))).toMatch(/payload/)
})

test('what is no event at all is refused in words', () => {
  for (const value of [null, 7, 'x', [], {}]) expect(faults(value)).toMatch(/envelope/)
})

test('at most ten faults, each short', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`k${i}`, 'x'.repeat(5000)]))
  const judged = judgeEvent({ ...event(), ...many, event_id: 'y'.repeat(100_000) })
  expect(judged.ok).toBe(false)
  if (judged.ok) return
  expect(judged.faults.length).toBeLessThanOrEqual(10)
  expect(judged.faults.join('').length).toBeLessThan(3000)
})

describe('findForbidden', () => {
  test('bounds depth without recursion', () => {
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    expect(findForbidden(deep)).toBe('nested more than 32 levels deep')
  })
  test('looks into lists', () => {
    expect(findForbidden([{ a: [{ mission_key: 1 }] }])).toBe('legacy key 0.a.0.mission_key')
  })
})

test('the table and the list of other types do not overlap', () => {
  expect(Object.keys(PAYLOADS).filter(type => OTHER_EVENT_TYPES.has(type))).toEqual([])
})

import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { judgeEvent } from '@spec-kitty/contracts/wire/event'
import { describe, expect, test } from 'vitest'
import type { QueuedFact } from '../world/change.ts'
import { buildEvent, buildRegistered, type EventSource } from './events.ts'

const source: EventSource = {
  identity: {
    projectUuid: '0b1f4a8e-3c55-4d6b-9a63-2f9a0a1b2c3d',
    projectSlug: 'repo',
    buildId: '1b1f4a8e-3c55-4d6b-9a63-2f9a0a1b2c3d',
    nodeId: 'b805cd5cee74',
    repoSlug: null,
  },
  place: { branch: 'main', head: 'a'.repeat(40) },
}
const stamp = { id: '01KQW4DG000000000000000001', at: '2026-01-01T00:00:00.000000+00:00', lamport: 3 }
const build = (fact: QueuedFact) => buildEvent(fact, source, stamp)

const transition = (from: string, to: string, more: object = {}): QueuedFact => ({
  event_type: 'WPStatusChanged',
  aggregate_id: 'WP01',
  event_id: '01KQW4DG000000000000000009',
  at: '2026-01-02T00:00:00.000000+00:00',
  payload: {
    mission_slug: 'demo-01KQW4DF',
    wp_id: 'WP01',
    from_lane: from,
    to_lane: to,
    actor: 'claude',
    execution_mode: 'worktree',
    force: false,
    reason: null,
    review_ref: null,
    evidence: null,
    ...more,
  },
})

test('the envelope has exactly the keys of the contract', () => {
  expect(build(transition('planned', 'claimed'))).toEqual({
    event_id: '01KQW4DG000000000000000009',
    event_type: 'WPStatusChanged',
    aggregate_id: 'WP01',
    aggregate_type: 'WorkPackage',
    schema_version: '3.0.0',
    build_id: source.identity.buildId,
    payload: expect.objectContaining({ to_lane: 'claimed', force: false, reason: null }),
    node_id: 'b805cd5cee74',
    lamport_clock: 3,
    causation_id: null,
    correlation_id: '01KQW4DG000000000000000009',
    timestamp: '2026-01-02T00:00:00.000000+00:00',
    project_uuid: source.identity.projectUuid,
    project_slug: 'repo',
    git_branch: 'main',
    head_commit_sha: 'a'.repeat(40),
    repo_slug: null,
  })
})

describe('every lane change is canonical', () => {
  const pairs = ['genesis', ...DISPLAY_LANES].flatMap(from => DISPLAY_LANES.map(to => [from, to] as const))
  test.each(pairs)('%s to %s', (from, to) => {
    expect(judgeEvent({ ...build(transition(from, to)), team_slug: 't' })).toMatchObject({ ok: true })
  })

  test('evidence that is given is kept, what the contract asks for besides is added', () => {
    const review = { reviewer: 'bob', verdict: 'approved', reference: 'PR#1', note: 'x' }
    const { payload } = build(transition('in_review', 'approved', { evidence: { review } }))
    expect(payload).toMatchObject({
      evidence: {
        repos: [{ repo: 'repo', branch: 'main', commit: 'a'.repeat(40) }],
        review: { reviewer: 'bob', verdict: 'approved', reference: 'PR#1' },
      },
    })
    const repos = [{ repo: 'r', branch: 'b', commit: 'c' }]
    const given = build(
      transition('in_review', 'approved', { evidence: { review, repos, verification: [] } }),
    )
    expect(given.payload).toMatchObject({ evidence: { repos, verification: [] } })
  })

  test('a rejection to planned is forced, its reason is the feedback', () => {
    const { payload } = build(transition('in_review', 'planned', { review_ref: 'review-cycle://x' }))
    expect(payload).toMatchObject({
      force: true,
      reason: 'review-cycle://x',
      review_ref: 'review-cycle://x',
      evidence: null,
    })
  })
})

test('a build is registered with its three canonical fields and nothing about the person', () => {
  const event = build(buildRegistered(source))
  expect(event).toMatchObject({
    aggregate_type: 'Build',
    event_id: stamp.id,
    timestamp: stamp.at,
    payload: { repo_slug: null, git_branch: 'main', head_commit_sha: 'a'.repeat(40) },
  })
  expect(judgeEvent(event).ok).toBe(true)
})

test('an id that is no ULID is not used', () => {
  expect(build({ ...transition('planned', 'claimed'), event_id: 'not-an-id' }).event_id).toBe(stamp.id)
})

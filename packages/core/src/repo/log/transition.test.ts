import { TransitionSchema } from '@spec-kitty/contracts/files/events'
import { eventRow } from '@spec-kitty/host/testing/mission'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { printRow } from './log.ts'
import { reduceLog } from './reduce.ts'
import { planTransition, planWalk, requireTransition, type Standing, standing } from './transition.ts'

const owner = { slug: 'demo-feature-01KQW4DF', id: '01KQW4DF0000000000000000A1' }
const stamp = { id: '01KQW4DH000000000000000001', at: '2026-02-03T04:05:06.000001+00:00' }
const planned = { lane: 'planned', holder: 'finalize-tasks' } as const
const inReview: Standing = { lane: 'in_review', holder: 'bob' }
const REVIEW = { review: { reviewer: 'bob', verdict: 'changes', reference: 'feedback://7' } }

describe('the event of a move', () => {
  test('has every key, and nothing else', () => {
    const event = requireTransition(owner, planned, { wpId: 'WP01', to: 'claimed', actor: 'claude' }, stamp)
    expect(event).toEqual({
      actor: 'claude',
      at: stamp.at,
      event_id: stamp.id,
      evidence: null,
      execution_mode: 'worktree',
      force: false,
      from_lane: 'planned',
      mission_id: owner.id,
      mission_slug: owner.slug,
      policy_metadata: null,
      reason: null,
      review_ref: null,
      to_lane: 'claimed',
      wp_id: 'WP01',
    })
    expect(v.is(TransitionSchema, event)).toBe(true)
  })

  test('leaves out the id of a mission that has none', () => {
    const legacy = { slug: '034-legacy', id: null }
    const event = requireTransition(legacy, planned, { wpId: 'WP01', to: 'claimed', actor: 'a' }, stamp)
    expect(Object.keys(event)).not.toContain('mission_id')
  })

  test('says a review in both forms, whichever was given', () => {
    const move = (to: 'approved' | 'done' | 'in_progress', how: object) =>
      requireTransition(owner, inReview, { wpId: 'WP01', to, actor: 'bob', ...how }, stamp)
    expect(move('approved', { reviewRef: 'PR#1' })).toMatchObject({
      review_ref: 'PR#1',
      evidence: { review: { reviewer: 'bob', verdict: 'approved', reference: 'PR#1' } },
    })
    expect(move('in_progress', { evidence: REVIEW })).toMatchObject({
      review_ref: 'feedback://7',
      evidence: REVIEW,
    })
    expect(move('in_progress', { reviewRef: 'f' })).toMatchObject({ review_ref: 'f', evidence: null })
    expect(move('done', { evidence: REVIEW })).toMatchObject({ review_ref: null, evidence: REVIEW })
    const odd = { evidence: { review: {} }, force: true, reason: 'r' }
    expect(move('in_progress', odd)).toMatchObject({ review_ref: null })
  })

  test('ends a review with its verdict where later editions read it', () => {
    const result = (to: 'approved' | 'planned' | 'blocked', how: object, from = inReview) =>
      requireTransition(owner, from, { wpId: 'WP01', to, actor: 'bob', ...how }, stamp).review_result
    const approved = { reviewer: 'bob', verdict: 'approved', reference: 'PR#1' }
    expect(result('approved', { reviewRef: 'PR#1' })).toEqual(approved)
    const atOnce = { evidence: { review: { ...approved, note: 'n' } }, force: true, reason: 'r' }
    expect(result('approved', atOnce, { ...inReview, lane: 'for_review' })).toEqual(approved)
    const back = { reviewRef: 'review-cycle://d/WP01/review-cycle-1.md', force: true, reason: 'r' }
    expect(result('planned', back)).toEqual({
      reviewer: 'bob',
      verdict: 'changes_requested',
      reference: back.reviewRef,
    })
    expect(result('blocked', { reviewRef: 'r' })).toBeUndefined()
    expect(result('planned', { force: true, reason: 'r' })).toBeUndefined()
  })

  test('a refusal is a value with the pair in it', () => {
    const outcome = planTransition(owner, planned, { wpId: 'WP01', to: 'done', actor: 'a' }, stamp)
    expect(outcome.refusal).toMatchObject({
      code: 'illegal_transition',
      message: 'Illegal transition: planned -> done',
      data: { wp_id: 'WP01', from_lane: 'planned', to_lane: 'done' },
    })
  })
})

describe('a walk', () => {
  const claim = { wpId: 'WP01', to: 'claimed', actor: 'claude' } as const
  const start = { wpId: 'WP01', to: 'in_progress', actor: 'claude', workspace: '.worktrees/x' } as const
  const later = { id: '01KQW4DH000000000000000002', at: '2026-02-03T04:05:06.000002+00:00' }

  test('starts every step where the last one ended', () => {
    const events = planWalk(owner, planned, [claim, start], [stamp, later])
    expect(events.map(event => [event.from_lane, event.to_lane, event.event_id])).toEqual([
      ['planned', 'claimed', stamp.id],
      ['claimed', 'in_progress', later.id],
    ])
  })

  test('stops with the refusal of the step that fails, and wants a stamp for each', () => {
    expect(() => planWalk(owner, planned, [claim, claim], [stamp, later])).toThrow('claimed -> claimed')
    expect(() => planWalk(owner, planned, [claim, start], [stamp])).toThrow('2 changes, 1 stamps')
  })
})

test('a work package stands where the log left it', () => {
  const reduction = reduceLog(printRow(eventRow('WP01', 'genesis', 'planned', 1)))
  expect(standing(reduction, 'WP01')).toEqual({ lane: 'planned', holder: 'claude' })
  expect(standing(reduction, 'WP09')).toEqual({ lane: 'genesis', holder: null })
})

import type { JsonObject } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { eventRow } from '@spec-kitty/host/testing/mission'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printRow, readLog } from './log.ts'
import { continueReduction, laneOf, reduceLog } from './reduce.ts'
import { countLanes } from './snapshot.ts'

const logOf = (rows: readonly JsonObject[]) => rows.map(row => `${printRow(row)}\n`).join('')
const reduced = (...rows: JsonObject[]) => reduceLog(logOf(rows))
const AT = '2026-01-01T00:00:09.000000+00:00'

describe('the reducer', () => {
  test('keeps the first of equal ids, sorts by time and id, counts forced events', () => {
    const rows = [
      eventRow('WP01', 'claimed', 'in_progress', 3, { force: true }),
      eventRow('WP01', 'genesis', 'planned', 1, {
        mission_slug: undefined as never,
        feature_slug: 'old-name',
      }),
      eventRow('WP01', 'planned', 'claimed', 2),
      { ...eventRow('WP01', 'planned', 'blocked', 9), event_id: eventRow('WP01', '', '', 2).event_id ?? '' },
    ]
    const reduction = reduced(...rows)
    expect(reduction.workPackages.get('WP01')).toEqual({
      lane: 'in_progress',
      actor: 'claude',
      last_transition_at: '2026-01-01T00:00:03.000000+00:00',
      last_event_id: '01KQW4DG000000000000000003',
      force_count: 1,
    })
    expect(reduction).toMatchObject({
      eventCount: 3,
      lastEventId: '01KQW4DG000000000000000003',
      lastAt: '2026-01-01T00:00:03.000000+00:00',
      missionSlug: 'old-name',
    })
  })

  test('a stamp in whole seconds sorts behind its fractions, as plain text does', () => {
    const early = eventRow('WP01', 'planned', 'claimed', 1, { at: '2026-01-01T00:00:05.9+00:00' })
    const late = eventRow('WP01', 'genesis', 'planned', 2, { at: '2026-01-01T00:00:05Z' })
    expect(laneOf(reduced(early, late), 'WP01')).toBe('planned')
    expect(laneOf(reduced(late, early), 'WP01')).toBe('planned')
  })

  test.each([
    ['from in_review', { from_lane: 'in_review' }],
    ['from for_review with feedback', { from_lane: 'for_review', review_ref: 'feedback://1' }],
  ])('a rollback %s wins over another event of the same instant', (_, over) => {
    const back = eventRow('WP01', '', 'in_progress', 1, { at: AT, ...over })
    const on = eventRow('WP01', 'in_review', 'approved', 2, { at: AT })
    const reduction = reduced(back, on)
    expect(laneOf(reduction, 'WP01')).toBe('in_progress')
    expect(reduction).toMatchObject({ eventCount: 2, lastEventId: on.event_id })
    expect(laneOf(reduced({ ...on, event_id: '0' }, back), 'WP01')).toBe('in_progress')
  })

  test('without feedback a step back from for_review is no rollback, and at another time nothing is special', () => {
    const plain = eventRow('WP01', 'for_review', 'in_progress', 1, { at: AT })
    const on = eventRow('WP01', 'for_review', 'approved', 2, { at: AT })
    expect(laneOf(reduced(plain, on), 'WP01')).toBe('approved')
    const back = eventRow('WP01', 'in_review', 'in_progress', 1)
    expect(laneOf(reduced(back, eventRow('WP01', 'in_progress', 'for_review', 2)), 'WP01')).toBe('for_review')
  })

  test('an unknown work package is in genesis; an empty log is an empty state', () => {
    const empty = reduceLog('')
    expect(laneOf(empty, 'WP01')).toBe('genesis')
    expect(empty).toMatchObject({ eventCount: 0, lastEventId: null, lastAt: '', missionSlug: '' })
  })

  test('folds subtask ticks of annotations, the latest winning', () => {
    const tick = (n: number, subtasks: JsonObject) => ({
      kind: 'annotation',
      wp_id: 'WP01',
      event_id: `a${n}`,
      at: `2026-01-01T00:00:0${n}Z`,
      delta: { subtasks },
    })
    const { ticks } = reduced(
      tick(2, { T002: 'done' }),
      tick(3, { T001: 'planned' }),
      tick(1, { T001: 'done', T002: 'planned' }),
      { kind: 'annotation', wp_id: 'WP02', event_id: 'a9', at: 'x', delta: { note: 'n' } },
    )
    expect([...(ticks.get('WP01') ?? [])]).toEqual([
      ['T001', 'pending'],
      ['T002', 'done'],
    ])
    expect(ticks.has('WP02')).toBe(false)
  })

  test('goes on from a reduction as if it had read everything; refuses to go back in time', () => {
    const first = [eventRow('WP01', 'genesis', 'planned', 1), eventRow('WP02', 'genesis', 'planned', 2)]
    const next = eventRow('WP01', 'planned', 'claimed', 3, { force: true })
    const rows = readLog(logOf([next])).flatMap(row => (row.kind === 'transition' ? [row.value] : []))
    const before = reduced(...first)
    expect(continueReduction(before, rows)).toEqual(reduced(...first, next))
    expect(laneOf(before, 'WP01')).toBe('planned')
    expect(continueReduction(reduced(...first, next), rows)).toBeUndefined()
  })
})

const anyRow = fc
  .record({
    wp: fc.constantFrom('WP01', 'WP02', 'WP03'),
    from: fc.constantFrom('genesis', ...DISPLAY_LANES),
    to: fc.constantFrom(...DISPLAY_LANES),
    n: fc.integer({ min: 1, max: 40 }),
    second: fc.integer({ min: 0, max: 5 }),
    ref: fc.constantFrom(null, 'feedback://1'),
  })
  .map(({ wp, from, to, n, second, ref }) =>
    eventRow(wp, from, to, n, { at: `2026-01-01T00:00:0${second}Z`, review_ref: ref }),
  )
const distinct = fc.uniqueArray(anyRow, { selector: row => row.event_id, maxLength: 25 })

describe('properties', () => {
  test('order and duplicates of lines do not matter', () => {
    const shuffled = distinct.chain(rows =>
      fc.tuple(fc.constant(rows), fc.shuffledSubarray([...rows, ...rows], { minLength: rows.length * 2 })),
    )
    fc.assert(
      fc.property(shuffled, ([rows, mixed]) => {
        expect(reduced(...mixed)).toEqual(reduced(...rows))
      }),
    )
  })

  test('the fast road through a sorted log and the slow one agree; lanes add up', () => {
    fc.assert(
      fc.property(distinct, rows => {
        const sorted = rows.toSorted((a, b) => (`${a.at}${a.event_id}` < `${b.at}${b.event_id}` ? -1 : 1))
        const reduction = reduced(...sorted)
        // Of the same row twice the second makes it take the slow one.
        expect(reduced(...sorted, ...sorted.slice(0, 1))).toEqual(reduction)
        const counts = Object.values(countLanes(reduction)).reduce((sum, count) => sum + count, 0)
        expect(counts).toBe(reduction.workPackages.size)
        expect(reduction.eventCount).toBe(rows.length)
      }),
    )
  })
})

import { expect, test } from 'vitest'
import { DISPLAY_LANES, isLane, isTerminal, parseLane } from './lanes.ts'

test.each([
  ['doing', 'in_progress'],
  [' Doing ', 'in_progress'],
  ['FOR_REVIEW', 'for_review'],
  ['genesis', 'genesis'],
  ['nope', undefined],
  ['', undefined],
])('parseLane(%j)', (text, lane) => {
  expect(parseLane(text)).toBe(lane)
})

test('nine lanes are shown, genesis is not one of them', () => {
  expect(DISPLAY_LANES).toHaveLength(9)
  expect(DISPLAY_LANES).not.toContain('genesis')
  expect(isLane('genesis')).toBe(true)
  expect(isLane('doing')).toBe(false)
})

test('only done and canceled are terminal', () => {
  expect(DISPLAY_LANES.filter(isTerminal)).toEqual(['done', 'canceled'])
})

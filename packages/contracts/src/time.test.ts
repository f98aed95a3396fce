import { expect, test } from 'vitest'
import { formatMicros, parseMillis, plusMicros, toSeconds } from './time.ts'

test('formatMicros keeps six digits and a numeric offset, also for whole seconds', () => {
  expect(formatMicros(1_795_000_000_123_456)).toBe('2026-11-18T11:06:40.123456+00:00')
  expect(formatMicros(0)).toBe('1970-01-01T00:00:00.000000+00:00')
})

test('toSeconds is the form of activity lines', () => {
  expect(toSeconds('2026-11-23T19:19:15.000123+00:00')).toBe('2026-11-23T19:19:15Z')
})

test('parseMillis reads both forms of the log and refuses the rest', () => {
  expect(parseMillis('2026-01-01T00:00:00Z')).toBe(Date.UTC(2026, 0, 1))
  expect(parseMillis('2026-01-01T00:00:00.500000+00:00')).toBe(Date.UTC(2026, 0, 1) + 500)
  expect(parseMillis('yesterday')).toBeUndefined()
})

test.each([
  ['2026-01-01T00:00:00.999999+00:00', 1, '2026-01-01T00:00:01.000000+00:00'],
  ['2026-01-01T00:00:00+00:00', 2, '2026-01-01T00:00:00.000002+00:00'],
  ['2026-01-01T00:00:00.5+00:00', 0, '2026-01-01T00:00:00.500000+00:00'],
  ['2026-12-31T23:59:59.999998Z', 3, '2027-01-01T00:00:00.000001+00:00'],
])('plusMicros(%s, %i)', (stamp, steps, expected) => {
  expect(plusMicros(stamp, steps)).toBe(expected)
})

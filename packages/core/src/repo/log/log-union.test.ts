import type { JsonObject } from '@spec-kitty/contracts/json'
import { eventRow } from '@spec-kitty/host/testing/mission'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printRow } from './log.ts'
import { unionLogs } from './log-union.ts'
import { reduceLog } from './reduce.ts'

const logOf = (...rows: JsonObject[]) => rows.map(row => `${printRow(row)}\n`).join('')
const union = (...texts: string[]) => unionLogs(texts).text
const [first, second, third] = [1, 2, 3].map(n => eventRow('WP01', 'planned', 'claimed', n)) as [
  JsonObject,
  JsonObject,
  JsonObject,
]

describe('the union of logs', () => {
  test('holds every row once, by time', () => {
    expect(union(logOf(first), logOf(first, third), logOf(first, second))).toBe(logOf(first, second, third))
  })

  test('keeps the text of lines it does not understand, and those without an id', () => {
    const odd = '{"kind":"of-2030","x":1}'
    const lifecycle = '{"event_id": "e", "event_type": "WPCreated", "timestamp": "2025-01-01T00:00:00Z"}'
    expect(union(`${odd}\r\n${odd}\n`, `${lifecycle}\n${logOf(first)}`)).toBe(
      `${odd}\n${lifecycle}\n${logOf(first)}`,
    )
  })

  test('two spellings of one event are one event', () => {
    expect(union(JSON.stringify(first), logOf(first)).trimEnd().split('\n')).toHaveLength(1)
  })

  test('names events that differ under one id, and keeps both', () => {
    const other = { ...first, to_lane: 'blocked' }
    const { text, conflicts } = unionLogs([logOf(first), logOf(other)])
    expect(conflicts).toEqual([first.event_id])
    expect(text.trimEnd().split('\n')).toHaveLength(2)
  })

  test('does not read a broken log as a healthy one', () => {
    expect(() => unionLogs([logOf(first), '{"torn'])).toThrow('Invalid JSON on line 1')
  })
})

const rows = fc.array(
  fc
    .tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom('claimed', 'blocked'), fc.boolean())
    .map(([n, to, tight]) => {
      const row = eventRow('WP01', 'planned', to, n, { at: `2026-01-01T00:00:0${n % 4}Z` })
      return tight ? JSON.stringify(row) : printRow(row)
    }),
  { maxLength: 8 },
)
const log = rows.map(lines => lines.map(line => `${line}\n`).join(''))

describe('properties of the union', () => {
  test('associative, commutative, idempotent', () => {
    fc.assert(
      fc.property(log, log, log, (a, b, c) => {
        expect(union(union(a, b), c)).toBe(union(a, union(b, c)))
        expect(union(a, b)).toBe(union(b, a))
        expect(union(a, a)).toBe(union(a))
        expect(union(union(a))).toBe(union(a))
      }),
    )
  })

  test('changes no state that the logs agree on', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 30 })), fc.nat(), (numbers, cut) => {
        const all = numbers.map(n => eventRow(`WP0${n % 3}`, 'planned', 'claimed', n))
        const at = cut % (all.length + 1)
        expect(reduceLog(union(logOf(...all.slice(0, at)), logOf(...all.slice(at))))).toEqual(
          reduceLog(logOf(...all)),
        )
      }),
    )
  })
})

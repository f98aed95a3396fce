import type { JsonObject } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { eventRow } from '@spec-kitty/host/testing/mission'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { printRow, readRow } from './log.ts'
import { readPlain } from './plain.ts'
import { reduceLog } from './reduce.ts'

const READ = [
  'actor',
  'at',
  'event_id',
  'force',
  'from_lane',
  'mission_slug',
  'review_ref',
  'to_lane',
  'wp_id',
]
const text = fc.oneof(fc.constantFrom('claude', 'a"b', 'a\\', 'ä 猫', '\t', ''), fc.string())
const row = fc
  .record({
    wp: fc.constantFrom('WP01', 'WP2', 'WP002'),
    from: fc.constantFrom('genesis', 'doing', ...DISPLAY_LANES),
    to: fc.constantFrom('doing', 'nowhere', ...DISPLAY_LANES),
    at: fc.integer({ min: 1, max: 40 }),
    more: fc.record(
      {
        actor: fc.oneof(text, fc.constant({ tool: 'claude' })),
        evidence: fc.constantFrom(
          null,
          {},
          { review: { reference: 'r', reviewer: 'b', verdict: 'approved' } },
        ),
        force: fc.constantFrom(true, false, 1),
        policy_metadata: fc.constantFrom(null, {}, { lane_head: 'abc' }, { agent: 'codex', shell_pid: 7 }),
        reason: fc.oneof(fc.constant(null), text),
        review_ref: fc.oneof(fc.constant(null), text),
        review_result: fc.constantFrom({ reviewer: 'b', verdict: 'approved', reference: 'r' }),
        kind: fc.constantFrom('annotation', 'x'),
        mission_id: fc.constantFrom(null, '01KQW4DG000000000000000000'),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ wp, from, to, at, more }) => eventRow(wp, from, to, at, more as JsonObject))

it('reads the rows that both editions write, and what it reads is what JSON says', () => {
  const usual = printRow(eventRow('WP01', 'planned', 'claimed', 1))
  expect(readPlain(usual)).toMatchObject({ wp_id: 'WP01', to_lane: 'claimed', force: false })
  const edit = fc.tuple(
    fc.nat(usual.length),
    fc.nat(2),
    fc.constantFrom('', '"', '\\', '}', ' ', '\u0000', 'x', '\r'),
  )
  const line = fc.oneof(
    row.map(printRow),
    edit.map(([at, gone, put]) => usual.slice(0, at) + put + usual.slice(at + gone)),
  )
  fc.assert(
    fc.property(line, raw => {
      const plain = readPlain(raw)
      if (plain === undefined) return
      const { kind, value } = readRow(raw, 1)
      expect(kind).toBe('transition')
      expect(READ.map(key => plain[key])).toEqual(READ.map(key => value[key]))
    }),
    { numRuns: 2000 },
  )
})

it('leads to the reduction that reading all of each row leads to', () => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 30 }), fc.boolean(), (rows, inOrder) => {
      const ordered = inOrder ? rows.map((one, i) => ({ ...one, ...stamp(i) })) : rows
      const log = ordered.map(one => `${printRow(one)}\n`).join('')
      const attempt = (begin?: () => () => void) => {
        try {
          return reduceLog(log, begin)
        } catch (cause) {
          return String(cause)
        }
      }
      expect(attempt()).toEqual(attempt(() => () => {}))
    }),
    { numRuns: 500 },
  )
})

function stamp(i: number) {
  const number = String(i).padStart(2, '0')
  return { at: `2026-01-01T00:00:${number}.000000+00:00`, event_id: `01KQW4DG0000000000000000${number}` }
}

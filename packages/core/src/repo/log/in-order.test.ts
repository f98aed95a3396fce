import fc from 'fast-check'
import { expect, test } from 'vitest'
import { byTime, rowsInOrder } from './in-order.ts'
import { type LogRow, printRow, readLog } from './log.ts'

const move = fc
  .record({ id: fc.integer({ min: 1, max: 30 }), second: fc.integer({ min: 0, max: 9 }) })
  .map(({ id, second }) => ({
    event_id: `01KQW4DG${String(id).padStart(18, '0')}`,
    at: `2026-01-01T00:00:0${second}Z`,
    wp_id: 'WP01',
    from_lane: 'planned',
    to_lane: 'claimed',
    actor: 'claude',
    force: false,
    execution_mode: 'worktree',
  }))
const note = fc.constant({ kind: 'annotation', note: 'x' })

/** The same, with all of them at hand. */
function sorted(rows: readonly LogRow[]) {
  const first = new Map(
    rows.toReversed().flatMap(row => (row.kind === 'transition' ? [[row.value.event_id, row] as const] : [])),
  )
  return [...first.values()].sort((a, b) => byTime(a.value, b.value)).map(({ line }) => line)
}

test('gives the moves in their order, of equal ids the first, and every other row', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ weight: 5, arbitrary: move }, note), { maxLength: 60 }), rows => {
      const pieces = rows.map(row => `${printRow(row)}\n`)
      const found = [...rowsInOrder(pieces)]
      const all = readLog(pieces)
      const lines = (kind: LogRow['kind'], of: readonly LogRow[]) =>
        of.filter(row => row.kind === kind).map(({ line }) => line)
      expect(lines('transition', found)).toEqual(sorted(all))
      expect(lines('annotation', found)).toEqual(lines('annotation', all))
    }),
    { numRuns: 300 },
  )
})

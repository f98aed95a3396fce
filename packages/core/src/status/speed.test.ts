/** Reducing must stay close to the floor: parsing the same lines (issue "status", 3 times at most). */
import { eventRow } from '@spec-kitty/host/testing/mission'
import { expect, test } from 'vitest'
import { printRow } from '../repo/log/log.ts'
import { reduceLog } from '../repo/log/reduce.ts'

const LANES = ['planned', 'claimed', 'in_progress', 'for_review', 'in_review'] as const
const EVENTS = 100_000

function bigLog(): string {
  const lines = Array.from({ length: EVENTS }, (_, i) => {
    const [from, to] = [LANES[i % 5] ?? 'planned', LANES[(i + 1) % 5] ?? 'planned']
    const stamp = String(i).padStart(6, '0')
    return printRow({
      ...eventRow(`WP${String(i % 97).padStart(2, '0')}`, from, to, 1),
      event_id: `01KQW4DG000000000000${stamp}`,
      at: `2026-01-01T00:00:00.${stamp}+00:00`,
    })
  })
  return `${lines.join('\n')}\n`
}

function millis(work: () => unknown): number {
  const start = performance.now()
  work()
  return performance.now() - start
}

test('100,000 events reduce in at most three times the time of parsing their lines', () => {
  const text = bigLog()
  const parse = () => text.split('\n').map(line => (line === '' ? null : (JSON.parse(line) as unknown)))
  // The best of several interleaved rounds: the machine is shared.
  const rounds = Array.from({ length: 4 }, () => ({
    floor: millis(parse),
    ours: millis(() => reduceLog(text)),
  }))
  const best = (of: 'floor' | 'ours') => Math.min(...rounds.map(round => round[of]))
  expect(best('ours') / best('floor')).toBeLessThan(3)
})

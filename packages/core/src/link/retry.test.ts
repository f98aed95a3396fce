import { expect, test } from 'vitest'
import { isTrouble, type SyncTrouble } from './diagnostics.ts'
import { pauseBefore, withRetries } from './retry.ts'

const http = (status: number, retryAfter?: number): SyncTrouble => ({
  trouble: 'http',
  detail: '',
  status,
  ...(retryAfter === undefined ? {} : { retryAfter }),
})

test.each([
  [http(500), 1, 5000, 1000],
  [http(503), 2, 5000, 1000],
  [http(500), 3, 5000, undefined],
  [http(500), 1, 900, undefined],
  [http(429, 3), 1, 5000, 3000],
  [http(429, 0), 1, 5000, 1000],
  [http(429, 6), 1, 5000, undefined],
  [http(429, 61), 1, Number.POSITIVE_INFINITY, undefined],
  [http(408), 1, 5000, 1000],
  [http(401), 1, 5000, undefined],
  [http(403), 1, 5000, undefined],
  [{ trouble: 'offline', detail: '' } as const, 1, 5000, 1000],
  [{ trouble: 'refreshing', detail: '' } as const, 1, 5000, 1000],
  [{ trouble: 'ending', detail: '' } as const, 1, 5000, undefined],
])('%j after attempt %i with %i ms left: %s', (trouble, attempt, left, pause) => {
  expect(pauseBefore(trouble, attempt, left)).toBe(pause)
})

test('three attempts one second apart, the first success ends it', async () => {
  const slept: number[] = []
  const run = async (successAt: number) => {
    let attempts = 0
    const outcome = await withRetries(
      { sleep: async ms => void slept.push(ms) },
      { left: () => 5000 },
      async () => (++attempts === successAt ? { ok: true } : http(500)),
    )
    return [attempts, isTrouble(outcome)]
  }
  expect([await run(1), await run(3), await run(9)]).toEqual([
    [1, false],
    [3, false],
    [3, true],
  ])
  expect(slept).toEqual([1000, 1000, 1000, 1000])
})

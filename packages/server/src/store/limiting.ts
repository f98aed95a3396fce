/** Counted uses (the brake on guessing and on floods), and what owners may keep. */
import { all, type Op, type Operations, one, run } from './operation.ts'
import type { Limits } from './store.ts'

export const limiting: Pick<Operations, 'reserve' | 'release' | 'isCounted' | 'limits' | 'setLimits'> = {
  *reserve(allowances, now) {
    const sorted = [...allowances].sort((a, b) => byText(a.key, b.key))
    let allowed = true
    for (const { key, limit, windowMs } of sorted) {
      const row = yield* one(
        `INSERT INTO attempts (key, count, until) VALUES ($1, 1, $3) ON CONFLICT (key) DO UPDATE SET
         count = CASE WHEN attempts.until <= $2 THEN 1 ELSE attempts.count + 1 END,
         until = CASE WHEN attempts.until <= $2 THEN excluded.until ELSE attempts.until END RETURNING count`,
        key,
        now,
        now + windowMs,
      )
      allowed &&= Number(row?.count) <= limit
    }
    if (!allowed) for (const { key } of sorted) yield* takeOne(key)
    return allowed
  },

  *release(forget, takeBack) {
    for (const key of forget) yield* run('DELETE FROM attempts WHERE key = $1', key)
    for (const key of [...takeBack].sort(byText)) yield* takeOne(key)
  },

  *isCounted(key, now) {
    return (
      (yield* one('SELECT 1 AS found FROM attempts WHERE key = $1 AND until > $2', key, now)) !== undefined
    )
  },

  *limits() {
    const rows = yield* all('SELECT * FROM limits ORDER BY owner')
    const numberOf = (value: unknown): number | null => (value == null ? null : Number(value))
    return rows.map(
      (row): Limits => ({
        owner: String(row.owner),
        maxEvents: numberOf(row.max_events),
        maxBytes: numberOf(row.max_bytes),
        keepDays: numberOf(row.keep_days),
      }),
    )
  },

  *setLimits({ owner, maxEvents, maxBytes, keepDays }) {
    yield* run('DELETE FROM limits WHERE owner = $1', owner)
    if (maxEvents === null && maxBytes === null && keepDays === null) return
    yield* run(
      'INSERT INTO limits (owner, max_events, max_bytes, keep_days) VALUES ($1, $2, $3, $4)',
      owner,
      maxEvents,
      maxBytes,
      keepDays,
    )
  },
}

function* takeOne(key: string): Op<void> {
  yield* run('UPDATE attempts SET count = count - 1 WHERE key = $1 AND count > 0', key)
}

/** Everybody takes them in the same order, so that nobody waits for each other in a circle. */
function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}

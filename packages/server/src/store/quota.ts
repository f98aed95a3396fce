/** What owners keep, counted as it comes and goes, and whether more may come. */
import { all, type Op, type Row, run } from './operation.ts'
import type { OverQuota } from './store.ts'

export interface Amount {
  readonly events: number
  readonly bytes: number
}

/** Who of the team and the user (null: unknown) would keep too much with `more`. */
export function* overQuota(team: string, user: string | null, more: Amount): Op<OverQuota | undefined> {
  const rows = yield* all(QUOTA, `team:${team}`, user === null ? '' : `user:${user}`)
  const over = (limit: unknown, have: unknown, added: number): boolean =>
    limit != null && added > 0 && Number(have) + added > Number(limit)
  for (const row of rows) {
    const owner = String(row.owner)
    if (over(row.max_events, row.events, more.events))
      return { kind: 'over_quota', owner, what: 'events', limit: Number(row.max_events) }
    if (over(row.max_bytes, row.bytes, more.bytes))
      return { kind: 'over_quota', owner, what: 'bytes', limit: Number(row.max_bytes) }
  }
  return undefined
}

/** What applies to $1 (a team) and $2 (a user): its own rule, or the one for all, for each number by itself. */
const QUOTA = `SELECT w.owner, COALESCE(own.max_events, every.max_events) AS max_events,
  COALESCE(own.max_bytes, every.max_bytes) AS max_bytes, COALESCE(c.events, 0) AS events, COALESCE(c.bytes, 0) AS bytes
  FROM (SELECT CAST($1 AS TEXT) AS owner, 'team:*' AS rule UNION ALL SELECT CAST($2 AS TEXT), 'user:*') AS w
  LEFT JOIN limits own ON own.owner = w.owner LEFT JOIN limits every ON every.owner = w.rule
  LEFT JOIN stored c ON c.owner = w.owner WHERE own.owner IS NOT NULL OR every.owner IS NOT NULL`

/** Counts on, for the team and the user (null: unknown). */
export function* keepCount(team: string, user: string | null, more: Amount): Op<void> {
  for (const owner of ownersOf(team, user)) yield* count(owner, more)
}

/** Counts off what was removed: rows with team, user and bytes, each of them so many events. */
export function* countOff(removed: readonly Row[], events: 0 | 1): Op<void> {
  const sums = new Map<string, { events: number; bytes: number }>()
  for (const row of removed)
    for (const owner of ownersOf(String(row.team), row.user == null ? null : String(row.user))) {
      const sum = sums.get(owner) ?? { events: 0, bytes: 0 }
      sum.events -= events
      sum.bytes -= Number(row.bytes)
      sums.set(owner, sum)
    }
  for (const [owner, sum] of sums) yield* count(owner, sum)
}

function ownersOf(team: string, user: string | null): readonly string[] {
  return [`team:${team}`, ...(user === null ? [] : [`user:${user}`])]
}

function* count(owner: string, { events, bytes }: Amount): Op<void> {
  if (events === 0 && bytes === 0) return
  // Of somebody who is gone there is nothing to count off.
  const gone = events <= 0 && bytes <= 0
  const text = gone
    ? 'UPDATE stored SET events = events + $2, bytes = bytes + $3 WHERE owner = $1'
    : `INSERT INTO stored (owner, events, bytes) VALUES ($1, $2, $3) ON CONFLICT (owner)
       DO UPDATE SET events = stored.events + excluded.events, bytes = stored.bytes + excluded.bytes`
  yield* run(text, owner, events, bytes)
}

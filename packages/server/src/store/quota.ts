/** What owners keep, counted as it comes and goes, and whether more may come. */
import { all, type Op, type Row, run } from './operation.ts'
import type { OverQuota } from './store.ts'

interface Amount {
  readonly events: number
  readonly bytes: number
}

/** What comes to a team, and to a user (null: unknown). */
export interface Share extends Amount {
  readonly team: string
  readonly user: string | null
}

/** By owner. */
export type Sums = ReadonlyMap<string, Amount>

export function sumsOf(shares: readonly Share[]): Sums {
  const sums = new Map<string, Amount>()
  const add = (owner: string, { events, bytes }: Amount): void => {
    const sum = sums.get(owner)
    sums.set(owner, { events: (sum?.events ?? 0) + events, bytes: (sum?.bytes ?? 0) + bytes })
  }
  for (const share of shares) {
    add(`team:${share.team}`, share)
    if (share.user !== null) add(`user:${share.user}`, share)
  }
  return sums
}

/** Who would keep too much with that. */
export function* overQuota(sums: Sums): Op<OverQuota | undefined> {
  const owners = [...sums.keys()].map(owner => [owner, owner.startsWith('team:') ? 'team:*' : 'user:*'])
  const rows = yield* all(QUOTA, JSON.stringify(owners))
  const over = (limit: unknown, have: unknown, added: number): boolean =>
    limit != null && added > 0 && Number(have) + added > Number(limit)
  for (const row of rows) {
    const owner = String(row.owner)
    const more = sums.get(owner) ?? { events: 0, bytes: 0 }
    if (over(row.max_events, row.events, more.events))
      return { kind: 'over_quota', owner, what: 'events', limit: Number(row.max_events) }
    if (over(row.max_bytes, row.bytes, more.bytes))
      return { kind: 'over_quota', owner, what: 'bytes', limit: Number(row.max_bytes) }
  }
  return undefined
}

/** What applies to owners, each with the rule for all of its kind: its own, or that one, for each number by itself. */
const QUOTA = `SELECT w.value ->> 0 AS owner, COALESCE(own.max_events, every.max_events) AS max_events,
  COALESCE(own.max_bytes, every.max_bytes) AS max_bytes, COALESCE(c.events, 0) AS events, COALESCE(c.bytes, 0) AS bytes
  FROM ROWS($1) AS w LEFT JOIN limits own ON own.owner = w.value ->> 0
  LEFT JOIN limits every ON every.owner = w.value ->> 1
  LEFT JOIN stored c ON c.owner = w.value ->> 0 WHERE own.owner IS NOT NULL OR every.owner IS NOT NULL`

/** Counts on. */
export function* keepCounts(sums: Sums): Op<void> {
  const rows = [...sums].flatMap(([owner, { events, bytes }]) =>
    events === 0 && bytes === 0 ? [] : [[owner, events, bytes]],
  )
  if (rows.length > 0) yield* run(COUNT_ON, JSON.stringify(rows))
}

const COUNT_ON = `INSERT INTO stored (owner, events, bytes)
  SELECT j.value ->> 0, CAST(j.value ->> 1 AS BIGINT), CAST(j.value ->> 2 AS BIGINT) FROM ROWS($1) AS j WHERE 1 = 1
  ON CONFLICT (owner) DO UPDATE SET events = stored.events + excluded.events, bytes = stored.bytes + excluded.bytes`

/** Counts off what was removed: rows with team, user and bytes, each of them so many events. */
export function* countOff(removed: readonly Row[], events: 0 | 1): Op<void> {
  const shares = removed.map(row => ({
    team: String(row.team),
    user: row.user == null ? null : String(row.user),
    events,
    bytes: Number(row.bytes),
  }))
  // Of somebody who is gone there is nothing to count off.
  for (const [owner, sum] of sumsOf(shares))
    yield* run(
      'UPDATE stored SET events = events - $2, bytes = bytes - $3 WHERE owner = $1',
      owner,
      sum.events,
      sum.bytes,
    )
}

/** What clients sent: reading it, and removing it. */
import { formatMicros } from '@spec-kitty/contracts/time'
import { removeDocuments } from './documents.ts'
import { all, type Op, type Operations, one, run, type Value } from './operation.ts'
import { countOff } from './quota.ts'
import { textOf } from './rows.ts'
import type { Page, StoredEvent } from './store.ts'

export const events: Pick<Operations, 'events' | 'head' | 'touched' | 'forget' | 'prune'> = {
  *events(team, afterSeq, page) {
    const seqs = yield* visible(team, afterSeq, page)
    const rows = yield* all(
      `SELECT e.seq, e.id, e.received_at, e.body, COALESCE(u.name, e."user") AS sender
       FROM ROWS($1) AS j JOIN events e ON e.seq = CAST(j.value ->> 'seq' AS BIGINT)
       LEFT JOIN users u ON u.id = e."user" ORDER BY e.seq`,
      JSON.stringify(seqs.map(seq => ({ seq }))),
    )
    return rows.map(
      (row): StoredEvent => ({
        seq: Number(row.seq),
        id: String(row.id),
        receivedAt: String(row.received_at),
        sender: textOf(row.sender),
        body: String(row.body),
      }),
    )
  },

  *head() {
    return yield* lastSeq()
  },

  *touched(afterSeq) {
    const head = yield* lastSeq()
    if (head <= afterSeq) return { head: afterSeq, teams: [] }
    const upTo = Math.min(head, afterSeq + FEED)
    const rows = yield* all(
      `SELECT e.team FROM events e WHERE e.seq > $1 AND e.seq <= $2
       UNION SELECT s.destination FROM events e JOIN shares s ON s.source = e.team AND s.project = e.project
       WHERE e.seq > $1 AND e.seq <= $2`,
      afterSeq,
      upTo,
    )
    return { head: upTo, teams: rows.map(row => String(row.team)) }
  },

  *forget(team, project) {
    yield* run('DELETE FROM work_packages WHERE team = $1 AND project = $2', team, project)
    yield* removeDocuments('team = $1 AND project = $2', team, project)
    yield* run('DELETE FROM shares WHERE source = $1 AND project = $2', team, project)
    return yield* removeEvents('SELECT seq FROM events WHERE team = $1 AND project = $2', team, project)
  },

  *prune(nowMs, most) {
    const policies = yield* all(
      `SELECT t.id, COALESCE(own.keep_days, every.keep_days) AS days FROM teams t
       LEFT JOIN limits own ON own.owner = 'team:' || t.id LEFT JOIN limits every ON every.owner = 'team:*'
       WHERE COALESCE(own.keep_days, every.keep_days) IS NOT NULL`,
    )
    let left = most
    for (const { id, days } of policies) {
      if (left <= 0) break
      const before = formatMicros((nowMs - Number(days) * 86_400_000) * 1000)
      left -= yield* removeEvents(OLDEST, String(id), before, left)
    }
    return most - left
  },
}

/** How far one look at the feed reaches. */
const FEED = 5000

/** The number of the last event of all teams. */
export function* lastSeq(): Op<number> {
  return Number((yield* one('SELECT COALESCE(MAX(seq), 0) AS seq FROM events'))?.seq ?? 0)
}

/** The oldest of a team ($1) that came before $2, of the first $3. They came in the order of their numbers. */
const OLDEST = `SELECT o.seq FROM (SELECT seq, received_at FROM events WHERE team = $1 ORDER BY seq LIMIT $3) AS o
  WHERE o.received_at < $2`

/**
 * The numbers of a page: own events and those of shared projects, merged. Each source is read by its own index from the
 * cursor on, and only as far as the page may need; an event that several teams hold counts where it came first.
 */
function* visible(team: string, afterSeq: number, page: Page): Op<readonly number[]> {
  const sources = yield* all('SELECT source, project FROM shares WHERE destination = $1', team)
  const each = Math.min(page.rows, Math.max(20, Math.ceil((2 * page.rows) / (sources.length + 1))))
  const found = [...(yield* all(OWN, team, afterSeq, each))]
  let sure = found.length === each ? Number(found.at(-1)?.seq) : Number.POSITIVE_INFINITY
  for (const { source, project } of sources) {
    const rows = yield* all(SHARED, team, String(source), String(project), afterSeq, each)
    if (rows.length === each) sure = Math.min(sure, Number(rows.at(-1)?.seq))
    found.push(...rows)
  }
  const rows = found
    .filter(row => Number(row.seq) <= sure)
    .sort((a, b) => Number(a.seq) - Number(b.seq))
    .slice(0, page.rows)
  const seqs: number[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += Number(row.bytes)
    if (seqs.length > 0 && bytes > page.bytes) break
    seqs.push(Number(row.seq))
  }
  return seqs
}

/** True for an event that the team sees somewhere else with a lower number. */
const SEEN_EARLIER = `EXISTS (SELECT 1 FROM shares o JOIN events d ON d.team = o.source AND d.id = e.id
  WHERE o.destination = $1 AND o.project = e.project AND d.project = o.project AND d.seq < e.seq)`

/** $1 team, $2 after, $3 most. */
export const OWN = `SELECT e.seq, e.bytes FROM events e WHERE e.team = $1 AND e.seq > $2
  AND NOT ${SEEN_EARLIER} ORDER BY e.seq LIMIT $3`

/** $1 team, $2 source, $3 project, $4 after, $5 most. */
export const SHARED = `SELECT e.seq, e.bytes FROM events e WHERE e.team = $2 AND e.project = $3 AND e.seq > $4
  AND NOT ${SEEN_EARLIER}
  AND NOT EXISTS (SELECT 1 FROM events d WHERE d.team = $1 AND d.id = e.id AND d.seq < e.seq)
  ORDER BY e.seq LIMIT $5`

/** Removes the events that a query names, and counts them off; how many. */
export function* removeEvents(seqs: string, ...values: readonly Value[]): Op<number> {
  const removed = yield* all(
    `DELETE FROM events WHERE seq IN (${seqs}) RETURNING team, "user", bytes`,
    ...values,
  )
  yield* countOff(removed, 1)
  return removed.length
}

/** What clients sent. */
import { formatMicros } from '@spec-kitty/contracts/time'
import { all, type Op, type Operations, one, run, type Value } from './operation.ts'
import { textOf } from './rows.ts'
import type { Ingestion, NewEvent, Page, StoredEvent } from './store.ts'

export const events: Pick<
  Operations,
  'ingest' | 'events' | 'head' | 'touched' | 'putDocument' | 'forget' | 'prune'
> = {
  *ingest(team, sent, receivedAt, sender) {
    const refused = yield* overQuota(team, sender?.user ?? null, sent)
    if (refused !== undefined) return refused
    const rows = sent.map(({ id, type, project, timestamp, body }) => {
      const words = { id, type, project: storable(project), timestamp: storable(timestamp) }
      return { ...words, body, bytes: Buffer.byteLength(body) }
    })
    const added = yield* all(
      `INSERT INTO events (team, id, type, project, timestamp, received_at, "user", session, bytes, body)
       SELECT $1, j.value ->> 'id', j.value ->> 'type', j.value ->> 'project', j.value ->> 'timestamp', $3, $4, $5,
       CAST(j.value ->> 'bytes' AS BIGINT), j.value ->> 'body' FROM ROWS($2) AS j WHERE 1 = 1
       ON CONFLICT (team, id) DO NOTHING RETURNING seq, id, bytes`,
      team,
      JSON.stringify(rows),
      receivedAt,
      sender?.user ?? null,
      sender?.session ?? null,
    )
    const left = new Set(added.map(row => String(row.id)))
    // Of one id that is twice in the list, the first is the new one.
    const fresh = sent.map(({ id }) => left.delete(id))
    yield* place(
      team,
      sent.filter((_, index) => fresh[index] === true),
      receivedAt,
    )
    const bytes = added.reduce((sum, row) => sum + Number(row.bytes), 0)
    yield* keepCount(`team:${team}`, added.length, bytes)
    if (sender !== null) yield* keepCount(`user:${sender.user}`, added.length, bytes)
    return { kind: 'taken', fresh, seq: added.reduce((last, row) => Math.max(last, Number(row.seq)), 0) }
  },

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

  *putDocument(team, document, receivedAt) {
    const stored = yield* one(
      `INSERT INTO documents (team, project, key, hash, content, received_at) VALUES ($1, $2, $3, $4, $5, $6)
       ON CONFLICT (team, project, key) DO UPDATE SET hash = excluded.hash, content = excluded.content,
       received_at = excluded.received_at WHERE documents.hash <> excluded.hash RETURNING hash`,
      team,
      document.project,
      document.key,
      document.hash,
      document.content,
      receivedAt,
    )
    return stored !== undefined
  },

  *forget(team, project) {
    for (const table of ['work_packages', 'documents'])
      yield* run(`DELETE FROM ${table} WHERE team = $1 AND project = $2`, team, project)
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
      left -= yield* removeEvents(
        'SELECT seq FROM events WHERE team = $1 AND received_at < $2 ORDER BY seq LIMIT $3',
        String(id),
        before,
        left,
      )
    }
    return most - left
  },
}

/** How far one look at the feed reaches. */
const FEED = 5000

function* lastSeq(): Op<number> {
  return Number((yield* one('SELECT COALESCE(MAX(seq), 0) AS seq FROM events'))?.seq ?? 0)
}

/** Text that every database takes: without NUL and halves of characters. The body keeps them, as escapes. */
function storable(text: string): string {
  return text.replace(/[\0\p{Cs}]/gu, '\ufffd')
}

/** Batches come in any order: the latest transition by time stamp, then id, decides. */
function* place(team: string, fresh: readonly NewEvent[], receivedAt: string): Op<void> {
  const latest = new Map<
    string,
    Readonly<Record<'project' | 'mission' | 'wp' | 'lane' | 'at' | 'event', string>>
  >()
  for (const { id, workPackage: wp } of fresh) {
    if (wp === undefined) continue
    const key = JSON.stringify([wp.project_uuid, wp.mission_slug, wp.wp_id])
    // A clock that is ahead must not pin a lane: nothing is later than its arrival.
    const at = wp.updated_at < receivedAt ? wp.updated_at : receivedAt
    const known = latest.get(key)
    if (known !== undefined && known.at + known.event > at + id) continue
    const [project, mission] = [storable(wp.project_uuid), storable(wp.mission_slug)]
    latest.set(key, { project, mission, wp: storable(wp.wp_id), lane: storable(wp.lane), at, event: id })
  }
  if (latest.size === 0) return
  yield* run(
    `INSERT INTO work_packages (team, project, mission, wp, lane, updated_at, event)
     SELECT $1, j.value ->> 'project', j.value ->> 'mission', j.value ->> 'wp', j.value ->> 'lane',
     j.value ->> 'at', j.value ->> 'event' FROM ROWS($2) AS j WHERE 1 = 1
     ON CONFLICT (team, project, mission, wp) DO UPDATE SET lane = excluded.lane,
     updated_at = excluded.updated_at, event = excluded.event
     WHERE (excluded.updated_at, excluded.event) > (work_packages.updated_at, work_packages.event)`,
    team,
    JSON.stringify([...latest.values()]),
  )
}

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

type OverQuota = Extract<Ingestion, { readonly kind: 'over_quota' }>

function* overQuota(team: string, user: string | null, sent: readonly NewEvent[]): Op<OverQuota | undefined> {
  const rows = yield* all(QUOTA, `team:${team}`, user === null ? '' : `user:${user}`)
  const bytes = sent.reduce((sum, { body }) => sum + body.length, 0)
  const over = (limit: unknown, have: unknown, more: number): boolean =>
    limit != null && Number(have) + more > Number(limit)
  for (const row of rows) {
    const owner = String(row.owner)
    if (over(row.max_events, row.events, sent.length))
      return { kind: 'over_quota', owner, what: 'events', limit: Number(row.max_events) }
    if (over(row.max_bytes, row.bytes, bytes))
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

function* keepCount(owner: string, events: number, bytes: number): Op<void> {
  if (events === 0) return
  yield* run(
    `INSERT INTO stored (owner, events, bytes) VALUES ($1, $2, $3) ON CONFLICT (owner)
     DO UPDATE SET events = stored.events + excluded.events, bytes = stored.bytes + excluded.bytes`,
    owner,
    events,
    bytes,
  )
}

/** Removes the events that a query names, and counts them off; how many. */
export function* removeEvents(seqs: string, ...values: readonly Value[]): Op<number> {
  const removed = yield* all(
    `DELETE FROM events WHERE seq IN (${seqs}) RETURNING team, "user", bytes`,
    ...values,
  )
  const sums = new Map<string, { events: number; bytes: number }>()
  for (const row of removed)
    for (const owner of [
      `team:${String(row.team)}`,
      ...(row.user == null ? [] : [`user:${String(row.user)}`]),
    ]) {
      const sum = sums.get(owner) ?? { events: 0, bytes: 0 }
      sum.events++
      sum.bytes += Number(row.bytes)
      sums.set(owner, sum)
    }
  for (const [owner, { events, bytes }] of sums) yield* keepCount(owner, -events, -bytes)
  return removed.length
}

/**
 * Taking in what clients sent. Small batches that wait at the same time are put in with the statements of one: what they
 * cost is mostly the statements.
 */
import { noteLatest, type PackageRow, rowsOf, unpack } from './batch.ts'
import { lastSeq } from './events.ts'
import { all, type Op, type Operations, one, run } from './operation.ts'
import { keepCounts, overQuota, type Share, sumsOf } from './quota.ts'
import type { Ingestion, Store } from './store.ts'

/** The arguments of one `ingest`. */
export type Intake = Parameters<Store['ingest']>

export const ingesting: Pick<Operations, 'ingest'> = {
  *ingest(...intake) {
    const [answer = NOTHING] = yield* insert([intake])
    return answer
  },
}

const NOTHING: Ingestion = { kind: 'taken', fresh: [], seq: 0 }

/** Several, as if one were done after the other. */
export function* ingestAll(intakes: readonly Intake[]): Op<readonly Ingestion[]> {
  const answers: Ingestion[] = []
  for (const group of groupsOf(intakes)) answers.push(...(yield* insert(group)))
  return answers
}

/** Events from which on a batch is not put together with others: its list would only be read to be written again. */
const LARGE = 100

/** In their order: large ones alone, the small ones between them together. */
function groupsOf(intakes: readonly Intake[]): readonly (readonly Intake[])[] {
  const groups: Intake[][] = []
  let open = false
  for (const intake of intakes) {
    const large = intake[1].count >= LARGE
    if (open && !large) groups.at(-1)?.push(intake)
    else groups.push([intake])
    open = !large
  }
  return groups
}

function* insert(group: readonly Intake[]): Op<readonly Ingestion[]> {
  const sums = sumsOf(group.map(intake => shareOf(intake, intake[1].count, intake[1].parts[0])))
  const refused = yield* overQuota(sums)
  if (refused !== undefined) {
    if (group.length === 1) return [refused]
    // Who is refused depends on how much of those before is new.
    const answers: Ingestion[] = []
    for (const intake of group) answers.push(...(yield* insert([intake])))
    return answers
  }
  const count = group.reduce((sum, [, batch]) => sum + batch.count, 0)
  if (count === 0) return group.map(() => NOTHING)
  const before = yield* lastSeq()
  const { team, packages } = yield* insertEvents(group)
  const found = yield* one(ADDED, before, NO_END)
  if (Number(found?.events) < count) return yield* settle(group, before)
  if (packages !== '[]') yield* run(PLACE, team, packages)
  yield* keepCounts(sums)
  // All are new, so their numbers follow each other.
  let seq = Number(found?.seq) - count
  return group.map(([, batch]): Ingestion => {
    seq += batch.count
    const fresh = new Array<boolean>(batch.count).fill(true)
    return batch.count === 0 ? NOTHING : { kind: 'taken', fresh, seq }
  })
}

function shareOf([team, , , sender]: Intake, events: number, bytes: number): Share {
  return { team, user: sender?.user ?? null, events, bytes }
}

/** Where the packages are after all of it; `team`: of all of them, null when they say it themselves. */
interface Placed {
  readonly team: string | null
  readonly packages: string
}

function* insertEvents(group: readonly Intake[]): Op<Placed> {
  const [first] = group
  if (first === undefined || group.length > 1) return yield* insertMany(group)
  const [team, batch, receivedAt, sender] = first
  const { bodies, events, packages } = unpack(batch)
  yield* run(ONE, events, bodies, team, receivedAt, sender?.user ?? null, sender?.session ?? null)
  return { team, packages }
}

/** With what holds for a whole batch in each of its rows, and the bodies of all behind each other. */
function* insertMany(group: readonly Intake[]): Op<Placed> {
  const rows: (string | number | null)[][] = []
  const latest = new Map<string, PackageRow>()
  const parts: Uint8Array[] = []
  let start = 0
  for (const [team, batch, receivedAt, sender] of group) {
    const { bodies, events } = unpack(batch)
    const [user, session] = [sender?.user ?? null, sender?.session ?? null]
    for (const row of rowsOf(events)) {
      const [id, type, project, timestamp, at, bytes] = row
      rows.push([id, type, project, timestamp, start + at, bytes, team, receivedAt, user, session])
      noteLatest(latest, row, team)
    }
    parts.push(bodies)
    start += bodies.length
  }
  yield* run(MANY, JSON.stringify(rows), Buffer.concat(parts))
  return { team: null, packages: JSON.stringify([...latest.values()]) }
}

/** $1 a list of rows, $2 the bodies; `rest`: team, time of receipt, user and session. */
const insertion = (rest: string): string => `INSERT INTO events
  (id, type, project, timestamp, bytes, body, team, received_at, "user", session)
  SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, CAST(j.value ->> 5 AS BIGINT),
  PART($2, j.value ->> 4, j.value ->> 5), ${rest} FROM ROWS($1) AS j WHERE 1 = 1
  ON CONFLICT (team, id) DO NOTHING`

const ONE = insertion('$3, $4, $5, $6')
const MANY = insertion('j.value ->> 6, j.value ->> 7, j.value ->> 8, j.value ->> 9')

/** Behind every number. Of a range with one end alone PostgreSQL expects a third of the table, and reads it all. */
const NO_END = Number.MAX_SAFE_INTEGER

/** After $1, up to $2; nobody else adds events meanwhile. */
export const ADDED =
  'SELECT COUNT(*) AS events, COALESCE(MAX(seq), 0) AS seq FROM events WHERE seq > $1 AND seq <= $2'

/** $1 the team, null when the rows say it. */
const PLACE = `INSERT INTO work_packages (team, project, mission, wp, lane, updated_at, event)
  SELECT COALESCE(CAST($1 AS TEXT), j.value ->> 6), j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3,
  j.value ->> 4, j.value ->> 5 FROM ROWS($2) AS j WHERE 1 = 1
  ON CONFLICT (team, project, mission, wp) DO UPDATE SET lane = excluded.lane,
  updated_at = excluded.updated_at, event = excluded.event
  WHERE (excluded.updated_at, excluded.event) > (work_packages.updated_at, work_packages.event)`

/** Asks what of them is new, and counts that. */
function* settle(group: readonly Intake[], before: number): Op<readonly Ingestion[]> {
  const rows = yield* all('SELECT team, id, seq FROM events WHERE seq > $1 AND seq <= $2', before, NO_END)
  const left = new Map(rows.map(row => [`${String(row.team)} ${String(row.id)}`, Number(row.seq)]))
  const latest = new Map<string, PackageRow>()
  const shares: Share[] = []
  const answers = group.map((intake): Ingestion => {
    const [team, batch] = intake
    let [seq, events, bytes] = [0, 0, 0]
    // Of one id that is twice in the list, the first is the new one.
    const fresh = rowsOf(unpack(batch).events).map(row => {
      const found = left.get(`${team} ${row[0]}`)
      if (found === undefined) return false
      left.delete(`${team} ${row[0]}`)
      noteLatest(latest, row, team)
      seq = found
      events += 1
      bytes += row[5]
      return true
    })
    shares.push(shareOf(intake, events, bytes))
    return { kind: 'taken', fresh, seq }
  })
  if (latest.size > 0) yield* run(PLACE, null, JSON.stringify([...latest.values()]))
  yield* keepCounts(sumsOf(shares))
  return answers
}

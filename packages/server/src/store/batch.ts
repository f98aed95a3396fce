/**
 * Events on their way into the database: one buffer, which goes from thread to thread without being copied or looked at.
 * A thousand objects would cost ten times as much, on the way and in the database.
 */
import { parseJson } from '@spec-kitty/contracts/json'
import type { SnapshotWorkPackage } from '@spec-kitty/contracts/wire/batch'

export interface NewEvent {
  /** Canonical form, the key of idempotence within a team. */
  readonly id: string
  readonly type: string
  readonly project: string
  /** As sent. */
  readonly timestamp: string
  readonly body: string
  /** What a transition says about its work package. */
  readonly workPackage?: SnapshotWorkPackage
}

export interface Batch {
  readonly count: number
  /** The bodies of the events behind each other, a JSON list of `EventRow`, and one of `PackageRow`, in UTF-8. */
  readonly bytes: Uint8Array
  /** Where the first list begins, and the second. */
  readonly parts: readonly [events: number, packages: number]
}

/** Id, type, project, time stamp, where the body begins (from 1), its bytes; of a transition its package besides. */
export type EventRow = readonly [
  id: string,
  type: string,
  project: string,
  timestamp: string,
  at: number,
  bytes: number,
  ...transition:
    | readonly [project: string, mission: string, wp: string, lane: string, updatedAt: string]
    | [],
]

/** Project, mission, package, lane, time of the transition, its event. */
export type PackageRow = readonly [
  project: string,
  mission: string,
  wp: string,
  lane: string,
  updatedAt: string,
  event: string,
]

/** `receivedAt`: a clock that is ahead must not pin a lane, nothing is later than its arrival. */
export function packBatch(events: readonly NewEvent[], receivedAt: string): Batch {
  let at = 1
  const rows = events.map((event): EventRow => {
    const { id, type, project, timestamp, body, workPackage: wp } = event
    const bytes = Buffer.byteLength(body)
    const begin = at
    at += bytes
    const row = [id, type, storable(project), storable(timestamp), begin, bytes] as const
    if (wp === undefined) return row
    const updatedAt = wp.updated_at < receivedAt ? wp.updated_at : receivedAt
    const place = [wp.project_uuid, wp.mission_slug, wp.wp_id, wp.lane].map(storable)
    const [owner = '', mission = '', name = '', lane = ''] = place
    return [...row, owner, mission, name, lane, updatedAt]
  })
  const list = JSON.stringify(rows)
  // Where the packages are after these events.
  const packages = JSON.stringify(latestOf(rows))
  const parts = [at - 1, at - 1 + Buffer.byteLength(list)] as const
  // A buffer of its own, not a part of Node's pool: it is handed over as a whole.
  const bytes = Buffer.allocUnsafeSlow(parts[1] + Buffer.byteLength(packages))
  events.forEach(({ body }, index) => void bytes.write(body, (rows[index]?.[4] ?? 1) - 1))
  bytes.write(list, parts[0])
  bytes.write(packages, parts[1])
  return { count: events.length, bytes, parts }
}

/** The lists of a batch, and the bodies. */
export function unpack({ bytes, parts }: Batch): {
  readonly bodies: Uint8Array
  readonly events: string
  readonly packages: string
} {
  const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const [events, packages] = parts
  return {
    bodies: whole.subarray(0, events),
    events: whole.toString('utf8', events, packages),
    packages: whole.toString('utf8', packages),
  }
}

/** The rows of a list, for the rare case that some of them are known already. */
export function rowsOf(events: string): readonly EventRow[] {
  return parseJson(events) as readonly EventRow[]
}

/** Batches come in any order: the latest transition by time stamp, then id, decides. */
export function latestOf(rows: readonly EventRow[]): readonly PackageRow[] {
  const latest = new Map<string, PackageRow>()
  for (const [id, , , , , , project, mission, wp, lane, updatedAt] of rows) {
    if (project === undefined || mission === undefined || wp === undefined) continue
    if (lane === undefined || updatedAt === undefined) continue
    const key = `${project}\0${mission}\0${wp}`
    const known = latest.get(key)
    if (known !== undefined && known[4] + known[5] > updatedAt + id) continue
    latest.set(key, [project, mission, wp, lane, updatedAt, id])
  }
  return [...latest.values()]
}

/** Text that every database takes: without NUL and halves of characters. The body keeps them, as escapes. */
function storable(text: string): string {
  return /[\0\ud800-\udfff]/.test(text) ? text.replace(/[\0\p{Cs}]/gu, '\ufffd') : text
}

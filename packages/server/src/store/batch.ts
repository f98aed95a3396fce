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

/** Project, mission, package, lane, time of the transition, its event; the team, where rows of several lie together. */
export type PackageRow = readonly [
  project: string,
  mission: string,
  wp: string,
  lane: string,
  updatedAt: string,
  event: string,
  team?: string,
]

export interface Packer {
  /** Forgets what was added and not taken. */
  readonly begin: () => void
  /** `receivedAt`: a clock that is ahead must not pin a lane, nothing is later than its arrival. */
  readonly add: (event: NewEvent, receivedAt: string) => void
  /** What was added. */
  readonly take: () => Batch
}

/** Makes one batch after the other; of its events nothing is held but what goes into the batch. */
export function createPacker(): Packer {
  const bodies = createSink()
  const list = createSink()
  let count = 0
  let latest = new Map<string, PackageRow>()
  const begin = (): void => {
    bodies.clear()
    list.clear()
    count = 0
    latest = new Map()
  }
  return {
    begin,
    add: (event, receivedAt) => {
      const at = bodies.length() + 1
      bodies.write(event.body)
      const row = rowOf(event, receivedAt, at, bodies.length() + 1 - at)
      list.write(`${count === 0 ? '' : ','}${JSON.stringify(row)}`)
      count += 1
      noteLatest(latest, row)
    },
    take: () => {
      const packages = JSON.stringify([...latest.values()])
      // Where the list is after the bodies, and the packages after the list, which has its brackets here.
      const parts = [bodies.length(), bodies.length() + list.length() + 2] as const
      // A buffer of its own, not a part of Node's pool: it is handed over as a whole.
      const bytes = Buffer.allocUnsafeSlow(parts[1] + Buffer.byteLength(packages))
      bodies.copyTo(bytes, 0)
      bytes.write('[', parts[0])
      list.copyTo(bytes, parts[0] + 1)
      bytes.write(`]${packages}`, parts[1] - 1)
      const batch = { count, bytes, parts }
      begin()
      return batch
    },
  }
}

/** The same for events that are at hand. */
export function packBatch(events: readonly NewEvent[], receivedAt: string): Batch {
  const packer = createPacker()
  for (const event of events) packer.add(event, receivedAt)
  return packer.take()
}

function rowOf(
  { id, type, project, timestamp, workPackage: wp }: NewEvent,
  receivedAt: string,
  at: number,
  bytes: number,
): EventRow {
  const row = [id, type, storable(project), storable(timestamp), at, bytes] as const
  if (wp === undefined) return row
  const updatedAt = wp.updated_at < receivedAt ? wp.updated_at : receivedAt
  const { project_uuid: owner, mission_slug: mission, wp_id: name, lane } = wp
  return [...row, storable(owner), storable(mission), storable(name), storable(lane), updatedAt]
}

/** Text as UTF-8 behind each other. The buffer is kept: what V8 does not count piles up where it is made anew each time. */
function createSink() {
  let bytes = Buffer.allocUnsafeSlow(4096)
  let length = 0
  return {
    length: () => length,
    write: (text: string): void => {
      // No unit takes more.
      const needed = length + text.length * 3
      if (needed > bytes.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(needed, bytes.length * 2))
        bytes.copy(larger, 0, 0, length)
        bytes = larger
      }
      length += bytes.write(text, length)
    },
    copyTo: (target: Buffer, at: number): void => void bytes.copy(target, at, 0, length),
    clear: (): void => {
      length = 0
    },
  }
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

/** The rows of a list. */
export function rowsOf(events: string): readonly EventRow[] {
  return parseJson(events) as readonly EventRow[]
}

/** Batches come in any order: the latest transition by time stamp, then id, decides. */
export function noteLatest(latest: Map<string, PackageRow>, row: EventRow, team?: string): void {
  const [id, , , , , , project, mission, wp, lane, updatedAt] = row
  if (project === undefined || mission === undefined || wp === undefined) return
  if (lane === undefined || updatedAt === undefined) return
  const key = `${team}\0${project}\0${mission}\0${wp}`
  const known = latest.get(key)
  if (known !== undefined && known[4] + known[5] > updatedAt + id) return
  const place = [project, mission, wp, lane, updatedAt, id] as const
  latest.set(key, team === undefined ? place : [...place, team])
}

/** Text that every database takes: without NUL and halves of characters. The body keeps them, as escapes. */
function storable(text: string): string {
  return /[\0\ud800-\udfff]/.test(text) ? text.replace(/[\0\p{Cs}]/gu, '\ufffd') : text
}

/**
 * The log of a mission for somebody who stays: what was read is kept, and of a log that has only grown no more than the
 * new rows are read. Holds moves, not the text.
 */
import type { TimelineEvent } from '@spec-kitty/contracts/dashboard/story'
import { happeningOf } from '../board/story.ts'
import { type Authors, noteAuthors } from '../repo/log/authors.ts'
import { viewStatus } from '../repo/log/emit.ts'
import { type LogText, scanLog } from '../repo/log/log.ts'
import { continueReduction, type Listener, type Reduction, reduceLog } from '../repo/log/reduce.ts'
import { type Seen, startSeen } from '../repo/log/seen.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { Project } from '../repo/project/locate.ts'
import type { FileStat, Ports } from '../world/ports.ts'

export interface LiveLog {
  readonly reduction: Reduction
  /** In the order of the reduction. */
  readonly events: readonly TimelineEvent[]
  readonly authors: ReadonlyMap<string, Authors>
  /** The ids of the events: of two rows with one id the first counts, however far they are apart. */
  readonly seen: Seen
  /** Where reading goes on; undefined for a log that is not one file. */
  readonly place: Place | undefined
}

interface Place {
  readonly stat: Pick<FileStat, 'size' | 'id' | 'mtimeMs'>
  /** The last bytes that were read: if they are still there, nothing before them was rewritten. */
  readonly end: Uint8Array
}

type Where = Pick<Ports, 'files' | 'git' | 'note'>

const END = 4096

/** The log as it is now. Throws `log_corrupt`, `not_utf8`. */
export async function followLog(
  ports: Where,
  project: Project,
  mission: Mission,
  before?: LiveLog,
): Promise<LiveLog> {
  const { log } = missionPaths(mission)
  const stat = ports.files.stat(log)
  if (mission.coordination !== null || stat === undefined) return await readWhole(ports, project, mission)
  if (before?.place !== undefined) {
    if (isSame(before.place.stat, stat)) return before
    const grown = readGrown(ports, log, before, before.place, stat)
    if (grown !== undefined) return grown
  }
  return {
    ...readText(ports.files.pieces(log) ?? ports.files.text(log) ?? ''),
    place: placeOf(ports, log, stat),
  }
}

async function readWhole(ports: Where, project: Project, mission: Mission): Promise<LiveLog> {
  const { log } = await viewStatus(ports, project, mission)
  return { ...readText(log.text), place: undefined }
}

function readText(text: LogText): Omit<LiveLog, 'place'> {
  let events: TimelineEvent[] = []
  let authors = new Map<string, Authors>()
  let seen = startSeen()
  const reduction = reduceLog(text, () => {
    events = []
    authors = new Map()
    seen = startSeen()
    const take = collect(events, authors)
    return (event, lane) => {
      seen.add(event.event_id)
      take(event, lane)
    }
  })
  return { reduction, events, authors, seen }
}

function collect(events: TimelineEvent[], authors: Map<string, Authors>): Listener {
  const once = new Map<string, string>()
  /** The one copy of a text that many rows hold: a long log names few people and packages. */
  const shared = (text: string): string => {
    const known = once.get(text)
    if (known === undefined) once.set(text, text)
    return known ?? text
  }
  return (event, lane) => {
    const { at, wp_id, who, from_lane, to_lane, reason, forced } = happeningOf(event)
    events.push({
      index: events.length,
      event_id: event.event_id,
      at,
      wp_id: shared(wp_id),
      who: shared(who),
      from_lane: shared(from_lane),
      to_lane: shared(to_lane),
      lane_after: shared(lane),
      reason: reason === null ? null : shared(reason),
      forced,
    })
    noteAuthors(authors, event)
  }
}

/** Undefined where the log has not simply grown by notes, and moves that come later than all before them. */
function readGrown(
  ports: Where,
  path: string,
  before: LiveLog,
  { stat: old, end }: Place,
  stat: FileStat,
): LiveLog | undefined {
  if (stat.id !== old.id || stat.size <= old.size || end.at(-1) !== 0x0a) return undefined
  const bytes = ports.files.bytes(path, old.size - end.length)
  if (bytes === undefined || !end.every((byte, i) => byte === bytes[i])) return undefined
  const fresh = bytes.subarray(end.length)
  const rows = [...scanLog(new TextDecoder('utf-8', { fatal: true }).decode(fresh))]
  const moves = rows.flatMap(row => (row.kind === 'transition' ? [row.value] : []))
  const notes = rows.flatMap(row => (row.kind === 'annotation' ? [row.value] : []))
  if (rows.some(row => row.kind === 'retrospective')) return undefined
  if (!moves.every(({ event_id }) => before.seen.add(event_id))) return undefined
  // Appended in place: whoever held the list before sees it grow, and asks for a part of it by number.
  const events = before.events as TimelineEvent[]
  const authors = before.authors as Map<string, Authors>
  const length = events.length
  const reduction = continueReduction(before.reduction, moves, notes, collect(events, authors))
  if (reduction === undefined) {
    events.length = length
    return undefined
  }
  const size = old.size + fresh.length
  const place = { stat: { ...stat, size }, end: bytes.slice(-END) }
  return { reduction, events, authors, seen: before.seen, place }
}

function placeOf({ files }: Where, path: string, stat: FileStat): Place {
  return { stat, end: files.bytes(path, Math.max(0, stat.size - END))?.slice() ?? new Uint8Array() }
}

function isSame(a: Place['stat'], b: Place['stat']): boolean {
  return a.size === b.size && a.id === b.id && a.mtimeMs === b.mtimeMs
}

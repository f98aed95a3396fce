/**
 * The drain: the one way rows leave the spool, one process at a time. Every step is settled on disk before
 * the next, so a drain that is killed goes on where it was; the server recognises by its id what it got twice.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Access, openAccess, renewAccess } from '../auth/access.ts'
import type { SyncConfig } from '../link/config.ts'
import { isTrouble, type SyncTrouble } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import {
  appendRows,
  belongs,
  bringBack,
  compact,
  countWaiting,
  type NewRow,
  printRow,
  readCursor,
  readRows,
  type SpoolRow,
  settle,
  withSpool,
} from '../link/spool.ts'
import type { Ports } from '../world/ports.ts'
import type { Budget, SyncPorts } from '../world/sync-ports.ts'
import { categoryOf, type Limits, SAFE_LIMITS } from './batch.ts'
import { askLimits, idOf, type Parcel, packEvents, sendDocument, sendEvents, type Upload } from './upload.ts'

export interface DrainDoor {
  readonly ports: Pick<Ports, 'files' | 'clock' | 'ids' | 'locks'>
  readonly sync: SyncPorts
}

export interface DrainOptions {
  readonly budget: Budget
  /** How long to wait for another drainer, in milliseconds. */
  readonly lockWaitMs: number
  /** For one request, in milliseconds. */
  readonly requestMs: number
  /** Not at the end of another command: look for bad events, bring back rows that were set aside. */
  readonly thorough: boolean
  readonly onBatch?: (batch: BatchNote) => void
}

export interface BatchNote {
  readonly events: number
  readonly accepted: number
  readonly duplicates: number
  readonly failed: number
  readonly remaining: number
}

export interface Failure {
  readonly event_id: string
  readonly error: string
  readonly category: string
}

export interface DrainReport {
  /** Rows that waited when it began. */
  readonly queued: number
  readonly accepted: number
  readonly duplicates: number
  /** Taken by the server, but not yet done: they stay. */
  readonly pending: number
  readonly rejected: number
  readonly documents: number
  /** Rows of another login or server, set aside. */
  readonly parked: number
  /** Rows given up: in the dead-letter file. */
  readonly dead: number
  readonly remaining: number
  /** The first thousand. */
  readonly failures: readonly Failure[]
  readonly trouble: SyncTrouble | null
}

/** Refusals of an event's content before it is given up. */
const MOST_TRIES = 5
const MOST_DOCUMENT_TRIES = 20
const MOST_FAILURES = 1000
/** Less time than this is not enough to begin another batch at the end of a command. */
const MIN_BATCH_MS = 1500

type Tally = { -readonly [K in keyof DrainReport]: DrainReport[K] } & { failures: Failure[] }

/** Sends what waits. Never throws for trouble with the server; throws `io_failed` when our own files fail. */
export async function drain(
  door: DrainDoor,
  config: SyncConfig,
  options: DrainOptions,
): Promise<DrainReport> {
  const tally: Tally = { ...NOTHING, failures: [], queued: countWaiting(door) }
  tally.trouble = await run(door, config, options, tally)
  tally.remaining = countWaiting(door)
  return tally
}

/** The report of a drain that had nothing to do. */
export const NOTHING: DrainReport = {
  queued: 0,
  accepted: 0,
  duplicates: 0,
  pending: 0,
  rejected: 0,
  documents: 0,
  parked: 0,
  dead: 0,
  remaining: 0,
  failures: [],
  trouble: null,
}

async function run(
  door: DrainDoor,
  config: SyncConfig,
  options: DrainOptions,
  tally: Tally,
): Promise<SyncTrouble | null> {
  // The token first: whoever waits for a slow refresh must not hold up everybody's drain.
  let access = await openAccess(door, config, options.budget)
  for (let renewed = false; ; renewed = true) {
    if (isTrouble(access)) return access
    const trouble = await locked(door, config, access, options, tally)
    if (trouble?.status !== 401 || renewed) return trouble
    access = await renewAccess(door, access, options.budget)
  }
}

async function locked(
  door: DrainDoor,
  config: SyncConfig,
  access: Access,
  options: DrainOptions,
  tally: Tally,
): Promise<SyncTrouble | null> {
  const { drainLock } = syncPaths(door.sync.home)
  door.sync.store.touch(drainLock)
  const wait = Math.max(0, Math.min(options.lockWaitMs, options.budget.left() - 100))
  let lock: { readonly release: () => void }
  try {
    lock = await door.ports.locks.acquire(drainLock, wait)
  } catch (cause) {
    if (!(cause instanceof KittyError) || cause.code !== 'lock_busy') throw cause
    const seconds = Math.round(wait / 1000)
    return {
      trouble: 'lock',
      detail: `Could not acquire the sync lock within ${seconds} s; another process is syncing. ${cause.message}`,
    }
  }
  try {
    const upload: Upload = { ...door, access, ...options }
    if (!options.thorough) return await sendAll(upload, door, options, tally)
    return await sendEverything(upload, door, config, options, tally)
  } finally {
    lock.release()
  }
}

/** All that waits, then what had overflowed, as long as there is some. */
async function sendEverything(
  upload: Upload,
  door: DrainDoor,
  config: SyncConfig,
  options: DrainOptions,
  tally: Tally,
): Promise<SyncTrouble | null> {
  const { parked, overflow } = syncPaths(door.sync.home)
  const { scope } = upload.access
  const free = () => config.maxQueue - countWaiting(door)
  tally.queued += await withSpool(door, () =>
    bringBack(door, parked, free(), row => (belongs(row, scope) ? withoutSeq(row) : undefined)),
  )
  for (;;) {
    const trouble = await sendAll(upload, door, options, tally)
    if (trouble !== null) return trouble
    const back = await withSpool(door, () => bringBack(door, overflow, free(), withoutSeq))
    if (back === 0) return null
    tally.queued += back
  }
}

/** A row to be written once more: it gets a new number. */
function withoutSeq(row: SpoolRow): NewRow {
  const { seq: _, ...rest } = row
  return rest
}

/**
 * While the server works on a chunk the next one is made ready, and while a chunk is settled the next one is under way:
 * each of the two takes about as long as the other. What was sent and not settled when we are killed is sent again.
 */
async function sendAll(
  upload: Upload,
  door: DrainDoor,
  options: DrainOptions,
  tally: Tally,
): Promise<SyncTrouble | null> {
  // Rows written from here on belong to somebody who drains them himself, or are ours and must wait.
  const stop = door.ports.files.stat(syncPaths(door.sync.home).spool)?.size ?? 0
  let limits: Limits = countWaiting(door) > 200 ? await askLimits(upload) : SAFE_LIMITS
  const cursor = readCursor(door)
  const take = (offset: number): Chunk | undefined => takeChunk(upload, door, offset, stop, limits)
  let chunk = cursor && take(cursor.offset)
  let sending = chunk && sendChunk(upload, chunk, tally)
  while (cursor !== undefined && chunk !== undefined && sending !== undefined) {
    const next = take(chunk.end)
    const outcome = await sending
    if (isTrouble(outcome)) return outcome
    if ('smaller' in outcome) {
      limits = outcome.smaller
      chunk = take(chunk.start)
      sending = chunk && sendChunk(upload, chunk, tally)
      continue
    }
    const goOn = outcome.trouble === null && options.budget.left() >= MIN_BATCH_MS
    sending = goOn && next !== undefined ? sendChunk(upload, next, tally) : undefined
    // It says so itself when it is awaited; here it may come too early for that.
    sending?.catch(() => {})
    // Until the request has left: what follows waits for the disk and lets nothing else happen.
    if (sending !== undefined) await door.ports.clock.sleep(0)
    await settleChunk(door, cursor.spool, chunk, outcome)
    tally.dead += outcome.dead.length
    tally.parked += chunk.parked.length
    options.onBatch?.({ ...outcome.note, remaining: countWaiting(door) })
    if (outcome.trouble !== null) return outcome.trouble
    chunk = next
  }
  await withSpool(door, () => compact(door))
  return null
}

/** Rows that go out together, from `start` to `end` in the spool. */
interface Chunk {
  readonly start: number
  readonly end: number
  readonly seq: number | undefined
  readonly mine: readonly SpoolRow[]
  readonly parked: readonly SpoolRow[]
  readonly broken: readonly string[]
  readonly parcel: Promise<Parcel>
}

function takeChunk(
  upload: Upload,
  door: DrainDoor,
  start: number,
  stop: number,
  limits: Limits,
): Chunk | undefined {
  if (start >= stop) return undefined
  const read = readRows(door, start, limits.events, limits.bytes)
  if (read.end === start) return undefined
  const placed = read.rows.filter(({ end }) => end <= stop)
  const end = placed.length < read.rows.length ? (placed.at(-1)?.end ?? start) : read.end
  const rows = placed.map(({ row }) => row)
  const mine = rows.filter(row => belongs(row, upload.access.scope))
  const events = mine.flatMap(({ event }) => (event === undefined ? [] : [event]))
  const parcel = packEvents(upload, events)
  parcel.catch(() => {})
  const parked = rows.filter(row => !belongs(row, upload.access.scope))
  return { start, end, seq: rows.at(-1)?.seq, mine, parked, broken: read.broken, parcel }
}

async function settleChunk(
  door: DrainDoor,
  spool: string,
  { end, seq, parked, broken }: Chunk,
  { again, dead }: ChunkOutcome,
): Promise<void> {
  await withSpool(door, paths => {
    // First what must stay, then the cursor: a crash in between sends a row twice, never not at all.
    appendRows(door, again, Number.POSITIVE_INFINITY)
    const lost = [...dead.map(printRow), ...broken.map(text => JSON.stringify({ broken: text }))]
    if (lost.length > 0) door.sync.store.append(paths.deadLetter, lost)
    if (parked.length > 0) door.sync.store.append(paths.parked, parked.map(printRow))
    settle(door, spool, end, seq ?? readCursor(door)?.seq ?? 0)
  })
}

interface ChunkOutcome {
  readonly again: readonly NewRow[]
  readonly dead: readonly SpoolRow[]
  readonly note: Omit<BatchNote, 'remaining'>
  /** Of a document: the events of the chunk are settled nevertheless. */
  readonly trouble: SyncTrouble | null
}

async function sendChunk(
  upload: Upload,
  { mine, parcel }: Chunk,
  tally: Tally,
): Promise<ChunkOutcome | { readonly smaller: Limits } | SyncTrouble> {
  const { events } = await parcel
  const outcome = await sendEvents(upload, await parcel)
  if (isTrouble(outcome) || 'smaller' in outcome) return outcome
  const again: NewRow[] = []
  const dead: SpoolRow[] = []
  const before = { accepted: tally.accepted, duplicates: tally.duplicates, rejected: tally.rejected }
  for (const row of mine) {
    if (row.event === undefined) continue
    const id = idOf(row.event)
    const verdict = outcome.verdicts.get(id) ?? { state: 'pending' }
    if (verdict.state === 'rejected') refuse(row, id, verdict.error, tally, again, dead)
    else if (verdict.state === 'pending') {
      tally.pending++
      again.push(withoutSeq(row))
    } else tally[verdict.state === 'accepted' ? 'accepted' : 'duplicates']++
  }
  const trouble = await sendDocuments(upload, mine, tally, again, dead)
  const note = {
    events: events.length,
    accepted: tally.accepted - before.accepted,
    duplicates: tally.duplicates - before.duplicates,
    failed: tally.rejected - before.rejected,
  }
  return { again, dead, note, trouble }
}

async function sendDocuments(
  upload: Upload,
  rows: readonly SpoolRow[],
  tally: Tally,
  again: NewRow[],
  dead: SpoolRow[],
): Promise<SyncTrouble | null> {
  let trouble: SyncTrouble | null = null
  for (const row of rows) {
    if (row.document === undefined) continue
    if (!upload.thorough && upload.budget.left() < MIN_BATCH_MS) {
      // The end of a command: the rest waits for the next one, which is no trouble.
      again.push(withoutSeq(row))
      continue
    }
    const outcome: Awaited<ReturnType<typeof sendDocument>> =
      trouble ?? (await sendDocument(upload, row.document))
    if (outcome === 'stale') continue
    if (outcome === 'dead') dead.push({ ...row, error: 'the server refuses this document' })
    else if (isTrouble(outcome)) {
      trouble = outcome
      again.push(withoutSeq(row))
    } else if (outcome.state === 'rejected') {
      const next = { ...row, tries: row.tries + 1, error: outcome.error }
      if (next.tries < MOST_DOCUMENT_TRIES) again.push(withoutSeq(next))
      else dead.push(next)
    } else tally.documents++
  }
  return trouble
}

function refuse(
  row: SpoolRow,
  id: string,
  error: string,
  tally: Tally,
  again: NewRow[],
  dead: SpoolRow[],
): void {
  tally.rejected++
  if (tally.failures.length < MOST_FAILURES)
    tally.failures.push({ event_id: id, error, category: categoryOf(error) })
  const next = { ...row, tries: row.tries + 1, error }
  if (next.tries < MOST_TRIES) again.push(withoutSeq(next))
  else dead.push(next)
}

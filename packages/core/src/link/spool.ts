/**
 * The spool: rows that wait for the server, in one append-only file per machine. A cursor file says up to
 * which byte the rows are settled; a row that must wait longer is written again at the end. So a crash at any moment can
 * only send a row twice, which the server recognises by its event id, and never lose one.
 *
 * Every function here is called under the spool lock, which `withSpool` takes.
 */
import { isObject, type Json, type JsonObject, parseObject } from '@spec-kitty/contracts/json'
import type { Ports } from '../world/ports.ts'
import type { LineChunk, SyncPorts } from '../world/sync-ports.ts'
import { type SyncPaths, syncPaths } from './paths.ts'

/** Whose row it is; null while nobody is logged in: the next login takes it over. */
export interface Scope {
  readonly server: string
  readonly email: string
}

export interface SpoolRow {
  /** Counts rows ever written; the difference to the cursor's is the number of rows that wait. */
  readonly seq: number
  readonly scope: Scope | null
  /** Times the server refused its content. */
  readonly tries: number
  /** What it said last. */
  readonly error?: string
  readonly event?: JsonObject
  readonly document?: DocumentRow
}

/** A document to upload: read from disk when its turn comes. */
export interface DocumentRow extends JsonObject {
  readonly path: string
  readonly content_hash: string
  readonly project_uuid: string
  readonly mission_slug: string
  readonly target_branch: string
  readonly mission_type: string
  readonly artifact_path: string
}

export type NewRow = Omit<SpoolRow, 'seq'>

export interface Cursor {
  /** Name of the spool file it belongs to, from that file's first line. */
  readonly spool: string
  readonly offset: number
  /** Sequence number of the last settled row. */
  readonly seq: number
}

/** A row together with the offset behind it. */
export interface Placed {
  readonly row: SpoolRow
  readonly end: number
}

export interface SpoolDoor {
  readonly ports: Pick<Ports, 'files' | 'ids' | 'locks'>
  readonly sync: Pick<SyncPorts, 'home' | 'store'>
}

/** Reading needs no lock: what is on disk is whole at any moment. */
export interface SpoolReader {
  readonly ports: Pick<Ports, 'files'>
  readonly sync: Pick<SyncPorts, 'home' | 'store'>
}

const LOCK_WAIT_MS = 5_000

/** Runs `act` alone among all processes of this user. Throws `lock_busy`. */
export async function withSpool<T>(door: SpoolDoor, act: (paths: SyncPaths) => T): Promise<T> {
  const paths = syncPaths(door.sync.home)
  door.sync.store.touch(paths.spoolLock)
  const lock = await door.ports.locks.acquire(paths.spoolLock, LOCK_WAIT_MS)
  try {
    return act(paths)
  } finally {
    lock.release()
  }
}

/** Writes rows behind the last one. Answers how many had to give way to the limit. */
export function appendRows(door: SpoolDoor, rows: readonly NewRow[], limit: number): number {
  if (rows.length === 0) return 0
  const paths = syncPaths(door.sync.home)
  const cursor = openCursor(door)
  let seq = lastSeq(door, cursor)
  const lines = rows.map(row => printRow({ ...row, seq: ++seq }))
  door.sync.store.append(paths.spool, lines)
  const excess = seq - cursor.seq - limit
  return excess > 0 ? evict(door, cursor, excess) : 0
}

/** The name of a spool whose first line cannot be read: no file has it. */
const DAMAGED = ''

/** Where the next unsettled row begins. Makes the spool file when there is none, and rescues the rows of a damaged one. */
export function openCursor(door: SpoolDoor): Cursor {
  const cursor = readCursor(door)
  if (cursor?.spool === DAMAGED) return rescue(door, cursor.seq)
  if (cursor !== undefined) return cursor
  const { store, home } = door.sync
  const paths = syncPaths(home)
  const spool = door.ports.ids.ulid()
  const header = headerLine(spool, 0)
  store.replace(paths.spool, header)
  return { spool, offset: header.length, seq: 0 }
}

/** Moves what can be read into a spool with a new first line; what cannot is set aside among the dead letters first. */
function rescue(door: SpoolDoor, seq: number): Cursor {
  const { store, home } = door.sync
  const paths = syncPaths(home)
  const spool = door.ports.ids.ulid()
  const header = headerLine(spool, seq)
  const fresh = `${paths.spool}.new`
  store.replace(fresh, header)
  for (let at = 0; ; ) {
    const { lines } = store.lines(paths.spool, at, COPY_BYTES)
    const last = lines.at(-1)
    if (last === undefined) break
    const { rows, broken } = placeRows(lines, at, Number.POSITIVE_INFINITY)
    const dead = broken.map(text => JSON.stringify({ broken: text }))
    if (dead.length > 0) store.append(paths.deadLetter, dead)
    const kept = rows.map(({ row }) => printRow(row))
    if (kept.length > 0) store.append(fresh, kept)
    at = last.end
  }
  store.rename(fresh, paths.spool)
  return { spool, offset: header.length, seq }
}

/** First line of a spool file: its name and the number of the last row before it. */
function headerLine(spool: string, seq: number): string {
  return `${JSON.stringify({ spool, seq })}\n`
}

/** The same for readers: undefined when there is no spool. Needs no lock. */
export function readCursor(door: SpoolReader): Cursor | undefined {
  const paths = syncPaths(door.sync.home)
  const [first] = door.sync.store.lines(paths.spool, 0, 256).lines
  const header = first === undefined ? undefined : parseObject(first.text)
  const spool = header?.spool
  if (first === undefined) return undefined
  if (typeof spool !== 'string' || spool === DAMAGED) {
    const [oldest] = readRows(door, 0, 1, COPY_BYTES).rows
    return { spool: DAMAGED, offset: 0, seq: (oldest?.row.seq ?? 1) - 1 }
  }
  const kept = parseObject(door.ports.files.text(paths.cursor) ?? '')
  if (kept?.spool === spool && typeof kept.offset === 'number' && typeof kept.seq === 'number') {
    // A position that is not behind a line of this file is not believed: the server knows rows that come again.
    const { offset, seq } = kept
    const fits = Number.isSafeInteger(offset) && offset >= first.end
    const [before] = fits ? door.sync.store.lines(paths.spool, offset - 1, 1).lines : []
    if (before?.end === offset) return { spool, offset, seq }
  }
  return { spool, offset: first.end, seq: typeof header?.seq === 'number' ? header.seq : 0 }
}

/** Number of rows that wait. */
export function countWaiting(door: SpoolReader): number {
  const cursor = readCursor(door)
  return cursor === undefined ? 0 : Math.max(0, lastSeq(door, cursor) - cursor.seq)
}

/** Rows from an offset on: at most `maxRows` and about `maxBytes`. Torn or foreign lines are skipped over. */
export function readRows(
  door: SpoolReader,
  offset: number,
  maxRows: number,
  maxBytes: number,
): { readonly rows: readonly Placed[]; readonly broken: readonly string[]; readonly end: number } {
  const { lines } = door.sync.store.lines(syncPaths(door.sync.home).spool, offset, maxBytes)
  return placeRows(lines, offset, maxRows)
}

/** Pure part of `readRows`. `end` is the offset behind everything that was looked at. */
export function placeRows(
  lines: LineChunk['lines'],
  offset: number,
  maxRows: number,
): { readonly rows: readonly Placed[]; readonly broken: readonly string[]; readonly end: number } {
  const rows: Placed[] = []
  const broken: string[] = []
  let end = offset
  for (const line of lines) {
    if (rows.length >= maxRows) break
    end = line.end
    const row = parseRow(line.text)
    if (row !== undefined) rows.push({ row, end: line.end })
    else if (line.text.trim() !== '') broken.push(line.text)
  }
  return { rows, broken, end }
}

/** Moves the cursor behind `settled`, unless it is there already. An empty spool is begun anew. */
export function settle(door: SpoolDoor, spool: string, offset: number, seq: number): void {
  const now = openCursor(door)
  // Another spool: it was emptied by somebody else meanwhile.
  if (now.spool !== spool || now.offset >= offset) return
  const { store, home } = door.sync
  const paths = syncPaths(home)
  const size = door.ports.files.stat(paths.spool)?.size ?? 0
  if (offset >= size) {
    store.remove(paths.spool)
    store.remove(paths.cursor)
    return
  }
  store.replace(paths.cursor, JSON.stringify({ spool, offset, seq }))
}

const COMPACT_BYTES = 4 * 1024 * 1024
const COPY_BYTES = 1024 * 1024

/** Drops the settled part of the file when it is most of a large one. */
export function compact(door: SpoolDoor): void {
  const cursor = readCursor(door)
  const paths = syncPaths(door.sync.home)
  const size = door.ports.files.stat(paths.spool)?.size ?? 0
  if (cursor === undefined || cursor.offset < COMPACT_BYTES || cursor.offset < size / 2) return
  const fresh = `${paths.spool}.new`
  const { store } = door.sync
  store.replace(fresh, headerLine(door.ports.ids.ulid(), cursor.seq))
  for (let at = cursor.offset; ; ) {
    const { lines } = store.lines(paths.spool, at, COPY_BYTES)
    const last = lines.at(-1)
    if (last === undefined) break
    store.append(
      fresh,
      lines.map(line => line.text),
    )
    at = last.end
  }
  // The cursor left behind names another spool, so the new one is read from its first row.
  store.rename(fresh, paths.spool)
}

/** Brings rows of a side file back, those that `fits` takes, at most `limit`. Answers how many. */
export function bringBack(
  door: SpoolDoor,
  path: string,
  limit: number,
  fits: (row: SpoolRow) => NewRow | undefined,
): number {
  const { store } = door.sync
  if (limit <= 0 || (door.ports.files.stat(path)?.size ?? 0) === 0) return 0
  const rest = `${path}.new`
  store.replace(rest, '')
  let taken = 0
  for (let at = 0; ; ) {
    const { lines } = store.lines(path, at, COPY_BYTES)
    const last = lines.at(-1)
    if (last === undefined) break
    const back: NewRow[] = []
    const stay: string[] = []
    for (const line of lines) {
      const row = parseRow(line.text)
      const fit = row === undefined || taken + back.length >= limit ? undefined : fits(row)
      if (fit === undefined) stay.push(line.text)
      else back.push(fit)
    }
    appendRows(door, back, Number.POSITIVE_INFINITY)
    taken += back.length
    if (stay.length > 0) store.append(rest, stay)
    at = last.end
  }
  if ((door.ports.files.stat(rest)?.size ?? 0) > 0) store.rename(rest, path)
  else {
    store.remove(rest)
    store.remove(path)
  }
  return taken
}

/** The oldest `count` rows go to the overflow file. */
function evict(door: SpoolDoor, cursor: Cursor, count: number): number {
  const paths = syncPaths(door.sync.home)
  let { offset, seq } = cursor
  let left = count
  while (left > 0) {
    const { rows, end } = readRows(door, offset, left, COPY_BYTES)
    const last = rows.at(-1)
    if (last === undefined) break
    door.sync.store.append(
      paths.overflow,
      rows.map(({ row }) => printRow(row)),
    )
    left -= rows.length
    offset = end
    seq = last.row.seq
  }
  settle(door, cursor.spool, offset, seq)
  return count - left
}

function lastSeq(door: SpoolReader, cursor: Cursor): number {
  const line = door.sync.store.lastLine(syncPaths(door.sync.home).spool)
  const row = line === undefined ? undefined : parseRow(line)
  return Math.max(cursor.seq, row?.seq ?? 0)
}

export function printRow(row: SpoolRow): string {
  return JSON.stringify(row)
}

/** A row of a spool or side file; undefined for anything else. */
export function parseRow(text: string): SpoolRow | undefined {
  const value = parseObject(text)
  if (value === undefined || typeof value.seq !== 'number') return undefined
  const { event, document, error } = value
  if (!isObject(event) && !isObject(document)) return undefined
  return {
    seq: value.seq,
    scope: readScope(value.scope),
    tries: typeof value.tries === 'number' ? value.tries : 0,
    ...(typeof error === 'string' ? { error } : {}),
    ...(isObject(event) ? { event } : {}),
    ...(isObject(document) ? { document: document as DocumentRow } : {}),
  }
}

function readScope(value: Json | undefined): Scope | null {
  if (!isObject(value) || typeof value.server !== 'string' || typeof value.email !== 'string') return null
  return { server: value.server, email: value.email }
}

/** True when a row may be sent by this login. */
export function belongs(row: Pick<SpoolRow, 'scope'>, scope: Scope): boolean {
  return row.scope === null || (row.scope.server === scope.server && row.scope.email === scope.email)
}

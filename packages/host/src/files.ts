/** The reading half of the file system. Writing is in write.ts and happens only through the performer. */
import { isAscii, isUtf8 } from 'node:buffer'
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  type Stats,
  statSync,
} from 'node:fs'
import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { FileStat, Files } from '@spec-kitty/core/world/ports'
import { ioFailed, isAbsent } from './fault.ts'
import { delayOptimization } from './v8.ts'

/** A log of some thousand events. */
const LONG = 1_000_000

/** Real files. Throws `io_failed` for anything but a missing path. */
export function createFiles(): Files {
  const text = (path: string): string | undefined => {
    const found = attempt('read', path, () => readFileSync(path, 'utf8'))
    if (found?.includes('\ufffd')) requireUtf8(path)
    if (found !== undefined && found.length >= LONG) delayOptimization()
    return found
  }
  return {
    bytes: (path, offset) =>
      attempt('read', path, () => (offset === undefined ? readFileSync(path) : readFrom(path, offset))),
    text,
    front: path => attempt('read', path, () => frontOf(path)) ?? text(path),
    pieces: path => attempt('read', path, () => piecesOf(path)),
    list: path => attempt('list', path, () => sorted(readdirSync(path))) ?? [],
    stat: path =>
      attempt('look at', path, () => {
        const stats = lstatSync(path, { throwIfNoEntry: false })
        return stats && describe(stats)
      }),
  }
}

/** By code points, which is how the language itself compares where no surrogate is: many times faster than we do. */
function sorted(names: string[]): readonly string[] {
  return names.sort(/[\ud800-\udfff]/.test(names.join('/')) ? compareCodePoints : undefined)
}

/** Bytes in which a front matter ends, as a rule. */
const FRONT = 4096
let front: Buffer | undefined

/** Undefined where a front matter does not end there, or is no text. */
function frontOf(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    front ??= Buffer.allocUnsafe(FRONT)
    const length = readSync(file, front, 0, FRONT, 0)
    // One text, looked through by the language: each view of the bytes would take longer than to read them.
    const text = front.toString('latin1', 0, length)
    const start = text.indexOf('\n---')
    const end = start < 0 ? -1 : text.indexOf('\n', start + 1)
    if (end < 0 || !BEGINS.test(text) || text.slice(start + 4, end).trim() !== '') return undefined
    const own = text.slice(0, end + 1)
    if (!BEYOND_ASCII.test(own)) return own
    const bytes = front.subarray(0, end + 1)
    return isUtf8(bytes) ? bytes.toString('utf8') : undefined
  } finally {
    closeSync(file)
  }
}

/** Behind the bytes of a byte order mark, if any. */
const BEGINS = /^(?:\xEF\xBB\xBF)?---/
const BEYOND_ASCII = /[^\0-\x7f]/

function readFrom(path: string, offset: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(file).size - offset))
    let length = 0
    for (let read = -1; read !== 0 && length < bytes.length; length += read)
      read = readSync(file, bytes, length, bytes.length - length, offset + length)
    return bytes.subarray(0, length)
  } finally {
    closeSync(file)
  }
}

/** From this size on a file is never held as a whole, in bytes. */
const PIECEWISE = 1 << 20
/** Short enough to be swept with what is young: longer strings would stay until the whole heap is looked through. */
const PIECE = 1 << 16

function piecesOf(path: string): Iterable<string> | undefined {
  const { size } = statSync(path)
  if (size < PIECE) return undefined
  // Known to be ASCII, its bytes become a text in a fifth of the time.
  if (size < PIECEWISE) return [decode(path, readFileSync(path), 0)]
  delayOptimization()
  return { [Symbol.iterator]: () => readPieces(path, size) }
}

/** The first `size` bytes; a line longer than a piece makes the piece longer. */
function* readPieces(path: string, size: number): Generator<string, void, undefined> {
  const file = openSync(path, 'r')
  try {
    let held: Buffer = Buffer.allocUnsafe(PIECE)
    let kept = 0
    for (let at = 0; at < size; ) {
      if (kept === held.length) held = Buffer.concat([held, Buffer.allocUnsafe(held.length)])
      const read = readSync(file, held, kept, Math.min(held.length - kept, size - at), at)
      const end = kept + read
      at += read
      const last = read === 0 || at === size
      const cut = last ? end : held.subarray(0, end).lastIndexOf(0x0a) + 1
      if (cut > 0) yield decode(path, held.subarray(0, cut), at - end)
      if (last) return
      held.copyWithin(0, cut, end)
      kept = end - cut
    }
  } finally {
    closeSync(file)
  }
}

function decode(path: string, bytes: Buffer, before: number): string {
  // Pure ASCII takes a byte a character, and no decoder.
  if (isAscii(bytes)) return bytes.toString('latin1')
  if (!isUtf8(bytes)) throw notUtf8(path, bytes, before)
  return bytes.toString('utf8')
}

/** The reader's mark for bytes that are no text may also stand in the file itself. Throws `not_utf8`. */
function requireUtf8(path: string): void {
  const bytes = readFileSync(path)
  if (!isUtf8(bytes)) throw notUtf8(path, bytes, 0)
}

function notUtf8(path: string, bytes: Buffer, before: number): KittyError {
  const again = Buffer.from(bytes.toString('utf8'))
  const at = again.findIndex((byte, i) => byte !== bytes[i])
  const offset = before + at
  const line = linesBefore(path, offset) + 1
  const byte = `0x${(bytes[at] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`
  return new KittyError(
    'not_utf8',
    `${path} is no UTF-8 text: byte ${byte} at offset ${offset} (line ${line})`,
    {
      hint: sh`Save the file as UTF-8 in an editor; spec-kitty validate-encoding --all --fix does it for the Markdown of missions`,
      data: { path, offset, line },
    },
  )
}

/** Line feeds before an offset, counted only when there is something to tell. */
function linesBefore(path: string, offset: number): number {
  const file = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(PIECE)
    let lines = 0
    for (let at = 0; at < offset; ) {
      const read = readSync(file, bytes, 0, Math.min(PIECE, offset - at), at)
      if (read === 0) break
      lines += bytes.subarray(0, read).filter(byte => byte === 0x0a).length
      at += read
    }
    return lines
  } finally {
    closeSync(file)
  }
}

function attempt<T>(verb: string, path: string, read: () => T): T | undefined {
  try {
    return read()
  } catch (cause) {
    if (isAbsent(cause)) return undefined
    throw ioFailed(verb, path, cause)
  }
}

function describe(stats: Stats): FileStat {
  return {
    kind: kindOf(stats),
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    id: stats.ino,
    executable: (stats.mode & 0o111) !== 0,
  }
}

function kindOf(entry: Stats): FileStat['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

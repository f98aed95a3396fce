/** The reading half of the file system. Writing is in write.ts and happens only through the performer. */
import { isUtf8 } from 'node:buffer'
import {
  closeSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  type Stats,
} from 'node:fs'
import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { FileStat, Files } from '@spec-kitty/core/world/ports'
import { ioFailed, isAbsent } from './fault.ts'

/** A log of some thousand events. */
const LONG = 1_000_000
/** Seven times the default of V8: in its own units, about bytes of bytecode run. */
const INTERRUPT_BUDGET = 1_000_000
let delayed = false

/**
 * Makes V8 wait longer before it compiles hot code once more. A command that reads a long log runs 50 ms; V8
 * would spend 25 ms of another core's time on code that is thrown away right after. A run that goes on (a log
 * ten times as long, a server) still gets there. ADR 0030.
 */
function delayOptimization(): void {
  if (delayed) return
  delayed = true
  // Later ones count calls instead, and have a cheaper compiler in between.
  if (!process.versions.v8.startsWith('11.')) return
  process.getBuiltinModule('node:v8').setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`)
}

/** Real files. Throws `io_failed` for anything but a missing path. */
export function createFiles(): Files {
  return {
    bytes: (path, offset) =>
      attempt('read', path, () => (offset === undefined ? readFileSync(path) : readFrom(path, offset))),
    text: path => {
      const text = attempt('read', path, () => readFileSync(path, 'utf8'))
      if (text?.includes('\ufffd')) requireUtf8(path)
      if (text !== undefined && text.length >= LONG) delayOptimization()
      return text
    },
    list: path => attempt('list', path, () => readdirSync(path).sort(compareCodePoints)) ?? [],
    stat: path =>
      attempt('look at', path, () => {
        const stats = lstatSync(path, { throwIfNoEntry: false })
        return stats && describe(stats)
      }),
  }
}

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

/** The reader's mark for bytes that are no text may also stand in the file itself. Throws `not_utf8`. */
function requireUtf8(path: string): void {
  const bytes = readFileSync(path)
  if (isUtf8(bytes)) return
  const again = Buffer.from(bytes.toString('utf8'))
  const offset = again.findIndex((byte, i) => byte !== bytes[i])
  const line = bytes.subarray(0, offset).filter(byte => byte === 0x0a).length + 1
  const byte = `0x${(bytes[offset] ?? 0).toString(16).toUpperCase().padStart(2, '0')}`
  throw new KittyError(
    'not_utf8',
    `${path} is no UTF-8 text: byte ${byte} at offset ${offset} (line ${line})`,
    {
      hint: sh`Save the file as UTF-8 in an editor; spec-kitty validate-encoding --all --fix does it for the Markdown of missions`,
      data: { path, offset, line },
    },
  )
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

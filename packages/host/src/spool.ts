/** Private files of sync and login: 0600 in 0700 directories, on disk before a call returns. */
import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { LineChunk, PrivateFiles } from '@spec-kitty/core/world/sync-ports'
import { errnoOf, ioFailed, isAbsent } from './fault.ts'
import { clearLeftovers, syncDirectory, writeWhole } from './write.ts'

const NEWLINE = 0x0a
const BLOCK = 256 * 1024
let counter = 0

/** Real private files. Every failure but a missing file is `io_failed`. */
export function createPrivateFiles(): PrivateFiles {
  return {
    append: (path, lines) => guard('append to', path, () => append(path, lines)),
    replace: (path, content, like) => guard('write', path, () => replace(path, content, like)),
    remove: path => guard('delete', path, () => removeFile(path)),
    rename: (from, to) =>
      guard('rename', from, () => {
        renameSync(from, to)
        syncDirectory(dirname(to))
      }),
    touch: path =>
      guard('make', path, () => {
        makeDirectory(path)
        closeSync(openSync(path, constants.O_CREAT | constants.O_RDWR | constants.O_NOFOLLOW, 0o600))
      }),
    lines: (path, offset, maxBytes) => guard('read', path, () => readLines(path, offset, maxBytes)),
    lastLine: path => guard('read', path, () => readLastLine(path)),
  }
}

function makeDirectory(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
}

function append(path: string, lines: readonly string[]): void {
  makeDirectory(path)
  const flags = constants.O_CREAT | constants.O_RDWR | constants.O_APPEND | constants.O_NOFOLLOW
  const fd = openSync(path, flags, 0o600)
  try {
    const { size } = fstatSync(fd)
    const last = Buffer.alloc(1)
    if (size > 0) readSync(fd, last, 0, 1, size - 1)
    const lead = size > 0 && last[0] !== NEWLINE ? '\n' : ''
    writeWhole(fd, Buffer.from(`${lead}${lines.join('\n')}\n`), size)
    fsyncSync(fd)
    if (size === 0) syncDirectory(dirname(path))
  } finally {
    closeSync(fd)
  }
}

/** A home may be shared by several machines. */
const LEFTOVER_MS = 60_000

function replace(path: string, content: string | Uint8Array, like?: string): void {
  makeDirectory(path)
  if (like !== undefined) shareDirectory(dirname(path), like)
  clearLeftovers(dirname(path), LEFTOVER_MS)
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.${counter++}.tmp`)
  const fd = openSync(temporary, 'wx', 0o600)
  try {
    writeAll(fd, Buffer.from(content))
    if (like !== undefined) fchmodSync(fd, statSync(like).mode & 0o666)
    fsyncSync(fd)
  } catch (cause) {
    closeSync(fd)
    removeFile(temporary)
    throw cause
  }
  closeSync(fd)
  renameSync(temporary, path)
  syncDirectory(dirname(path))
}

/** Who may read `like` may enter a directory beside it; one of somebody else stays as it is. */
function shareDirectory(path: string, like: string): void {
  const shared = statSync(like).mode & 0o066
  const { mode, uid } = statSync(path)
  const wanted = (mode & 0o7777) | shared | ((shared & 0o044) >> 2)
  if (wanted !== (mode & 0o7777) && uid === process.getuid?.()) chmodSync(path, wanted)
}

function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (cause) {
    if (!isAbsent(cause)) throw cause
  }
}

function readLines(path: string, offset: number, maxBytes: number): LineChunk {
  const fd = openToRead(path)
  if (fd === undefined) return { lines: [] }
  try {
    // The first line may be longer than the limit: then one more block at a time until its end.
    for (let want = Math.max(maxBytes, 1); ; want += BLOCK) {
      const bytes = Buffer.alloc(want)
      const length = fill(fd, bytes, offset)
      const lines = cutLines(bytes.subarray(0, length), offset)
      if (lines.length > 0 || length < want) return { lines }
    }
  } finally {
    closeSync(fd)
  }
}

function cutLines(bytes: Buffer, offset: number): LineChunk['lines'] {
  const lines: { text: string; end: number }[] = []
  for (let from = 0; ; ) {
    const to = bytes.indexOf(NEWLINE, from)
    if (to < 0) return lines
    lines.push({ text: bytes.toString('utf8', from, to), end: offset + to + 1 })
    from = to + 1
  }
}

function readLastLine(path: string): string | undefined {
  const fd = openToRead(path)
  if (fd === undefined) return undefined
  try {
    const { size } = fstatSync(fd)
    for (let want = Math.min(size, 16 * 1024); want > 0; want = Math.min(size, want * 8)) {
      const bytes = Buffer.alloc(want)
      const text = bytes.toString('utf8', 0, fill(fd, bytes, size - want))
      // A piece without newline at its end is a torn line.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1).split('\n')
      if (whole.length > 2) return whole.at(-2)
      if (want === size) return whole.length === 2 ? whole[0] : undefined
    }
    return undefined
  } finally {
    closeSync(fd)
  }
}

function openToRead(path: string): number | undefined {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    if (isAbsent(cause)) return undefined
    throw cause
  }
}

function fill(fd: number, bytes: Buffer, offset: number): number {
  let at = 0
  while (at < bytes.length) {
    const read = readSync(fd, bytes, at, bytes.length - at, offset + at)
    if (read === 0) break
    at += read
  }
  return at
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

function guard<T>(verb: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw errnoOf(cause) === undefined ? cause : ioFailed(verb, path, cause)
  }
}

/** The writing half of the file system: append with fsync, atomic replace, delete. Only the performer uses it. */
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { millisNow } from './clock.ts'
import { isAlive } from './env.ts'
import { errnoOf, ioFailed, isAbsent } from './fault.ts'

const NEWLINE = 0x0a
const APPEND = constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW
let counter = 0

/** Sizes of a log before and after an append; `before` is null when the file is new. */
export interface Appended {
  readonly before: number | null
  readonly after: number
}

/**
 * Appends lines in one write and syncs. A missing final newline is mended first, so that a torn last line
 * never swallows the new one.
 */
export function appendLines(path: string, lines: readonly string[]): Appended {
  return guard('append to', path, () => {
    mkdirSync(dirname(path), { recursive: true })
    const before = sizeOf(path)
    const fd = openSync(path, APPEND, 0o666)
    try {
      const size = fstatSync(fd).size
      const lead = size > 0 && lastByte(fd, size) !== NEWLINE ? '\n' : ''
      writeWhole(fd, Buffer.from(`${lead}${lines.join('\n')}\n`), size)
      fsyncSync(fd)
      if (before === null) syncDirectory(dirname(path))
      return { before, after: fstatSync(fd).size }
    } catch (cause) {
      if (before === null) unlinkSync(path)
      throw cause
    } finally {
      closeSync(fd)
    }
  })
}

/** Cuts a log back to what it was, unless somebody appended to it meanwhile. */
export function undoAppend(path: string, appended: Appended): void {
  guard('restore', path, () => {
    const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW)
    try {
      if (fstatSync(fd).size !== appended.after) return
      ftruncateSync(fd, appended.before ?? 0)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    if (appended.before === null) unlinkSync(path)
  })
}

/**
 * Replaces a file, or a link, through a temporary file on the same file system. Keeps the mode.
 * The temporary file lies in the git directory where that is possible: a killed command leaves no stray file in the
 * user's tree.
 */
export function writeAtomic(path: string, content: string | Uint8Array, executable?: boolean): void {
  guard('write', path, () => {
    const was = lstatSync(path, { throwIfNoEntry: false })
    const mode = was?.isFile() ? was.mode : undefined
    mkdirSync(dirname(path), { recursive: true })
    const temporary = join(temporaryHome(dirname(path)), `.${basename(path)}.${process.pid}.${counter++}.tmp`)
    const fd = openSync(temporary, 'wx', 0o666)
    try {
      writeAll(fd, typeof content === 'string' ? Buffer.from(content) : content)
      if (mode !== undefined) fchmodSync(fd, mode & 0o7777)
      if (executable) fchmodSync(fd, fstatSync(fd).mode | 0o111)
      fsyncSync(fd)
      closeSync(fd)
      renameSync(temporary, path)
      syncDirectory(dirname(path))
    } catch (cause) {
      discard(fd, temporary)
      throw cause
    }
  })
}

/** Puts the names in a directory on disk: without it a file that was synced may be gone after a power loss. */
export function syncDirectory(directory: string): void {
  const fd = openSync(directory, constants.O_RDONLY)
  try {
    fsyncSync(fd)
  } catch (cause) {
    // Some file systems have nothing to sync there.
    if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EACCES'].includes(errnoOf(cause) ?? '')) throw cause
  } finally {
    closeSync(fd)
  }
}

/** `spec-kitty-tmp` of the repository that holds `directory`, on the same file system; else `directory` itself. */
function temporaryHome(directory: string): string {
  const gitDir = gitDirectoryAbove(directory)
  if (gitDir === undefined || statSync(gitDir).dev !== statSync(directory).dev) return directory
  const home = join(gitDir, 'spec-kitty-tmp')
  mkdirSync(home, { recursive: true })
  clearLeftovers(home)
  return home
}

/**
 * Removes the temporary files of processes that are gone: they were killed while they wrote. `ageMs`: of files that are
 * so old at least, where several machines may share the directory and a process that is not here lives there.
 */
export function clearLeftovers(home: string, ageMs = 0): void {
  for (const name of readdirSync(home)) {
    const owner = /\.(\d+)\.\d+\.tmp$/.exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    // A file that was written a moment ago may bear a later time than the clock, which knows whole milliseconds.
    const changed = ageMs === 0 ? 0 : statSync(join(home, name), { throwIfNoEntry: false })?.mtimeMs
    if (changed !== undefined && changed <= millisNow() - ageMs) rmSync(join(home, name), { force: true })
  }
}

function gitDirectoryAbove(directory: string): string | undefined {
  for (let at = directory; ; at = dirname(at)) {
    const git = join(at, '.git')
    const found = statSync(git, { throwIfNoEntry: false })
    if (found?.isDirectory()) return git
    // A linked worktree: its `.git` is a file, and the repository may lie on another file system.
    if (found !== undefined || dirname(at) === at) return undefined
  }
}

/** Deletes a file; one that is not there is fine. */
export function deleteFile(path: string): void {
  guard('delete', path, () => {
    try {
      // A command that takes something back may only delete; it clears away as well.
      temporaryHome(dirname(path))
      unlinkSync(path)
    } catch (cause) {
      if (!isAbsent(cause)) throw cause
    }
  })
}

/** Makes a symbolic link again that was there. */
export function makeLink(path: string, target: string): void {
  guard('restore', path, () => symlinkSync(target, path))
}

/** Removes an empty directory; says whether it did. Anything else is left as it is. */
export function removeDirectory(path: string): boolean {
  return guard('remove', path, () => {
    try {
      rmdirSync(path)
      return true
    } catch (cause) {
      if (isAbsent(cause) || ['ENOTEMPTY', 'EEXIST', 'ENOTDIR'].includes(errnoOf(cause) ?? '')) return false
      throw cause
    }
  })
}

function guard<T>(verb: string, path: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    throw errnoOf(cause) === undefined ? cause : ioFailed(verb, path, cause)
  }
}

function sizeOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.size ?? null
}

function lastByte(fd: number, size: number): number | undefined {
  const byte = Buffer.alloc(1)
  readSync(fd, byte, 0, 1, size - 1)
  return byte[0]
}

/** Appends all or, on a full disk, nothing. `size`: what the file was. */
export function writeWhole(fd: number, bytes: Uint8Array, size: number): void {
  try {
    writeAll(fd, bytes)
  } catch (cause) {
    ftruncateSync(fd, size)
    throw cause
  }
}

function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

function discard(fd: number, temporary: string): void {
  try {
    closeSync(fd)
  } catch {
    // Already closed: the rename was what failed.
  }
  try {
    unlinkSync(temporary)
  } catch {
    // Nothing of it is left; the first error is the one to report.
  }
}

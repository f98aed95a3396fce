/**
 * What a killed git leaves behind. SIGKILL gives git no chance to remove its `.lock` files, and the next git would
 * refuse for ever. While a git of ours writes, a small file says so; when both processes it names are gone, a lock
 * from that time belongs to nobody.
 */
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { isAlive } from '../env.ts'
import { commonDirOf, findGitDir } from './layout.ts'

/** A lock is taken within this time of git's start, in ms; a later one is somebody else's. */
const LOCK_WINDOW_MS = 10_000
const MARK = /^git-(\d+)$/

/** Notes that process `child` is a git of ours that writes to the repository of `cwd`. Call the answer when it ended. */
export function markWriter(cwd: string, child: number | undefined): () => void {
  const home = markHome(cwd)
  if (home === undefined || child === undefined) return () => {}
  const mark = join(home, `git-${process.pid}`)
  try {
    mkdirSync(home, { recursive: true })
    writeFileSync(mark, String(child))
  } catch {
    // Without the note a kill at this very moment costs a message with a remedy, no more.
    return () => {}
  }
  return () => discard(mark)
}

/** A file beside the notes that has no name any more; `take` answers what was written to it, the first time. */
interface Scratch {
  readonly file: number
  readonly take: () => Buffer
}

/** Undefined where none can be made, or a file that is open keeps its name. */
export function openScratch(cwd: string): Scratch | undefined {
  const home = process.platform === 'win32' ? undefined : markHome(cwd)
  if (home === undefined) return undefined
  const path = join(home, `said-${process.pid}`)
  try {
    mkdirSync(home, { recursive: true })
    const file = openSync(path, 'wx+', 0o600)
    unlinkSync(path)
    let taken = false
    const take = () => {
      if (taken) return Buffer.alloc(0)
      taken = true
      const bytes = Buffer.alloc(fstatSync(file).size)
      readSync(file, bytes, 0, bytes.length, 0)
      closeSync(file)
      return bytes
    }
    return { file, take }
  } catch {
    return undefined
  }
}

/** `rmSync` would do, but Node loads 1 ms of code for its first use, and this runs with every commit. */
function discard(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // Another command has swept it.
  }
}

/** The lock on the index of a checkout; undefined where there is none, or where the next git of ours will sweep it. */
export function indexLock(checkout: string): string | undefined {
  const lock = join(findGitDir(checkout), 'index.lock')
  return existsSync(lock) && marksOf(checkout, lock).length === 0 ? lock : undefined
}

/** Removes `lock` when a killed git of ours left it; says whether it did. */
export function sweepLock(cwd: string, lock: string): boolean {
  const marks = marksOf(cwd, lock)
  if (marks.length === 0) return false
  discard(lock)
  for (const { path } of marks) discard(path)
  return true
}

/** Notes of killed processes that took this lock. */
function marksOf(cwd: string, lock: string) {
  const home = markHome(cwd)
  const taken = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
  if (home === undefined || taken === undefined || !existsSync(home)) return []
  return deadMarks(home).filter(({ since }) => taken >= since - 1000 && taken <= since + LOCK_WINDOW_MS)
}

/** Notes of which both processes are gone, each with the time its git was started. */
function deadMarks(home: string): readonly { readonly path: string; readonly since: number }[] {
  return readdirSync(home).flatMap(name => {
    const owner = MARK.exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) return []
    const path = join(home, name)
    try {
      const child = Number(readFileSync(path, 'utf8'))
      return isAlive(child) ? [] : [{ path, since: statSync(path).mtimeMs }]
    } catch {
      // Another command has just swept it.
      return []
    }
  })
}

function markHome(cwd: string): string | undefined {
  try {
    return join(commonDirOf(findGitDir(cwd)), 'spec-kitty-locks')
  } catch {
    // `git init` writes where there is no repository yet.
    return undefined
  }
}

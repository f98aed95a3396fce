/**
 * Exclusive advisory locks that the Python edition respects: the platform's own, on the same path. Where it cannot be
 * called the fallback is a file made exclusively beside the lock: it excludes this program from itself, not from the
 * Python edition.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Lock, Locks } from '@spec-kitty/core/world/ports'
import { deadline, pause } from './clock.ts'
import { isAlive } from './env.ts'
import { errnoOf, ioFailed, isAbsent } from './fault.ts'
import { loadNativeLock, type NativeLock } from './native-lock.ts'

/** Locks of this process. `loadNative` answers undefined where the platform has none. */
export function createLocks(loadNative: () => NativeLock | undefined = loadNativeLock): Locks {
  let lock: NativeLock | undefined | null = null
  return {
    acquire: async (path, waitMs) => {
      if (lock === null) lock = loadNative()
      const native = lock
      return once(await wait(path, waitMs, () => (native ? tryNative(path, native) : tryExclusiveFile(path))))
    },
  }
}

function once(release: () => void): Lock {
  let released = false
  return {
    release: () => {
      if (released) return
      released = true
      release()
    },
  }
}

type Attempt = (() => void) | undefined

async function wait(path: string, waitMs: number, attempt: () => Attempt): Promise<() => void> {
  const late = deadline(waitMs)
  try {
    mkdirSync(dirname(path), { recursive: true })
    for (let round = 0; ; round++) {
      const free = attempt()
      if (free) return free
      if (late()) break
      // Uneven steps, so that two waiters do not march in time.
      await pause(10 + ((round * 17 + process.pid) % 40))
    }
  } catch (cause) {
    throw errnoOf(cause) === undefined ? cause : ioFailed('lock', path, cause)
  }
  throw busy(path, waitMs)
}

function busy(path: string, waitMs: number): KittyError {
  const pid = holderOf(path)
  const who = pid === undefined ? 'another process' : `process ${pid}`
  const waited = waitMs >= 1000 ? ` (waited ${Math.round(waitMs / 1000)} s)` : ''
  return new KittyError('lock_busy', `The lock ${path} is held by ${who}${waited}`, {
    hint:
      pid === undefined
        ? sh`Wait until the other command has ended, then run this one again.`
        : sh`Wait until process ${pid} has ended, then run the command again (ps -p ${pid}).`,
    data: pid === undefined ? {} : { holder_pid: pid },
  })
}

/**
 * One attempt by the lock of the open file. The holder's number is the content of the lock file itself: the Python edition
 * neither reads nor minds it, and there is no second file to get stale.
 */
function tryNative(path: string, native: NativeLock): Attempt {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644)
  let mine = false
  try {
    if (!native.tryLock(fd)) return undefined
    // Somebody may have removed the file between opening and locking: then this lock excludes nobody.
    const opened = fstatSync(fd)
    const named = statSync(path, { throwIfNoEntry: false })
    if (opened.nlink === 0 || named?.ino !== opened.ino || named.dev !== opened.dev) return undefined
    ftruncateSync(fd, 0)
    writeSync(fd, `${process.pid}\n`, 0)
    mine = true
  } finally {
    if (!mine) closeSync(fd)
  }
  return () => {
    ftruncateSync(fd, 0)
    closeSync(fd)
  }
}

function tryExclusiveFile(path: string): Attempt {
  const file = `${path}.held`
  try {
    writeFileSync(file, `${process.pid}\n`, { flag: 'wx' })
    return () => rmSync(file, { force: true })
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause
    clearDead(file)
    return undefined
  }
}

/** Removes the file of a dead holder: one waiter at a time, or the second would remove what the first took meanwhile. */
function clearDead(file: string): void {
  if (!isLeft(file)) return
  const turn = `${file}.clearing`
  try {
    writeFileSync(turn, `${process.pid}\n`, { flag: 'wx' })
  } catch (cause) {
    if (errnoOf(cause) !== 'EEXIST') throw cause
    if (isLeft(turn)) rmSync(turn, { force: true })
    return
  }
  if (isLeft(file)) rmSync(file, { force: true })
  rmSync(turn, { force: true })
}

function isLeft(file: string): boolean {
  const pid = readPid(file)
  return pid !== undefined && !isAlive(pid)
}

function holderOf(path: string): number | undefined {
  const pid = readPid(path) ?? readPid(`${path}.held`)
  return pid !== undefined && isAlive(pid) ? pid : undefined
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10)
    return Number.isNaN(pid) ? undefined : pid
  } catch (cause) {
    // On Windows nobody but the holder reads a locked file.
    if (isAbsent(cause) || LOCKED.has(errnoOf(cause) ?? '')) return undefined
    throw cause
  }
}

const LOCKED: ReadonlySet<string> = new Set(['EBUSY', 'EACCES', 'EPERM'])

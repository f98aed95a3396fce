/**
 * Exclusive advisory locks that the Python edition respects: flock(2) on the same path.
 * Node has no flock; koffi calls it, loaded when the first lock is taken. Where koffi cannot be loaded the
 * fallback is a file made exclusively beside the lock: it excludes this program from itself, not from
 * the Python edition.
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
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Lock, Locks } from '@spec-kitty/core/world/ports'
import { deadline, pause } from './clock.ts'
import { isAlive } from './env.ts'
import { errnoOf, ioFailed, isAbsent } from './fault.ts'

const LOCK_EX = 2
const LOCK_NB = 4

/** Takes and gives back the lock of an open file; `tryLock` is false when somebody else holds it. */
export interface Flock {
  readonly tryLock: (fd: number) => boolean
}

/** Locks of this process. `loadFlock` answers undefined where the platform has none. */
export function createLocks(loadFlock: () => Flock | undefined = loadNativeFlock): Locks {
  let flock: Flock | undefined | null = null
  return {
    acquire: async (path, waitMs) => {
      if (flock === null) flock = loadFlock()
      const native = flock
      return once(await wait(path, waitMs, () => (native ? tryFlock(path, native) : tryExclusiveFile(path))))
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
 * One attempt by flock. The holder's number is the content of the lock file itself: the Python edition
 * neither reads nor minds it, and there is no second file to get stale.
 */
function tryFlock(path: string, flock: Flock): Attempt {
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o644)
  let mine = false
  try {
    if (!flock.tryLock(fd)) return undefined
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
    const pid = readPid(file)
    if (pid !== undefined && !isAlive(pid)) rmSync(file, { force: true })
    return undefined
  }
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
    if (isAbsent(cause)) return undefined
    throw cause
  }
}

/** flock(2) of the C library; undefined on Windows and where koffi has no binary. */
function loadNativeFlock(): Flock | undefined {
  if (process.platform === 'win32') return undefined
  let koffi: typeof import('koffi')
  try {
    koffi = createRequire(import.meta.url)('koffi')
  } catch {
    return undefined
  }
  const flock = koffi.load(null).func('int flock(int, int)')
  return {
    tryLock: fd => {
      if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true
      const errno = koffi.errno()
      if (errno === koffi.os.errno.EAGAIN || errno === koffi.os.errno.EINTR) return false
      throw new KittyError('io_failed', `flock failed with errno ${errno}`, {
        hint: sh`The file system of the repository seems to have no locks (some network file systems).`,
      })
    },
  }
}

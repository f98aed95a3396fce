/**
 * The lock that a platform puts on an open file, exclusive, and gone when its process is: flock(2), LockFileEx on
 * Windows. They are what the Python edition takes. Node has neither; koffi calls them. bun, the runtime inside
 * the single-file programs, calls flock by itself.
 */
import { existsSync } from 'node:fs'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'

/** Takes the lock of an open file; false when somebody else holds it. Closing the file gives it back. Throws `io_failed`. */
export interface NativeLock {
  readonly tryLock: (fd: number) => boolean
}

/** Undefined where the platform's lock cannot be called. */
export function loadNativeLock(): NativeLock | undefined {
  try {
    if (process.platform === 'win32') return lockFileEx(loadKoffi())
    return 'bun' in process.versions ? flockByBun() : flockByKoffi(loadBareKoffi())
  } catch {
    return undefined
  }
}

type Koffi = typeof import('koffi')

const require = () => process.getBuiltinModule('node:module').createRequire(import.meta.filename)
const loadKoffi = (): Koffi => require()('koffi')

/**
 * Koffi's own native part. What it is wrapped in is 9 ms of every command that takes a lock, and flock(2) needs none of
 * it. Where the installer put it out of reach, or the platform has another name for it: koffi as a whole.
 */
function loadBareKoffi(): Koffi {
  const name = `@koromix/koffi-${process.platform}-${process.arch}`
  // Its package holds one part for each C library, and reads the program file to choose: 3 ms, where no musl is there.
  const musl = process.platform === 'linux' ? MUSL[process.arch] : undefined
  const own = musl === undefined || existsSync(musl) ? [] : [`${name}/linux_${process.arch}/koffi.node`]
  for (const part of [...own, name]) {
    try {
      return require()(part)
    } catch {
      // The next one.
    }
  }
  return loadKoffi()
}

/** The loader of programs for musl, by architecture. */
const MUSL: Readonly<Record<string, string>> = {
  x64: '/lib/ld-musl-x86_64.so.1',
  arm64: '/lib/ld-musl-aarch64.so.1',
}

const LOCK_EX = 2
const LOCK_NB = 4

function flockByKoffi(koffi: Koffi): NativeLock {
  const flock = koffi.load(null).func('int flock(int, int)')
  return { tryLock: fd => flock(fd, LOCK_EX | LOCK_NB) === 0 || isBusy(koffi.errno()) }
}

/** False for a held lock: what `tryLock` answers. */
function isBusy(errno: number): false {
  const { EAGAIN, EINTR } = process.getBuiltinModule('node:os').constants.errno
  if (errno === EAGAIN || errno === EINTR) return false
  throw noLocks(`flock failed with errno ${errno}`)
}

function noLocks(message: string): KittyError {
  return new KittyError('io_failed', message, {
    hint: sh`The file system of the repository seems to have no locks (some network file systems).`,
  })
}

interface BunFfi {
  readonly dlopen: (
    library: string,
    symbols: Readonly<Record<string, { readonly args?: readonly string[]; readonly returns: string }>>,
  ) => { readonly symbols: Readonly<Record<string, ((...args: number[]) => number) | undefined>> }
  readonly read: { readonly i32: (pointer: number, offset: number) => number }
}

function flockByBun(): NativeLock | undefined {
  const ffi = process.getBuiltinModule('bun:ffi') as unknown as BunFfi
  const [library, errno] =
    process.platform === 'darwin' ? ['libSystem.B.dylib', '__error'] : ['libc.so.6', '__errno_location']
  const { symbols } = ffi.dlopen(library, {
    flock: { args: ['i32', 'i32'], returns: 'i32' },
    [errno]: { returns: 'ptr' },
  })
  const { flock, [errno]: errnoAt } = symbols
  if (flock === undefined || errnoAt === undefined) return undefined
  return { tryLock: fd => flock(fd, LOCK_EX | LOCK_NB) === 0 || isBusy(ffi.read.i32(errnoAt(), 0)) }
}

const LOCKFILE_FAIL_IMMEDIATELY = 1
const LOCKFILE_EXCLUSIVE_LOCK = 2
const ERROR_LOCK_VIOLATION = 33
const ERROR_IO_PENDING = 997

/**
 * The first byte of the file, as Python's `msvcrt.locking` and filelock take it. The number of a file is known to
 * the C library inside node.exe only, so its handle is asked there.
 */
export function lockFileEx(koffi: Pick<Koffi, 'load'>, program: string = process.execPath): NativeLock {
  const handleOf = koffi.load(program).func('intptr_t uv_get_osfhandle(int)')
  const kernel = koffi.load('kernel32.dll')
  const lock = kernel.func(
    'int __stdcall LockFileEx(intptr_t, uint32_t, uint32_t, uint32_t, uint32_t, uint8_t *)',
  )
  const lastError = kernel.func('uint32_t __stdcall GetLastError()')
  return {
    tryLock: fd => {
      // OVERLAPPED, all zero: the range begins at the first byte.
      const at = Buffer.alloc(32)
      const flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY
      if (lock(handleOf(fd), flags, 0, 1, 0, at) !== 0) return true
      const code = lastError()
      if (code === ERROR_LOCK_VIOLATION || code === ERROR_IO_PENDING) return false
      throw noLocks(`LockFileEx failed with error ${code}`)
    },
  }
}

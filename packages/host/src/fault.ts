/** Turns a failed system call into the one error class. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'

/** The errno word of a system error (`ENOENT` …), undefined for anything else. */
export function errnoOf(cause: unknown): string | undefined {
  if (typeof cause !== 'object' || cause === null || !('code' in cause)) return undefined
  return typeof cause.code === 'string' ? cause.code : undefined
}

/** True when the path, or a directory on the way to it, is not there. */
export function isAbsent(cause: unknown): boolean {
  const code = errnoOf(cause)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

const REMEDIES: Readonly<Record<string, Remedy>> = {
  EACCES: sh`Check the permissions of this path.`,
  EPERM: sh`Check the permissions of this path.`,
  EROFS: sh`The file system is read-only; run the command where it can write.`,
  ENOSPC: sh`Free some disk space and run the command again.`,
  EDQUOT: sh`Free some disk space and run the command again.`,
  ENOTDIR: sh`A file is where a directory should be; move it aside.`,
  EEXIST: sh`A file is where a directory should be; move it aside.`,
  EISDIR: sh`A directory is in the way; move it aside.`,
  EMFILE: sh`Raise the limit of open files (ulimit -n).`,
}

/** `io_failed` that says what was tried on which path. */
export function ioFailed(verb: string, path: string, cause: unknown): KittyError {
  const code = errnoOf(cause) ?? 'error'
  const detail = cause instanceof Error ? cause.message : String(cause)
  const short = detail.replace(/^[A-Z]+: /, '').replace(/, \w+( '.*)?$/s, '')
  return new KittyError('io_failed', `Cannot ${verb} ${path}: ${short} (${code})`, {
    hint: REMEDIES[code],
    cause,
  })
}

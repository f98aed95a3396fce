/** The reading half of the file system. Writing is in write.ts and happens only through the performer. */
import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import type { FileStat, Files } from '@spec-kitty/core/ports'
import { ioFailed, isAbsent } from './fault.ts'

/** Real files. Throws `io_failed` for anything but a missing path. */
export function createFiles(): Files {
  return {
    bytes: path => attempt('read', path, () => readFileSync(path)),
    text: path => attempt('read', path, () => readFileSync(path, 'utf8')),
    list: path => attempt('list', path, () => readdirSync(path).sort(compareCodePoints)) ?? [],
    stat: path => attempt('look at', path, () => describe(lstatSync(path))),
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
    executable: (stats.mode & 0o111) !== 0,
  }
}

function kindOf(entry: Stats): FileStat['kind'] {
  if (entry.isFile()) return 'file'
  if (entry.isDirectory()) return 'directory'
  return entry.isSymbolicLink() ? 'link' : 'other'
}

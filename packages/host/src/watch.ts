/**
 * Directories that are watched for changes. One watch for each: a recursive one goes blind on Linux after the first file
 * that is put in place by a rename, and every writer here does that.
 */
import { type FSWatcher, watch } from 'node:fs'

export interface DirectoryWatch {
  /** The directories from now on: new ones are opened, others closed. Answers those that cannot be watched. */
  readonly set: (directories: Iterable<string>) => readonly string[]
  readonly close: () => void
}

/** `changed` hears the directory, and the name in it where the system tells one. */
export function watchDirectories(
  changed: (directory: string, name: string | undefined) => void,
): DirectoryWatch {
  const open = new Map<string, FSWatcher>()
  const forget = (directory: string): void => {
    open.get(directory)?.close()
    open.delete(directory)
  }
  const begin = (directory: string): boolean => {
    try {
      const watcher = watch(directory, (_, name) => changed(directory, name ?? undefined))
      // It went away, or the system has no more watches: whoever looks again by itself will see.
      watcher.on('error', () => forget(directory))
      open.set(directory, watcher)
      return true
    } catch {
      return false
    }
  }
  return {
    set: directories => {
      const wanted = new Set(directories)
      for (const directory of open.keys()) if (!wanted.has(directory)) forget(directory)
      return [...wanted].filter(directory => !open.has(directory) && !begin(directory))
    },
    close: () => {
      for (const directory of [...open.keys()]) forget(directory)
    },
  }
}

/** The reading half of the file system. Writing is in write.ts and happens only through the performer. */
import { lstatSync, readdirSync, readFileSync, type Stats } from 'node:fs'
import { compareCodePoints } from '@spec-kitty/contracts/json'
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
    bytes: path => attempt('read', path, () => readFileSync(path)),
    text: path => {
      const text = attempt('read', path, () => readFileSync(path, 'utf8'))
      if (text !== undefined && text.length >= LONG) delayOptimization()
      return text
    },
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

/**
 * What was made of files, kept for as long as they are the same, for who stays: a server, a board that is watched. A look
 * at a file costs a hundredth of reading it.
 */
import { parseMillis } from '@spec-kitty/contracts/time'
import type { Kept, Ports } from '@spec-kitty/core/world/ports'

interface Entry {
  readonly print: string
  readonly value: unknown
}

/** More than the files that anybody looks at. */
const MOST = 20_000
/** Clocks of file systems are coarse: what changed so lately may change once more and look the same. */
const SETTLED_MS = 1_000

/** What was made first goes first. */
export function createKept({ files, clock }: Pick<Ports, 'files' | 'clock'>): Kept {
  const entries = new Map<string, Entry>()
  return {
    of: <T>(what: string, path: string, make: () => T): T => {
      const stat = files.stat(path)
      if (stat === undefined || stat.kind === 'link') return make()
      const key = `${what}\n${path}`
      const print = `${stat.mtimeMs} ${stat.size} ${stat.id}`
      const known = entries.get(key)
      // Under one name lies what one caller makes.
      if (known?.print === print) return known.value as T
      entries.delete(key)
      const value = make()
      if (stat.mtimeMs > (parseMillis(clock.now()) ?? 0) - SETTLED_MS) return value
      entries.set(key, { print, value })
      if (value instanceof Promise) value.catch(() => entries.delete(key))
      const [oldest = key] = entries.keys()
      if (entries.size > MOST) entries.delete(oldest)
      return value
    },
  }
}

/** The same ports for who stays, in one directory, with nobody to note anything to. */
export function stayingPorts(ports: Ports, cwd: string): Ports {
  const kept = createKept(ports)
  const list = (path: string): readonly string[] => kept.of('names', path, () => ports.files.list(path))
  return { ...ports, kept, files: { ...ports.files, list }, env: { ...ports.env, cwd }, note: () => {} }
}

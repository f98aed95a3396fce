/** All that is there at one moment: files of checkouts, references, logs, indexes. Reads files only. */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { indexEntries } from './git-index.ts'

export interface Seen {
  readonly mode: number
  /** The id that git gives to these bytes; empty for a directory. */
  readonly blob: string
}

export interface Snapshot {
  /** Outside of git directories: path below the world's directory. */
  readonly files: ReadonlyMap<string, Seen>
  /** Inside of git directories, but for objects, locks and what has a place of its own here. */
  readonly internals: ReadonlyMap<string, Seen>
  /** Path of the index → its entries. */
  readonly indexes: ReadonlyMap<string, readonly string[]>
  /** Commits that a reference, a HEAD or an open operation names. */
  readonly tips: ReadonlySet<string>
  /** Commits that a reflog names. */
  readonly logged: ReadonlySet<string>
  /** Bytes of a file, by its path. */
  readonly bytes: (path: string) => Buffer | undefined
}

/** Reads again only what changed. One for each walk. */
export interface Camera {
  readonly shoot: () => Snapshot
}

interface Known {
  readonly stamp: string
  readonly seen: Seen
  readonly bytes: Buffer
}

const ID = /\b[0-9a-f]{40}\b/g
const ZERO = '0'.repeat(40)
/** Not the user's: the product's own locks and scratch files, and objects, which are asked of git. */
const LEFT_OUT = /\/(objects|spec-kitty-locks|spec-kitty-tmp|hooks)$/
/** Files that name commits which git would not let go. */
const NAMES = /\/(HEAD|MERGE_HEAD|CHERRY_PICK_HEAD|packed-refs|orig-head|onto)$|\/refs\//

export function createCamera(directory: string): Camera {
  const cache = new Map<string, Known>()
  const read = (path: string): Known => {
    const stat = lstatSync(path, { bigint: true })
    const stamp = `${stat.mtimeNs} ${stat.ctimeNs} ${stat.size} ${stat.ino} ${stat.mode}`
    const known = cache.get(path)
    if (known?.stamp === stamp) return known
    const bytes = stat.isSymbolicLink()
      ? Buffer.from(readlinkSync(path))
      : stat.isFile()
        ? readFileSync(path)
        : Buffer.alloc(0)
    const seen = { mode: Number(stat.mode), blob: blobId(bytes) }
    const fresh = { stamp, seen, bytes }
    cache.set(path, fresh)
    return fresh
  }
  return {
    shoot: () => {
      const files = new Map<string, Seen>()
      const internals = new Map<string, Seen>()
      const indexes = new Map<string, readonly string[]>()
      const tips = new Set<string>()
      const logged = new Set<string>()
      const kept = new Map<string, Buffer>()
      const inGit = (path: string, relative: string): void => {
        if (LEFT_OUT.test(path)) return
        const stat = lstatSync(path)
        if (stat.isDirectory()) {
          for (const name of readdirSync(path).sort()) inGit(join(path, name), `${relative}/${name}`)
          return
        }
        if (path.endsWith('/index')) {
          indexes.set(relative, indexEntries(path))
          return
        }
        const { seen, bytes } = read(path)
        internals.set(relative, seen)
        const isLog = /\/logs\/|\/ORIG_HEAD$/.test(path)
        if (!isLog && !NAMES.test(path)) return
        for (const [id] of bytes.toString('latin1').matchAll(ID))
          if (id !== ZERO) (isLog ? logged : tips).add(id)
      }
      const visit = (path: string, relative: string): void => {
        const stat = lstatSync(path)
        if (stat.isDirectory()) {
          const names = readdirSync(path).sort()
          const bare = names.includes('objects') && names.includes('refs') && names.includes('HEAD')
          if (bare) {
            inGit(path, relative)
            return
          }
          files.set(relative, { mode: stat.mode, blob: '' })
          for (const name of names) {
            const at = join(path, name)
            if (name === '.git' && lstatSync(at).isDirectory()) inGit(at, `${relative}/.git`)
            else visit(at, `${relative}/${name}`)
          }
          return
        }
        const { seen, bytes } = read(path)
        files.set(relative, seen)
        kept.set(relative, bytes)
      }
      for (const name of readdirSync(directory).sort()) visit(join(directory, name), name)
      return { files, internals, indexes, tips, logged, bytes: path => kept.get(path) }
    },
  }
}

/** As `git hash-object` names it. */
export function blobId(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}

/** Where two snapshots differ, a line each. */
export function differences(a: Snapshot, b: Snapshot): readonly string[] {
  const found: string[] = []
  const compare = (before: ReadonlyMap<string, Seen>, after: ReadonlyMap<string, Seen>): void => {
    for (const [path, seen] of before) {
      const other = after.get(path)
      if (other === undefined) found.push(`gone: ${path}`)
      else if (other.blob !== seen.blob) found.push(`changed: ${path}`)
      else if (other.mode !== seen.mode) found.push(`mode changed: ${path}`)
    }
    for (const path of after.keys()) if (!before.has(path)) found.push(`new: ${path}`)
  }
  compare(a.files, b.files)
  compare(a.internals, b.internals)
  for (const path of new Set([...a.indexes.keys(), ...b.indexes.keys()])) {
    if (a.indexes.get(path)?.join('\n') !== b.indexes.get(path)?.join('\n'))
      found.push(`index changed: ${path}`)
  }
  return found
}

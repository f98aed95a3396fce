/**
 * Whether a checkout is certainly as its index says, read by hand (gitformat-index(5)): for many worktrees a process
 * each would cost more than the answer. Any doubt is answered with undefined; then git is asked.
 */
import { lstatSync, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import type { Quiet } from '@spec-kitty/core/world/ports'
import { delayingOptimization } from '../v8.ts'
import { findGitDir, headOf } from './layout.ts'

interface Entry {
  readonly name: string
  readonly mode: number
  /** Milliseconds, to a quarter of a microsecond, as `Stats` has them: no two writes are that close. */
  readonly ctime: number
  readonly mtime: number
  readonly inode: number
  readonly size: number
}

interface Index {
  readonly entries: readonly Entry[]
  /** The tree that the whole index comes to. */
  readonly tree: Sha
}

/**
 * The tree that the index of a checkout comes to, where every file on disk is as git left it, and what else lies there.
 * Undefined when that is not certain: an edit, a merge, a file that git was told to overlook, an index of another form,
 * or one of more than `most` files.
 */
export function readQuiet(checkout: string, most = Number.POSITIVE_INFINITY): Quiet | undefined {
  try {
    const gitDir = findGitDir(checkout)
    if (hasLongIds(gitDir)) return undefined
    const path = join(gitDir, 'index')
    const { mtimeMs: written, size } = statSync(path)
    const bytes = readFileSync(path)
    if (bytes.readUInt32BE(8) > most) return undefined
    const look = () => compare(checkout, parseIndex(bytes), written)
    return size > LARGE ? delayingOptimization(look) : look()
  } catch {
    return undefined
  }
}

/** True when git certainly looks at every file of the index itself: none overlooked or half merged, no submodule. */
export function isPlain(checkout: string): boolean {
  try {
    const gitDir = findGitDir(checkout)
    const bytes = readFileSync(join(gitDir, 'index'))
    if (!isReadable(bytes) || hasLongIds(gitDir)) return false
    let at = 12
    for (let left = bytes.readUInt32BE(8); left > 0; left--) {
      const high = bytes[at + 60] ?? 0xff
      // A name's length is in its flags, unless it is longer than they can say.
      const length = (high << 8) | (bytes[at + 61] ?? 0)
      if (length >= 0xfff || (bytes[at + 26] ?? 0) >> 4 === 0xe) return false
      at += (62 + length + 8) & ~7
    }
    return extensionsOf(bytes, at).more === undefined
  } catch {
    return false
  }
}

/** SHA-256: entries are longer than those that are read here. */
function hasLongIds(gitDir: string): boolean {
  return headOf(gitDir).sha?.length !== 40
}

/** Versions 2 and 3. */
function isReadable(bytes: Buffer): boolean {
  const version = bytes.readUInt32BE(4)
  return bytes.toString('latin1', 0, 4) === 'DIRC' && (version === 2 || version === 3)
}

function compare(checkout: string, index: Index | undefined, written: number): Quiet | undefined {
  if (index === undefined) return undefined
  for (const entry of index.entries) {
    const stat = lstatSync(`${checkout}/${entry.name}`, { throwIfNoEntry: false })
    // Written in the same moment as the index: git itself cannot tell without reading it.
    if (stat === undefined || entry.mtime >= written || !isSame(entry, stat)) return undefined
  }
  return { tree: index.tree, others: othersIn(checkout, index.entries) }
}

function isSame(entry: Entry, stat: Stats): boolean {
  const link = (entry.mode & 0o170000) === 0o120000
  const kind = link ? stat.isSymbolicLink() : stat.isFile()
  const runs = link || (stat.mode & 0o100) === (entry.mode & 0o100)
  return (
    kind &&
    runs &&
    entry.mtime === stat.mtimeMs &&
    entry.ctime === stat.ctimeMs &&
    entry.size === stat.size % 0x1_0000_0000 &&
    entry.inode === stat.ino % 0x1_0000_0000
  )
}

/** Files and folders that git does not follow, ignored ones too; a folder of none but such by its name alone. */
function othersIn(checkout: string, entries: readonly Entry[]): readonly string[] {
  const files = new Set(entries.map(entry => entry.name))
  const folders = new Set(entries.flatMap(({ name }) => above(name)))
  const found: string[] = []
  const look = (folder: string): void => {
    for (const item of readdirSync(`${checkout}/${folder}`)) {
      const name = folder === '' ? item : `${folder}/${item}`
      if (files.has(name) || name === '.git') continue
      const isFolder = lstatSync(`${checkout}/${name}`).isDirectory()
      if (isFolder && folders.has(name)) look(name)
      else found.push(isFolder ? `${name}/` : name)
    }
  }
  look('')
  return found
}

function above(name: string): readonly string[] {
  const cut = name.lastIndexOf('/')
  if (cut < 0) return []
  const parent = name.slice(0, cut)
  return [parent, ...above(parent)]
}

/** Bytes of the index of some thousand files. */
const LARGE = 100_000

/** Nothing is in it that calls for git: stages, flags, links to other repositories, extensions. */
function parseIndex(bytes: Buffer): Index | undefined {
  if (!isReadable(bytes)) return undefined
  const entries: Entry[] = []
  let at = 12
  for (let left = bytes.readUInt32BE(8); left > 0; left--) {
    const flags = bytes.readUInt16BE(at + 60)
    // Assumed unchanged, more flags, or a stage of a merge.
    if ((flags & 0xf000) !== 0) return undefined
    const end = bytes.indexOf(0, at + 62)
    const mode = bytes.readUInt32BE(at + 24)
    const name = bytes.toString('utf8', at + 62, end)
    if ((mode & 0o170000) === 0o160000 || name.includes('\uFFFD')) return undefined
    const time = (place: number) => bytes.readUInt32BE(place) * 1000 + bytes.readUInt32BE(place + 4) / 1e6
    entries.push({
      name,
      mode,
      ctime: time(at),
      mtime: time(at + 8),
      inode: bytes.readUInt32BE(at + 20),
      size: bytes.readUInt32BE(at + 36),
    })
    at += Math.ceil((end - at + 1) / 8) * 8
  }
  const { more, tree } = extensionsOf(bytes, at)
  return more === undefined && tree ? { entries, tree } : undefined
}

/** `tree`: from the cache of trees, where it is up to date. `more`: an extension that the entries are not whole without. */
function extensionsOf(
  bytes: Buffer,
  start: number,
): { readonly tree?: Sha | undefined; readonly more?: string } {
  let tree: Sha | undefined
  for (let at = start; at + 8 < bytes.length - 20; ) {
    const name = bytes.toString('latin1', at, at + 4)
    const size = bytes.readUInt32BE(at + 4)
    if (/^[a-z]/.test(name)) return { more: name }
    if (name === 'TREE') {
      const line = bytes.indexOf(0x0a, at + 8)
      const valid = /^\0\d+ \d+$/.test(bytes.toString('latin1', at + 8, line))
      tree = valid ? parseSha(bytes.toString('hex', line + 1, line + 21)) : undefined
    }
    at += 8 + size
  }
  return { tree }
}

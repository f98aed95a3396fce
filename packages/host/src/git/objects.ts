/**
 * The object store: everything that is read in one scope is read through one `git cat-file --batch`, and what is
 * written goes straight into loose objects (gitrepository-layout(5)), so that the number of processes does not depend
 * on the number of branches, trees and files that a command looks at.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import type { Objects, TreeDiff, TreeEdit, TreeEntry } from '@spec-kitty/core/world/ports'
import { commonDirOf, findGitDir } from './layout.ts'
import type { GitSession, OpenGit } from './run.ts'

/** Names are kept as latin1, byte for byte: a name need not be UTF-8. */
type Tree = ReadonlyMap<string, TreeEntry>

interface Found {
  readonly id: Sha
  readonly type: string
  readonly bytes: Buffer
}

const TREE_MODE = '40000'
const EMPTY: Tree = new Map()

/** A scope of reading and writing objects. Nothing is started before the first question; `close` ends it. */
export function openObjects(open: OpenGit, cwd: string): Objects {
  const batch = createBatch(open, cwd)
  const write = (type: string, body: Uint8Array, like: string): Sha => writeLoose(cwd, type, body, like)
  const { treeAt, treeOf, subtree, compare, edited } = createTrees(batch, (body, like) =>
    write('tree', body, like),
  )
  const blobs = (specs: readonly string[]) =>
    Promise.all(
      specs.map(async spec => {
        const found = spec.includes('\n') ? undefined : await batch.ask(spec)
        return found?.type === 'blob' ? found.bytes : undefined
      }),
    )

  return {
    blobs,
    find: async (rev, path) => {
      let entry: TreeEntry | undefined = { mode: TREE_MODE, id: await treeOf(rev) }
      for (const name of path.split('/')) entry = (await subtree(entry)).get(bytesOf(name))
      return entry
    },
    list: async (rev, path) => {
      const found = await batch.ask(`${rev}:${path}`)
      return found?.type === 'tree' ? [...readTree(found.bytes, found.id.length / 2).keys()].map(text) : []
    },
    message: async commit => {
      const found = await batch.ask(commit)
      if (found?.type !== 'commit') return undefined
      const words = found.bytes.toString('utf8')
      return words.slice(words.indexOf('\n\n') + 2)
    },
    diff: async (from, to) => {
      const out: TreeDiff[] = []
      const [a, b] = await Promise.all([treeOf(from), treeOf(to)])
      if (a !== b) await compare(await treeAt(a), await treeAt(b), '', out)
      return out
    },
    edit: async (base, edits) => {
      const root = await treeOf(base)
      if (edits.length === 0) return root
      const list = edits.map(edit => ({ ...edit, names: edit.path.split('/').map(bytesOf) }))
      return (await edited(await treeAt(root), list, root)) ?? write('tree', new Uint8Array(), root)
    },
    write: (content, like) => write('blob', content, like),
    commit: (tree, parents, message) =>
      write('commit', new TextEncoder().encode(commitText(tree, parents, message)), tree),
    close: batch.close,
  }
}

/** Trees, read as they are asked for and each once. */
function createTrees(batch: ReturnType<typeof createBatch>, write: (body: Uint8Array, like: string) => Sha) {
  const trees = new Map<Sha, Promise<Tree>>()
  const treeAt = (id: Sha): Promise<Tree> => {
    const known = trees.get(id)
    if (known !== undefined) return known
    const read = batch.ask(id).then(found => (found ? readTree(found.bytes, id.length / 2) : EMPTY))
    trees.set(id, read)
    return read
  }
  const treeOf = async (rev: string): Promise<Sha> => {
    const found = await batch.ask(`${rev}^{tree}`)
    if (found) return found.id
    throw new KittyError('git_failed', `${rev} is no commit of this repository`)
  }
  const subtree = (entry: TreeEntry | undefined): Promise<Tree> | Tree =>
    entry?.mode === TREE_MODE ? treeAt(entry.id) : EMPTY

  const compare = async (a: Tree, b: Tree, prefix: string, out: TreeDiff[]): Promise<void> => {
    for (const name of new Set([...a.keys(), ...b.keys()])) {
      const [old, now] = [a.get(name), b.get(name)]
      if (old?.id === now?.id && old?.mode === now?.mode) continue
      const [wasTree, isTree] = [old?.mode === TREE_MODE, now?.mode === TREE_MODE]
      const path = prefix + name
      if (old !== undefined && !wasTree && (now === undefined || isTree))
        out.push({ path: text(path), blob: null, mode: null, added: false })
      if (now !== undefined && !isTree)
        out.push({
          path: text(path),
          blob: now.id,
          mode: now.mode,
          added: old === undefined || wasTree,
        })
      if (wasTree || isTree) await compare(await subtree(old), await subtree(now), `${path}/`, out)
    }
  }

  /** The tree with edits below it; undefined when nothing is left in it. */
  const edited = async (base: Tree, edits: readonly Edit[], like: string): Promise<Sha | undefined> => {
    const next = new Map(base)
    const below = new Map<string, Edit[]>()
    for (const edit of edits) {
      const [name = '', ...rest] = edit.names
      if (rest.length > 0) below.set(name, [...(below.get(name) ?? []), { ...edit, names: rest }])
      else if (edit.blob === null) next.delete(name)
    }
    for (const [name, inner] of below) {
      const sub = await edited(await subtree(base.get(name)), inner, like)
      const kept = next.get(name)
      if (sub !== undefined) next.set(name, { mode: TREE_MODE, id: sub })
      else if (kept?.mode === TREE_MODE) next.delete(name)
    }
    for (const { names, blob, mode } of edits) {
      const [name = '', ...rest] = names
      const was = base.get(name)
      const usual = was === undefined || was.mode === TREE_MODE ? '100644' : was.mode
      if (rest.length === 0 && blob !== null) next.set(name, { mode: mode ?? usual, id: blob })
    }
    return next.size === 0 ? undefined : write(printTree(next), like)
  }

  return { treeAt, treeOf, subtree, compare, edited }
}

type Edit = Pick<TreeEdit, 'blob' | 'mode'> & { readonly names: readonly string[] }

/** In whose name forecasts are. */
export const NOBODY = 'Spec Kitty <spec-kitty@localhost>'

/** A commit that nobody will see: it stands between two merges, so it carries nobody's name. */
function commitText(tree: Sha, parents: readonly Sha[], message: string): string {
  const who = `${NOBODY} 0 +0000`
  const lines = [
    `tree ${tree}`,
    ...parents.map(parent => `parent ${parent}`),
    `author ${who}`,
    `committer ${who}`,
  ]
  return `${lines.join('\n')}\n\n${message}\n`
}

function text(name: string): string {
  return Buffer.from(name, 'latin1').toString('utf8')
}

function bytesOf(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1')
}

/** Entries of a tree object: `<mode> <name>\0<id>`, the id in `size` bytes. */
function readTree(bytes: Buffer, size: number): Tree {
  const entries = new Map<string, TreeEntry>()
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at)
    const end = bytes.indexOf(0, blank)
    const id = parseSha(bytes.toString('hex', end + 1, end + 1 + size))
    if (id)
      entries.set(bytes.toString('latin1', blank + 1, end), { mode: bytes.toString('latin1', at, blank), id })
    at = end + 1 + size
  }
  return entries
}

function printTree(tree: Tree): Buffer {
  const key = ([name, { mode }]: readonly [string, TreeEntry]) => (mode === TREE_MODE ? `${name}/` : name)
  const sorted = [...tree].sort((a, b) => (key(a) < key(b) ? -1 : 1))
  return Buffer.concat(
    sorted.flatMap(([name, { mode, id }]) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(id, 'hex'),
    ]),
  )
}

/** Stores one object; `like` is any id of the repository: its length tells how ids are made there. */
function writeLoose(cwd: string, type: string, body: Uint8Array, like: string): Sha {
  // Loaded by the first write: a command that reads objects starts 3 ms sooner.
  const { createHash } = process.getBuiltinModule('node:crypto')
  const { deflateSync } = process.getBuiltinModule('node:zlib')
  const store = Buffer.concat([Buffer.from(`${type} ${body.length}\0`), body])
  const id = createHash(like.length === 64 ? 'sha256' : 'sha1')
    .update(store)
    .digest('hex') as Sha
  const path = join(commonDirOf(findGitDir(cwd)), 'objects', id.slice(0, 2), id.slice(2))
  if (existsSync(path)) return id
  mkdirSync(dirname(path), { recursive: true })
  const draft = join(dirname(path), `tmp_obj_${process.pid}_${id.slice(2)}`)
  if (existsSync(draft)) unlinkSync(draft)
  const file = openSync(draft, 'wx', 0o444)
  try {
    // As git itself does, which packs them later.
    writeSync(file, deflateSync(store, { level: 1 }))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  renameSync(draft, path)
  return id
}

/** Questions to one `git cat-file --batch`, answered in the order asked. */
function createBatch(open: OpenGit, cwd: string) {
  let session: GitSession | undefined
  let rest = Buffer.alloc(0)
  /** Came since, and is put behind `rest` once the answer under way can be whole: a large one comes in many pieces. */
  let more: Buffer[] = []
  let missing = 0
  const waiting: {
    readonly resolve: (found: Found | undefined) => void
    readonly reject: (cause: unknown) => void
  }[] = []

  const take = (): void => {
    for (let head = waiting[0]; head !== undefined; head = waiting[0]) {
      const end = rest.indexOf(0x0a)
      if (end < 0) return
      const [, id = '', type = '', size = ''] =
        /^([0-9a-f]+) (\w+) (\d+)$/.exec(rest.toString('utf8', 0, end)) ?? []
      const sha = parseSha(id)
      const stop = end + 1 + Number(size)
      if (sha && rest.length <= stop) {
        missing = stop + 1 - rest.length
        return
      }
      waiting.shift()
      head.resolve(sha && { id: sha, type, bytes: rest.subarray(end + 1, stop) })
      rest = rest.subarray(sha ? stop + 1 : end + 1)
    }
  }
  const put = (chunk: Buffer): void => {
    more.push(chunk)
    missing -= chunk.length
    if (missing > 0) return
    rest = Buffer.concat([rest, ...more])
    more = []
    missing = 0
    take()
  }
  const start = (): GitSession =>
    open({ cwd, args: ['cat-file', '--batch'] }, put, cause => {
      session = undefined
      for (const { reject } of waiting.splice(0)) reject(cause)
    })
  return {
    ask: (spec: string) =>
      new Promise<Found | undefined>((resolve, reject) => {
        session ??= start()
        waiting.push({ resolve, reject })
        session.write(`${spec}\n`)
      }),
    close: (): void => {
      session?.end()
      session = undefined
    },
  }
}

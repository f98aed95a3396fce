/** Which copy of a file a flattened mission keeps (docs/lanes.md). Pure. */
import { isObject, type JsonObject, parseJson, printSorted } from '@spec-kitty/contracts/json'
import { unionLogs } from '../repo/log/log-union.ts'
import { reduceLog } from '../repo/log/reduce.ts'
import { printSnapshot, type SnapshotIdentity, snapshotOf, styleOf } from '../repo/log/snapshot.ts'

/** One file of the mission, relative to its directory, as each place has it. */
export interface Copies {
  readonly path: string
  /** In the checkout, saved or not. */
  readonly own: Uint8Array | undefined
  /** On the coordination branch. */
  readonly theirs: Uint8Array | undefined
}

export interface United {
  readonly files: ReadonlyMap<string, Uint8Array | string>
  /** Files whose content is that of the coordination branch. */
  readonly taken: readonly string[]
  readonly eventsAdded: number
}

const LOG = 'status.events.jsonl'
const SNAPSHOT = 'status.json'
const META = 'meta.json'

/** The Python edition keeps the live copy of these on the coordination branch, and a stale one in the checkout. */
const COORDINATED = /^(?:lanes\.json|tasks\.md|tasks\/.+|acceptance-matrix\.json|issue-matrix\.md)$/

/**
 * The files of the flat mission that must be written: logs united, tasks and lanes from the coordination branch,
 * everything else from the checkout where it has it, meta.json without its key. Throws `log_corrupt`.
 */
export function uniteFiles(copies: readonly Copies[], meta: JsonObject, identity: SnapshotIdentity): United {
  const files = new Map<string, Uint8Array | string>()
  const taken: string[] = []
  for (const { path, own, theirs } of copies) {
    if (path === LOG || path === SNAPSHOT || path === META || theirs === undefined) continue
    const keepsOwn = own !== undefined && own.length > 0 && !COORDINATED.test(path)
    if (keepsOwn || (own !== undefined && sameBytes(own, theirs))) continue
    files.set(path, theirs)
    taken.push(path)
  }
  const log = copies.find(copy => copy.path === LOG)
  const own = text(log?.own)
  const union = unionLogs([own, text(log?.theirs)]).text
  files.set(LOG, union)
  const before = copies.find(copy => copy.path === SNAPSHOT)
  const style = styleOf(text(before?.theirs ?? before?.own))
  files.set(SNAPSHOT, printSnapshot(snapshotOf(reduceLog(union), identity, style)))
  // Last: until meta.json has lost its key, a run that was killed begins anew.
  files.set(META, printSorted(asFlat(meta)))
  return { files, taken, eventsAdded: lines(union) - lines(own) }
}

/** The coordination branch that a text of meta.json names. */
export function coordinationOf(meta: Uint8Array | undefined): string | null {
  try {
    const value: unknown = parseJson(text(meta))
    const branch = isObject(value) ? value.coordination_branch : undefined
    return typeof branch === 'string' && branch !== '' ? branch : null
  } catch {
    return null
  }
}

export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}

/** With a topology of coordination left in it a later edition would make the branch anew. */
function asFlat(meta: JsonObject): JsonObject {
  const { coordination_branch: _, topology: __, ...kept } = meta
  return { ...kept, flattened: true }
}

function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : new TextDecoder().decode(bytes)
}

function lines(log: string): number {
  return log.split('\n').filter(line => line.trim() !== '').length
}

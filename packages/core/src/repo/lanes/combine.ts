/**
 * Uniting two commits as objects: for the merge, for a lane that takes in those it depends on, and for accept, which
 * looks at what a merge would bring. Git merges three ways; the two files that every branch appends to are united by
 * their rows, so they never conflict.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Sha } from '@spec-kitty/contracts/ids'
import { few } from '../../text/paths.ts'
import type { MergeTree, Objects, Ports, TreeEdit } from '../../world/ports.ts'
import { readLog } from '../log/log.ts'
import { unionLogs } from '../log/log-union.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'

/** Where commits are united. */
export interface Table {
  readonly git: Pick<Ports['git'], 'mergeBase' | 'mergeTrees'>
  readonly objects: Objects
  readonly repo: string
  readonly mission: Pick<Mission, 'rel'>
}

export interface Conflict {
  /** As they are in the two commits; empty where git names none. */
  readonly files: readonly string[]
  /** What git says of them. */
  readonly messages: readonly string[]
}

/** A commit that holds both, a tree of both that no commit has yet, or what keeps them apart. */
export type Combined = { readonly commit: Sha } | { readonly tree: Sha } | { readonly conflict: Conflict }

/** A path on which `ours` wins where the two conflict. */
export type Yields = (path: string) => boolean

/** Unites two commits: nothing to do where one holds the other; else git merges them. */
export async function combine(table: Table, ours: Sha, theirs: Sha): Promise<Combined> {
  const { git, repo } = table
  const base = await git.mergeBase(repo, ours, theirs)
  if (base === theirs) return { commit: ours }
  if (base === ours) return { commit: theirs }
  if (base === null) return { conflict: UNRELATED }
  const [merge] = await git.mergeTrees(repo, [[ours, theirs]])
  return merge === undefined ? { conflict: UNRELATED } : settle(table, ours, theirs, merge)
}

export const UNRELATED: Conflict = { files: [], messages: ['the branches have no common history'] }

/** What git must be told to merge by hand what conflicts. */
export function mergeOptions(conflict: Conflict | undefined): readonly string[] {
  return conflict === UNRELATED ? ['--allow-unrelated-histories'] : []
}

/** What a merge of git comes to, with the computed files united and `yields` obeyed. */
export async function settle(
  { objects, mission }: Pick<Table, 'objects' | 'mission'>,
  ours: Sha,
  theirs: Sha,
  { tree, clean, conflicts, messages }: MergeTree,
  yields: Yields = () => false,
): Promise<Combined> {
  if (clean) return { tree }
  const files = conflicts.filter(path => !isComputed(mission, path) && !yields(path))
  if (files.length > 0 || conflicts.length === 0) return { conflict: { files, messages } }
  const edits: TreeEdit[] = []
  for (const path of conflicts) {
    const [mine, other] = await Promise.all([objects.find(ours, path), objects.find(theirs, path)])
    const entry = mine ?? (isComputed(mission, path) ? other : undefined)
    edits.push(entry ? { path, blob: entry.id, mode: entry.mode } : { path, blob: null })
  }
  const log = conflicts.includes(missionPaths({ dir: mission.rel }).log)
    ? await unitedLog({ objects, mission }, [ours, theirs])
    : undefined
  if (log !== undefined) edits.push({ path: log.path, blob: objects.write(log.content, ours) })
  return { tree: await objects.edit(tree, edits) }
}

/** A copy that cannot be read adds no rows: a merge names it, and until then the branch keeps it. */
async function unitedLog({ objects, mission }: Pick<Table, 'objects' | 'mission'>, revs: readonly Sha[]) {
  const path = missionPaths({ dir: mission.rel }).log
  const blobs = await objects.blobs(revs.map(rev => `${rev}:${path}`))
  const texts = blobs
    .map(blob => new TextDecoder().decode(blob ?? new Uint8Array()))
    .filter((text, i) => blobs[i] !== undefined && isReadable(text))
  return texts.length === 0 ? undefined : { path, content: new TextEncoder().encode(unionLogs(texts).text) }
}

function isReadable(log: string): boolean {
  try {
    readLog(log)
    return true
  } catch (cause) {
    if (cause instanceof KittyError) return false
    throw cause
  }
}

/** Log and snapshot: computed from the rows of every branch, whatever git makes of their lines. */
export function isComputed(mission: Pick<Mission, 'rel'>, path: string): boolean {
  const { log, snapshot } = missionPaths({ dir: mission.rel })
  return path === log || path === snapshot
}

/** "git names no file" in words that a message can end with. */
export function conflictWords({ files, messages }: Conflict): string {
  return files.length > 0 ? few(files, 10) : messages.join('; ')
}

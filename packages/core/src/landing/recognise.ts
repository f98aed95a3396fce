/**
 * Whether what was pushed has arrived on the target, however the forge put it there. Content alone counts: the files
 * that the landing changes beside the mission's own, which a forge may leave out, are on the target as they were pushed, or
 * merging them in again would change nothing. Where commits of others were added to the pull request, the rows that the
 * landing wrote into the mission's log are the witness.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Transition } from '@spec-kitty/contracts/files/events'
import type { Sha } from '@spec-kitty/contracts/ids'
import { closure, type Graph } from '../merge/graph.ts'
import { byTime } from '../repo/log/in-order.ts'
import { readLog } from '../repo/log/log.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { MergeTree, Objects, Ports, TreeDiff } from '../world/ports.ts'

export interface Arrived {
  readonly how: 'squash' | 'merge' | 'rebase'
  /** Of the target. */
  readonly commit: Sha
  /** Files that arrived otherwise than they were pushed. */
  readonly changed?: readonly string[]
}

export interface Place {
  readonly git: Pick<Ports['git'], 'mergeBase' | 'mergeTrees' | 'graph'>
  readonly objects: Objects
  /** Any checkout of the repository. */
  readonly top: string
  readonly mission: Pick<Mission, 'rel'>
}

/**
 * Looks for `head` on a target that stands at `tip`. Undefined when it is not there. Two processes; one more where the
 * files were changed besides. `until`: the commit of the target that has it at last.
 */
export async function recognise(
  place: Place,
  head: Sha,
  tip: Sha,
  until?: Sha,
): Promise<Arrived | undefined> {
  const base = await place.git.mergeBase(place.top, head, tip)
  if (base === null) return undefined
  const graph =
    base === tip ? new Map<Sha, readonly Sha[]>() : await place.git.graph(place.top, [tip, head], base)
  const line = firstParents(graph, tip)
  if (base === head) return byMerge(graph, line, head)
  const code = await codeOf(place, base, head)
  // What was not touched has not arrived; one that was taken back since is not on the target either.
  if (until === undefined && !(await isTouched(place, base, tip, code))) return undefined
  const candidates = until === undefined ? line : line.slice(0, lastWith(graph, line, until) + 1)
  const commit =
    (await asPushed(place, candidates, code)) ?? (await mergedIn(place, graph, candidates, head, code))
  if (commit !== undefined) return { how: await howOf(place, [...closure(graph, head)], commit), commit }
  const brought = await withRows(place, candidates, head)
  if (brought === undefined) return undefined
  return { how: 'squash', commit: brought, changed: await differing(place, code, brought) }
}

/** Files that are not on the target as they were pushed. */
export async function missingFiles(place: Place, head: Sha, tip: Sha): Promise<readonly string[]> {
  const base = await place.git.mergeBase(place.top, head, tip)
  if (base === null) return []
  return await differing(place, await codeOf(place, base, head), tip)
}

async function differing({ objects }: Place, code: readonly TreeDiff[], commit: Sha) {
  const found = await Promise.all(
    code.map(async ({ path, blob }) => ((await objects.find(commit, path))?.id ?? null) === blob),
  )
  return code.filter((_, i) => found[i] !== true).map(({ path }) => path)
}

/** The target's own line of history, oldest first. */
function firstParents(graph: Graph, tip: Sha): readonly Sha[] {
  const line: Sha[] = []
  for (let at: Sha | undefined = tip; at !== undefined && graph.has(at); at = graph.get(at)?.[0])
    line.push(at)
  return line.reverse()
}

/** Where a commit came to the line: itself, or what merged it. */
function lastWith(graph: Graph, line: readonly Sha[], commit: Sha): number {
  const at = line.indexOf(commit)
  return at >= 0 ? at : line.findIndex(one => closure(graph, one).has(commit))
}

async function isTouched({ objects }: Place, base: Sha, tip: Sha, code: readonly TreeDiff[]) {
  const paths = new Set(code.map(({ path }) => path))
  return (await objects.diff(base, tip)).some(({ path }) => paths.has(path))
}

/** The pushed commit itself is on the target: put on top of it, or merged in. */
function byMerge(graph: Graph, line: readonly Sha[], head: Sha): Arrived {
  const holds = (commit: Sha) => [...closure(graph, commit)].some(one => graph.get(one)?.includes(head))
  const first = line.find(holds)
  if (first === undefined || graph.get(first)?.[0] === head) return { how: 'rebase', commit: head }
  return { how: 'merge', commit: first }
}

/** What the landing changes, without the mission's own files; those alone where it is nothing else. */
async function codeOf({ objects, mission }: Place, base: Sha, head: Sha): Promise<readonly TreeDiff[]> {
  const changes = await objects.diff(base, head)
  const code = changes.filter(({ path }) => !isOwn(mission, path))
  if (code.length > 0) return code
  const { log } = missionPaths({ dir: mission.rel })
  return changes.filter(({ path }) => path === log)
}

function isOwn(mission: Pick<Mission, 'rel'>, path: string): boolean {
  return path.startsWith(`${mission.rel}/`)
}

/** The first commit that has every file as it was pushed. */
async function asPushed({ objects }: Place, line: readonly Sha[], code: readonly TreeDiff[]) {
  for (const commit of line) {
    let whole = code.length > 0
    for (const { path, blob } of code) {
      whole &&= ((await objects.find(commit, path))?.id ?? null) === blob
      if (!whole) break
    }
    if (whole) return commit
  }
  return undefined
}

/** The first commit to which merging it again adds nothing: the target had changed the same files. */
async function mergedIn(
  { git, objects, top, mission }: Place,
  graph: Graph,
  line: readonly Sha[],
  head: Sha,
  code: readonly TreeDiff[],
) {
  const touching: Sha[] = []
  for (const commit of line) {
    const [parent] = graph.get(commit) ?? []
    for (const { path } of parent === undefined ? [] : code) {
      const [was, is] = await Promise.all([objects.find(parent ?? commit, path), objects.find(commit, path)])
      if (was?.id === is?.id) continue
      touching.push(commit)
      break
    }
  }
  const merges = await git.mergeTrees(
    top,
    touching.map(commit => [commit, head] as const),
  )
  for (const [i, commit] of touching.entries()) {
    if (await addsNothing({ objects, mission }, commit, merges[i])) return commit
  }
  return undefined
}

/** A merge into `onto` changes files of the mission at most. */
export async function addsNothing(
  { objects, mission }: Pick<Place, 'objects' | 'mission'>,
  onto: Sha,
  merge: MergeTree | undefined,
): Promise<boolean> {
  if (merge === undefined || !merge.conflicts.every(path => isOwn(mission, path))) return false
  if (!merge.clean && merge.conflicts.length === 0) return false
  return (await objects.diff(onto, merge.tree)).every(({ path }) => isOwn(mission, path))
}

/** The first commit whose log has what the landing says of every package. */
async function withRows({ objects, mission }: Place, line: readonly Sha[], head: Sha) {
  const { log } = missionPaths({ dir: mission.rel })
  const [pushed] = await objects.blobs([`${head}:${log}`])
  const wanted = verdicts(pushed)
  const read = new Map<Sha, boolean>()
  for (const commit of wanted === undefined ? [] : line) {
    const id = (await objects.find(commit, log))?.id
    if (id === undefined) continue
    const known = read.get(id) ?? hasRows((await objects.blobs([id]))[0], wanted)
    if (known) return commit
    read.set(id, known)
  }
  return undefined
}

/** Ids of the last approval or end of each work package; undefined for a log that nobody can read, or without any. */
export function verdicts(log: Uint8Array | undefined): ReadonlySet<string> | undefined {
  const rows = transitionsIn(log)?.filter(({ to_lane }) => to_lane === 'approved' || to_lane === 'done') ?? []
  const last = new Map(rows.toSorted(byTime).map(row => [row.wp_id, row.event_id]))
  return last.size === 0 ? undefined : new Set(last.values())
}

/** Whether a log has these rows. */
export function hasRows(log: Uint8Array | undefined, wanted: ReadonlySet<string> | undefined): boolean {
  const known = new Set(transitionsIn(log)?.map(row => row.event_id))
  return wanted !== undefined && [...wanted].every(id => known.has(id))
}

function transitionsIn(log: Uint8Array | undefined): readonly Transition[] | undefined {
  try {
    const text = log === undefined ? '' : new TextDecoder().decode(log)
    return readLog(text).flatMap(row => (row.kind === 'transition' ? [row.value] : []))
  } catch (cause) {
    if (cause instanceof KittyError) return undefined
    throw cause
  }
}

/** A rebase leaves the messages of commits alone; a squash has one of its own. */
async function howOf({ objects }: Place, pushed: readonly Sha[], commit: Sha): Promise<Arrived['how']> {
  const [landed, ...own] = await Promise.all([commit, ...pushed].map(one => objects.message(one)))
  return own.some(message => message?.trim() === landed?.trim()) ? 'rebase' : 'squash'
}

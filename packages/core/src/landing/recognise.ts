/**
 * Whether what was pushed has arrived on the target, however the forge put it there. Content alone counts: the files
 * that the landing changes beside the mission's own, which a forge may leave out, are on the target as they were pushed, or
 * merging them in again would change nothing.
 */
import type { Sha } from '@spec-kitty/contracts/ids'
import { closure, type Graph } from '../merge/graph.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { Objects, Ports, TreeDiff } from '../world/ports.ts'

export interface Arrived {
  readonly how: 'squash' | 'merge' | 'rebase'
  /** Of the target. */
  readonly commit: Sha
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
 * files were changed besides. `only`: the one commit of the target that it may be.
 */
export async function recognise(place: Place, head: Sha, tip: Sha, only?: Sha): Promise<Arrived | undefined> {
  const base = await place.git.mergeBase(place.top, head, tip)
  if (base === null) return undefined
  const graph = base === tip ? new Map<Sha, readonly Sha[]>() : await place.git.graph(place.top, [tip], base)
  const line = firstParents(graph, tip)
  if (base === head) return byMerge(graph, line, head)
  const code = await codeOf(place, base, head)
  const candidates = only === undefined ? line : line.filter(commit => commit === only)
  const commit =
    (await asPushed(place, candidates, code)) ?? (await mergedIn(place, graph, candidates, head, code))
  return commit === undefined ? undefined : { how: await howOf(place, head, commit), commit }
}

/** Files that are not on the target as they were pushed. */
export async function missingFiles(place: Place, head: Sha, tip: Sha): Promise<readonly string[]> {
  const base = await place.git.mergeBase(place.top, head, tip)
  if (base === null) return []
  const code = await codeOf(place, base, head)
  const found = await Promise.all(
    code.map(async ({ path, blob }) => ((await place.objects.find(tip, path))?.id ?? null) === blob),
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
    const merge = merges[i]
    if (merge === undefined || !merge.conflicts.every(path => isOwn(mission, path))) continue
    if (!merge.clean && merge.conflicts.length === 0) continue
    if ((await objects.diff(commit, merge.tree)).every(({ path }) => isOwn(mission, path))) return commit
  }
  return undefined
}

/** A rebase leaves the message of a commit alone; a squash has one of its own. */
async function howOf({ objects }: Place, head: Sha, commit: Sha): Promise<Arrived['how']> {
  const [pushed, landed] = await Promise.all([objects.message(head), objects.message(commit)])
  return pushed?.trim() === landed?.trim() ? 'rebase' : 'squash'
}

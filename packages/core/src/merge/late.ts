/** Code that came into a lane after it was approved. */
import type { Sha } from '@spec-kitty/contracts/ids'
import { dirname } from '../text/paths.ts'
import type { Objects, Ports } from '../world/ports.ts'
import type { MergeFacts } from './facts.ts'
import { isLaneWithTip, type LaneWithTip } from './forecast.ts'
import { closure, type Graph } from './graph.ts'

export interface Late {
  readonly lane: LaneWithTip
  /** Commits that nobody has approved, newest first. */
  readonly commits: readonly Sha[]
  /** Merges of what is known, in which a conflict was resolved by hand. */
  readonly resolved: readonly Sha[]
}

/**
 * Of each lane whose approval names its head: the lane's own commits since. Merges of the target, of the mission branch
 * or of another lane do not count, nor do commits that change planning files alone. An approval that names no head is
 * not judged. One process where there are merges to look into.
 */
export async function lateCommits(
  ports: Pick<Ports, 'git'>,
  objects: Objects,
  facts: MergeFacts,
): Promise<readonly Late[]> {
  const lanes = facts.laneFacts.filter(isLaneWithTip)
  const found: Late[] = []
  for (const lane of lanes) {
    const { approvedHead: approved, tip } = lane
    if (approved === undefined || approved === tip) continue
    const { commits, merges } = ownSince(facts, lane, approved)
    const late: Sha[] = []
    for (const commit of commits) if (await changesCode(objects, facts, commit)) late.push(commit)
    const resolved = await byHand(ports, objects, facts, merges)
    if (late.length + resolved.length > 0) found.push({ lane, commits: late, resolved })
  }
  return found
}

/** The lane's line of history back to what was approved, or to where the lane began. */
function ownSince(facts: MergeFacts, lane: LaneWithTip, approved: Sha) {
  const { graph, target } = facts
  const reviewed = closure(graph, approved)
  const landed = target === null ? new Set<Sha>() : closure(graph, target)
  const others = facts.laneFacts.filter(isLaneWithTip).filter(other => other.id !== lane.id)
  const lines = new Set(others.flatMap(other => [...lineOf(graph, other.tip)]))
  const known = new Set([...landed, ...others.flatMap(other => [...closure(graph, other.tip)])])
  const commits: Sha[] = []
  const merges: Sha[] = []
  for (const commit of lineOf(graph, lane.tip)) {
    if (reviewed.has(commit) || landed.has(commit)) break
    const [, ...merged] = graph.get(commit) ?? []
    if (merged.length > 0 && merged.every(tip => known.has(tip) || !graph.has(tip))) merges.push(commit)
    else if (!lines.has(commit)) commits.push(commit)
  }
  return { commits, merges }
}

/** From a tip along first parents, as far as the graph goes. */
function* lineOf(graph: Graph, tip: Sha): Generator<Sha> {
  for (let at: Sha | undefined = tip; at !== undefined && graph.has(at); at = graph.get(at)?.[0]) yield at
}

async function changesCode(objects: Objects, { graph, mission }: MergeFacts, commit: Sha): Promise<boolean> {
  const [parent] = graph.get(commit) ?? []
  if (parent === undefined) return true
  const planning = `${dirname(mission.rel)}/`
  return (await objects.diff(parent, commit)).some(({ path }) => !path.startsWith(planning))
}

/** Merges that are not what git makes of their parents. */
async function byHand(
  ports: Pick<Ports, 'git'>,
  objects: Objects,
  { graph, project }: MergeFacts,
  merges: readonly Sha[],
): Promise<readonly Sha[]> {
  const pairs = merges.flatMap(commit => {
    const [ours, theirs, more] = graph.get(commit) ?? []
    return ours === undefined || theirs === undefined || more !== undefined ? [] : [{ commit, ours, theirs }]
  })
  const trees = await ports.git.mergeTrees(
    project.top,
    pairs.map(({ ours, theirs }) => [ours, theirs] as const),
  )
  const found: Sha[] = []
  for (const [i, { commit }] of pairs.entries()) {
    const tree = await objects.edit(commit, [])
    if (trees[i]?.tree !== tree) found.push(commit)
  }
  return found
}

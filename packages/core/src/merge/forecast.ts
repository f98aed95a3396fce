/**
 * The merge itself, as objects: what the lanes and the target come to, or where they conflict. No ref, index or
 * file is touched, so the dry run's forecast is the real run's merge.
 */
import type { Sha } from '@spec-kitty/contracts/ids'
import {
  type Combined,
  type Conflict,
  isComputed,
  settle,
  UNRELATED,
  type Yields,
} from '../repo/lanes/combine.ts'
import { NO_DIRT } from '../repo/lanes/dirt.ts'
import { laneSite } from '../repo/lanes/place.ts'
import { join } from '../text/paths.ts'
import type { Objects, Ports, TreeDiff } from '../world/ports.ts'
import { combine } from './disjoint.ts'
import { type MergeFacts, takesPart, targetRef } from './facts.ts'
import { areApart, closure, commonBase, type Graph, independent, standsOn } from './graph.ts'
import type { LaneFact } from './lane-facts.ts'

export interface LaneConflict {
  readonly lane: LaneFact
  /** What it has to be merged with, in this order: branches as git takes them. */
  readonly others: readonly { readonly name: string; readonly branch: string }[]
  readonly conflict: Conflict
}

/** How the merged code comes about. */
export interface Road {
  /** Tips of the lanes that are in no other lane. */
  readonly heads: readonly Sha[]
  /** The mission branch with all lanes. */
  readonly lanesTree: Sha
  /** The target with all of it. */
  readonly tree: Sha
}

export interface Forecast {
  readonly laneConflicts: readonly LaneConflict[]
  readonly targetConflicts: readonly LaneConflict[]
  /** A commit that cannot be put on top of the target (strategy rebase). */
  readonly rebaseConflict: { readonly commit: Sha; readonly conflict: Conflict } | undefined
  /** Lanes that bring something. */
  readonly merged: readonly string[]
  /** Undefined when there is a conflict or nothing to stand on. */
  readonly road: Road | undefined
  /** The target with every commit of the lanes on top (strategy rebase). */
  readonly replayed: Sha | undefined
}

const NOTHING: Forecast = {
  laneConflicts: [],
  targetConflicts: [],
  rebaseConflict: undefined,
  merged: [],
  road: undefined,
  replayed: undefined,
}

/** A lane that takes part: it has a branch, and not all of its work was canceled or has landed. */
export type LaneWithTip = LaneFact & { readonly tip: Sha }

export function isLaneWithTip(lane: LaneFact): lane is LaneWithTip {
  return lane.tip !== null && takesPart(lane)
}

interface Situation {
  readonly ports: Pick<Ports, 'git'>
  readonly objects: Objects
  readonly facts: MergeFacts
  readonly target: Sha
  /** The mission branch. */
  readonly base: Sha
  readonly lanes: readonly LaneWithTip[]
  /** Commits of target and lanes beyond the mission branch, and those that stand between two merges. */
  readonly graph: Map<Sha, readonly Sha[]>
}

/** Where the mission branch is missing, the lanes are judged as if it stood at the target. */
export async function forecastMerge(
  ports: Pick<Ports, 'git'>,
  objects: Objects,
  facts: MergeFacts,
): Promise<Forecast> {
  const { target } = facts
  if (target === null) return NOTHING
  const lanes = facts.laneFacts.filter(isLaneWithTip)
  const base = facts.missionTip ?? target
  const landed = closure(facts.graph, target)
  const merged = lanes.filter(lane => facts.graph.has(lane.tip) && !landed.has(lane.tip)).map(lane => lane.id)
  const situation = { ports, objects, facts, target, base, lanes, graph: new Map(facts.graph) }
  const outcome = (await sideBySide(situation)) ?? (await byGit(situation))
  if (facts.options.strategy !== 'rebase' || outcome.road === undefined) return { ...outcome, merged }
  return { ...outcome, merged, ...(await replay(situation)) }
}

/** The road without merges: all changes side by side. Undefined when git has to be asked. */
async function sideBySide({
  objects,
  facts,
  target,
  base,
  lanes,
  graph,
}: Situation): Promise<Forecast | undefined> {
  const heads = headsOf(graph, lanes)
  if (!heads.every(tip => standsOn(graph, tip, base))) return undefined
  const ahead = graph.has(target)
  if (ahead && !standsOn(graph, target, base)) return undefined
  if (!areApart(graph, [target, ...heads])) return undefined
  const diffs = await Promise.all([...(ahead ? [target] : []), ...heads].map(tip => objects.diff(base, tip)))
  const sides = diffs.map(side => side.filter(change => !isComputed(facts.mission, change.path)))
  if (combine(sides) === undefined) return undefined
  const changes = [...(combine(sides.slice(ahead ? 1 : 0)) ?? new Map<string, TreeDiff>()).values()]
  const lanesTree = await objects.edit(base, changes.map(toEdit))
  const tree = ahead ? await objects.edit(target, changes.map(toEdit)) : lanesTree
  return { ...NOTHING, road: { heads, lanesTree, tree } }
}

function toEdit({ path, blob, mode }: TreeDiff) {
  return { path, blob, ...(mode === null ? {} : { mode }) }
}

function headsOf(graph: Graph, lanes: readonly LaneWithTip[]): readonly Sha[] {
  return independent(
    graph,
    lanes.map(lane => lane.tip),
  )
}

/** Commits with the lanes that are in them. */
interface Pile {
  readonly tip: Sha
  readonly lanes: readonly LaneWithTip[]
}

/** The road by `git merge-tree`: lanes two by two, those two by two, and so on; the result with the target. */
async function byGit(situation: Situation): Promise<Forecast> {
  const { objects, facts, target, base, lanes, graph } = situation
  const heads = headsOf(graph, lanes)
  const laneOf = (tip: Sha) => lanes.filter(lane => lane.tip === tip).slice(0, 1)
  const own = heads.length > 0 && heads.every(tip => standsOn(graph, tip, base)) ? [] : [base]
  let piles: readonly Pile[] = [...own, ...heads].map(tip => ({ tip, lanes: laneOf(tip) }))
  while (piles.length > 1) {
    const next = await unitePairs(situation, piles)
    if ('conflict' in next) return { ...NOTHING, laneConflicts: await blame(situation, heads, next) }
    piles = next.piles
  }
  const tip = piles[0]?.tip ?? base
  const result = await withTarget(situation, tip)
  if ('conflict' in result)
    return { ...NOTHING, targetConflicts: await blameTarget(situation, heads, result.conflict) }
  const tree = await objects.edit('commit' in result ? result.commit : result.tree, [])
  const lanesTree = await objects.edit(tip, [])
  return {
    ...NOTHING,
    road: { heads: facts.missionTip === null && tip === target ? [] : heads, lanesTree, tree },
  }
}

interface Clash {
  readonly left: Pile
  readonly right: Pile
  readonly conflict: Conflict
}

async function unitePairs(
  situation: Situation,
  piles: readonly Pile[],
): Promise<{ readonly piles: readonly Pile[] } | Clash> {
  const pairs = piles.flatMap((left, i) => {
    const right = i % 2 === 0 ? piles[i + 1] : undefined
    return right === undefined ? [] : [{ left, right }]
  })
  const results = await unite(
    situation,
    pairs.map(({ left, right }) => [left.tip, right.tip] as const),
  )
  const united: Pile[] = []
  for (const [i, { left, right }] of pairs.entries()) {
    const result = results[i]
    if (result === undefined) continue
    if ('conflict' in result) return { left, right, conflict: result.conflict }
    united.push({
      tip: commitOf(situation, result, [left.tip, right.tip]),
      lanes: [...left.lanes, ...right.lanes],
    })
  }
  return { piles: piles.length % 2 === 0 ? united : [...united, ...piles.slice(-1)] }
}

/** A merge as a commit to go on with. */
function commitOf(
  { objects, graph }: Situation,
  result: Exclude<Combined, { conflict: Conflict }>,
  parents: readonly Sha[],
): Sha {
  if ('commit' in result) return result.commit
  const commit = objects.commit(result.tree, parents, 'forecast')
  graph.set(commit, parents)
  return commit
}

/** Unites pairs of commits: one process for all that git has to merge. */
async function unite(
  situation: Situation,
  pairs: readonly (readonly [Sha, Sha])[],
): Promise<readonly Combined[]> {
  const bases = await Promise.all(pairs.map(([ours, theirs]) => baseOf(situation, ours, theirs)))
  const real = pairs.filter(([ours, theirs], i) => ![ours, theirs, null].includes(bases[i] ?? null))
  const merges = await situation.ports.git.mergeTrees(situation.facts.project.top, real)
  const merged = new Map(real.map((pair, i) => [pair, merges[i]]))
  return Promise.all(
    pairs.map(async (pair, i): Promise<Combined> => {
      const [ours, theirs] = pair
      const merge = merged.get(pair)
      if (merge !== undefined)
        return settle({ ...situation, mission: situation.facts.mission }, ours, theirs, merge)
      if (bases[i] === theirs) return { commit: ours }
      return bases[i] === ours ? { commit: theirs } : { conflict: UNRELATED }
    }),
  )
}

/** The last commit that two have in common; null for histories that have nothing in common. */
async function baseOf({ ports, facts, graph, base }: Situation, a: Sha, b: Sha): Promise<Sha | null> {
  if (a === b) return a
  const known = commonBase(graph, base, a, b)
  return known ?? (await ports.git.mergeBase(facts.project.top, a, b))
}

/** The pairs of lanes that truly conflict: each is settled in the later one. */
async function blame(
  situation: Situation,
  heads: readonly Sha[],
  { left, right, conflict }: Clash,
): Promise<readonly LaneConflict[]> {
  const { lanes, facts, base } = situation
  const known = lanes.filter(lane => heads.includes(lane.tip))
  const mission = { name: facts.missionBranch, branch: facts.rev(facts.missionBranch) }
  const pairs = known.flatMap((lane, i) => [
    { lane, tip: base, other: mission },
    ...known
      .slice(0, i)
      .map(first => ({ lane, tip: first.tip, other: { name: first.id, branch: facts.rev(first.branch) } })),
  ])
  const results = await unite(
    situation,
    pairs.map(({ lane, tip }) => [tip, lane.tip] as const),
  )
  const found = pairs.flatMap(({ lane, other }, i): readonly LaneConflict[] => {
    const result = results[i]
    return result !== undefined && 'conflict' in result
      ? [{ lane, others: [other], conflict: result.conflict }]
      : []
  })
  if (found.length > 0) return found
  // Only all of them together conflict: the last one takes in the others.
  const last = right.lanes.at(-1) ?? left.lanes.at(-1)
  if (last === undefined) return []
  const rest = [...left.lanes, ...right.lanes].filter(lane => lane !== last)
  const others = [
    ...(rest.length === 0 ? [mission] : []),
    ...rest.map(({ id, branch }) => ({ name: id, branch: facts.rev(branch) })),
  ]
  return [{ lane: last, others, conflict }]
}

/** The lanes that conflict with the target, each by itself; where only all together do, the last with all others. */
async function blameTarget(
  situation: Situation,
  heads: readonly Sha[],
  conflict: Conflict,
): Promise<readonly LaneConflict[]> {
  const { lanes, facts, target } = situation
  const name = facts.options.target
  const other = { name, branch: targetRef(facts) }
  const known = lanes.filter(lane => heads.includes(lane.tip))
  const results = await Promise.all(known.map(lane => withTarget(situation, lane.tip)))
  const found = known.flatMap((lane, i): readonly LaneConflict[] => {
    const result = results[i]
    return result !== undefined && 'conflict' in result
      ? [{ lane, others: [other], conflict: result.conflict }]
      : []
  })
  if (found.length > 0 || target === situation.base) return found
  const last = known.at(-1)
  if (last === undefined) return [{ lane: missionLane(facts), others: [other], conflict }]
  const rest = known.slice(0, -1).map(({ id, branch }) => ({ name: id, branch: facts.rev(branch) }))
  return [{ lane: last, others: [...rest, other], conflict }]
}

/** The mission branch itself, where the work was done on it. */
function missionLane({ missionBranch: branch, project, standing, missionTip }: MergeFacts): LaneFact {
  const home = join(project.root, '.worktrees', branch.replaceAll('/', '-'))
  return {
    id: branch,
    wpIds: [],
    branch,
    tip: missionTip,
    worktree: standing.onMission ? project.top : null,
    home,
    place: { kind: 'absent' },
    stop: undefined,
    site: laneSite({ stat: () => undefined, list: () => [] }, [], home, branch),

    dirt: NO_DIRT,
    adrift: NO_DIRT,
    lock: undefined,
    canceled: false,
    finished: false,
    untouched: false,
    held: false,
    pushed: undefined,
    traces: [],
    approvedHead: undefined,
  }
}

/**
 * The target with the lanes. A rebase of the target writes the planning commits anew: then both sides seem to have
 * made the mission, and the mission branch, from which the lanes went on, is what their copies are compared with.
 */
async function withTarget(situation: Situation, tip: Sha): Promise<Combined> {
  const { objects, ports, facts, target } = situation
  const { mission, project, standing } = facts
  const base = await baseOf(situation, target, tip)
  if (base === null || base === target || base === tip) {
    const [result = { conflict: UNRELATED }] = await unite(situation, [[target, tip]])
    return result
  }
  const folder = facts.missionTip === null ? undefined : await objects.find(facts.missionTip, mission.rel)
  const twice =
    folder !== undefined &&
    (await objects.find(base, mission.rel)) === undefined &&
    (await objects.find(target, mission.rel)) !== undefined
  let pair: readonly [Sha, Sha] = [target, tip]
  if (twice) {
    const tree = await objects.edit(base, [{ path: mission.rel, blob: folder.id, mode: folder.mode }])
    const root = objects.commit(tree, [], 'base')
    pair = [
      objects.commit(await objects.edit(target, []), [root], 'target'),
      objects.commit(await objects.edit(tip, []), [root], 'lanes'),
    ]
  }
  const [merge] = await ports.git.mergeTrees(project.top, [pair])
  if (merge === undefined) return { conflict: UNRELATED }
  const yields = standing.onMission || merge.clean ? () => false : await untouchedByLanes(situation)
  return settle({ objects, mission }, ...pair, merge, yields)
}

/** Files of the mission that no lane changed since it began: there the target's copy is the true one. */
async function untouchedByLanes({ objects, facts, base, lanes }: Situation): Promise<Yields> {
  const inside = `${facts.mission.rel}/`
  const diffs = await Promise.all(lanes.map(lane => objects.diff(base, lane.tip)))
  const touched = new Set(diffs.flatMap(diff => diff.map(change => change.path)))
  return path => path.startsWith(inside) && !touched.has(path)
}

/** Every commit of the lanes, without their merges, one by one on top of the target. */
async function replay({ ports: { git }, objects, facts, target, base, lanes }: Situation) {
  const root = facts.project.top
  const tips = [base, ...lanes.map(lane => lane.tip)].filter(tip => tip !== target)
  const graph = tips.length === 0 ? new Map<Sha, readonly Sha[]>() : await git.graph(root, tips, target)
  let tip = target
  for (const [commit, [parent, ...others]] of [...graph].reverse()) {
    if (others.length > 0) continue
    if (parent === undefined) return { rebaseConflict: { commit, conflict: UNRELATED }, road: undefined }
    const start = objects.commit(await objects.edit(parent, []), [], 'base')
    const ours = objects.commit(await objects.edit(tip, []), [start], 'onto')
    const theirs = objects.commit(await objects.edit(commit, []), [start], 'picked')
    const [merge] = await git.mergeTrees(root, [[ours, theirs]])
    const result = merge && (await settle({ objects, mission: facts.mission }, ours, theirs, merge))
    if (result === undefined || 'conflict' in result || 'commit' in result) {
      const conflict = result && 'conflict' in result ? result.conflict : UNRELATED
      return { rebaseConflict: { commit, conflict }, road: undefined }
    }
    tip = await git.commitTree(root, {
      tree: result.tree,
      parents: [tip],
      message: '',
      like: commit,
      sign: true,
    })
  }
  return { replayed: tip }
}

/**
 * The merge itself, as objects: what the lanes and the target come to, or where they conflict. No ref, index or
 * file is touched, so the dry run's forecast is the real run's merge.
 */
import type { Sha } from '@spec-kitty/contracts/ids'
import { isComputed } from '../repo/lanes/combine.ts'
import { dirname, join } from '../text/paths.ts'
import type { Ports, TreeDiff } from '../world/ports.ts'
import { combine } from './disjoint.ts'
import { type LaneFact, type MergeFacts, uncommittedBookkeeping } from './facts.ts'
import { areApart, type Graph, independent, standsOn } from './graph.ts'

export interface LaneConflict {
  readonly lane: LaneFact
  /** The lane that was there first. */
  readonly other: LaneFact | undefined
  readonly files: readonly string[]
}

export interface TargetConflict {
  readonly files: readonly string[]
  /** The lane that changed the first of the files. */
  readonly lane: LaneFact | undefined
}

/** How the merged code comes about. */
export type Road =
  /** All changes side by side: `changes` go on top of the mission branch and of `onto`, the target. */
  | {
      readonly kind: 'disjoint'
      readonly onto: Sha
      readonly changes: readonly TreeDiff[]
      readonly heads: readonly Sha[]
    }
  /** Merged by git: a commit of the lanes, and a commit whose tree is the target with them. */
  | { readonly kind: 'merged'; readonly mission: Sha; readonly result: Sha }

export interface Forecast {
  readonly laneConflicts: readonly LaneConflict[]
  readonly targetConflict: TargetConflict | undefined
  /** A commit that cannot be put on top of the target (strategy rebase). */
  readonly rebaseConflict: { readonly commit: Sha; readonly files: readonly string[] } | undefined
  /** Uncommitted files that the merged code would overwrite. */
  readonly inTheWay: readonly string[]
  /** Lanes that bring something. */
  readonly merged: readonly string[]
  /** Undefined when there is a conflict or nothing to stand on. */
  readonly road: Road | undefined
  /** The target with every commit of the lanes on top (strategy rebase). */
  readonly replayed: Sha | undefined
}

const NOTHING: Forecast = {
  laneConflicts: [],
  targetConflict: undefined,
  rebaseConflict: undefined,
  inTheWay: [],
  merged: [],
  road: undefined,
  replayed: undefined,
}

/** A lane that takes part: it has a branch, and not all of its work was canceled. */
type LaneWithTip = LaneFact & { readonly tip: Sha }

/** Where the mission branch is missing, the lanes are judged as if it stood at the target. */
export async function forecastMerge(
  ports: Pick<Ports, 'git' | 'files'>,
  facts: MergeFacts,
): Promise<Forecast> {
  const { target } = facts
  if (target === null) return NOTHING
  const base = facts.missionTip ?? target
  const lanes = facts.laneFacts.filter((lane): lane is LaneWithTip => lane.tip !== null && !lane.canceled)
  const tips = lanes.map(lane => lane.tip)
  const graph =
    tips.every(tip => tip === base) && base === target
      ? new Map<Sha, readonly Sha[]>()
      : await ports.git.graph(facts.project.top, [target, ...tips], base)
  const merged = lanes.filter(lane => graph.has(lane.tip)).map(lane => lane.id)
  const situation: Situation = { ports, facts, target, base, lanes, graph }
  const outcome = (await sideBySide(situation)) ?? (await byGit(situation))
  if (facts.options.strategy !== 'rebase' || outcome.road === undefined) return { ...outcome, merged }
  return { ...outcome, merged, ...(await replay(situation)) }
}

interface Situation {
  readonly ports: Pick<Ports, 'git' | 'files'>
  readonly facts: MergeFacts
  readonly target: Sha
  /** The mission branch. */
  readonly base: Sha
  readonly lanes: readonly LaneWithTip[]
  /** Commits of target and lanes beyond the mission branch. */
  readonly graph: Graph
}

/** The road without merges; undefined when git has to be asked. */
async function sideBySide({
  ports,
  facts,
  target,
  base,
  lanes,
  graph,
}: Situation): Promise<Forecast | undefined> {
  const heads = independent(
    graph,
    lanes.map(lane => lane.tip),
  )
  if (!heads.every(tip => standsOn(graph, tip, base))) return undefined
  if (graph.has(target) && !standsOn(graph, target, base)) return undefined
  if (!areApart(graph, [target, ...heads])) return undefined
  const ahead = graph.has(target) ? [target] : []
  const diffs = await ports.git.diffs(
    facts.project.top,
    [...ahead, ...heads].map(tip => [base, tip] as const),
  )
  const sides = diffs.map(side => side.filter(change => !isComputed(facts.mission, change.path)))
  if (combine(sides) === undefined) return undefined
  const changes = [...(combine(sides.slice(ahead.length)) ?? new Map<string, TreeDiff>()).values()]
  // What the target has in the very same way is on disk rightly.
  const there = new Set(sides.slice(0, ahead.length).flatMap(side => side.map(change => change.path)))
  const coming = changes.filter(change => !there.has(change.path))
  return {
    ...NOTHING,
    inTheWay: inTheWay(ports, facts, coming),
    road: { kind: 'disjoint', onto: ahead.length > 0 ? target : base, changes, heads },
  }
}

/** The road by `git merge-tree`, lane by lane. A lane in conflict is left out, so that later ones are judged too. */
async function byGit(situation: Situation): Promise<Forecast> {
  const { ports, facts, target, base, lanes } = situation
  const { git } = ports
  const { top: root } = facts.project
  let tip = base
  const taken: LaneWithTip[] = []
  const laneConflicts: LaneConflict[] = []
  for (const lane of lanes) {
    const next = await combineCommits(
      situation,
      tip,
      lane.tip,
      `Merge ${lane.branch} into ${facts.missionBranch}`,
    )
    if (typeof next === 'string') tip = next
    else laneConflicts.push({ lane, other: await toucher(situation, taken, next), files: next })
    if (typeof next === 'string') taken.push(lane)
  }
  const result = await combineCommits(
    situation,
    target,
    tip,
    `Merge ${facts.missionBranch} into ${facts.options.target}`,
  )
  if (typeof result !== 'string') {
    const lane = await toucher(situation, taken, result)
    return { ...NOTHING, laneConflicts, targetConflict: { files: result, lane } }
  }
  if (laneConflicts.length > 0) return { ...NOTHING, laneConflicts }
  const changes = result === target ? [] : ((await git.diffs(root, [[target, result]]))[0] ?? [])
  return {
    ...NOTHING,
    inTheWay: inTheWay(ports, facts, changes),
    road: { kind: 'merged', mission: tip, result },
  }
}

/** The merge of two commits as a commit, or the files in conflict. The files that the merge computes anew never conflict. */
async function combineCommits(
  { ports: { git }, facts }: Situation,
  ours: Sha,
  theirs: Sha,
  message: string,
): Promise<Sha | readonly string[]> {
  const { top: root } = facts.project
  const base = await git.mergeBase(root, ours, theirs)
  if (base === theirs) return ours
  if (base === ours) return theirs
  if (base === null) return ['(the branches have no common history)']
  const { tree, clean, conflicts } = await git.mergeTree(root, ours, theirs)
  const files = conflicts.filter(path => !isComputed(facts.mission, path))
  if (!clean && (files.length > 0 || conflicts.length === 0)) return files
  return git.commitTree(root, { tree, parents: [ours, theirs], message })
}

/** The lane that changed one of the files. */
async function toucher(
  { ports, facts, base }: Situation,
  lanes: readonly LaneWithTip[],
  files: readonly string[],
): Promise<LaneFact | undefined> {
  for (const lane of lanes) {
    const start = (await ports.git.mergeBase(facts.project.top, base, lane.tip)) ?? base
    const changed = await ports.git.changedPaths(facts.project.top, start, lane.tip)
    if (files.some(file => changed.includes(file))) return lane
  }
  return undefined
}

/** Every commit of the lanes, without their merges, one by one on top of the target. */
async function replay({ ports: { git }, facts, target, base, lanes }: Situation) {
  const { top: root } = facts.project
  const graph = await git.graph(root, [base, ...lanes.map(lane => lane.tip)], target)
  let tip = target
  for (const [commit, [parent, ...others]] of [...graph].reverse()) {
    if (others.length > 0) continue
    if (parent === undefined) return { rebaseConflict: { commit, files: [] }, road: undefined }
    const { tree, conflicts } = await git.mergeTree(root, tip, commit, parent)
    const files = conflicts.filter(path => !isComputed(facts.mission, path))
    if (files.length > 0) return { rebaseConflict: { commit, files }, road: undefined }
    tip = await git.commitTree(root, { tree, parents: [tip], message: '', like: commit, sign: true })
  }
  return { replayed: tip }
}

/** New files whose place is taken on disk, and uncommitted bookkeeping that the code changes too. */
function inTheWay(
  ports: Pick<Ports, 'files'>,
  facts: MergeFacts,
  changes: readonly TreeDiff[],
): readonly string[] {
  if (!facts.onTarget) return []
  const uncommitted = new Set(uncommittedBookkeeping(facts))
  return changes
    .filter(change => !isComputed(facts.mission, change.path))
    .filter(change => uncommitted.has(change.path) || (change.added && isTaken(ports, facts, change.path)))
    .map(change => change.path)
}

function isTaken(ports: Pick<Ports, 'files'>, facts: MergeFacts, path: string): boolean {
  const { top: root } = facts.project
  if (ports.files.stat(join(root, path)) !== undefined) return true
  for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
    const stat = ports.files.stat(join(root, parent))
    if (stat !== undefined) return stat.kind !== 'directory'
  }
  return false
}

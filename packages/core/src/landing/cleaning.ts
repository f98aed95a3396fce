/** What goes once a landing has arrived: branches that stand where they stood when it was pushed, and their worktrees. */
import type { MergePlan } from '@spec-kitty/contracts/files/merge-state'
import type { Sha } from '@spec-kitty/contracts/ids'
import { contextPath } from '../repo/lanes/context.ts'
import { isLitter } from '../repo/lanes/litter.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, PLANNING_LANE } from '../repo/lanes/names.ts'
import { laneOf, type Reduction } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import { type Objects, occupies, type Ports } from '../world/ports.ts'
import type { Awaited, Found } from './arrival.ts'
import { addsNothing } from './recognise.ts'

export type Cleaning = Pick<MergePlan, 'moves' | 'worktrees' | 'branches' | 'contexts'>

interface Request {
  readonly project: Project
  readonly mission: Mission
  readonly deleteBranch: boolean
  readonly removeWorktree: boolean
}

/** Of a mission that goes on, only what belongs to finished lanes. */
export async function planCleaning(
  ports: Ports,
  objects: Objects,
  request: Request,
  awaited: Awaited & { readonly found: Found },
  reduction: Reduction,
): Promise<Cleaning> {
  const { project, mission } = request
  const lanes = (readLanes(ports, mission)?.lanes ?? []).filter(lane => lane.lane_id !== PLANNING_LANE)
  const nameOf = (id: string) => laneBranch(mission, id)
  const isOver = (ids: readonly string[]) =>
    ids.every(id => ['done', 'canceled'].includes(laneOf(reduction, id)))
  const busy = new Set(lanes.filter(lane => !isOver(lane.wp_ids)).map(lane => nameOf(lane.lane_id)))
  const own = new Set(lanes.map(lane => nameOf(lane.lane_id)))
  const pushed = new Map([
    ...(await pushedTips(ports, objects, request, awaited)),
    ...(await ownHome(ports, objects, request, awaited.found)),
  ])
  const now = ports.git.named(project.top, [...pushed.keys()].map(fullName))
  const tips = [...pushed]
    .filter(([branch]) => now.has(fullName(branch)))
    .filter(([branch]) => (own.has(branch) ? !busy.has(branch) : busy.size === 0))
  const trees = (await ports.git.worktrees(project.top)).filter(
    tree => tree.path !== project.top && !tree.prunable && tips.some(([branch]) => occupies(tree, branch)),
  )
  const still = (branch: string | null) =>
    tips.some(([name, tip]) => name === branch && now.get(fullName(name)) === tip)
  const going = request.removeWorktree ? trees.filter(tree => still(tree.branch)) : []
  const worktrees = await Promise.all(
    going.map(async ({ path, branch }) => ({
      path,
      branch: branch ?? '',
      litter: await litterIn(ports, path),
    })),
  )
  const gone = new Set(worktrees.map(tree => tree.branch))
  const free = (branch: string) =>
    gone.has(branch) || !still(branch) || !trees.some(tree => occupies(tree, branch))
  return {
    moves: [],
    worktrees,
    branches: request.deleteBranch
      ? tips
          .filter(([branch]) => free(branch))
          .map(([branch, tip]) => ({ ref: fullName(branch), old: tip, new: null }))
      : [],
    contexts: lanes.flatMap(lane => {
      const path = contextPath(project.root, mission.slug, lane.lane_id)
      const text = gone.has(nameOf(lane.lane_id)) ? ports.files.text(path) : undefined
      return text === undefined ? [] : [{ path, text }]
    }),
  }
}

function fullName(branch: string): string {
  return `refs/heads/${branch}`
}

/** The home that `create` made, where nothing on it is missing on the target but bookkeeping. */
async function ownHome(
  { git }: Ports,
  objects: Objects,
  { project, mission }: Request,
  { tip: target }: Found,
): Promise<readonly (readonly [string, Sha])[]> {
  const name = `mission-${mission.slug}`
  const ref = fullName(name)
  const tip = mission.meta.home_branch === name ? git.named(project.top, [ref]).get(ref) : undefined
  if (tip === undefined) return []
  const [merge] = await git.mergeTrees(project.top, [[target, tip]])
  return (await addsNothing({ objects, mission }, target, merge)) ? [[name, tip]] : []
}

/** As they were recorded; of a push that was killed before, the lanes whose work is in it. */
async function pushedTips(
  ports: Ports,
  objects: Objects,
  { project, mission }: Request,
  { record, found }: Awaited & { readonly found: Found },
): Promise<ReadonlyMap<string, string>> {
  const { head } = found
  if (record !== undefined && (head === undefined || record.head === head))
    return new Map(Object.entries(record.tips))
  if (head === undefined) return new Map()
  const manifest = readLanes(ports, mission)
  const names =
    manifest === undefined
      ? []
      : [manifest.mission_branch, ...manifest.lanes.map(lane => laneBranch(mission, lane.lane_id))]
  const refs = ports.git.named(project.top, names.map(fullName))
  const tips = new Map<string, Sha>()
  for (const name of names) {
    const tip = refs.get(fullName(name))
    if (tip === undefined) continue
    const [merge] = await ports.git.mergeTrees(project.top, [[head, tip]])
    if (await addsNothing({ objects, mission }, head, merge)) tips.set(name, tip)
  }
  return tips
}

/** Leftovers of an edition, which go with the worktree. */
async function litterIn(ports: Ports, tree: string): Promise<string[]> {
  const status = await ports.git.status(tree)
  return status
    .map(({ path }) => path)
    .filter(path => isLitter(ports.files, tree, path))
    .map(path => join(tree, path))
}

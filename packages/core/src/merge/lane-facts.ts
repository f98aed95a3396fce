/** The lanes of a mission as a merge finds them: branch, worktree, what is uncommitted, and where lost work may be. */
import type { ExecutionLane } from '@spec-kitty/contracts/files/lanes-json'
import type { MergeOptions } from '@spec-kitty/contracts/files/merge-state'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import { isObject } from '@spec-kitty/contracts/json'
import { laneArrival } from '../repo/lanes/arrival.ts'
import { type LaneDirt, laneDirt, NO_DIRT } from '../repo/lanes/dirt.ts'
import { type LaneHome, readLaneHome } from '../repo/lanes/home.ts'
import { laneBranch, laneDirectory } from '../repo/lanes/names.ts'
import { type LaneSite, laneSite, withStaged } from '../repo/lanes/place.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { readStop, type Stop } from '../repo/project/stop.ts'
import { type Objects, occupies, type Ports, type Worktree } from '../world/ports.ts'
import type { LogFacts } from './logs.ts'
import { findLost, type Trace } from './lost.ts'
import type { RemoteFacts } from './remote.ts'

export interface LaneFact {
  readonly id: string
  readonly wpIds: readonly string[]
  /** Short name. */
  readonly branch: string
  readonly tip: Sha | null
  /** Where it is checked out; null when nowhere. */
  readonly worktree: string | null
  /** Where its worktree would be. */
  readonly home: string
  /** What is there. */
  readonly place: LaneHome
  /** An operation of git that somebody has not ended there. */
  readonly stop: Stop | undefined
  /** What git still has registered for it. */
  readonly site: LaneSite
  /** What is uncommitted in the worktree. */
  readonly dirt: LaneDirt
  /** What is uncommitted in the folder of a lane that is not on its branch. */
  readonly adrift: LaneDirt
  /** `index.lock` of another git in its worktree. */
  readonly lock: string | undefined
  /** All its work packages were canceled: its code stays where it is. */
  readonly canceled: boolean
  /** All of them were done before and a merge brought its code; done by hand, what its branch holds is still to come. */
  readonly finished: boolean
  /** None of them was begun. */
  readonly untouched: boolean
  /** None of them is further than blocked: perhaps never begun, and in any case not to be merged as it is. */
  readonly held: boolean
  /** Its branch at the remote of the target (`origin/…`), where it has one. */
  readonly pushed: { readonly name: string; readonly tip: Sha } | undefined
  /** Where work of a lane without a branch may be, the best trace first. */
  readonly traces: readonly Trace[]
  /** The head that the last approval of its packages names; undefined when it names none. */
  readonly approvedHead: Sha | undefined
}

export interface LaneRequest {
  readonly project: Project
  readonly mission: Mission
  readonly lanes: readonly ExecutionLane[]
  readonly worktrees: readonly Worktree[]
  readonly states: ReadonlyMap<string, string>
  readonly log: LogFacts
  readonly remote: RemoteFacts
  readonly objects: Objects
  /** Where lanes begin: the mission branch, or the target before there is one. */
  readonly base: Sha | null
  readonly options: Pick<MergeOptions, 'target'>
}

/** One process for each worktree that is not quiet; two or three more where a branch is missing. */
export async function laneFacts(ports: Ports, request: LaneRequest): Promise<readonly LaneFact[]> {
  const { project, mission, lanes, remote, worktrees } = request
  const branches = lanes.map(lane => laneBranch(mission, lane.lane_id))
  const far = branches.map(branch => `refs/remotes/${remote.place?.remote ?? 'origin'}/${branch}`)
  const refs = ports.git.named(project.top, [...branches.map(branch => `refs/heads/${branch}`), ...far])
  const trees = lanes.map(
    (_, i) => worktrees.find(tree => occupies(tree, branches[i] ?? '') && !tree.prunable)?.path,
  )
  const tips = branches.map(branch => refs.get(`refs/heads/${branch}`))
  const dirt = await Promise.all(trees.map((tree, i) => statusOf(ports, request.objects, tree, tips[i])))
  const found = lanes.map(async (lane, i): Promise<LaneFact> => {
    const branch = branches[i] ?? ''
    const worktree = trees[i] ?? null
    const usual = laneDirectory(project, mission, lane.lane_id)
    const moved = worktree !== null && worktree !== project.top && ports.files.stat(usual) === undefined
    const home = moved ? worktree : usual
    const place = readLaneHome(ports, project.commonDir, home)
    const there = place.kind === 'worktree' ? await readStop(ports, home) : undefined
    const lockAt = worktree ?? (place.kind === 'worktree' ? home : undefined)
    const states = lane.wp_ids.map(wpId => request.states.get(wpId) ?? '')
    const every = (...of: readonly string[]) => states.length > 0 && states.every(state => of.includes(state))
    const pushed = refs.get(far[i] ?? '')
    const off = worktree === null && place.kind === 'worktree' && place.head !== null
    return {
      id: lane.lane_id,
      wpIds: lane.wp_ids,
      branch,
      tip: refs.get(`refs/heads/${branch}`) ?? null,
      worktree,
      home,
      place,
      stop: there ?? (worktree === null || worktree === home ? undefined : await readStop(ports, worktree)),
      site: await withStaged(ports.git, project.top, laneSite(ports.files, worktrees, home, branch)),
      dirt: laneDirt(ports.files, project.commonDir, worktree ?? home, dirt[i] ?? []),
      adrift: off ? laneDirt(ports.files, project.commonDir, home, await ports.git.status(home)) : NO_DIRT,
      lock: lockAt === undefined ? undefined : ports.git.indexLock(lockAt),
      canceled: every('canceled'),
      finished:
        states.includes('done') &&
        every('done', 'canceled') &&
        (tips[i] === undefined ||
          laneArrival(lane.wp_ids, request.log.arrived, request.log.reduction).landed),
      untouched: every('planned', 'genesis', 'canceled'),
      held: every('planned', 'genesis', 'canceled', 'blocked'),
      pushed: pushed && { name: (far[i] ?? '').slice('refs/remotes/'.length), tip: pushed },
      traces: [],
      approvedHead: approvedHead(request.log, lane),
    }
  })
  const facts = await Promise.all(found)
  const lost = facts.filter(lane => lane.tip === null && !lane.canceled && !lane.finished && !lane.untouched)
  if (lost.length === 0) return facts
  const traces = await findLost(ports, request, lost)
  return facts.map(lane => ({ ...lane, traces: traces.get(lane.id) ?? [] }))
}

/** What is uncommitted in a worktree; git is asked where that cannot be told by hand. */
async function statusOf(ports: Ports, objects: Objects, tree: string | undefined, tip: Sha | undefined) {
  if (tree === undefined) return []
  const quiet = tip === undefined ? undefined : ports.git.quiet(tree)
  const clean = quiet !== undefined && quiet.others.length === 0
  return clean && quiet.tree === (await objects.edit(tip ?? quiet.tree, [])) ? [] : ports.git.status(tree)
}

/** Of the approval that came last among the packages of a lane: it was given to everything there was by then. */
function approvedHead({ approvals }: LogFacts, lane: ExecutionLane): Sha | undefined {
  const last = lane.wp_ids
    .flatMap(wpId => approvals.get(wpId) ?? [])
    .toSorted((a, b) => (String(a.at) < String(b.at) ? -1 : 1))
    .at(-1)
  const noted = isObject(last?.policy_metadata) ? last.policy_metadata.lane_head : undefined
  return typeof noted === 'string' ? (parseSha(noted) ?? undefined) : undefined
}

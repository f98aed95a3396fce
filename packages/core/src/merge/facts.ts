/** Everything a merge decides on, read once; nothing is changed. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { ExecutionLane, LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import type { MergeOptions, MergeState } from '@spec-kitty/contracts/files/merge-state'
import type { Sha } from '@spec-kitty/contracts/ids'
import { requireLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, PLANNING_LANE } from '../repo/lanes/names.ts'
import { readStatus, type StatusFacts } from '../repo/log/emit.ts'
import { laneOf } from '../repo/log/reduce.ts'
import { listMissions, type Mission } from '../repo/mission/handle.ts'
import { isQuick } from '../repo/mission/types.ts'
import type { ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { type OpenOperation, openOperation } from '../repo/project/open-operation.ts'
import { type ReviewFinding, reviewFindings } from '../repo/review/consistency.ts'
import type { Ports, StatusEntry } from '../world/ports.ts'
import { readJournal } from '../write/journal.ts'

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
  /** Uncommitted paths in the worktree. */
  readonly dirty: readonly string[]
  /** Our own leftovers there, which go with the worktree. */
  readonly litter: readonly string[]
  /** All its work packages were canceled: its code stays where it is. */
  readonly canceled: boolean
}

export interface MergeFacts {
  readonly project: Project
  readonly mission: Mission
  readonly options: MergeOptions
  readonly lanes: LanesJson
  readonly gitVersion: readonly [number, number, number]
  readonly missionBranch: string
  readonly missionTip: Sha | null
  /** False for a mission of planning work only: it has no branches. */
  readonly needsBranches: boolean
  readonly target: Sha | null
  /** Tip of `origin/<target>` as of the last fetch. */
  readonly upstream: Sha | null
  /** Commits that only the target has, and that only its upstream has. */
  readonly ahead: number
  readonly behind: number
  /** Why a fetch that was asked for failed. */
  readonly fetchProblem: string | undefined
  /** The checkout has the target branch. */
  readonly onTarget: boolean
  /** The checkout has the mission branch: the work was done there (ADR 0025). */
  readonly onMission: boolean
  /** Another worktree that has the target branch. */
  readonly targetElsewhere: string | undefined
  readonly dirt: readonly StatusEntry[]
  /** A git merge or rebase that is open in the checkout. */
  readonly openOperation: OpenOperation | undefined
  /** Lanes with a branch of their own, in merge order. */
  readonly laneFacts: readonly LaneFact[]
  readonly status: StatusFacts
  /** Work package → lane of the state machine. */
  readonly states: ReadonlyMap<string, string>
  readonly reviews: readonly ReviewFinding[]
  readonly journal: MergeState | undefined
  readonly protectedTarget: boolean
  /** The number the mission gets; null when it has one. */
  readonly nextNumber: number | null
}

export interface MergeRequest {
  readonly project: Project
  readonly mission: Mission
  readonly config: ProjectConfig
  readonly options: MergeOptions
  /** Look at the remote again first. */
  readonly fetch: boolean
}

/** The remote a target is compared with. */
export const REMOTE = 'origin'

/** Reads the facts: one git process each for version, status and every lane worktree, one more to fetch. */
export async function mergeFacts(ports: Ports, request: MergeRequest): Promise<MergeFacts> {
  const { project, mission, options, config } = request
  const lanes = requireLanes(ports, mission)
  const status = await readStatus(ports, project, mission)
  const fetchProblem = request.fetch ? await fetchTarget(ports, project, options.target) : undefined
  const branches = lanes.lanes.filter(lane => lane.lane_id !== PLANNING_LANE)
  const names = branches.map(lane => laneBranch(mission, lane.lane_id))
  const refs = ports.git.named(project.top, [
    ...[options.target, lanes.mission_branch, ...names].map(head),
    `refs/remotes/${REMOTE}/${options.target}`,
  ])
  const states = new Map(
    lanes.lanes.flatMap(lane => lane.wp_ids).map(wpId => [wpId, laneOf(status.reduction, wpId)]),
  )
  const worktrees = await ports.git.worktrees(project.top)
  const placeOf = (branch: string) => worktrees.find(tree => tree.branch === branch && !tree.prunable)?.path
  const targetAt = placeOf(options.target)
  const standing = ports.git.head(project.top).branch
  const onTarget = standing === options.target
  const onMission = !onTarget && standing === lanes.mission_branch
  const [gitVersion, dirt, laneDirt, reviews] = await Promise.all([
    ports.git.version(),
    onTarget || onMission ? ports.git.status(project.top) : [],
    Promise.all(names.map(name => dirtOf(ports, placeOf(name)))),
    reviewFindings(ports, mission, states),
  ])
  const target = refs.get(head(options.target)) ?? null
  const upstream = refs.get(`refs/remotes/${REMOTE}/${options.target}`) ?? null
  return {
    project,
    mission,
    options,
    lanes,
    gitVersion,
    missionBranch: lanes.mission_branch,
    missionTip: refs.get(head(lanes.mission_branch)) ?? null,
    needsBranches: branches.length > 0 || isQuick(mission),
    target,
    upstream,
    ...(await distance(ports, project, target, upstream)),
    fetchProblem,
    onTarget,
    onMission,
    targetElsewhere: onTarget ? undefined : targetAt,
    dirt,
    openOperation: openOperation(ports.files, project.top),
    laneFacts: branches.map((lane, i) => {
      const branch = names[i] ?? ''
      const [tip, worktree] = [refs.get(head(branch)) ?? null, placeOf(branch) ?? null]
      const home = laneDirectory(project, mission, lane.lane_id)
      return laneFact(lane, { branch, tip, worktree, home }, laneDirt[i] ?? [], states)
    }),
    status,
    states,
    reviews,
    journal: readJournal(ports, project, mission.slug),
    protectedTarget: isProtected(ports, config, options.target),
    nextNumber: mission.number === null ? nextNumber(ports, project) : null,
  }
}

function laneFact(
  { lane_id: id, wp_ids: wpIds }: ExecutionLane,
  place: Pick<LaneFact, 'branch' | 'tip' | 'worktree' | 'home'>,
  dirt: readonly string[],
  states: ReadonlyMap<string, string>,
): LaneFact {
  return {
    id,
    wpIds,
    ...place,
    dirty: dirt.filter(path => !isLitter(path)),
    litter: dirt.filter(isLitter),
    canceled: wpIds.length > 0 && wpIds.every(wpId => states.get(wpId) === 'canceled'),
  }
}

export function head(branch: string): string {
  return `refs/heads/${branch}`
}

/** Paths of the mission's own bookkeeping: written by commands, taken along by the merge, never dirt. */
export function isBookkeeping(mission: Pick<Mission, 'rel'>, path: string): boolean {
  const own = path.startsWith(`${mission.rel}/`) ? path.slice(mission.rel.length + 1) : ''
  return /^(?:status\.(?:events\.jsonl|json)|(?:meta|lanes|acceptance-matrix)\.json|tasks\.md|tasks\/.+)$/.test(
    own,
  )
}

async function dirtOf(ports: Ports, worktree: string | undefined): Promise<readonly string[]> {
  if (worktree === undefined) return []
  return (await ports.git.status(worktree)).map(entry => entry.path)
}

/** Two questions to git, and only when the two differ. */
async function distance(ports: Ports, project: Project, target: Sha | null, upstream: Sha | null) {
  if (target === null || upstream === null || target === upstream) return { ahead: 0, behind: 0 }
  const [behind, ahead] = await Promise.all([
    ports.git.commits(project.top, target, upstream),
    ports.git.commits(project.top, upstream, target),
  ])
  return { ahead: ahead.length, behind: behind.length }
}

function isLitter(path: string): boolean {
  return /^\.(?:spec-kitty|kittify)\//.test(path)
}

async function fetchTarget(ports: Ports, project: Project, target: string): Promise<string | undefined> {
  const [url] = await ports.git.config(project.top, [`remote.${REMOTE}.url`])
  if (url === null || url === undefined) return undefined
  try {
    await ports.git.fetch(project.top, REMOTE, target)
    return undefined
  } catch (cause) {
    // A branch that the remote does not have yet cannot be ahead of ours.
    if (cause instanceof KittyError && /couldn't find remote ref/i.test(cause.message)) return undefined
    return cause instanceof Error ? cause.message : String(cause)
  }
}

function isProtected(ports: Ports, config: ProjectConfig, target: string): boolean {
  const lifted = ports.env.get('SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS') ?? ''
  return config.protectedBranches.includes(target) && !/^(1|true|yes)$/i.test(lifted)
}

/** One more than the highest number any mission has; numbers written as text (`"042"`) count. */
function nextNumber(ports: Ports, project: Project): number {
  const numbers = listMissions(ports, project).map(({ meta }) => {
    const value = meta.mission_number
    if (typeof value === 'number') return value
    return typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : 0
  })
  return Math.max(0, ...numbers) + 1
}

/** Files of the mission that differ from the target's last commit and go with the merge: path relative to the checkout. */
export function uncommittedBookkeeping(facts: Pick<MergeFacts, 'dirt' | 'mission'>): readonly string[] {
  return facts.dirt
    .filter(entry => isBookkeeping(facts.mission, entry.path) && !entry.code.includes('D'))
    .map(entry => entry.path)
}

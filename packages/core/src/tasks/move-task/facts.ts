/** What `move-task` must know before it decides. Read under the mission's lock; only what the target lane asks for. */
import { type KittyError, unlessRefusedLater } from '@spec-kitty/contracts/errors'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { ownApproval, readAuthors } from '../../repo/log/authors.ts'
import { readHolder, readStatus, type StatusFacts } from '../../repo/log/emit.ts'
import { type Standing, standing } from '../../repo/log/transition.ts'
import { isBookkeeping } from '../../repo/mission/bookkeeping.ts'
import type { Mission } from '../../repo/mission/handle.ts'
import { missionPaths } from '../../repo/mission/paths.ts'
import { isQuick } from '../../repo/mission/types.ts'
import type { ProjectConfig } from '../../repo/project/config.ts'
import type { Project } from '../../repo/project/locate.ts'
import { latestCycle, type ReviewCycle, type Verdicts } from '../../repo/review/cycle.ts'
import { unsettledIssues } from '../../repo/tasks/issue-matrix.ts'
import { wordOf } from '../../repo/tasks/lists.ts'
import { type Subtask, subtasksOf } from '../../repo/tasks/subtasks.ts'
import { findCycles, readTaskGraph } from '../../repo/tasks/task-graph.ts'
import { findWorkPackage, readWorkPackages, type WorkPackage } from '../../repo/tasks/work-package.ts'
import { join, resolvePath } from '../../text/paths.ts'
import { wpKey } from '../../text/wp-id.ts'
import type { Ports } from '../../world/ports.ts'
import type { Scene } from '../../write/write.ts'
import { type InPlaceWork, readInPlaceWork } from './in-place.ts'
import { type LaneWork, lanePlace, readLaneWork } from './lane-work.ts'
import { approvesNow, isApproval, type MoveRequest } from './request.ts'

export interface MoveFacts {
  readonly mission: Mission
  readonly wp: WorkPackage
  readonly status: StatusFacts
  readonly from: Standing
  /** Who has it, or had it last. */
  readonly owner: string | null
  /** Newest review; undefined when there is none. */
  readonly cycle: ReviewCycle | undefined
  /** Why the newest review cannot be read. */
  readonly cycleProblem: KittyError | undefined
  /** Text of `--review-feedback-file`; undefined when it was not given or is not there. */
  readonly feedback: string | undefined
  /** Boxes of the package, at a hand-over. */
  readonly subtasks: readonly Subtask[]
  /** Those that are not ticked, where that is asked for. */
  readonly openSubtasks: readonly Subtask[]
  /** Uncommitted planning files of the mission; bookkeeping of our own left out. */
  readonly dirty: readonly string[]
  readonly laneWork: LaneWork | undefined
  /** It was begun in a lane whose branch is gone. */
  readonly branchLost: boolean
  /** For work in the checkout itself, where that is asked for. */
  readonly inPlace: InPlaceWork | undefined
  readonly ancestry: Ancestry
  readonly unsettledIssues: readonly string[]
  /** For a work package without events: the circle of dependencies that keeps the tasks from being finalized. */
  readonly circle: readonly string[]
  /** Who approves when nobody is named: git's user. */
  readonly gitUser: string | undefined
  /** For an approval: the name of the builder, when this move would approve its own work. */
  readonly ownWork: string | undefined
  readonly independence: ProjectConfig['independence']
}

/** Is the work part of the target branch? */
export type Ancestry =
  | { readonly kind: 'not_asked' | 'merged' }
  | { readonly kind: 'unmerged' | 'no_branch'; readonly branch: string; readonly target: string }

/** Throws `wp_not_found`, `file_malformed`, `log_corrupt`, `coordination_mission`. */
export async function readMoveFacts(
  ports: Ports,
  { project, mission, config }: Scene,
  request: MoveRequest,
): Promise<MoveFacts> {
  const wp = await findWorkPackage(ports, mission, request.taskId)
  const status = await readStatus(ports, project, mission)
  const from = standing(status.reduction, wp.id)
  const handsOver = isHandOver(request, from.lane)
  const { tasksFile } = missionPaths(mission)
  const asked = handsOver || request.to === 'for_review'
  const subtasks = asked ? subtasksOf(ports.files.text(tasksFile), wp, status.reduction.ticks) : []
  const [review, work, gitUser] = await Promise.all([
    readReview(ports, mission, wp, status.reduction),
    readWork(ports, project, mission, wp, request, handsOver),
    isApproval(request.to) && request.reviewer === undefined ? userName(ports, project) : undefined,
  ])
  return {
    mission,
    wp,
    status,
    from,
    owner: readHolder(ports, project, status.reduction)(wp.id, 'agent', wp.agent),
    ...review,
    ...work,
    gitUser,
    ownWork: approvesNow({ from }, request) ? ownWorkOf(status, wp, request, gitUser) : undefined,
    independence: config.independence,
    feedback: readFeedback(ports, request),
    subtasks,
    openSubtasks: handsOver ? subtasks.filter(task => !task.done) : [],
    circle: from.lane === 'genesis' ? await readCircle(ports, mission) : [],
    unsettledIssues: readIssues(ports, mission, request.to),
  }
}

function ownWorkOf(
  { log }: StatusFacts,
  { id }: WorkPackage,
  { agent, reviewer }: MoveRequest,
  gitUser: string | undefined,
): string | undefined {
  return ownApproval(readAuthors(log.text).get(wpKey(id)), agent, reviewer ?? gitUser)
}

const REVIEW_LANES: ReadonlySet<Lane> = new Set<Lane>(['for_review', 'in_review', 'approved', 'done'])

/** Moves into review and beyond say that the work is complete; a forced move says so at its own risk. */
export function isHandOver({ to, force }: Pick<MoveRequest, 'to' | 'force'>, from: Lane): boolean {
  const road: readonly Lane[] = ['for_review', 'in_review', 'approved', 'done']
  return !force && REVIEW_LANES.has(to) && road.indexOf(from) < road.indexOf(to)
}

async function readReview(ports: Ports, mission: Mission, wp: WorkPackage, log: Verdicts) {
  return await unlessRefusedLater(
    async () => ({ cycle: await latestCycle(ports, mission, wp.id, log), cycleProblem: undefined }),
    cycleProblem => ({ cycle: undefined, cycleProblem }),
  )
}

async function readWork(
  ports: Ports,
  project: Project,
  mission: Mission,
  wp: WorkPackage,
  request: MoveRequest,
  handsOver: boolean,
): Promise<Pick<MoveFacts, 'dirty' | 'laneWork' | 'branchLost' | 'inPlace' | 'ancestry'>> {
  const place = lanePlace(ports, mission, wp.id)
  const code = wp.file.fields.execution_mode !== 'planning_artifact'
  const baseCommit = wordOf(wp.file.fields.base_commit)
  const software = mission.type === 'software-dev' || isQuick(mission)
  const inCheckout = handsOver && isQuick(mission) && place.branch === undefined
  const [dirty, laneWork, inPlace, ancestry] = await Promise.all([
    handsOver ? dirtyPlanning(ports, project, mission) : [],
    handsOver && software ? readLaneWork(ports, project, mission, place, baseCommit, request.to) : undefined,
    inCheckout ? readInPlaceWork(ports, project, mission, baseCommit) : undefined,
    request.to === 'done' && code && request.doneOverrideReason === undefined
      ? readAncestry(ports, project, mission, place.branch)
      : ({ kind: 'not_asked' } as const),
  ])
  const head = `refs/heads/${place.branch}`
  const branchLost = place.branch !== undefined && !ports.git.named(project.top, [head]).has(head)
  return { dirty, laneWork, branchLost, inPlace, ancestry }
}

/** What our own commands write never counts: it may lie about uncommitted. */
async function dirtyPlanning(ports: Ports, project: Project, mission: Mission): Promise<readonly string[]> {
  const entries = await ports.git.status(project.top, [mission.rel])
  return entries.map(entry => entry.path).filter(path => !isBookkeeping(mission, path))
}

async function readAncestry(
  ports: Ports,
  project: Project,
  mission: Mission,
  branch: string | undefined,
): Promise<Ancestry> {
  const target = mission.targetBranch
  const refs = [branch ?? '', target].map(name => `refs/heads/${name}`)
  const shas = ports.git.named(project.top, refs)
  const [lane, tip] = refs.map(ref => shas.get(ref))
  if (branch === undefined || lane === undefined || tip === undefined) {
    return { kind: 'no_branch', branch: branch ?? 'the lane branch', target }
  }
  const merged = await ports.git.isAncestor(project.top, lane, tip)
  return merged ? { kind: 'merged' } : { kind: 'unmerged', branch, target }
}

function readFeedback(ports: Ports, request: MoveRequest): string | undefined {
  if (request.reviewFeedbackFile === undefined) return request.reviewFeedback
  return ports.files.text(resolvePath(ports.env.cwd, request.reviewFeedbackFile))
}

async function readCircle(ports: Ports, mission: Mission): Promise<readonly string[]> {
  const { found } = await readWorkPackages(ports, mission)
  const text = ports.files.text(missionPaths(mission).tasksFile) ?? ''
  const graph = readTaskGraph(
    found,
    found.map(item => item.id),
    text,
  )
  return findCycles(graph.dependencies)[0] ?? []
}

function readIssues(ports: Ports, mission: Mission, to: Lane): readonly string[] {
  if (to !== 'approved' && to !== 'done') return []
  const matrix = ports.files.text(join(mission.dir, 'issue-matrix.md'))
  return unsettledIssues(ports.files.text(missionPaths(mission).spec), matrix, to)
}

async function userName(ports: Ports, project: Project): Promise<string | undefined> {
  const [name] = await ports.git.config(project.top, ['user.name'])
  return name ?? undefined
}

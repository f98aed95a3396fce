/**
 * Beginning a work package: worktree, events, front matter and meta.json in one transaction with one commit
 * (spec/lanes-merge.md §4, decision P6). A refusal leaves everything as it was.
 */
import type { Implement } from '@spec-kitty/contracts/cli/implement'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { ExecutionLane, LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { type JsonObject, printSorted } from '@spec-kitty/contracts/json'
import type { Change } from '../change.ts'
import { planCommit, refuseProtected } from '../commit.ts'
import { type Mission, resolveMission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import type { Ports } from '../ports.ts'
import { type ProjectConfig, readConfig } from '../project/config.ts'
import { locateProject, type Project, requireKittify } from '../project/locate.ts'
import { drawStamps, planAppend, readStatus, type StatusFacts } from '../status/emit.ts'
import { laneOf as statusLane } from '../status/reduce.ts'
import { planWalk, standing } from '../status/transition.ts'
import { addActivity } from '../tasks/activity.ts'
import { editFrontMatter, printFrontMatter } from '../tasks/front-matter.ts'
import { transact } from '../transact.ts'
import { type LanePlan, type LaneRequest, laneFacts, planLane } from './allocate.ts'
import { requireClaimable, startRequests } from './claim.ts'
import { contextPath, laneTestEnv, parseContext, printContext } from './context.ts'
import { ignoreChanges } from './ignore.ts'
import { executionLane, requireLanes } from './manifest.ts'
import { laneBranch, laneDirectory, laneWorktree, PLANNING_LANE } from './names.ts'
import { copyChanges, runSetup, worktreeSettings } from './setup.ts'
import {
  normalizeWpId,
  readableWorkPackages,
  requireWorkPackage,
  type WorkPackageFile,
} from './work-packages.ts'

export interface ImplementInput {
  /** Left out: the first planned package whose dependencies are approved. */
  readonly wpId?: string | undefined
  readonly mission?: string | undefined
  readonly agent?: string | undefined
  /** Actor of the events when there is no agent. */
  readonly actor?: string | undefined
  readonly base?: string | undefined
  readonly autoCommit?: boolean | undefined
}

/** A begun work package, with what the prompt needs. */
export interface Started {
  readonly answer: Implement
  readonly project: Project
  readonly mission: Mission
  readonly wp: WorkPackageFile
  readonly packages: readonly WorkPackageFile[]
  readonly status: StatusFacts
  /** Absolute. */
  readonly workspaceDir: string
}

/** `spec-kitty implement`. Refusals carry `status: "error"` and `wp_id` beside the usual keys. */
export async function implement(ports: Ports, input: ImplementInput): Promise<Implement> {
  return (await startWork(ports, input)).answer
}

/** The same, with the facts it was decided on. */
export async function startWork(ports: Ports, input: ImplementInput): Promise<Started> {
  try {
    const project = locateProject(ports)
    requireKittify(ports, project)
    const mission = resolveMission(ports, project, input.mission)
    const config = await readConfig(ports, project)
    refuseProtected(ports, project, config, input.autoCommit)
    return await transact(ports, project, mission, async () => {
      const facts = await startFacts(ports, project, mission, config, input)
      return planStart(ports, facts, input)
    })
  } catch (cause) {
    throw withWp(cause, input.wpId)
  }
}

/** The Python edition's error keys. */
function withWp(cause: unknown, wpId: string | undefined): unknown {
  if (!(cause instanceof KittyError)) return cause
  const id = wpId === undefined ? null : (normalizeWpId(wpId) ?? wpId)
  return new KittyError(cause.code, cause.message, {
    hint: cause.hint,
    data: { status: 'error', wp_id: id, ...cause.data },
    cause,
  })
}

interface StartFacts {
  readonly project: Project
  readonly mission: Mission
  readonly config: ProjectConfig
  readonly status: StatusFacts
  readonly lanes: LanesJson
  readonly packages: readonly WorkPackageFile[]
  readonly wp: WorkPackageFile
  readonly lane: ExecutionLane
}

async function startFacts(
  ports: Ports,
  project: Project,
  mission: Mission,
  config: ProjectConfig,
  input: ImplementInput,
): Promise<StartFacts> {
  const status = await readStatus(ports, project, mission)
  const packages = await readableWorkPackages(ports, mission)
  const lanes = requireLanes(ports, mission)
  const wp =
    input.wpId === undefined
      ? nextReady(packages, status, mission)
      : await requireWorkPackage(ports, mission, input.wpId)
  const lane = executionLane(lanes, wp.id)
  if (lane === undefined) {
    throw new KittyError(
      'tasks_not_finalized',
      `${wp.id} is in no lane of lanes.json: it was added after the tasks were finalized`,
      {
        hint: `spec-kitty agent mission finalize-tasks --mission ${mission.slug}`,
      },
    )
  }
  return { project, mission, config, status, lanes, packages, wp, lane }
}

function nextReady(
  packages: readonly WorkPackageFile[],
  status: StatusFacts,
  mission: Mission,
): WorkPackageFile {
  const lane = (id: string): string => statusLane(status.reduction, id)
  const settled = (id: string): boolean => lane(id) === 'approved' || lane(id) === 'done'
  const ready = packages.find(item => lane(item.id) === 'planned' && item.dependencies.every(settled))
  if (ready !== undefined) return ready
  throw new KittyError(
    'not_ready',
    `No work package of '${mission.slug}' is planned and has its dependencies approved`,
    {
      hint: `See the board: spec-kitty agent tasks status --mission ${mission.slug}`,
    },
  )
}

async function planStart(
  ports: Ports,
  facts: StartFacts,
  input: ImplementInput,
): Promise<{ readonly changes: readonly Change[]; readonly result: Started }> {
  const { project, mission, status, wp, lane } = facts
  const paths = missionPaths(mission)
  const reduction = status.reduction
  requireClaimable({
    wpId: wp.id,
    missionSlug: mission.slug,
    lane: statusLane(reduction, wp.id),
    agent: input.agent,
    owners: ownersOf(wp, reduction.workPackages.get(wp.id)?.actor),
    dependencies: wp.dependencies.map(id => ({ id, lane: statusLane(reduction, id) })),
    spec: ports.files.text(paths.spec),
    plan: ports.files.text(paths.plan),
  })
  const workspace =
    lane.lane_id === PLANNING_LANE
      ? planningWorkspace(ports, facts)
      : await laneWorkspace(ports, facts, input)
  const bookkeeping = await planBookkeeping(ports, facts, input, workspace)
  advise(ports, facts)
  const result: Started = {
    answer: answerOf(facts, workspace),
    project,
    mission,
    wp,
    packages: facts.packages,
    status,
    workspaceDir: workspace.directory,
  }
  return { changes: [...workspace.changes, ...bookkeeping], result }
}

/** Who works on it: the actor of the log, and the name in the front matter. */
function ownersOf(wp: WorkPackageFile, actor: JsonObject[string] | undefined): readonly string[] {
  const named = typeof actor === 'string' && !GENERIC_ACTORS.has(actor) ? [actor] : []
  return [...named, ...(wp.agent === null ? [] : [wp.agent])]
}

/** Actors that name no one. */
const GENERIC_ACTORS: ReadonlySet<string> = new Set([
  'implement-command',
  'user',
  'recovery',
  'finalize-tasks',
])

interface Workspace {
  /** Absolute. */
  readonly directory: string
  /** Relative to the primary checkout. */
  readonly relative: string
  readonly branch: string
  readonly baseBranch: string
  readonly baseCommit: string
  readonly isolated: boolean
  readonly reused: boolean
  readonly mergedLanes: readonly string[]
  readonly warnings: readonly string[]
  readonly changes: readonly Change[]
}

/** Planning work happens in the checkout itself, on the branch that is checked out. */
function planningWorkspace(ports: Ports, { project, mission }: StartFacts): Workspace {
  const { branch, sha } = ports.git.head(project.root)
  const expected = mission.targetBranch
  const warnings =
    branch === expected
      ? []
      : [`The checkout is on '${branch ?? 'no branch'}'; the mission's target is '${expected}'.`]
  return {
    directory: project.root,
    relative: '.',
    branch: branch ?? expected,
    baseBranch: expected,
    baseCommit: sha ?? '',
    isolated: false,
    reused: true,
    mergedLanes: [],
    warnings,
    changes: [],
  }
}

async function laneWorkspace(ports: Ports, facts: StartFacts, input: ImplementInput): Promise<Workspace> {
  const { project, mission, wp, lane, config } = facts
  const request = laneRequest(ports, facts, input)
  const plan = await planLane(ports.git, await laneFacts(ports, request))
  const known = ports.files.stat(contextPath(project.primary, mission.slug, lane.lane_id)) !== undefined
  // No context file: an earlier set-up did not come to its end.
  const settings = plan.created || !known ? worktreeSettings(config) : undefined
  const ignored = ignoreChanges(ports, project)
  if (settings !== undefined) {
    // The set-up runs before anything is recorded: when it fails, the package is still where it was.
    await ports.apply([...plan.changes, ...ignored])
    await ports.apply(copyChanges(ports, project.primary, request.path, settings.copy))
    await runSetup(ports, project.primary, request.path, settings)
  }
  const baseCommit = plan.newBranch || wp.baseCommit === null ? plan.tip : wp.baseCommit
  const context = contextChange(ports, facts, request, plan, baseCommit)
  return {
    directory: request.path,
    relative: laneWorktree(mission, lane.lane_id),
    branch: request.branch,
    baseBranch: plan.baseBranch,
    baseCommit,
    isolated: true,
    reused: !plan.created,
    mergedLanes: plan.mergedLanes,
    warnings: plan.warnings,
    changes: settings === undefined ? [...plan.changes, ...ignored, context] : [context],
  }
}

function laneRequest(ports: Pick<Ports, 'files'>, facts: StartFacts, input: ImplementInput): LaneRequest {
  const { project, mission, lanes, lane, status, wp } = facts
  const code = lanes.lanes.filter(
    other => lane.depends_on_lanes.includes(other.lane_id) && other.lane_id !== PLANNING_LANE,
  )
  return {
    repo: project.primary,
    laneId: lane.lane_id,
    branch: laneBranch(mission, lane.lane_id),
    missionBranch: lanes.mission_branch,
    targetBranch: lanes.target_branch,
    path: laneDirectory(project, mission, lane.lane_id),
    base: input.base,
    dependencies: code.map(other => ({
      laneId: other.lane_id,
      branch: laneBranch(mission, other.lane_id),
      started: lastCommitKnown(ports, facts, other) !== undefined,
    })),
    startedAt: lastCommitKnown(ports, facts, lane),
    working: statusLane(status.reduction, wp.id) === 'in_progress',
  }
}

/** Where unmerged work of a lane began, from front matter or context file; undefined when none did. */
function lastCommitKnown(
  ports: Pick<Ports, 'files'>,
  facts: StartFacts,
  lane: ExecutionLane,
): string | undefined {
  const { project, mission, packages, status } = facts
  const open = packages.filter(item => lane.wp_ids.includes(item.id) && !isEnded(status, item.id))
  const recorded = open.findLast(item => item.baseCommit !== null)?.baseCommit
  if (recorded !== undefined && recorded !== null) return recorded
  const path = contextPath(project.primary, mission.slug, lane.lane_id)
  const context = parseContext(path, ports.files.text(path) ?? '')
  const current = context?.current_wp ?? context?.wp_id
  return current !== undefined && open.some(item => item.id === current)
    ? (context?.base_commit ?? undefined)
    : undefined
}

function isEnded(status: StatusFacts, wpId: string): boolean {
  const lane = statusLane(status.reduction, wpId)
  return lane === 'done' || lane === 'canceled'
}

function contextChange(
  ports: Pick<Ports, 'files' | 'clock'>,
  facts: StartFacts,
  request: LaneRequest,
  plan: LanePlan,
  baseCommit: string,
): Change {
  const { project, mission, wp, lane } = facts
  const path = contextPath(project.primary, mission.slug, lane.lane_id)
  const before = parseContext(path, ports.files.text(path) ?? '')
  const content = printContext({
    wp_id: wp.id,
    mission_slug: mission.slug,
    worktree_path: laneWorktree(mission, lane.lane_id),
    branch_name: request.branch,
    base_branch: plan.baseBranch,
    base_commit: baseCommit,
    dependencies: wp.dependencies,
    created_at: (plan.created ? null : before?.created_at) ?? ports.clock.now(),
    created_by: 'implement-command-lane',
    vcs_backend: 'git',
    lane_id: lane.lane_id,
    lane_wp_ids: lane.wp_ids,
    current_wp: wp.id,
    lane_test_env: laneTestEnv(mission.slug, lane.lane_id),
  })
  return { kind: 'write_file', path, content }
}

/**
 * Events, status.json, front matter and meta.json, and their one commit. For work that is under way: what a run
 * that was killed left undone, nothing otherwise. The log comes first, because it says what there is to complete.
 */
async function planBookkeeping(
  ports: Ports,
  facts: StartFacts,
  input: ImplementInput,
  workspace: Workspace,
): Promise<readonly Change[]> {
  const { project, mission, config, status, wp } = facts
  const actor = input.agent ?? input.actor ?? 'implement-command'
  const requests = startRequests({
    wpId: wp.id,
    lane: statusLane(status.reduction, wp.id),
    actor,
    workspace: workspace.relative,
    isolated: workspace.isolated,
  })
  const stamps = drawStamps(ports, status, Math.max(requests.length, 1))
  const append = planAppend(status, planWalk(mission, standing(status.reduction, wp.id), requests, stamps))
  const at = stamps[0].at
  const recorded = wp.baseCommit !== null && (input.agent === undefined || wp.agent === input.agent)
  const files = [
    ...(requests.length === 0 && recorded
      ? []
      : [await wpChange(ports, wp, workspace, input.agent, actor, at)]),
    ...metaChange(mission, at),
  ]
  const paths = [...append.paths, wp.path, missionPaths(mission).meta]
  const message = `chore: ${wp.id} claimed for implementation`
  const commit = planCommit(project, config, { paths, message, autoCommit: input.autoCommit })
  return [...append.changes, ...files, ...commit, ...append.queue]
}

/** The front matter with who works where, and a line in the activity log. */
async function wpChange(
  ports: Ports,
  wp: WorkPackageFile,
  workspace: Workspace,
  agent: string | undefined,
  actor: string,
  at: string,
): Promise<Change> {
  const shellPid = String(ports.env.pid)
  const edited = await editFrontMatter(ports, wp.file, {
    ...(agent === undefined ? {} : { agent }),
    shell_pid: shellPid,
    base_branch: workspace.baseBranch,
    base_commit: workspace.baseCommit,
    created_at: typeof wp.file.fields.created_at === 'string' ? wp.file.fields.created_at : at,
  })
  const file = addActivity(edited, { at, actor, shellPid, note: 'Started implementation' })
  return {
    kind: 'write_file',
    path: wp.path,
    content: printFrontMatter(file),
    expect: printFrontMatter(wp.file),
  }
}

/** Locks the version control system in, once per mission. */
function metaChange(mission: Mission, at: string): readonly Change[] {
  const { meta } = mission
  if (meta.vcs !== undefined && meta.vcs_locked_at !== undefined) return []
  const content = printSorted({ ...meta, vcs: meta.vcs ?? 'git', vcs_locked_at: meta.vcs_locked_at ?? at })
  return [{ kind: 'write_file', path: missionPaths(mission).meta, content }]
}

/** Analysis and charter are advice (decision P6). */
function advise(ports: Pick<Ports, 'files' | 'note'>, { mission, status }: StartFacts): void {
  const begun = [...status.reduction.workPackages.values()].some(state => state.lane !== 'planned')
  if (begun || ports.files.stat(`${mission.dir}/analysis-report.md`) !== undefined) return
  ports.note(
    `Note: no analysis-report.md; comparing spec, plan and tasks first may save work (spec-kitty agent mission record-analysis).`,
  )
}

function answerOf({ mission, wp, lane }: StartFacts, workspace: Workspace): Implement {
  return {
    workspace: workspace.relative,
    workspace_path: workspace.relative,
    branch: workspace.branch,
    mission_slug: mission.slug,
    mission_number: mission.number,
    mission_type: mission.type,
    wp_id: wp.id,
    lane_id: lane.lane_id,
    execution_mode: workspace.isolated ? 'code_change' : 'planning_artifact',
    status: 'created',
    lane_test_env: { ...laneTestEnv(mission.slug, lane.lane_id) },
    reused: workspace.reused,
    base_branch: workspace.baseBranch,
    base_commit: workspace.baseCommit,
    merged_lanes: [...workspace.mergedLanes],
    warnings: [...workspace.warnings],
  }
}

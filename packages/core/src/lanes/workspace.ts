/** The place where a work package is worked on: a lane's worktree, or the checkout itself for planning work. */
import type { ExecutionLane } from '@spec-kitty/contracts/files/lanes-json'
import { type Arrival, arrivals, isAwaited, laneArrival } from '../repo/lanes/arrival.ts'
import { contextPath, parseContext, printContext } from '../repo/lanes/context.ts'
import { hideChanges, ignoreChanges } from '../repo/lanes/ignore.ts'
import { laneBranch, laneDirectory, laneWorktree, PLANNING_LANE } from '../repo/lanes/names.ts'
import { laneOf as statusLane } from '../repo/log/reduce.ts'
import { gitPath, type Project } from '../repo/project/locate.ts'
import { requireTrust } from '../repo/project/trust.ts'
import { basename, join } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { writeLocal } from '../write/local.ts'
import { hold } from '../write/locks.ts'
import { write } from '../write/write.ts'
import { type LanePlan, type LaneRequest, laneFacts, planLane } from './allocate.ts'
import { copyChanges, refuseUnignored, runSetup, type WorktreeSettings } from './setup.ts'
import { type ImplementInput, requireStart, type StartFacts, startFacts } from './start.ts'

export interface Workspace {
  /** Absolute. */
  readonly directory: string
  /** Relative to the primary checkout. */
  readonly relative: string
  readonly branch: string
  readonly baseBranch: string
  readonly baseCommit: string
  /** Where the lane will stand; of planning work, the checkout. */
  readonly tip: string
  readonly isolated: boolean
  readonly reused: boolean
  readonly mergedLanes: readonly string[]
  readonly warnings: readonly string[]
  /** A merge was committed for it. */
  readonly merged: boolean
  readonly changes: readonly Change[]
}

/** Planning work happens in the checkout itself, on the branch that is checked out. */
export function planningWorkspace(ports: Ports, { project, mission, lanes }: StartFacts): Workspace {
  const { branch, sha } = ports.git.head(project.top)
  // A mission may be worked on where its lanes are gathered (ADR 0025).
  const expected = branch === lanes.mission_branch ? branch : mission.homeBranch
  const warnings =
    branch === expected
      ? []
      : [
          `The checkout is on '${branch ?? 'no branch'}'; the mission's ${expected === mission.targetBranch ? 'target' : 'home'} is '${expected}'.`,
        ]
  return {
    directory: project.root,
    relative: '.',
    branch: branch ?? expected,
    baseBranch: expected,
    baseCommit: sha ?? '',
    tip: sha ?? '',
    isolated: false,
    reused: true,
    mergedLanes: [],
    merged: false,
    warnings,
    changes: [],
  }
}

/** A lane that was made usable before its package is claimed. */
export interface Prepared {
  readonly wpId: string
  readonly plan: LanePlan
}

/**
 * Makes a fresh worktree usable, outside the mission's lock: a set-up may take minutes, and other agents go on
 * meanwhile. Nothing is recorded yet, so that a set-up that fails leaves the package where it was. Undefined when
 * there is nothing to set up.
 */
export async function prepareLane(
  ports: Ports,
  settings: WorktreeSettings,
  input: ImplementInput,
): Promise<Prepared | undefined> {
  const made = await write<(Prepared & { readonly project: Project; readonly path: string }) | undefined>(
    ports,
    input,
    async scene => {
      const { project, mission } = scene
      const facts = await startFacts(ports, scene, input)
      requireStart(facts, input.agent)
      if (facts.lane.lane_id === PLANNING_LANE) return { answer: undefined }
      const request = laneRequest(ports, facts, input, false)
      const plan = await planLane(ports.git, await laneFacts(ports, request))
      // No context file: an earlier set-up did not come to its end.
      const known =
        ports.files.stat(contextPath(project.root, mission.slug, facts.lane.lane_id)) !== undefined
      if (!plan.created && known) return { answer: undefined }
      if (settings.setup !== undefined)
        requireTrust(ports, project, { setting: 'worktree.setup', command: settings.setup })
      await refuseUnignored(ports, project, settings.copy)
      return {
        files: [...plan.changes, ...ignoreChanges(ports, project)],
        answer: { wpId: facts.wp.id, plan, path: request.path, project },
      }
    },
  )
  if (made === undefined) return undefined
  // Rehearsed, there is no worktree to set up.
  if (ports.files.stat(made.path) !== undefined) await setUp(ports, made.project, made.path, settings)
  return made
}

async function setUp(
  ports: Ports,
  project: Project,
  path: string,
  settings: WorktreeSettings,
): Promise<void> {
  const limit = settings.limitMinutes * 60_000
  const turn = join(project.commonDir, 'spec-kitty-locks', `${basename(path)}.setup.lock`)
  await hold(
    ports,
    [turn],
    async () => {
      const folder = join(path, gitPath(project, ''))
      const copies = copyChanges(ports, project.root, folder, settings.copy)
      await writeLocal(ports, [...hideChanges(ports, project, path, copies), ...copies])
      await runSetup(ports, project.root, folder, settings)
    },
    limit,
  )
}

/** The lane's worktree as it will be, and what that takes. */
export async function laneWorkspace(
  ports: Ports,
  facts: StartFacts,
  input: ImplementInput,
  prepared: Prepared | undefined,
): Promise<Workspace> {
  const { project, mission, wp, lane } = facts
  const request = laneRequest(ports, facts, input, prepared !== undefined)
  const plan = await planLane(ports.git, await laneFacts(ports, request))
  const made = prepared?.plan ?? plan
  const anew = made.newBranch || request.landed || wp.baseCommit === null
  const baseCommit = anew ? plan.tip : wp.baseCommit
  const context = contextChange(ports, facts, made.created, plan.baseBranch, baseCommit)
  return {
    directory: request.path,
    relative: laneWorktree(mission, lane.lane_id),
    branch: request.branch,
    baseBranch: plan.baseBranch,
    baseCommit,
    tip: plan.tip,
    isolated: true,
    reused: !made.created,
    mergedLanes: [...new Set([...made.mergedLanes, ...plan.mergedLanes])],
    merged: plan.merged,
    warnings: plan.warnings,
    changes: [...plan.changes, ...ignoreChanges(ports, project), context],
  }
}

function laneRequest(
  ports: Pick<Ports, 'files'>,
  facts: StartFacts,
  input: ImplementInput,
  prepared: boolean,
): LaneRequest {
  const { project, mission, lanes, lane, status, wp } = facts
  const code = lanes.lanes.filter(
    other => lane.depends_on_lanes.includes(other.lane_id) && other.lane_id !== PLANNING_LANE,
  )
  const arrived = arrivals(status.log.text)
  const arrivalOf = (other: ExecutionLane) => laneArrival(other.wp_ids, arrived, status.reduction)
  const startOf = (other: ExecutionLane) => lastCommitKnown(ports, facts, other, arrived)
  return {
    repo: project.top,
    commonDir: project.commonDir,
    mission,
    laneId: lane.lane_id,
    branch: laneBranch(mission, lane.lane_id),
    missionBranch: lanes.mission_branch,
    targetBranch: lanes.target_branch,
    rootBranch: mission.homeBranch === mission.targetBranch ? lanes.target_branch : mission.homeBranch,
    path: laneDirectory(project, mission, lane.lane_id),
    base: input.base,
    dependencies: code.map(other => ({
      laneId: other.lane_id,
      branch: laneBranch(mission, other.lane_id),
      startedAt: startOf(other),
      landed: arrivalOf(other).landed,
    })),
    startedAt: startOf(lane),
    landed: arrivalOf(lane).landed,
    // What the set-up left behind is no one's unfinished work.
    working: prepared || statusLane(status.reduction, wp.id) === 'in_progress',
  }
}

/** Where unmerged work of a lane began, from front matter or context file; undefined when none did. */
function lastCommitKnown(
  ports: Pick<Ports, 'files'>,
  facts: StartFacts,
  lane: ExecutionLane,
  arrived: ReadonlyMap<string, Arrival>,
): string | undefined {
  const { project, mission, packages, status } = facts
  const open = packages.filter(
    item => lane.wp_ids.includes(item.id) && isAwaited(item.id, arrived, status.reduction),
  )
  const recorded = open.findLast(item => item.baseCommit !== null)?.baseCommit
  if (recorded !== undefined && recorded !== null) return recorded
  const path = contextPath(project.root, mission.slug, lane.lane_id)
  const context = parseContext(path, ports.files.text(path) ?? '')
  const current = context?.current_wp ?? context?.wp_id
  return current !== undefined && open.some(item => item.id === current)
    ? (context?.base_commit ?? undefined)
    : undefined
}

function contextChange(
  ports: Pick<Ports, 'files' | 'clock'>,
  facts: StartFacts,
  created: boolean,
  baseBranch: string,
  baseCommit: string,
): Change {
  const { project, mission, wp, lane } = facts
  const path = contextPath(project.root, mission.slug, lane.lane_id)
  const before = parseContext(path, ports.files.text(path) ?? '')
  const content = printContext(mission, lane, {
    wp_id: wp.id,
    current_wp: wp.id,
    base_branch: baseBranch,
    base_commit: baseCommit,
    dependencies: wp.dependencies,
    created_at: (created ? null : before?.created_at) ?? ports.clock.now(),
    created_by: 'implement-command-lane',
  })
  return { kind: 'write_file', path, content }
}

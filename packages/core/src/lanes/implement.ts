/**
 * Beginning a work package: worktree, events, front matter and meta.json in one transaction with one commit
 * (docs/lanes.md). A refusal leaves everything as it was.
 */
import type { Implement } from '@spec-kitty/contracts/cli/implement'
import { KittyError } from '@spec-kitty/contracts/errors'
import { printSorted } from '@spec-kitty/contracts/json'
import { laneTestEnv } from '../repo/lanes/context.ts'
import { PLANNING_LANE } from '../repo/lanes/names.ts'
import { drawStamps, planAppend, type StatusFacts } from '../repo/log/emit.ts'
import { laneOf as statusLane } from '../repo/log/reduce.ts'
import { planWalk, standing } from '../repo/log/transition.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { isQuick } from '../repo/mission/types.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { addActivity } from '../repo/tasks/activity.ts'
import { editFrontMatter, printFrontMatter } from '../repo/tasks/front-matter.ts'
import { normalizeWpId, type WorkPackage } from '../repo/tasks/work-package.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { planCommit, refuseProtected } from '../write/commit.ts'
import { type Plan, transact } from '../write/transact.ts'
import { startRequests } from './claim.ts'
import { worktreeSettings } from './setup.ts'
import { type ImplementInput, requireStart, type StartFacts, startFacts } from './start.ts'
import { laneWorkspace, type Prepared, planningWorkspace, prepareLane, type Workspace } from './workspace.ts'

/** A begun work package, with what the prompt needs. */
export interface Started {
  readonly answer: Implement
  readonly project: Project
  readonly mission: Mission
  readonly wp: WorkPackage
  readonly packages: readonly WorkPackage[]
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
    const read = (wpId: string | undefined): Promise<StartFacts> =>
      startFacts(ports, project, mission, config, { ...input, wpId })
    const settings = worktreeSettings(config)
    const prepared =
      settings === undefined
        ? undefined
        : await prepareLane(ports, mission, project, settings, () => read(input.wpId), input)
    return await transact(ports, project, mission, async () =>
      planStart(ports, await read(prepared?.wpId ?? input.wpId), input, prepared),
    )
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

async function planStart(
  ports: Ports,
  facts: StartFacts,
  input: ImplementInput,
  prepared: Prepared | undefined,
): Promise<Plan<Started>> {
  requireStart(ports, facts, input.agent)
  const { project, mission, status, wp } = facts
  const workspace =
    facts.lane.lane_id === PLANNING_LANE
      ? planningWorkspace(ports, facts)
      : await laneWorkspace(ports, facts, input, prepared)
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
    policyMetadata: input.policyMetadata,
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
  wp: WorkPackage,
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

/** Analysis and charter are advice. */
function advise(ports: Pick<Ports, 'files' | 'note'>, { mission, status }: StartFacts): void {
  const begun = [...status.reduction.workPackages.values()].some(state => state.lane !== 'planned')
  if (begun || isQuick(mission) || ports.files.stat(`${mission.dir}/analysis-report.md`) !== undefined) return
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

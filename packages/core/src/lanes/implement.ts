/**
 * Beginning a work package: worktree, events, front matter and meta.json in one transaction with one commit
 * (docs/lanes.md). A refusal leaves everything as it was.
 */
import type { Implement } from '@spec-kitty/contracts/cli/implement'
import { KittyError } from '@spec-kitty/contracts/errors'
import { laneTestEnv } from '../repo/lanes/context.ts'
import { PLANNING_LANE } from '../repo/lanes/names.ts'
import { annotationRows, holderNews, holderOf } from '../repo/log/annotation.ts'
import { drawStamps, type StatusFacts } from '../repo/log/emit.ts'
import { laneOf as statusLane } from '../repo/log/reduce.ts'
import { planWalk, standing } from '../repo/log/transition.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { editMeta } from '../repo/mission/meta.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { isQuick } from '../repo/mission/types.ts'
import { requireCommittable } from '../repo/project/committer.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { addActivity } from '../repo/tasks/activity.ts'
import { editFrontMatter, type FrontMatterFile, printFrontMatter } from '../repo/tasks/front-matter.ts'
import { agentEdit, normalizeWpId, type WorkPackage } from '../repo/tasks/work-package.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { commits, refuseProtected } from '../write/commit.ts'
import { type Decision, write } from '../write/write.ts'
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
    const prepared = await prepare(ports, input)
    return await write(ports, input, async scene =>
      planStart(
        ports,
        await startFacts(ports, scene, { ...input, wpId: prepared?.wpId ?? input.wpId }),
        input,
        prepared,
      ),
    )
  } catch (cause) {
    throw withWp(cause, input.wpId)
  }
}

/** Refuses early where a commit will be refused: a set-up may take minutes. */
async function prepare(ports: Ports, input: ImplementInput): Promise<Prepared | undefined> {
  const project = locateProject(ports)
  const config = await readConfig(ports, project)
  const settings = worktreeSettings(config)
  if (settings === undefined) return undefined
  await refuseProtected(ports, project, config, input.autoCommit)
  if (commits(config, input.autoCommit)) await requireCommittable(ports, project.top)
  return await prepareLane(ports, settings, input)
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
): Promise<Decision<Started>> {
  requireStart(facts, input.agent)
  const { project, mission, status, wp } = facts
  const workspace =
    facts.lane.lane_id === PLANNING_LANE
      ? planningWorkspace(ports, facts)
      : await laneWorkspace(ports, facts, input, prepared)
  const bookkeeping = await planBookkeeping(ports, facts, input, workspace)
  advise(ports, facts)
  const answer: Started = {
    answer: answerOf(facts, workspace),
    project,
    mission,
    wp,
    packages: facts.packages,
    status,
    workspaceDir: workspace.directory,
  }
  return { files: workspace.changes, committable: workspace.merged, status, ...bookkeeping, answer }
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
): Promise<Omit<Decision<unknown>, 'answer' | 'committed'>> {
  const { mission, status, wp } = facts
  const actor = input.agent ?? input.actor ?? 'implement-command'
  const lane = statusLane(status.reduction, wp.id)
  const [first, ...stamps] = drawStamps(ports, status, 3)
  const recorded = wp.baseCommit !== null && (input.agent === undefined || wp.agent === input.agent)
  const rewrites = lane !== 'in_progress' || !recorded
  const at = first.at
  const edited = rewrites ? await editWp(ports, wp, workspace, input.agent, at) : wp.file
  const requests = startRequests({
    wpId: wp.id,
    lane,
    actor,
    workspace: workspace.relative,
    isolated: workspace.isolated,
    policyMetadata: {
      ...input.policyMetadata,
      ...holderOf(edited.fields),
      shell_pid_created_at: ports.env.startedAt,
      ...(workspace.isolated ? { lane_head: workspace.tip } : {}),
    },
  })
  const events = planWalk(mission, standing(status.reduction, wp.id), requests, stamps)
  const about = { id: wp.id, fields: edited.fields }
  const news = rewrites
    ? holderNews(status.reduction, events, about, { shell_pid_created_at: ports.env.startedAt })
    : {}
  return {
    events: [...annotationRows(mission, wp.id, actor, news, first), ...events],
    afterLog: [
      ...(rewrites ? [wpChange(ports, wp, edited, actor, at)] : []),
      ...metaChange(ports, mission, at),
    ],
    paths: [wp.path, missionPaths(mission).meta],
    message: `chore: ${wp.id} claimed for implementation`,
  }
}

/** The front matter with who works where. */
function editWp(
  ports: Ports,
  wp: WorkPackage,
  workspace: Workspace,
  agent: string | undefined,
  at: string,
): Promise<FrontMatterFile> {
  return editFrontMatter(ports, wp.file, {
    ...agentEdit(wp.file.fields, agent),
    shell_pid: String(ports.env.pid),
    base_branch: workspace.baseBranch,
    base_commit: workspace.baseCommit,
    created_at: typeof wp.file.fields.created_at === 'string' ? wp.file.fields.created_at : at,
  })
}

/** The same with a line in the activity log. */
function wpChange(ports: Ports, wp: WorkPackage, edited: FrontMatterFile, actor: string, at: string): Change {
  const entry = { at, actor, shellPid: String(ports.env.pid), note: 'Started implementation' }
  return {
    kind: 'write_file',
    path: wp.path,
    content: printFrontMatter(addActivity(edited, entry)),
    expect: printFrontMatter(wp.file),
  }
}

/** Locks the version control system in, once per mission. */
function metaChange(ports: Pick<Ports, 'files'>, mission: Mission, at: string): readonly Change[] {
  const { vcs, vcs_locked_at: since } = mission.meta
  if (vcs !== undefined && since !== undefined) return []
  return editMeta(ports, mission, { vcs: vcs ?? 'git', vcs_locked_at: since ?? at })
}

/** Analysis and charter are advice. */
function advise(ports: Pick<Ports, 'files' | 'note'>, { mission, status }: StartFacts): void {
  const begun = [...status.reduction.workPackages.values()].some(state => state.lane !== 'planned')
  if (begun || isQuick(mission) || ports.files.stat(`${mission.dir}/analysis-report.md`) !== undefined) return
  ports.note('Note: spec, plan and tasks are not compared yet: /spec-kitty.analyze')
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

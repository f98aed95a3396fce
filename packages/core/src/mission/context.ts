/** `agent context resolve`: from an action to its work package, branch, directory and commands. Reads only. */
import type { ContextResolve } from '@spec-kitty/contracts/cli/context-resolve'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { openDependencies } from '../repo/lanes/dependencies.ts'
import { executionLane, readLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, PLANNING_LANE } from '../repo/lanes/names.ts'
import { viewStatus } from '../repo/log/emit.ts'
import { laneOf, type Reduction } from '../repo/log/reduce.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { wordOf } from '../repo/tasks/lists.ts'
import { findWorkPackage, readWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'

const ACTIONS = [
  'specify',
  'plan',
  'analyze',
  'tasks',
  'tasks_outline',
  'tasks_packages',
  'tasks_finalize',
  'implement',
  'review',
  'accept',
  'status',
]

export interface ContextInput {
  readonly action: string
  readonly mission?: string | undefined
  readonly wpId?: string | undefined
  readonly agent?: string | undefined
}

/** Throws `invalid_input` (action), `not_ready` (no work package to act on), `wp_not_found`, and what naming a mission throws. */
export async function resolveContext(ports: Ports, input: ContextInput): Promise<ContextResolve> {
  if (!ACTIONS.includes(input.action)) {
    throw new KittyError('invalid_input', `There is no action '${input.action}'`, {
      hint: sh`Actions: ${listed(ACTIONS)}`,
      data: { error_code: 'INVALID_ACTION', action: input.action },
    })
  }
  const project = locateProject(ports)
  const mission = resolveMission(ports, project, input.mission)
  const { reduction } = await viewStatus(ports, project, mission)
  const wp = await chooseWp(ports, mission, reduction, input)
  return {
    success: true,
    action: input.action,
    mission_slug: mission.slug,
    feature_dir: mission.dir,
    target_branch: mission.targetBranch,
    detection_method: input.mission === undefined ? 'inferred' : 'explicit',
    ...(wp === undefined ? NO_WP : describeWp(ports, project, mission, reduction, wp)),
    auto_merge: false,
    commands: commandsFor(mission, input, wp?.id),
    warnings: [],
  }
}

const NO_WP = {
  wp_id: null,
  wp_file: null,
  lane: null,
  lane_id: null,
  branch_name: null,
  execution_mode: null,
  resolution_kind: null,
  dependencies: [],
  resolved_base: null,
  workspace_path: null,
}

/** In the order in which a lane is looked for; within it by id. */
const PREFERRED: Readonly<Record<string, readonly Lane[]>> = {
  implement: ['planned', 'claimed', 'in_progress'],
  review: ['for_review', 'in_review'],
}

async function chooseWp(
  ports: Ports,
  mission: Mission,
  reduction: Reduction,
  input: ContextInput,
): Promise<WorkPackage | undefined> {
  const preferred = PREFERRED[input.action]
  if (input.wpId !== undefined) return findWorkPackage(ports, mission, input.wpId)
  if (preferred === undefined) return undefined
  const { found: packages, unread } = await readWorkPackages(ports, mission)
  for (const lane of preferred) {
    const found = packages.find(
      wp => laneOf(reduction, wp.id) === lane && (lane !== 'planned' || isReady(reduction, wp)),
    )
    if (found !== undefined) return found
  }
  const illegible = unread.find(({ id }) => preferred.includes(laneOf(reduction, id)))
  if (illegible !== undefined) throw illegible.error
  throw new KittyError('not_ready', `No work package of ${mission.slug} can be taken for ${input.action}`, {
    hint: sh`See the board: spec-kitty agent tasks status --mission ${mission.slug}`,
    data: { mission_slug: mission.slug, action: input.action },
  })
}

function isReady(reduction: Reduction, wp: WorkPackage): boolean {
  return openDependencies(wp.dependencies, id => laneOf(reduction, id)).length === 0
}

function describeWp(ports: Ports, project: Project, mission: Mission, reduction: Reduction, wp: WorkPackage) {
  const manifest = readLanes(ports, mission)
  const laneId = manifest === undefined ? undefined : executionLane(manifest, wp.id)?.lane_id
  const planning = laneId === PLANNING_LANE
  return {
    wp_id: wp.id,
    wp_file: wp.path,
    lane: laneOf(reduction, wp.id),
    lane_id: laneId ?? null,
    branch_name: laneId === undefined ? null : planning ? mission.homeBranch : laneBranch(mission, laneId),
    execution_mode: wordOf(wp.file.fields.execution_mode) ?? 'code_change',
    resolution_kind: laneId === undefined ? null : planning ? 'repository_root' : 'lane_workspace',
    dependencies: [...wp.dependencies],
    resolved_base: wp.baseCommit,
    workspace_path: laneId === undefined ? null : laneDirectory(project, mission, laneId),
  }
}

function commandsFor(
  mission: Mission,
  input: ContextInput,
  wpId: string | undefined,
): Record<string, string> {
  const flag = ['--mission', mission.slug]
  const verb = input.action === 'review' ? 'review' : 'implement'
  const agent = input.agent === undefined ? [] : ['--agent', input.agent]
  return {
    check_prerequisites: sh`spec-kitty agent mission check-prerequisites --json --paths-only --include-tasks ${flag}`,
    finalize_tasks: sh`spec-kitty agent mission finalize-tasks ${flag} --json`,
    ...(wpId === undefined
      ? {}
      : { workflow: sh`spec-kitty agent action ${[verb, wpId, ...agent, ...flag]}` }),
  }
}

/** `verify-setup`: doctor in short, with what is where. */
import type { VerifySetup } from '@spec-kitty/contracts/cli/verify-setup'
import { KittyError, unlessRefused, unlessRefusedLater } from '@spec-kitty/contracts/errors'
import { type Program, readAgentFacts, wantedFiles } from '../project/agent-config/facts.ts'
import { doctorRow } from '../repo/finding.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneWorktree, missionBranch, PLANNING_LANE } from '../repo/lanes/names.ts'
import { reduceLog } from '../repo/log/reduce.ts'
import { readLogFile } from '../repo/log/source.ts'
import { listMissions, type Mission, resolveMission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { Project } from '../repo/project/locate.ts'
import { isMerged } from '../repo/summary.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { type Checkup, checkUp } from './doctor.ts'

/** Programs of the agents, and editors they live in. */
const TOOLS =
  'git claude gemini qwen code code-insiders cursor-agent windsurf kilocode opencode codex vibe pi letta auggie q kiro-cli'

export interface VerifyInput {
  readonly program: Program
  readonly mission?: string | undefined
}

/** Throws `not_a_repository`, and what naming a mission throws when one is named. Two git processes. */
export async function verifySetup(ports: Ports, input: VerifyInput): Promise<VerifySetup> {
  const checkup = await checkUp(ports, input)
  const { project } = checkup
  const mission = detect(ports, project, input.mission)
  const slug = mission instanceof KittyError ? null : mission.slug
  const findings = checkup.findings.map(doctorRow).filter(finding => finding.severity !== 'info')
  const fixes = findings.flatMap(finding => finding.fix ?? [])
  return {
    environment: {
      working_directory: ports.env.cwd,
      repo_root: project.checkout,
      project_root: ports.files.stat(join(project.root, '.kittify')) === undefined ? null : project.root,
      in_worktree: project.linked,
      current_branch: ports.git.head(project.checkout).branch,
      active_mission: slug,
    },
    feature_detection:
      mission instanceof KittyError
        ? { detected: false, error: mission.message }
        : {
            detected: true,
            mission_slug: mission.slug,
            mission_number: mission.number,
            mission_type: mission.type,
          },
    worktree_status: worktreeStatus(ports, project),
    file_integrity: { active_mission: slug, ...(await integrity(ports, input.program, checkup)) },
    feature_analysis: mission instanceof KittyError ? null : analysis(ports, project, mission),
    recommendations: [...new Set(fixes)],
    observations: findings.map(finding => `${finding.severity}: ${finding.message}`),
    tools: tools(ports),
    findings,
  }
}

/** The mission meant here; that there is none is an answer, that a named one does not exist is an error. */
function detect(ports: Ports, project: Project, handle: string | undefined): Mission | KittyError {
  try {
    return resolveMission(ports, project, handle)
  } catch (error) {
    if (handle === undefined && error instanceof KittyError) return error
    throw error
  }
}

function worktreeStatus(ports: Ports, project: Project): VerifySetup['worktree_status'] {
  const missions = listMissions(ports, project)
  const states = missions.map(mission => stateOf(ports, mission))
  const count = (state: ReturnType<typeof stateOf>) => states.filter(item => item === state).length
  const home = join(project.root, '.worktrees')
  const checkouts = ports.files
    .list(home)
    .filter(name => ports.files.stat(join(home, name, '.git')) !== undefined)
  return {
    total_features: missions.length,
    active_worktrees: checkouts.length,
    merged_features: count('merged'),
    in_development: count('in_development'),
    not_started: count('not_started'),
  }
}

type State = NonNullable<VerifySetup['feature_analysis']>['state']

function stateOf(ports: Pick<Ports, 'files'>, mission: Mission): State {
  if (isMerged(mission)) return 'merged'
  if (typeof mission.meta.closed_at === 'string') return 'closed'
  return lastActivity(ports, mission) === null ? 'not_started' : 'in_development'
}

/** When a work package last left `planned`; null before work began, or when the log cannot be read. */
function lastActivity(ports: Pick<Ports, 'files'>, mission: Mission): string | null {
  const log = unlessRefused(
    () => reduceLog(readLogFile(ports, missionPaths(mission).log) ?? ''),
    () => undefined,
  )
  const begun = [...(log?.workPackages.values() ?? [])].some(state => state.lane !== 'planned')
  return begun ? (log?.lastAt ?? null) : null
}

function analysis(ports: Ports, project: Project, mission: Mission): VerifySetup['feature_analysis'] {
  const worktrees = codeLanes(ports, mission)
    .map(id => laneWorktree(mission, id))
    .filter(path => ports.files.stat(join(project.root, path, '.git')) !== undefined)
  const [worktree] = worktrees
  const documents = (root: string): string[] =>
    ports.files.list(join(root, mission.rel)).filter(name => name.endsWith('.md'))
  const branch = `refs/heads/${branchOf(mission)}`
  return {
    name: mission.slug,
    branch_exists: ports.git.named(project.top, [branch]).size > 0,
    branch_merged: isMerged(mission),
    worktree_exists: worktree !== undefined,
    worktree_path: worktree ?? null,
    artifacts_in_main: documents(project.root),
    artifacts_in_worktree: worktree === undefined ? [] : documents(join(project.root, worktree)),
    last_activity: lastActivity(ports, mission),
    state: stateOf(ports, mission),
  }
}

function codeLanes(ports: Pick<Ports, 'files'>, mission: Mission): readonly string[] {
  const lanes =
    unlessRefused(
      () => readLanes(ports, mission)?.lanes,
      () => undefined,
    ) ?? []
  return lanes.map(lane => lane.lane_id).filter(id => id !== PLANNING_LANE)
}

function branchOf(mission: Mission): string {
  // An old mission without any identity never had a branch.
  return unlessRefused(
    () => missionBranch(mission),
    () => `kitty/mission-${mission.slug}`,
  )
}

async function integrity(ports: Ports, program: Program, { findings }: Checkup) {
  const named = (...codes: readonly string[]): string[] =>
    findings.flatMap(({ code, path }) => (codes.includes(code) ? (path ?? []) : []))
  const wanted = await expected(ports, program)
  // Of another edition: told once, and nothing of ours is there.
  const elsewhere = named('set_up_elsewhere').length > 0
  const missing = elsewhere ? wanted : named('file_missing', 'link_broken')
  const total = wanted.length
  return {
    total_expected: total,
    total_present: Math.max(0, total - missing.length),
    total_missing: missing.length,
    missing_files: missing,
    outdated_files: named('file_outdated'),
    edited_files: named('file_edited'),
  }
}

async function expected(ports: Ports, program: Program): Promise<string[]> {
  const facts = await unlessRefusedLater(
    () => readAgentFacts(ports, program),
    () => undefined,
  )
  return facts === undefined ? [] : wantedFiles(facts, facts.settings.agents).map(file => file.path)
}

/** Looked up on PATH; nothing is started. */
function tools({ env }: Pick<Ports, 'env'>): VerifySetup['tools'] {
  return Object.fromEntries(TOOLS.split(' ').map(name => [name, { available: env.find(name) !== undefined }]))
}

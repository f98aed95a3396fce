/** Everything an acceptance is judged by, read once (docs/merge.md). */

import type { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { isArray, isObject } from '@spec-kitty/contracts/json'
import { readLanes } from '../repo/lanes/manifest.ts'
import { missionBranch } from '../repo/lanes/names.ts'
import { readHolder, type StatusFacts } from '../repo/log/emit.ts'
import { readLog } from '../repo/log/log.ts'
import { laneOf } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { requireWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import { join, relativeTo } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { commits } from '../write/commit.ts'
import { checkInvariants } from './invariants.ts'
import {
  type Approval,
  parseMatrix,
  printMatrix,
  withApprovals,
  withInvariants,
  withVerdict,
} from './matrix.ts'
import { type AcceptFacts, isFinished, type TestRun } from './rules.ts'

export interface FactsRequest {
  readonly lenient: boolean
  readonly tests: readonly string[]
  /** False for a diagnosis: nothing of the user's is run. */
  readonly execute: boolean
  readonly autoCommit?: boolean | undefined
}

/** How long one `--test` command may take. */
const TEST_LIMIT_MS = 10 * 60_000

const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  'software-dev': ['src/', 'tests/', 'docs/', 'contracts/'],
}
const OPTIONAL = ['research.md', 'data-model.md', 'quickstart.md', 'contracts', 'checklists'] as const

/** One git process, more only for negative invariants. Throws `file_malformed`, `log_corrupt`. */
export async function acceptFacts(
  ports: Ports,
  project: Project,
  mission: Mission,
  config: ProjectConfig,
  status: StatusFacts,
  request: FactsRequest,
): Promise<AcceptFacts> {
  const paths = missionPaths(mission)
  const packages = await requireWorkPackages(ports, mission)
  const lanes = readLanes(ports, mission)
  const dirty = await ports.git.status(project.top)
  const holder = readHolder(ports, project, status.reduction)
  const missing = (root: string, names: readonly string[]): string[] =>
    names.filter(name => ports.files.stat(join(root, name.replace(/\/$/, ''))) === undefined)
  return {
    mission,
    root: project.root,
    primary: project.root,
    checkout: project.checkout,
    branch: ports.git.head(project.top).branch,
    missionBranch: lanes?.mission_branch ?? missionBranch(mission),
    lanesTarget: lanes?.target_branch,
    workPackages: packages.map(item => ({
      id: item.id,
      title: item.title,
      lane: laneOf(status.reduction, item.id),
      path: relativeTo(project.root, item.path),
      agent: holder(item.id, 'agent', item.agent),
      assignee: item.assignee,
      shellPid: holder(item.id, 'shell_pid', item.shellPid),
    })),
    spec: ports.files.text(paths.spec),
    plan: ports.files.text(paths.plan),
    tasks: ports.files.text(paths.tasksFile),
    ticks: status.reduction.ticks,
    resolvedDecisions: resolvedDecisions(ports, mission),
    dirty,
    uncommittedBookkeeping: !commits(config, request.autoCommit) || config.commits === 'phase',
    ...(await readMatrix(ports, project, mission, lanes, approvalsOf(packages, status), request.execute)),
    missingFolders: missing(project.root, FOLDERS[mission.type] ?? []),
    optionalMissing: missing(mission.dir, OPTIONAL),
    tests: request.execute ? await runTests(ports, project, request.tests) : [],
    lenient: request.lenient,
  }
}

async function readMatrix(
  ports: Ports,
  project: Project,
  mission: Mission,
  lanes: LanesJson | undefined,
  approvals: ReadonlyMap<string, Approval>,
  execute: boolean,
): Promise<Pick<AcceptFacts, 'matrix' | 'matrixChanged'>> {
  const path = missionPaths(mission).matrix
  const text = ports.files.text(path)
  if (text === undefined) return { matrix: undefined, matrixChanged: false }
  const matrix = parseMatrix(path, text)
  const results = await checkInvariants(ports, project, mission, lanes, matrix, execute)
  const judged = withVerdict(withInvariants(withApprovals(matrix, approvals), results))
  return { matrix: judged, matrixChanged: printMatrix(judged) !== printMatrix(matrix) }
}

/**
 * Requirement → approval, for requirements all of whose packages are approved (ADR 0012). A requirement that no
 * package names has none.
 */
export function approvalsOf(
  packages: readonly Pick<WorkPackage, 'id' | 'requirementRefs'>[],
  status: StatusFacts,
): ReadonlyMap<string, Approval> {
  const reviews = new Map<string, Approval>()
  for (const row of readLog(status.log.text)) {
    if (row.kind !== 'transition' || (row.value.to_lane !== 'approved' && row.value.to_lane !== 'done'))
      continue
    const { wp_id: wpId, at, evidence } = row.value
    const review = isObject(evidence) ? evidence.review : undefined
    if (!isObject(review) || typeof review.reviewer !== 'string') continue
    const text = `${wpId} approved by ${review.reviewer} (${String(review.reference ?? '')})`
    reviews.set(wpId, { text, reviewer: review.reviewer, at })
  }
  const requirements = new Set(packages.flatMap(item => item.requirementRefs))
  const found = new Map<string, Approval>()
  for (const requirement of requirements) {
    const covering = packages.filter(
      item => item.requirementRefs.includes(requirement) && laneOf(status.reduction, item.id) !== 'canceled',
    )
    const approvals = covering.flatMap(item => reviews.get(item.id) ?? [])
    const last = approvals.toSorted((a, b) => (a.at < b.at ? -1 : 1)).at(-1)
    const settled = covering.every(item => isFinished({ lane: laneOf(status.reduction, item.id) }))
    if (last === undefined || !settled || approvals.length < covering.length) continue
    found.set(requirement, { ...last, text: approvals.map(item => item.text).join('; ') })
  }
  return found
}

function resolvedDecisions(ports: Pick<Ports, 'files'>, mission: Mission): ReadonlySet<string> {
  const text = ports.files.text(join(mission.dir, 'decisions', 'index.json'))
  if (text === undefined) return new Set()
  const { entries } = parseMatrix(join(mission.dir, 'decisions', 'index.json'), text)
  const rows = isArray(entries) ? entries.filter(isObject) : []
  return new Set(rows.filter(row => row.status === 'resolved').map(row => String(row.decision_id)))
}

async function runTests(
  ports: Ports,
  project: Project,
  commands: readonly string[],
): Promise<readonly TestRun[]> {
  const runs: TestRun[] = []
  for (const command of commands) {
    ports.note(`Running ${command}`)
    const { status, output } = await ports.env.shell(command, { cwd: project.root, limitMs: TEST_LIMIT_MS })
    if (status !== 0) ports.note(output.trimEnd().split('\n').slice(-15).join('\n'))
    runs.push({ command, status, output })
  }
  return runs
}

/** The board as a read model: shared by the command, the dashboard and the web. No git process. */

import type { BoardRow, TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES, type Lane } from '@spec-kitty/contracts/lanes'
import { formatMicros, parseMillis } from '@spec-kitty/contracts/time'
import { actorName } from '../repo/log/actor.ts'
import { type Authors, isSelfApproved, readAuthors } from '../repo/log/authors.ts'
import { readHolder, viewStatus } from '../repo/log/emit.ts'
import type { LogText } from '../repo/log/log.ts'
import { percent, weightedPercentage } from '../repo/log/progress.ts'
import { type Reduction, stateOf, type WpState } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { landingOf } from '../repo/mission/landing.ts'
import type { ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { type CycleFile, cyclesByWp, isRejected, readCycle, type Verdicts } from '../repo/review/cycle.ts'
import { readScalars } from '../repo/tasks/front-matter.ts'
import { wordOf } from '../repo/tasks/lists.ts'
import { readSubtasks } from '../repo/tasks/subtasks.ts'
import { packagesWithoutFile, withoutFile } from '../repo/tasks/without-file.ts'
import { agentOf, listWpFiles } from '../repo/tasks/work-package.ts'
import { basename } from '../text/paths.ts'
import { scalarPattern } from '../text/simple-yaml.ts'
import { wpKey } from '../text/wp-id.ts'
import { keep } from '../world/kept.ts'
import type { Ports } from '../world/ports.ts'
import { duration } from './duration.ts'
import { type Pulse, pulseReader } from './pulse.ts'
import { countSubtasks } from './subtasks.ts'

/** Minutes without a sign of life after which work in progress counts as stale. */
export const STALE_MINUTES = 10

interface Settings {
  readonly config: ProjectConfig
  /** Minutes; `STALE_MINUTES` when left out. */
  readonly staleMinutes?: number | undefined
  /** Read the files of so many work packages of a lane; of the others only id and lane are known. Default: all. */
  readonly rowsPerLane?: number | undefined
  /** The log as it stands, for who follows it. Default: it is read. */
  readonly log?: BoardLog | undefined
}

/** What the board takes from the log; who built and approved what counts only where the project asks for others' eyes. */
interface BoardLog {
  readonly reduction: Reduction
  readonly authors: ReadonlyMap<string, Authors>
}

type Where = Pick<Ports, 'files' | 'git' | 'yaml' | 'clock' | 'note' | 'kept'>

/**
 * Where every work package stands. A file that cannot be read is still on the board, and a note names it.
 * Throws `log_corrupt`: a board on half a log would be a lie.
 */
export async function readBoard(
  ports: Where,
  project: Project,
  mission: Mission,
  { config, staleMinutes = STALE_MINUTES, rowsPerLane = Number.POSITIVE_INFINITY, ...known }: Settings,
): Promise<TasksStatus> {
  const { reduction, authors } = known.log ?? (await readForBoard(ports, project, mission, config))
  const files = listWpFiles(ports, mission)
  for (const id of packagesWithoutFile(ports, mission, files)) ports.note(withoutFile(id, mission))
  const independent = config.independence !== 'off'
  const now = parseMillis(ports.clock.now()) ?? 0
  const pulseOf = pulseReader(ports, project, mission)
  const cycles = cyclesByWp(ports, mission)
  const subtasks = countSubtasks(readSubtasks(ports, mission, reduction.ticks), reduction.ticks)
  const holder = readHolder(ports, project, reduction)
  const rows: BoardRow[] = []
  const seen = new Map<Lane, number>()
  for (const { id, path } of files) {
    const state = stateOf(reduction, id)
    const lane = state?.lane ?? 'genesis'
    const rank = seen.get(lane) ?? 0
    seen.set(lane, rank + 1)
    const basics = basicsOf(id, path, rank < rowsPerLane ? await readFields(ports, path) : {})
    const live = lane === 'in_progress' && basics.workspace_kind === 'lane_workspace'
    const agent = holder(id, 'agent', basics.agent)
    const row: BoardRow = { ...basics, agent, shell_pid: holder(id, 'shell_pid', basics.shell_pid), lane }
    const count = subtasks.get(wpKey(id))
    if (count !== undefined) row.subtasks = count
    if (live) addStaleness(row, pulseOf(id), state, { now, limit: staleMinutes })
    if (isThrough(lane)) {
      const latest = cycles.get(id)?.at(-1)
      if (latest !== undefined) await addStaleVerdict(row, ports, latest, reduction)
      if (independent && isSelfApproved(authors.get(wpKey(id)) ?? {})) row.self_approved = true
    }
    if (lane === 'in_review') addStall(row, state, { now, limit: config.stallMinutes })
    rows.push(row)
  }
  return summarize(mission, config, rows)
}

/** What the board takes from the log, and the log itself. Throws `log_corrupt`. */
export async function readForBoard(
  ports: Where,
  project: Project,
  mission: Mission,
  config: ProjectConfig,
): Promise<BoardLog & { readonly text: LogText }> {
  const { log, reduction } = await viewStatus(ports, project, mission)
  const judged =
    config.independence !== 'off' && [...reduction.workPackages.values()].some(({ lane }) => isThrough(lane))
  return { reduction, text: log.text, authors: judged ? readAuthors(log.text) : new Map() }
}

function isThrough(lane: Lane): boolean {
  return lane === 'approved' || lane === 'done'
}

type Basics = Omit<BoardRow, 'lane'>

function basicsOf(id: string, path: string, fields: JsonObject): Basics {
  const mode = wordOf(fields.execution_mode) ?? 'code_change'
  return {
    id,
    title: wordOf(fields.title) ?? wordOf(fields.work_package_title) ?? id,
    phase: wordOf(fields.phase) ?? null,
    file: basename(path),
    agent: agentOf(fields) ?? null,
    agent_profile: wordOf(fields.agent_profile) ?? null,
    shell_pid: wordOf(fields.shell_pid) ?? null,
    execution_mode: mode,
    workspace_kind: mode === 'planning_artifact' ? 'repo_root' : 'lane_workspace',
  }
}

const KEYS = scalarPattern([
  'title',
  'work_package_title',
  'phase',
  'agent',
  'agent_profile',
  'shell_pid',
  'execution_mode',
])

async function readFields(ports: Where, path: string): Promise<JsonObject> {
  try {
    return await keep(ports, 'scalars', path, () =>
      readScalars(ports, path, ports.files.front(path) ?? '', KEYS),
    )
  } catch (error) {
    if (!(error instanceof KittyError)) throw error
    ports.note(error.message)
    return {}
  }
}

/** Milliseconds and minutes. */
interface Limit {
  readonly now: number
  readonly limit: number
}

/** Quiet is stale only when the work package has been quiet too: a fresh claim of an old lane is no stale work. */
function addStaleness(row: BoardRow, pulse: Pulse, state: WpState | undefined, { now, limit }: Limit): void {
  const minutes = pulse.lastCommitMs === undefined ? null : minutesBetween(pulse.lastCommitMs, now)
  const moved = minutesBetween(parseMillis(state?.last_transition_at ?? '') ?? now, now)
  const stale = minutes !== null && Math.min(minutes, moved) > limit
  const status = stale ? 'stale' : minutes === null ? 'unknown' : 'fresh'
  row.stale = {
    status,
    reason: minutes === null ? 'no commit in its worktree' : null,
    minutes_since_commit: minutes,
    last_commit_time: pulse.lastCommitMs === undefined ? null : formatMicros(pulse.lastCommitMs * 1000),
    threshold_minutes: limit,
  }
  row.is_stale = stale
  row.minutes_since_commit = minutes
  row.worktree_exists = pulse.exists
}

function addStall(row: BoardRow, state: WpState | undefined, { now, limit }: Limit): void {
  const since = parseMillis(state?.last_transition_at ?? '')
  const minutes = since === undefined ? 0 : minutesBetween(since, now)
  if (minutes <= limit) return
  const reviewer = actorName(state?.actor ?? null)
  row._stall_label = `stalled ${duration(minutes)}`
  row.review_stall = { minutes_in_review: minutes, threshold_minutes: limit, reviewer }
}

async function addStaleVerdict(row: BoardRow, ports: Where, latest: CycleFile, log: Verdicts): Promise<void> {
  try {
    if (!isRejected(await readCycle(ports, latest, log))) return
    row._stale_verdict = 'rejected'
    row.stale_review_artifact = basename(latest.path)
  } catch (error) {
    if (!(error instanceof KittyError)) throw error
    ports.note(error.message)
  }
}

function minutesBetween(from: number, to: number): number {
  return Math.max(0, Math.floor((to - from) / 60_000))
}

function summarize(mission: Mission, config: ProjectConfig, rows: readonly BoardRow[]): TasksStatus {
  const lanes = rows.map(row => row.lane as Lane)
  const order: readonly Lane[] = ['genesis', ...DISPLAY_LANES]
  const counted = new Map<Lane, number>()
  for (const lane of lanes) counted.set(lane, (counted.get(lane) ?? 0) + 1)
  const counts = order.flatMap(lane => (counted.has(lane) ? [[lane, counted.get(lane) ?? 0] as const] : []))
  const weighted = weightedPercentage(lanes)
  const done = lanes.filter(lane => lane === 'done').length
  return {
    mission_slug: mission.slug,
    mission_number: mission.number,
    mission_type: mission.type,
    target_branch: mission.targetBranch,
    total_wps: rows.length,
    by_lane: Object.fromEntries(counts),
    work_packages: [...rows],
    progress_percentage: weighted,
    progress_semantics: 'weighted_readiness',
    weighted_percentage: weighted,
    done_count: done,
    done_percentage: percent(done, rows.length),
    stale_wps: rows.filter(row => row.is_stale === true).length,
    stale_verdicts: rows.flatMap(row =>
      row.stale_review_artifact === undefined
        ? []
        : [{ wp_id: row.id, lane: row.lane, verdict: 'rejected', artifact: row.stale_review_artifact }],
    ),
    stalled_wps: rows.filter(row => row.review_stall !== undefined).map(row => row.id),
    auto_commit: config.autoCommit,
    landing: landingOf(mission),
  }
}

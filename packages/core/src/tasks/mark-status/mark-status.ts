/** `agent tasks mark-status`: one lock, one read, one write per file, one commit. */
import type { MarkStatus } from '@spec-kitty/contracts/cli/mark-status'
import { KittyError } from '@spec-kitty/contracts/errors'
import { isObject, type JsonObject } from '@spec-kitty/contracts/json'
import { drawStamps, planAppend, readStatus, type StatusFacts } from '../../repo/log/emit.ts'
import { scanLog } from '../../repo/log/log.ts'
import { refuseCoordination } from '../../repo/log/source.ts'
import { standing } from '../../repo/log/transition.ts'
import { type Mission, resolveMission } from '../../repo/mission/handle.ts'
import { missionPaths } from '../../repo/mission/paths.ts'
import { readConfig } from '../../repo/project/config.ts'
import { locateProject, type Project, requireKittify } from '../../repo/project/locate.ts'
import { parseTasks, printTasks } from '../../repo/tasks/document.ts'
import type { TaskState } from '../../repo/tasks/rows.ts'
import { listWpFiles, readWpId } from '../../repo/tasks/work-package.ts'
import type { Change } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import { planCommit, refuseProtected } from '../../write/commit.ts'
import { transact } from '../../write/transact.ts'
import { type AskedId, type Resolution, resolveIds } from './resolve.ts'
import type { WpLog } from './wp-id.ts'

export interface MarkStatusInput {
  readonly taskIds: readonly string[]
  readonly status: string
  readonly mission?: string | undefined
  readonly autoCommit?: boolean | undefined
}

/** Throws `invalid_input`, `tasks_missing`, and what every writing command refuses. Ids that fail are part of the answer. */
export async function markStatus(ports: Ports, input: MarkStatusInput): Promise<MarkStatus> {
  const state = readState(input.status)
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  refuseCoordination(mission)
  readTasks(ports, mission)
  const config = await readConfig(ports, project)
  refuseProtected(ports, project, config, input.autoCommit)
  const asked = input.taskIds.map(id => readAskedId(ports, project, mission, id))
  return transact(ports, project, mission, async () => {
    const text = readTasks(ports, mission)
    // The log is read only for ids that could need it: ticking subtasks stays cheap however long the log is.
    const wanted = asked.filter(({ id }) => readWpId(id) !== undefined).length
    const status = wanted > 0 ? await readStatus(ports, project, mission) : undefined
    const log = wpLog(ports, mission, status, wanted)
    const resolution = resolveIds(parseTasks(text), log, asked, state)
    const { changes, paths, queue } = planFiles(mission, text, resolution, status)
    const message = commitMessage(mission, resolution.answer, state)
    const commit =
      changes.length === 0
        ? []
        : planCommit(project, config, { paths, message, autoCommit: input.autoCommit })
    return { changes: [...changes, ...commit, ...queue], result: resolution.answer }
  })
}

function readState(status: string): TaskState {
  if (status === 'done' || status === 'pending') return status
  throw new KittyError('invalid_input', `Invalid status '${status}'. Must be 'done' or 'pending'.`, {
    hint: 'To move a work package: spec-kitty agent tasks move-task WP01 --to LANE',
    data: { status },
  })
}

function readTasks(ports: Pick<Ports, 'files'>, mission: Mission): string {
  const path = missionPaths(mission).tasksFile
  const text = ports.files.text(path)
  if (text !== undefined) return text
  throw new KittyError('tasks_missing', `tasks.md not found: ${path}`, {
    hint: `Write ${mission.rel}/tasks.md, then: spec-kitty agent mission finalize-tasks --mission ${mission.slug}`,
    data: { path },
  })
}

/** `T001`, `<mission>/T001`, `<mission>:WP02` (docs/formats.md); the qualifier must name this mission. */
function readAskedId(ports: Pick<Ports, 'files'>, project: Project, mission: Mission, text: string): AskedId {
  const typed = text.trim()
  const match = /^(?:([A-Za-z0-9][\w.-]*)[/:])?([A-Za-z]+\d+)$/.exec(typed)
  if (match === null) return { id: typed }
  const id = (match[2] ?? '').toUpperCase()
  const qualifier = match[1]
  if (qualifier === undefined || names(ports, project, mission, qualifier)) return { id }
  return { id, refusal: `${id}: '${qualifier}' does not name the mission ${mission.slug}.` }
}

function names(ports: Pick<Ports, 'files'>, project: Project, mission: Mission, qualifier: string): boolean {
  try {
    return resolveMission(ports, project, qualifier).slug === mission.slug
  } catch (error) {
    if (error instanceof KittyError) return false
    throw error
  }
}

function wpLog(
  ports: Ports,
  mission: Mission,
  status: StatusFacts | undefined,
  count: number,
): WpLog | undefined {
  if (status === undefined) return undefined
  const files = listWpFiles(ports, mission)
  const stamps = drawStamps(ports, status, count)
  let drawn = 0
  return {
    owner: mission,
    standing: wp => {
      const known = status.reduction.workPackages.has(wp) || files.some(file => file.id === wp)
      return known ? standing(status.reduction, wp) : undefined
    },
    approval: wp => approvalOf(status, wp),
    stamp: () => stamps[drawn++] ?? stamps[0],
  }
}

/** Evidence of the last approval; an old event without one still tells who approved. */
function approvalOf(status: StatusFacts, wp: string): JsonObject | undefined {
  let evidence: JsonObject | undefined
  for (const row of scanLog(status.log.text)) {
    if (row.kind !== 'transition' || row.value.wp_id !== wp || row.value.to_lane !== 'approved') continue
    const { actor, event_id: id, evidence: given } = row.value
    const reviewer = typeof actor === 'string' ? actor : JSON.stringify(actor)
    const whole = isObject(given) && isObject(given.review)
    evidence = whole ? given : { review: { reviewer, verdict: 'approved', reference: `event:${id}` } }
  }
  return evidence
}

interface FilePlan {
  readonly changes: readonly Change[]
  readonly paths: readonly string[]
  readonly queue: readonly Change[]
}

function planFiles(
  mission: Mission,
  before: string,
  { document, events }: Resolution,
  status: StatusFacts | undefined,
): FilePlan {
  const path = missionPaths(mission).tasksFile
  const content = printTasks(document)
  const tasks: Change[] = content === before ? [] : [{ kind: 'write_file', path, content, expect: before }]
  const append = status === undefined || events.length === 0 ? undefined : planAppend(status, events)
  return {
    changes: [...tasks, ...(append?.changes ?? [])],
    paths: [...(tasks.length > 0 ? [path] : []), ...(append?.paths ?? [])],
    queue: append?.queue ?? [],
  }
}

function commitMessage(mission: Mission, { results, summary }: MarkStatus, state: TaskState): string {
  const [first] = results.filter(result => result.outcome === 'updated')
  const what = summary.updated === 1 ? first?.id : `${summary.updated} subtasks`
  return `chore: Mark ${what} as ${state} on spec ${mission.slug}`
}

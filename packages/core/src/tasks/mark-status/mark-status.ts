/** `agent tasks mark-status`: one lock, one read, one write per file, one commit. */

import type { MarkStatus } from '@spec-kitty/contracts/cli/mark-status'
import { KittyError, unlessRefused } from '@spec-kitty/contracts/errors'
import { isObject, type JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { actorName } from '../../repo/log/actor.ts'
import { annotationRows, tickNews } from '../../repo/log/annotation.ts'
import { drawStamps, type StatusFacts } from '../../repo/log/emit.ts'
import { scanLog } from '../../repo/log/log.ts'
import { stateOf } from '../../repo/log/reduce.ts'
import { standing } from '../../repo/log/transition.ts'
import { type Mission, resolveMission } from '../../repo/mission/handle.ts'
import { missionPaths } from '../../repo/mission/paths.ts'
import { isShared } from '../../repo/project/editions.ts'
import type { Project } from '../../repo/project/locate.ts'
import { parseTasks, printTasks } from '../../repo/tasks/document.ts'
import { TASK_ID, type TaskState } from '../../repo/tasks/rows.ts'
import { subtasksByWp } from '../../repo/tasks/subtasks.ts'
import { listWpFiles } from '../../repo/tasks/work-package.ts'
import { readWpId, sameWp, wpId } from '../../text/wp-id.ts'
import { rewrite } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import { write } from '../../write/write.ts'
import { type AskedId, resolveIds } from './resolve.ts'
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
  return write(ports, input, async ({ project, mission, status }) => {
    const text = readTasks(ports, mission)
    const asked = input.taskIds
      .flatMap(id => id.split(','))
      .filter(id => id.trim() !== '')
      .map(id => readAskedId(ports, project, mission, id))
    // The log is read only for ids that could need it: ticking subtasks stays cheap however long the log is.
    const wanted = asked.filter(({ id }) => readWpId(id) !== undefined).length
    const log = wanted > 0 ? wpLog(ports, mission, await status(), wanted) : undefined
    const { document, events, answer } = resolveIds(parseTasks(text), log, asked, state)
    const after = printTasks(document)
    const ticked = answer.results.flatMap(({ id, format }) =>
      format === null || format === 'wp_id' ? [] : [id],
    )
    const told =
      isShared(ports, project) && ticked.length > 0 ? tickRowsOf(ports, await status(), after, ticked) : []
    const rows = [...events, ...told]
    return {
      files: rewrite(missionPaths(mission).tasksFile, text, after),
      events: rows.length === 0 ? undefined : rows,
      message: commitMessage(mission, answer, state),
      answer,
    }
  })
}

/**
 * The strategies edit the artefact and never the log; later editions look for ticks in the log alone. So where one of
 * them works on the project, the log repeats what tasks.md says of these ids.
 */
function tickRowsOf(
  ports: Ports,
  status: StatusFacts,
  text: string,
  ids: readonly string[],
): readonly JsonObject[] {
  const { mission, reduction } = status
  const packages = [...subtasksByWp(text, new Map())].flatMap(([key, tasks]) => {
    const named = tasks.filter(({ id }) => id !== undefined && ids.includes(id))
    return named.length === 0 ? [] : [{ wpId: wpId(key), named }]
  })
  // Behind those of events of the same command.
  const stamps = drawStamps(ports, status, packages.length + ids.length + 1).slice(ids.length)
  return packages.flatMap(({ wpId, named }, i) => {
    const stamp = stamps[i]
    return stamp === undefined
      ? []
      : annotationRows(mission, wpId, 'user', tickNews(reduction, wpId, named), stamp)
  })
}

function readState(status: string): TaskState {
  if (status === 'done' || status === 'pending') return status
  throw new KittyError('invalid_input', `Invalid status '${status}'. Must be 'done' or 'pending'.`, {
    hint: sh`To move a work package: spec-kitty agent tasks move-task WP01 --to LANE`,
    data: { status },
  })
}

function readTasks(ports: Pick<Ports, 'files'>, mission: Mission): string {
  const path = missionPaths(mission).tasksFile
  const text = ports.files.text(path)
  if (text !== undefined) return text
  throw new KittyError('tasks_missing', `tasks.md not found: ${path}`, {
    hint: sh`Write ${mission.rel}/tasks.md, then: spec-kitty agent mission finalize-tasks --mission ${mission.slug}`,
    data: { path },
  })
}

/** `T001`, `WP02/T001`, `<mission>/T001`, `<mission>:WP02` (docs/formats.md); the qualifier must name this mission. */
function readAskedId(ports: Pick<Ports, 'files'>, project: Project, mission: Mission, text: string): AskedId {
  const typed = text.trim()
  const match = ASKED.exec(typed)
  if (match === null) return { id: typed }
  const id = (match[2] ?? '').toUpperCase()
  const qualifier = match[1]
  const wp = qualifier === undefined ? undefined : readWpId(qualifier)
  if (wp !== undefined) return { id, wp }
  if (qualifier === undefined || names(ports, project, mission, qualifier)) return { id }
  return { id, refusal: `${id}: '${qualifier}' does not name the mission ${mission.slug}.` }
}

const ASKED = new RegExp(`^(?:([A-Za-z0-9][\\w.-]*)[/:])?(${TASK_ID})$`)

function names(ports: Pick<Ports, 'files'>, project: Project, mission: Mission, qualifier: string): boolean {
  return unlessRefused(
    () => resolveMission(ports, project, qualifier).slug === mission.slug,
    () => false,
  )
}

function wpLog(ports: Ports, mission: Mission, status: StatusFacts, count: number): WpLog {
  const files = listWpFiles(ports, mission)
  const stamps = drawStamps(ports, status, count)
  let drawn = 0
  return {
    owner: mission,
    standing: wp => {
      const known = stateOf(status.reduction, wp) !== undefined || files.some(file => sameWp(file.id, wp))
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
    const whole = isObject(given) && isObject(given.review)
    evidence = whole
      ? given
      : { review: { reviewer: actorName(actor), verdict: 'approved', reference: `event:${id}` } }
  }
  return evidence
}

function commitMessage(mission: Mission, { results, summary }: MarkStatus, state: TaskState): string {
  const [first] = results.filter(result => result.outcome === 'updated')
  const what = summary.updated === 1 ? first?.id : `${summary.updated} subtasks`
  return `chore: Mark ${what} as ${state} on spec ${mission.slug}`
}

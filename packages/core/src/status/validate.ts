/** Whether a log keeps today's rules, and status.json the log's. Reading only; pure below the flow. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { transitionProblems } from '@spec-kitty/contracts/files/events'
import {
  isObject,
  type Json,
  type JsonObject,
  parseJson,
  parseObject,
  printLine,
} from '@spec-kitty/contracts/json'
import { isTerminated, type LogRow, type LogText, scanLog } from '../repo/log/log.ts'
import { isLegal } from '../repo/log/matrix.ts'
import { reduceLog } from '../repo/log/reduce.ts'
import { startSeen } from '../repo/log/seen.ts'
import {
  readSnapshotText,
  type Snapshot,
  type SnapshotIdentity,
  snapshotOf,
  styleOf,
} from '../repo/log/snapshot.ts'
import { readMissionLog } from '../repo/log/source.ts'
import { resolveMission } from '../repo/mission/handle.ts'
import { locateProject, requireKittify } from '../repo/project/locate.ts'
import { listWpIds } from '../repo/tasks/work-package.ts'
import { wpKey } from '../text/wp-id.ts'
import type { Ports } from '../world/ports.ts'

export interface Validation {
  readonly mission_slug: string
  readonly passed: boolean
  readonly errors: readonly string[]
  /** Worth a look; the log passes all the same. */
  readonly warnings: readonly string[]
  readonly error_count: number
  readonly warning_count: number
}

type TransitionRow = Extract<LogRow, { kind: 'transition' }>

/** Judges log and snapshot of a mission. A log that cannot be read is the one error of the answer. */
export async function validateStatus(
  ports: Ports,
  input: { readonly mission?: string | undefined },
): Promise<Validation> {
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  try {
    const log = await readMissionLog(ports, project, mission)
    const { text } = log
    const snapshotText = readSnapshotText(ports, mission)
    const findings = judgeLog(text, listWpIds(ports, mission), mission.id)
    const unowned = findings.unowned.map(wpId => `${wpId} has events, but no work package file`)
    const unterminated = isTerminated(text) ? [] : ['The log has no line feed at its end']
    // The snapshot of a coordination mission lies on its branch, with half of the log.
    const drift =
      mission.coordination === null ? snapshotDrift(text, snapshotText, mission).map(driftLine) : []
    const missing = log.exists ? [] : ['There is no event log yet']
    return answer(
      mission.slug,
      [...findings.errors, ...drift],
      [...findings.warnings, ...unowned, ...unterminated, ...missing],
    )
  } catch (error) {
    if (!(error instanceof KittyError) || !['log_corrupt', 'not_utf8'].includes(error.code)) throw error
    return answer(mission.slug, [error.message], [])
  }
}

function answer(slug: string, errors: readonly string[], warnings: readonly string[]): Validation {
  const counts = { error_count: errors.length, warning_count: warnings.length }
  return { mission_slug: slug, passed: errors.length === 0, errors, warnings, ...counts }
}

export interface Judgement {
  readonly errors: readonly string[]
  readonly warnings: readonly string[]
  /** Work packages with events, but without a file. */
  readonly unowned: readonly string[]
}

/** All findings about the events, in file order. Throws `log_corrupt`. */
export function judgeLog(text: LogText, wpIds: readonly string[], missionId: string | null): Judgement {
  const errors: string[] = []
  const [jumps, strangers]: [string[], string[]] = [[], []]
  const lanes = new Map<string, string>()
  const seen = startSeen()
  const repeated = new Set<string>()
  for (const row of scanLog(text)) {
    const { event_id: id } = row.value
    if (typeof id === 'string' && !seen.add(id)) repeated.add(id)
    if (row.kind !== 'transition') continue
    errors.push(...eventErrors(row))
    jumps.push(...discontinuity(row, lanes))
    strangers.push(...foreign(row, missionId))
  }
  return {
    errors,
    warnings: [...duplicateIds(text, repeated), ...jumps, ...strangers],
    unowned: unownedWps(lanes.keys(), wpIds),
  }
}

function eventErrors({ raw, value }: TransitionRow): readonly string[] {
  const event = (problem: string): string => `Event ${value.event_id}: ${problem}`
  // The reader has mended what old logs spell differently; here the line itself is judged.
  const schema = transitionProblems(parseJson(raw.replace(/^\ufeff/, '')))
  return [...schema, ...ruleErrors(value)].map(event)
}

function ruleErrors(value: TransitionRow['value']): readonly string[] {
  const { from_lane: from, to_lane: to, force } = value
  const errors: string[] = []
  // The reducer takes such a step for a rollback only when it points at its feedback, forced or not.
  if (from === 'for_review' && to === 'in_progress' && !filled(value.review_ref))
    errors.push('for_review -> in_progress without review_ref')
  if (force && !filled(value.reason)) errors.push('force=true without reason')
  if (force) return errors
  if (!isLegal(from, to)) errors.push(`illegal transition ${from} -> ${to}`)
  if (to === 'done' && !isObject(value.evidence)) errors.push('done without evidence (not forced)')
  return errors
}

function filled(value: Json | undefined): boolean {
  return typeof value === 'string' && value.trim() !== ''
}

/** One id, two events: the reducer takes the first. */
function duplicateIds(text: LogText, repeated: ReadonlySet<string>): readonly string[] {
  if (repeated.size === 0) return []
  const seen = new Map<string, string>()
  const found: string[] = []
  for (const { value, line } of scanLog(text)) {
    const id = value.event_id
    if (typeof id !== 'string' || !repeated.has(id)) continue
    const content = printLine(value)
    const known = seen.get(id) ?? content
    seen.set(id, known)
    if (known !== content)
      found.push(`Event ${id}: line ${line} says something else than its first line, and is ignored`)
  }
  return found
}

/** `lanes` is where each package stood before the event; it is brought up to date. */
function discontinuity({ value }: TransitionRow, lanes: Map<string, string>): readonly string[] {
  const { event_id, wp_id, from_lane, to_lane } = value
  const before = lanes.get(wp_id) ?? 'genesis'
  lanes.set(wp_id, to_lane)
  // Old editions began with `planned`, unsaid.
  if (before === from_lane || (before === 'genesis' && from_lane === 'planned')) return []
  return [`Event ${event_id}: leaves ${from_lane}, but ${wp_id} was in ${before}`]
}

/** An event that names another mission: copied, or merged from somewhere else. */
function foreign({ value }: TransitionRow, missionId: string | null): readonly string[] {
  const { mission_id: id, event_id: event } = value
  if (missionId === null || typeof id !== 'string' || id === missionId) return []
  return [`Event ${event}: belongs to mission ${id}, not to ${missionId}`]
}

function unownedWps(named: Iterable<string>, wpIds: readonly string[]): readonly string[] {
  if (wpIds.length === 0) return []
  const known = new Set(wpIds.map(wpKey))
  return [...named].filter(wpId => !known.has(wpKey(wpId)))
}

/** A difference of status.json as the Python edition words it. */
export function driftLine(difference: string): string {
  return `Materialization drift: ${difference}`
}

/** How status.json differs from what the log reduces to. */
export function snapshotDrift(
  text: LogText,
  snapshotText: string | undefined,
  identity: SnapshotIdentity,
): readonly string[] {
  const reduction = reduceLog(text)
  if (reduction.eventCount === 0 && snapshotText === undefined) return []
  if (snapshotText === undefined) return ['status.json is missing']
  const found = parseObject(snapshotText)
  if (found === undefined) return ['status.json is not a JSON object']
  return compare(found, snapshotOf(reduction, identity, styleOf(snapshotText)))
}

function compare(found: JsonObject, want: Snapshot): readonly string[] {
  const wps = isObject(found.work_packages) ? found.work_packages : {}
  const ids = [...new Set([...Object.keys(wps), ...Object.keys(want.work_packages)])]
  const fields = (['event_count', 'last_event_id', 'summary', 'retrospective'] as const).filter(
    key => printLine(found[key] ?? null) !== printLine(want[key] ?? null),
  )
  return [
    ...ids.flatMap(wpId => compareWp(wpId, wps[wpId], want.work_packages[wpId])),
    ...fields.map(
      key =>
        `${key}=${printLine(found[key] ?? null)} in status.json but reducer says ${printLine(want[key] ?? null)}`,
    ),
  ]
}

function compareWp(wpId: string, found: Json | undefined, want: JsonObject | undefined): readonly string[] {
  if (want === undefined) return [`${wpId} is in status.json but not in the log`]
  if (!isObject(found)) return [`${wpId} is missing in status.json`]
  return Object.keys(want).flatMap(key => {
    const [is, should] = [found[key] ?? null, want[key] ?? null]
    if (printLine(is) === printLine(should)) return []
    return [`${wpId} ${key}=${plain(is)} in status.json but reducer says ${key}=${plain(should)}`]
  })
}

function plain(value: Json): string {
  return typeof value === 'string' ? value : printLine(value)
}

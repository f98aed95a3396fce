/**
 * What a log tells, and what appending to it does. A flow puts rows into its decision; the door of `write/` plans them
 * with `planAppend` and performs that.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { NewTransition } from '@spec-kitty/contracts/files/events'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { parseMillis, plusMicros } from '@spec-kitty/contracts/time'
import type { Change, QueuedFact } from '../../world/change.ts'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import { isShared } from '../project/editions.ts'
import type { Project } from '../project/locate.ts'
import { printRow, withRows } from './log.ts'
import { continueReduction, type Reduction, reduceLog } from './reduce.ts'
import { holdersIn, isReadByAll } from './slots.ts'
import { printSnapshot, readSnapshotText, type SnapshotStyle, snapshotOf, styleOf } from './snapshot.ts'
import { type MissionLog, readMissionLog, refuseCoordination } from './source.ts'
import { toldOf } from './told.ts'
import type { Stamp } from './transition.ts'

/** Everything the log of a mission tells, as it was when it was read. */
export interface StatusFacts {
  readonly mission: Mission
  readonly log: MissionLog
  readonly reduction: Reduction
  /** status.json as it is on disk. */
  readonly snapshotText: string | undefined
  /** A later Python edition works on the mission too. */
  readonly shared: boolean
}

export interface AppendPlan {
  /** Log and, where it differs, status.json. To be performed before a commit. */
  readonly changes: readonly Change[]
  /** The two status files, for the commit. */
  readonly paths: readonly string[]
  /** What the server is told, after the commit. */
  readonly told: readonly QueuedFact[]
  /** The state after the events. */
  readonly reduction: Reduction
}

/**
 * The facts a writer plans on. Refuses a coordination mission (`coordination_mission`) and a log that cannot be
 * trusted (`log_corrupt`).
 */
export async function readStatus(
  ports: Pick<Ports, 'files' | 'git'>,
  project: Project,
  mission: Mission,
): Promise<StatusFacts> {
  refuseCoordination(mission)
  const log = await readMissionLog(ports, project, mission)
  return statusFacts(ports, project, mission, log)
}

/**
 * The same for a reader, of whatever topology; a note tells of a log that is shorter than its snapshot says.
 * Throws `log_corrupt`.
 */
export async function viewStatus(
  ports: Pick<Ports, 'files' | 'git' | 'note'>,
  project: Project,
  mission: Mission,
): Promise<StatusFacts> {
  const facts = statusFacts(ports, project, mission, await readMissionLog(ports, project, mission))
  const lost = await lostEvents(ports, project, facts)
  if (lost !== undefined) ports.note(lost)
  return facts
}

/** What status.json still tells and the log no longer holds. */
async function lostEvents(
  ports: Pick<Ports, 'git'>,
  project: Project,
  { mission, log, reduction, snapshotText }: StatusFacts,
): Promise<string | undefined> {
  // The snapshot of a coordination mission lies on its branch.
  if (mission.coordination !== null || snapshotText === undefined) return undefined
  const told = Number(/"event_count": ?(\d{1,15})/.exec(snapshotText)?.[1] ?? 0)
  if (told <= reduction.eventCount) return undefined
  const path = `${mission.rel}/status.events.jsonl`
  const is = log.exists ? `holds ${reduction.eventCount} events` : 'is gone'
  // Loaded where it is missed.
  const { goodCopy } = await import('../project/good-copy.ts')
  const remedy = await goodCopy(ports, project, {
    path: log.path,
    read: text => requireEvents(text, told),
    otherwise: sh`no commit has them; make status.json anew: spec-kitty materialize --mission ${mission.slug}`,
  })
  return `${path} ${is}, but status.json tells of ${told}. If nobody meant that: ${remedy}`
}

function requireEvents(text: string, count: number): void {
  if (reduceLog(text).eventCount < count) throw new Error('there are fewer')
}

/** Of a mission that is about to be made. */
export function newStatus(mission: Mission): StatusFacts {
  const log = { path: missionPaths(mission).log, text: '', exists: false }
  return { mission, log, reduction: reduceLog(''), snapshotText: undefined, shared: false }
}

function statusFacts(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'root'>,
  mission: Mission,
  log: MissionLog,
): StatusFacts {
  const snapshotText = readSnapshotText(ports, mission)
  const reduction = reduceNamed(mission, log)
  return { mission, log, reduction, snapshotText, shared: sharedBy(ports, project, reduction) }
}

/** A later Python edition works on the project, or has written to the log. */
function sharedBy(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'root'>,
  reduction: Reduction,
): boolean {
  return isShared(ports, project) || !reduction.annotations.every(isReadByAll)
}

/**
 * Who has a package, or had it last. Later editions write that into the log alone, so where one of them works front
 * matter that says something else is old; elsewhere it is what 3.2.0 wrote.
 */
export function readHolder(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'root'>,
  reduction: Reduction,
): (wpId: string, key: 'agent' | 'shell_pid', inFront: string | null) => string | null {
  const inLog = holdersIn(reduction)
  let shared: boolean | undefined
  return (wpId, key, inFront) => {
    const said = inLog(wpId, key)
    if (said === undefined || said === inFront) return inFront
    if (inFront === null) return said
    shared ??= sharedBy(ports, project, reduction)
    return shared ? said : inFront
  }
}

/** For whom a merge writes status.json: it moves packages, so for the later editions where one takes part. */
export function mergedStyle(
  ports: Pick<Ports, 'files'>,
  project: Pick<Project, 'root'>,
  mission: Mission,
  reduction: Reduction,
): SnapshotStyle {
  if (!sharedBy(ports, project, reduction)) return { for: '3.2.0' }
  const { schemaVersion } = styleOf(readSnapshotText(ports, mission))
  return { for: 'later', schemaVersion }
}

/** A refusal that names the file and the remedy for this very mission. */
function reduceNamed(mission: Mission, log: MissionLog): Reduction {
  try {
    return reduceLog(log.text)
  } catch (error) {
    if (!(error instanceof KittyError)) throw error
    throw new KittyError(error.code, `${mission.rel}/status.events.jsonl: ${error.message}`, {
      hint: sh`spec-kitty agent status doctor --fix --mission ${mission.slug}`,
      data: { ...error.data, path: log.path },
    })
  }
}

/**
 * Ids and times for `count` events, each later than everything in the log. Events are ordered by time: one that came
 * "before" the last, because another machine's clock is ahead, would be written and have no effect.
 */
export function drawStamps(
  ports: Pick<Ports, 'clock' | 'ids'>,
  facts: Pick<StatusFacts, 'reduction'>,
  count: number,
): readonly [Stamp, ...Stamp[]] {
  const first = { id: ports.ids.ulid(), at: laterThan(facts.reduction.lastAt, ports.clock.now()) }
  const rest = Array.from({ length: count - 1 }, (_, index) => ({
    id: ports.ids.ulid(),
    at: plusMicros(first.at, index + 1),
  }))
  return [first, ...rest]
}

function laterThan(last: string, now: string): string {
  if (now > last || parseMillis(last) === undefined) return now
  // The next microsecond; after a stamp that ends in `Z`, which sorts behind any fraction, the next second.
  return [plusMicros(last, 1), plusMicros(last, 1_000_000)].find(stamp => stamp > last) ?? now
}

/**
 * What appending these events does: pure. Rows of any kind are taken; transitions must be stamped by `drawStamps`.
 * Throws `log_corrupt` where the log's own time stamps would leave a transition without effect.
 */
export function planAppend(facts: StatusFacts, events: readonly JsonObject[]): AppendPlan {
  const { log, snapshot } = missionPaths(facts.mission)
  const lines = events.map(event => printRow(withoutPersonalData(event)))
  const transitions = events.filter(isTransition)
  const annotations = events.filter(event => event.kind === 'annotation')
  const reduction = advance(facts, transitions, annotations, lines)
  requireEffect(reduction, transitions)
  const style = styleAfter(facts, transitions, annotations)
  const content = printSnapshot(snapshotOf(reduction, facts.mission, style))
  const changes: Change[] = lines.length === 0 ? [] : [{ kind: 'append_events', path: log, lines }]
  if (content !== facts.snapshotText) changes.push({ kind: 'write_file', path: snapshot, content })
  return { changes, paths: [log, snapshot], told: toldOf(facts.mission, events), reduction }
}

function advance(
  facts: StatusFacts,
  transitions: readonly NewTransition[],
  annotations: readonly JsonObject[],
  lines: readonly string[],
): Reduction {
  const { log, reduction } = facts
  return continueReduction(reduction, transitions, annotations) ?? reduceLog(withRows(log.text, lines))
}

/**
 * For whom status.json is written. A transition in a shared project writes for the later editions, and so does
 * everything once they have written rows that 3.2.0 cannot read. Until then a tick alone leaves a file that 3.2.0
 * takes for right; whatever else writes keeps to what it finds.
 */
function styleAfter(
  { shared, reduction, snapshotText }: StatusFacts,
  transitions: readonly JsonObject[],
  annotations: readonly JsonObject[],
): SnapshotStyle {
  const found = styleOf(snapshotText)
  if (!shared) return transitions.length + annotations.length > 0 ? { for: '3.2.0' } : found
  const theirs = !reduction.annotations.every(isReadByAll)
  if (transitions.length === 0 && !theirs && found.schemaVersion === undefined)
    return annotations.length > 0 ? { for: '3.2.0' } : found
  return { for: 'later', schemaVersion: found.schemaVersion }
}

function requireEffect(reduction: Reduction, transitions: readonly NewTransition[]): void {
  const last = new Map(transitions.map(event => [event.wp_id, event]))
  for (const [wpId, event] of last) {
    const state = reduction.workPackages.get(wpId)
    if (state?.last_event_id === event.event_id) continue
    const message = `${wpId} would stay in ${state?.lane}: its last event is stamped ${state?.last_transition_at}, after any time of now`
    throw new KittyError('log_corrupt', message, {
      hint: sh`spec-kitty agent status validate names the event; correct its "at" in the log`,
    })
  }
}

function isTransition(event: JsonObject): event is NewTransition {
  return 'to_lane' in event && 'from_lane' in event
}

const PERSONAL: ReadonlySet<string> = new Set([
  'machine_name',
  'hostname',
  'workspace_path',
  'developer_name',
  'developer_email',
])

/** A log is public once it is pushed: what names a person's machine stays out, at any depth (docs/log.md). */
function withoutPersonalData(event: JsonObject): JsonObject {
  const clean = (value: Json): Json => {
    if (isArray(value)) return value.map(clean)
    return isObject(value) ? withoutPersonalData(value) : value
  }
  return Object.fromEntries(
    Object.entries(event)
      .filter(([key]) => !PERSONAL.has(key))
      .map(([key, value]) => [key, clean(value)]),
  )
}

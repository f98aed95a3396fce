/** What `next` decides on: the documents, the board, and what it told agents before. Reads files only. */

import { isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import { isTerminal, type Lane } from '@spec-kitty/contracts/lanes'
import { parseMillis } from '@spec-kitty/contracts/time'
import { type OpenDecision, openDecisions } from '../decisions/index-file.ts'
import { type WaitingLanding, waitingLanding } from '../landing/waiting.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { actorName } from '../repo/log/actor.ts'
import { readHolder, viewStatus } from '../repo/log/emit.ts'
import { type LogText, scanLog } from '../repo/log/log.ts'
import { laneOf, stateOf } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionTypeOf } from '../repo/mission/own-types.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { isSubstantiveSpec, planProblem, saysAnything } from '../repo/mission/substance.ts'
import {
  findMissionType,
  MISSION_TYPES,
  type MissionStep,
  type MissionType,
  RESEARCH_SOURCE_REGISTER,
  SOURCE_REGISTER,
} from '../repo/mission/types.ts'
import type { Project } from '../repo/project/locate.ts'
import { isMerged } from '../repo/summary.ts'
import { packagesWithoutFile, withoutFile } from '../repo/tasks/without-file.ts'
import { type PackageFront, readPackageFronts } from '../repo/tasks/work-package.ts'
import { basename, join } from '../text/paths.ts'
import type { Files, Ports } from '../world/ports.ts'

export interface BoardItem {
  readonly wp: PackageFront
  readonly lane: Lane
  /** Who moved it there. */
  readonly holder: string
  /** Who has it, or had it last, by its front matter or else by the log. */
  readonly named: string | null
}

export interface UnreadItem {
  readonly id: string
  readonly lane: Lane
  /** Names file and line. */
  readonly message: string
}

export interface NextFacts {
  readonly mission: Mission
  readonly type: MissionType
  /** Work packages by id; empty before there are any. */
  readonly board: readonly BoardItem[]
  /** Packages whose file cannot be read, or is not there: with them nothing is finished. */
  readonly unread: readonly UnreadItem[]
  /** Lanes are computed and every work package has its first event. */
  readonly finalized: boolean
  readonly merged: boolean
  /** All is done, and somebody has opened the mission again. */
  readonly reopened: boolean
  /** Pushed for a pull request, and not settled here. */
  readonly landing: WaitingLanding | undefined
  /** finalize-tasks has laid out what `accept` will ask for. */
  readonly matrix: boolean
  /** Step id → what keeps its document from counting; empty: it counts. Steps of the board are not in it. */
  readonly documents: ReadonlyMap<string, readonly string[]>
  readonly decisions: readonly OpenDecision[]
  /** What somebody wrote down before the mission was made: paths relative to the project, of files that are there. */
  readonly briefs: readonly string[]
  /** The rules of the project are written down. */
  readonly charter: boolean
  /** The last step an agent was given and how steps ended. */
  readonly memory: Memory
}

export interface Issued {
  readonly step: string
  readonly wpId: string | null
  /** So lately that the agent may be about to begin. */
  readonly fresh: boolean
}

/** Milliseconds that an agent has to begin what it was given before others may. */
const FRESH = 10 * 60_000

export type Trouble = 'failed' | 'blocked'

export interface Memory {
  /** By agent: the last step that it was given. */
  readonly last: ReadonlyMap<string, Issued>
  /** By agent: how that step ended, when not well. */
  readonly trouble: ReadonlyMap<string, Trouble>
  /** Steps that were reported as done, by whom ever. */
  readonly reported: ReadonlySet<string>
}

/** What `intake` and the older way of it leave for the next mission. */
const BRIEFS = ['.kittify/mission-brief.md', '.kittify/ticket-context.md']
export const CHARTER = '.kittify/charter/charter.md'

/** Throws `log_corrupt`, `file_malformed` (lanes.json, decisions, an own type). No git process for a flat mission that waits on no pull request. */
export async function readNextFacts(ports: Ports, project: Project, mission: Mission): Promise<NextFacts> {
  const { log, reduction } = await viewStatus(ports, project, mission)
  const { found: packages, unread } = await readPackageFronts(ports, mission)
  const type = (await missionTypeOf(ports, project, mission.type)) ?? fallbackType()
  const whose = readHolder(ports, project, reduction)
  const board = packages.map(wp => {
    const holder = stateOf(reduction, wp.id)?.actor
    const named = whose(wp.id, 'agent', wp.agent)
    return { wp, lane: laneOf(reduction, wp.id), holder: actorName(holder ?? ''), named }
  })
  const illegible = [
    ...unread.map(({ id, error }) => ({ id, message: error.message })),
    ...packagesWithoutFile(ports, mission).map(id => ({ id, message: withoutFile(id, mission) })),
  ].map(item => ({ ...item, lane: laneOf(reduction, item.id) }))
  const all = [...board, ...illegible]
  const seeded = all.length > 0 && all.every(item => item.lane !== 'genesis')
  const isThere = (path: string): boolean => ports.files.stat(join(project.root, path)) !== undefined
  return {
    mission,
    type,
    board,
    unread: illegible,
    finalized: seeded && readLanes(ports, mission) !== undefined,
    merged: isMerged(mission) || typeof mission.meta.closed_at === 'string',
    reopened: all.every(({ lane }) => isTerminal(lane)) && wasReopened(log.text),
    landing: await waitingLanding(ports, project, mission),
    matrix: ports.files.stat(missionPaths(mission).matrix) !== undefined,
    documents: readDocuments(ports.files, project, mission, type.steps),
    decisions: openDecisions(ports, mission),
    briefs: BRIEFS.filter(isThere),
    charter: isThere(CHARTER),
    memory: readMemory(ports.files, project, mission, parseMillis(ports.clock.now()) ?? 0),
  }
}

function wasReopened(text: LogText): boolean {
  for (const { value } of scanLog(text))
    if (isObject(value) && value.event_type === 'MissionReopened') return true
  return false
}

/** A type that nobody knows any more: treated as software, which has every gate. */
function fallbackType(): MissionType {
  const type = findMissionType('software-dev') ?? MISSION_TYPES[0]
  if (type === undefined) throw new Error('there are no mission types')
  return type
}

/** For each step with a document: what is missing. */
export function readDocuments(
  files: Files,
  project: Project,
  mission: Mission,
  steps: readonly MissionStep[],
): ReadonlyMap<string, readonly string[]> {
  const software = steps.some(step => step.board === 'tasks')
  return new Map(
    steps.flatMap(step => {
      const { artefact } = step
      return artefact === undefined
        ? []
        : [[step.id, judge(files, project, mission, artefact, software)] as const]
    }),
  )
}

function judge(
  files: Files,
  project: Project,
  mission: Mission,
  artefact: string,
  software: boolean,
): readonly string[] {
  if (artefact.startsWith('/')) {
    const names = files.list(join(project.root, artefact))
    return names.length > 0 ? [] : [`Required artifact missing: ${artefact.slice(1)}/`]
  }
  if (artefact === SOURCE_REGISTER) return judgeSources(files, mission)
  const text = files.text(join(mission.dir, artefact))
  if (text === undefined || text.trim() === '') return [`Required artifact missing: ${artefact}`]
  if (!software) return saysAnything(text) ? [] : [`${artefact} says nothing yet beyond its headings`]
  if (artefact === 'spec.md' && !isSubstantiveSpec(text))
    return ['spec.md states no functional requirement yet']
  const problem = artefact === 'plan.md' ? planProblem(text) : undefined
  return problem === undefined ? [] : [`plan.md: ${problem}`]
}

const SOURCES = 3

function judgeSources(files: Files, mission: Mission): readonly string[] {
  const texts = [SOURCE_REGISTER, RESEARCH_SOURCE_REGISTER].flatMap(name => {
    const text = files.text(join(mission.dir, name))
    return text === undefined || text.trim() === '' ? [] : [text]
  })
  if (texts.length === 0) return [`Required artifact missing: ${SOURCE_REGISTER}`]
  const sources = Math.max(...texts.map(text => countRows(text) - 1))
  return sources >= SOURCES
    ? []
    : [`${SOURCE_REGISTER} registers ${sources} sources, at least ${SOURCES} are needed`]
}

/** Rows of a CSV text that hold something; a line feed inside quotes ends none. */
function countRows(text: string): number {
  const rows = text.replace(/"(?:[^"]|"")*"/g, 'x').split('\n')
  return rows.filter(row => /[^\s,]/.test(row)).length
}

/** Where prompts and the memory of `next` live: local, never committed. */
export function nextFolder(project: Project): string {
  return join(project.root, '.kittify', 'runtime', 'next')
}

export function memoryPath(project: Project, mission: Pick<Mission, 'slug'>): string {
  return join(nextFolder(project), `${mission.slug}.jsonl`)
}

/** A line that cannot be read is skipped: the memory is a convenience, the board is the truth. */
function readMemory(files: Files, project: Project, mission: Mission, now: number): Memory {
  const last = new Map<string, Issued>()
  const trouble = new Map<string, Trouble>()
  const reported = new Set<string>()
  for (const row of (files.text(memoryPath(project, mission)) ?? '').split('\n').flatMap(readRow)) {
    const { agent, kind, result, step } = row
    if (typeof agent !== 'string' || typeof step !== 'string') continue
    if (kind === 'issued') {
      const at = typeof row.at === 'string' ? parseMillis(row.at) : undefined
      const wpId = typeof row.wp_id === 'string' ? row.wp_id : null
      last.set(agent, { step, wpId, fresh: at !== undefined && now - at < FRESH })
      trouble.delete(agent)
    } else if (result === 'success') {
      reported.add(step)
      trouble.delete(agent)
    } else if (result === 'failed' || result === 'blocked') trouble.set(agent, result)
  }
  return { last, trouble, reported }
}

function readRow(line: string): JsonObject[] {
  try {
    const value: unknown = parseJson(line)
    return isObject(value) ? [value] : []
  } catch {
    return []
  }
}

/** Name of the file a prompt is written to. */
export function promptPath(project: Project, mission: Mission, step: string, wpId: string | null): string {
  return join(nextFolder(project), `${basename(mission.dir)}-${step}${wpId === null ? '' : `-${wpId}`}.md`)
}

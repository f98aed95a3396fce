/** What `next` decides on: the documents, the board, and what it told agents before. Reads files only. */
import { isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { type OpenDecision, openDecisions } from '../decisions/index-file.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { viewStatus } from '../repo/log/emit.ts'
import { laneOf, stateOf } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { isSubstantiveSpec, planProblem } from '../repo/mission/substance.ts'
import { findMissionType, MISSION_TYPES, type MissionStep, type MissionType } from '../repo/mission/types.ts'
import type { Project } from '../repo/project/locate.ts'
import { isMerged } from '../repo/summary.ts'
import { readWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import { basename, join } from '../text/paths.ts'
import type { Files, Ports } from '../world/ports.ts'

export interface BoardItem {
  readonly wp: WorkPackage
  readonly lane: Lane
  /** Who moved it there. */
  readonly holder: string
}

export interface NextFacts {
  readonly mission: Mission
  readonly type: MissionType
  /** Work packages by id; empty before there are any. */
  readonly board: readonly BoardItem[]
  /** Lanes are computed and every work package has its first event. */
  readonly finalized: boolean
  readonly merged: boolean
  /** Step id → what keeps its document from counting; empty: it counts. Steps of the board are not in it. */
  readonly documents: ReadonlyMap<string, readonly string[]>
  readonly decisions: readonly OpenDecision[]
  /** The last step an agent was given and how steps ended. */
  readonly memory: Memory
}

export interface Memory {
  readonly last: { readonly step: string; readonly wpId: string | null } | undefined
  /** Steps without a document that were reported as done. */
  readonly reported: ReadonlySet<string>
}

/** Throws `log_corrupt`, `file_malformed` (lanes.json, decisions). No git process for a flat mission. */
export async function readNextFacts(ports: Ports, project: Project, mission: Mission): Promise<NextFacts> {
  const { reduction } = await viewStatus(ports, project, mission)
  const packages = (await readWorkPackages(ports, mission)).found
  const type = findMissionType(mission.type) ?? fallbackType()
  const board = packages.map(wp => {
    const holder = stateOf(reduction, wp.id)?.actor
    return { wp, lane: laneOf(reduction, wp.id), holder: typeof holder === 'string' ? holder : '' }
  })
  const seeded = board.length > 0 && board.every(item => item.lane !== 'genesis')
  return {
    mission,
    type,
    board,
    finalized: seeded && readLanes(ports, mission) !== undefined,
    merged: isMerged(mission) || typeof mission.meta.closed_at === 'string',
    documents: readDocuments(ports.files, project, mission, type.steps),
    decisions: openDecisions(ports, mission),
    memory: readMemory(ports.files, project, mission),
  }
}

/** A type of the project's own: treated as software, which has every gate. */
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
  return new Map(
    steps.flatMap(step => {
      const { artefact } = step
      return artefact === undefined ? [] : [[step.id, judge(files, project, mission, artefact)] as const]
    }),
  )
}

function judge(files: Files, project: Project, mission: Mission, artefact: string): readonly string[] {
  if (artefact.startsWith('/')) {
    const names = files.list(join(project.root, artefact))
    return names.length > 0 ? [] : [`Required artifact missing: ${artefact.slice(1)}/`]
  }
  const text = files.text(join(mission.dir, artefact))
  if (text === undefined || text.trim() === '') return [`Required artifact missing: ${artefact}`]
  if (artefact === 'source-register.csv') {
    const sources = text.trim().split('\n').length - 1
    return sources >= 3 ? [] : [`${artefact} registers ${sources} sources, at least 3 are needed`]
  }
  if (mission.type !== 'software-dev') return []
  if (artefact === 'spec.md' && !isSubstantiveSpec(text))
    return ['spec.md states no functional requirement yet']
  const problem = artefact === 'plan.md' ? planProblem(text) : undefined
  return problem === undefined ? [] : [`plan.md: ${problem}`]
}

/** Where prompts and the memory of `next` live: local, never committed. */
export function nextFolder(project: Project): string {
  return join(project.root, '.kittify', 'runtime', 'next')
}

export function memoryPath(project: Project, mission: Pick<Mission, 'slug'>): string {
  return join(nextFolder(project), `${mission.slug}.jsonl`)
}

/** A line that cannot be read is skipped: the memory is a convenience, the board is the truth. */
function readMemory(files: Files, project: Project, mission: Mission): Memory {
  const rows = (files.text(memoryPath(project, mission)) ?? '').split('\n').flatMap(readRow)
  const issued = rows.filter(row => typeof row.step === 'string' && row.kind === 'issued').at(-1)
  const reported = rows
    .filter(row => row.kind === 'result' && row.result === 'success')
    .map(row => String(row.step))
  return {
    last:
      issued === undefined
        ? undefined
        : { step: String(issued.step), wpId: typeof issued.wp_id === 'string' ? issued.wp_id : null },
    reported: new Set(reported),
  }
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

/** `lanes.json` as a document: the only source of the assignment of work packages to lanes (docs/lanes.md). */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { ExecutionLane, LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
  printOrdered,
} from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { isBranchName } from '../../text/branch-name.ts'
import { sameWp } from '../../text/wp-id.ts'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'

const KEYS = [
  'version',
  'mission_slug',
  'mission_id',
  'mission_branch',
  'target_branch',
  'lanes',
  'computed_at',
  'computed_from',
  'planning_artifact_wps',
  'collapse_report',
]
const LANE_KEYS = [
  'lane_id',
  'wp_ids',
  'write_scope',
  'predicted_surfaces',
  'depends_on_lanes',
  'parallel_group',
]

/**
 * The lanes of a mission, undefined before its tasks are finalized. Fail-closed: a file that is there but cannot
 * be understood is `file_malformed`, never "no lanes".
 */
export function readLanes(ports: Pick<Ports, 'files'>, mission: Pick<Mission, 'dir'>): LanesJson | undefined {
  const path = missionPaths(mission).lanes
  const text = ports.files.text(path)
  return text === undefined ? undefined : parseLanes(path, text)
}

/** The lanes of a mission whose tasks must be finalized. Throws `tasks_not_finalized`, `file_malformed`. */
export function requireLanes(ports: Pick<Ports, 'files'>, mission: Pick<Mission, 'dir' | 'slug'>): LanesJson {
  const lanes = readLanes(ports, mission)
  if (lanes !== undefined) return lanes
  throw new KittyError('tasks_not_finalized', `The tasks of mission '${mission.slug}' are not finalized`, {
    hint: sh`Run: spec-kitty agent mission finalize-tasks --mission ${mission.slug}`,
    data: { mission_slug: mission.slug },
  })
}

/** The lane that holds a work package. */
export function executionLane(lanes: LanesJson, wpId: string): ExecutionLane | undefined {
  return lanes.lanes.find(lane => lane.wp_ids.some(id => sameWp(id, wpId)))
}

/** The bytes of lanes.json: keys in the documented order, unknown ones behind them. */
export function printLanes(lanes: LanesJson): string {
  const ordered = { ...pick(lanes as JsonObject, KEYS), lanes: lanes.lanes.map(printable) }
  return printOrdered(ordered)
}

function printable(lane: ExecutionLane): JsonObject {
  return pick(lane as JsonObject, LANE_KEYS)
}

/** `value` with the named keys first; a key that is absent stays absent. */
function pick(value: JsonObject, first: readonly string[]): JsonObject {
  const known = first.filter(key => value[key] !== undefined)
  const rest = Object.keys(value).filter(key => !first.includes(key))
  return Object.fromEntries([...known, ...rest].map(key => [key, value[key] ?? null]))
}

/**
 * Reads the text of lanes.json. Old files say `feature_slug` and lack the id: both are filled in; unknown keys are
 * kept. Throws `file_malformed` with the reason.
 */
export function parseLanes(path: string, text: string): LanesJson {
  const raw = parse(path, text)
  const slug = raw.mission_slug ?? raw.feature_slug
  const { lanes } = raw
  if (!isArray(lanes)) throw malformed(path, '"lanes" is not a list')
  const word = (key: string, value: Json | undefined): string => {
    if (typeof value === 'string') return value
    throw malformed(path, `"${key}" is not a text`)
  }
  const branch = (key: string, value: Json | undefined): string => {
    const name = word(key, value)
    if (isBranchName(name)) return name
    throw malformed(path, `"${key}" is no name of a branch: ${JSON.stringify(name)}`)
  }
  const missionSlug = word('mission_slug', slug)
  return {
    ...raw,
    version: 1,
    mission_slug: missionSlug,
    mission_id: word('mission_id', raw.mission_id ?? missionSlug),
    mission_branch: branch('mission_branch', raw.mission_branch),
    target_branch: branch('target_branch', raw.target_branch),
    lanes: lanes.map((lane, i) => readLane(path, lane, i)),
    computed_at: word('computed_at', raw.computed_at ?? ''),
    computed_from: word('computed_from', raw.computed_from ?? ''),
    planning_artifact_wps: strings(raw.planning_artifact_wps),
  } as LanesJson
}

function parse(path: string, text: string): JsonObject {
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw malformed(path, cause instanceof Error ? cause.message : 'it is not JSON')
  }
  if (!isObject(value)) throw malformed(path, 'it is not a JSON object')
  if (value.version !== 1)
    throw malformed(path, `version ${JSON.stringify(value.version ?? null)} is not known`)
  return value
}

function readLane(path: string, lane: Json, index: number): ExecutionLane {
  if (!isObject(lane) || typeof lane.lane_id !== 'string')
    throw malformed(path, `lane ${index + 1} has no "lane_id"`)
  if (!isArray(lane.wp_ids)) throw malformed(path, `"wp_ids" of ${lane.lane_id} is not a list`)
  return {
    ...lane,
    lane_id: lane.lane_id,
    wp_ids: strings(lane.wp_ids),
    write_scope: strings(lane.write_scope),
    predicted_surfaces: strings(lane.predicted_surfaces),
    depends_on_lanes: strings(lane.depends_on_lanes),
    parallel_group: typeof lane.parallel_group === 'number' ? lane.parallel_group : 0,
  }
}

function strings(value: Json | undefined): string[] {
  return isArray(value) ? value.filter(item => typeof item === 'string') : []
}

function malformed(path: string, problem: string): KittyError {
  return new KittyError('file_malformed', `Cannot read ${path}: ${problem}`, {
    hint: sh`Compute it again: spec-kitty agent mission finalize-tasks`,
    data: { path },
  })
}

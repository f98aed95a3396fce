/** What a list of missions tells about each. Reads files only; a broken log of one mission does not hide the others. */
import type { MissionInfo, MissionSummary } from '@spec-kitty/contracts/cli/mission-summary'
import { unlessRefused } from '@spec-kitty/contracts/errors'
import { mid8 } from '@spec-kitty/contracts/ids'
import type { Json } from '@spec-kitty/contracts/json'
import type { Ports } from '../world/ports.ts'
import { readLanes } from './lanes/manifest.ts'
import { laneBranch, PLANNING_LANE } from './lanes/names.ts'
import { viewStatus } from './log/emit.ts'
import { type Reduction, reduceLog } from './log/reduce.ts'
import { countLanes } from './log/snapshot.ts'
import { readLogFile } from './log/source.ts'
import { listMissions, type Mission, resolveMission } from './mission/handle.ts'
import { landingOf } from './mission/landing.ts'
import { missionPaths } from './mission/paths.ts'
import { locateProject } from './project/locate.ts'

/** All missions, oldest name first. Throws `not_a_repository`. */
export function summarizeMissions(ports: Pick<Ports, 'env' | 'files'>): readonly MissionSummary[] {
  const project = locateProject(ports)
  return listMissions(ports, project).map(mission => summarize(mission, readOwnLog(ports, mission)))
}

/** The missions that are neither merged nor closed: of all others not even the log is read. */
export function summarizeOpenMissions(ports: Pick<Ports, 'env' | 'files'>): readonly MissionSummary[] {
  const project = locateProject(ports)
  return listMissions(ports, project)
    .filter(mission => !isMerged(mission) && textOf(mission.meta.closed_at) === null)
    .map(mission => summarize(mission, readOwnLog(ports, mission)))
}

/** One mission in detail. Throws what naming a mission throws, `log_corrupt`, `file_malformed`. */
export async function missionInfo(ports: Ports, handle: string | undefined): Promise<MissionInfo> {
  const project = locateProject(ports)
  const mission = resolveMission(ports, project, handle)
  const { reduction } = await viewStatus(ports, project, mission)
  const lanes = readLanes(ports, mission)?.lanes ?? []
  return {
    ...summarize(mission, reduction),
    feature_dir: mission.dir,
    purpose_tldr: textOf(mission.meta.purpose_tldr),
    purpose_context: textOf(mission.meta.purpose_context),
    documents: ports.files.list(mission.dir).filter(name => name.endsWith('.md')),
    by_lane: { ...countLanes(reduction) },
    lanes: lanes.map(lane => ({
      lane_id: lane.lane_id,
      wp_ids: lane.wp_ids,
      branch: lane.lane_id === PLANNING_LANE ? null : laneBranch(mission, lane.lane_id),
    })),
  }
}

/** The log in the checkout: of a coordination mission the list may lag behind `mission info`, which asks git. */
function readOwnLog(ports: Pick<Ports, 'files'>, mission: Mission): Reduction | undefined {
  return unlessRefused(
    () => reduceLog(readLogFile(ports, missionPaths(mission).log) ?? ''),
    () => undefined,
  )
}

/** What a list tells of a mission; without a reduction its log cannot be read. */
export function summarize(mission: Mission, reduction: Reduction | undefined): MissionSummary {
  const states = [...(reduction?.workPackages.values() ?? [])]
  return {
    mission_slug: mission.slug,
    mission_id: mission.id,
    mid8: mission.id === null ? null : mid8(mission.id),
    mission_number: mission.number,
    mission_type: mission.type,
    friendly_name: textOf(mission.meta.friendly_name) ?? mission.slug,
    target_branch: mission.targetBranch,
    state: stateOf(mission, reduction),
    total_wps: states.length,
    done_wps: states.filter(state => state.lane === 'done').length,
    created_at: textOf(mission.meta.created_at),
    landing: landingOf(mission),
  }
}

function stateOf({ meta }: Mission, reduction: Reduction | undefined): MissionSummary['state'] {
  if (textOf(meta.closed_at) !== null) return 'closed'
  if (isMerged({ meta })) return 'merged'
  if (reduction === undefined) return 'unreadable'
  if (textOf(meta.accepted_at) !== null) return 'accepted'
  return reduction.workPackages.size === 0 ? 'planning' : 'active'
}

/** As far as meta.json tells. */
export function isMerged({ meta }: Pick<Mission, 'meta'>): boolean {
  return textOf(meta.merged_at) !== null || textOf(meta.baseline_merge_commit) !== null
}

export function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

/** One mission as the dashboard shows it: the board of the command, and what lies around it. No git process. */
import type { LaneCard, MissionDetail, PackageCard } from '@spec-kitty/contracts/dashboard/missions'
import type { Json } from '@spec-kitty/contracts/json'
import { readBoard } from '../board/overview.ts'
import { readIndex } from '../decisions/index-file.ts'
import { openDependencies } from '../repo/lanes/dependencies.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, laneDirectory, PLANNING_LANE } from '../repo/lanes/names.ts'
import { laneOf, stateOf } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { readConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { rejectedRounds } from '../repo/review/rounds.ts'
import { readWorkPackages, type WorkPackage } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'
import { missionCard } from './cards.ts'
import { listDocuments } from './documents.ts'
import type { LiveLog } from './live-log.ts'

/** Throws `file_malformed` (lanes.json, the decisions). A package that cannot be read is in `mission.problems`. */
export async function missionDetail(
  ports: Ports,
  project: Project,
  mission: Mission,
  log: LiveLog,
): Promise<MissionDetail> {
  const { reduction } = log
  const problems: string[] = []
  const quiet = { ...ports, note: (line: string) => void problems.push(line) }
  const config = await readConfig(ports, project)
  const board = await readBoard(quiet, project, mission, { config, log })
  const { found } = await readWorkPackages(ports, mission)
  const manifest = readLanes(ports, mission)
  const card = missionCard(ports, mission, reduction)
  const rejected = await rejectedRounds(quiet, mission, reduction)
  const byId = new Map(found.map(wp => [wp.id, wp]))
  const laneIds = new Map(manifest?.lanes.flatMap(lane => lane.wp_ids.map(id => [id, lane.lane_id] as const)))
  return {
    mission: { ...card, problems: [...new Set([...card.problems, ...problems])] },
    purpose: words(mission.meta.purpose_tldr),
    board,
    packages: board.work_packages.map((row): PackageCard => {
      const dependencies = byId.get(row.id)?.dependencies ?? []
      const state = stateOf(reduction, row.id)
      return {
        id: row.id,
        title: row.title,
        lane: row.lane,
        agent: row.agent,
        since: state?.last_transition_at ?? null,
        who: words(state?.actor),
        dependencies: [...dependencies],
        waits_for: openDependencies(dependencies, id => laneOf(reduction, id)).map(({ id }) => id),
        lane_id: laneIds.get(row.id) ?? null,
        subtasks: row.subtasks ?? { done: 0, total: 0 },
        rejected_rounds: rejected.get(row.id) ?? 0,
      }
    }),
    graph: graphOf(found),
    lanes: (manifest?.lanes ?? []).map(lane => laneCard(ports, project, mission, lane)),
    decisions: readIndex(ports, mission).entries,
    documents: listDocuments(ports, mission),
    landing: {
      state: card.landing,
      target_branch: mission.targetBranch,
      mission_branch: manifest?.mission_branch ?? null,
      merged_at: words(mission.meta.merged_at),
      merge_commit: words(mission.meta.baseline_merge_commit),
    },
  }
}

function laneCard(
  { files }: Pick<Ports, 'files'>,
  project: Project,
  mission: Mission,
  lane: Pick<LaneCard, 'lane_id' | 'wp_ids' | 'depends_on_lanes'>,
): LaneCard {
  const { lane_id, wp_ids, depends_on_lanes } = lane
  const directory = laneDirectory(project, mission, lane_id)
  const planning = lane_id === PLANNING_LANE
  return {
    lane_id,
    wp_ids,
    depends_on_lanes,
    branch: planning ? null : laneBranch(mission, lane_id),
    worktree: files.stat(directory)?.kind === 'directory' ? directory : null,
  }
}

/** Packages by how much has to come before them; those in a circle stand in the last layer. */
export function graphOf(
  packages: readonly Pick<WorkPackage, 'id' | 'dependencies'>[],
): MissionDetail['graph'] {
  const known = new Set(packages.map(wp => wp.id))
  const edges = packages.flatMap(wp =>
    wp.dependencies.filter(id => known.has(id)).map((id): [string, string] => [id, wp.id]),
  )
  const order = [...known]
  const missing = new Map(order.map(id => [id, 0]))
  const dependents = new Map<string, string[]>(order.map(id => [id, []]))
  for (const [dependency, wp] of edges) {
    missing.set(wp, (missing.get(wp) ?? 0) + 1)
    dependents.get(dependency)?.push(wp)
  }
  const rank = new Map(order.map((id, index) => [id, index]))
  const layers: string[][] = []
  for (let layer = order.filter(id => missing.get(id) === 0); layer.length > 0; ) {
    layers.push(layer)
    const next: string[] = []
    for (const id of layer) missing.delete(id)
    for (const wp of layer.flatMap(id => dependents.get(id) ?? [])) {
      const left = (missing.get(wp) ?? 0) - 1
      missing.set(wp, left)
      if (left === 0) next.push(wp)
    }
    layer = next.sort((a, b) => (rank.get(a) ?? 0) - (rank.get(b) ?? 0))
  }
  const circle = order.filter(id => missing.has(id))
  return { layers: circle.length > 0 ? [...layers, circle] : layers, edges }
}

function words(value: Json | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

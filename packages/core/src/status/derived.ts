/** The derived views below `.kittify/derived/<slug>/`, for tools that read files (docs/log.md). */
import { compareCodePoints, type JsonObject, printSorted } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES, type DisplayLane, type Lane } from '@spec-kitty/contracts/lanes'
import type { LogText } from '../repo/log/log.ts'
import { LANE_WEIGHTS, percent, weightedPercentage } from '../repo/log/progress.ts'
import type { Reduction } from '../repo/log/reduce.ts'
import { countLanes, missionNumber, printSnapshot, snapshotOf } from '../repo/log/snapshot.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { deriveLifecycle } from './lifecycle.ts'

/** File name → bytes of the four views. */
export function derivedViews(
  mission: Mission,
  log: { readonly text: LogText; readonly exists: boolean },
  reduction: Reduction,
  now: string,
): ReadonlyMap<string, string> {
  return new Map([
    ['status.json', printSnapshot(snapshotOf(reduction, mission))],
    ['board-summary.json', printSorted(boardSummary(mission, reduction))],
    ['progress.json', printSorted(progress(mission, reduction))],
    ['lifecycle.json', printSorted({ ...deriveLifecycle(mission, log, reduction, now) } as JsonObject)],
  ])
}

function states(reduction: Reduction): readonly (readonly [string, Lane])[] {
  return [...reduction.workPackages]
    .map(([wpId, { lane }]) => [wpId, lane] as const)
    .sort(([a], [b]) => compareCodePoints(a, b))
}

function boardSummary(mission: Mission, reduction: Reduction): JsonObject {
  const wps = states(reduction)
  const members = (lane: DisplayLane): readonly string[] =>
    wps.filter(([, other]) => other === lane).map(([wpId]) => wpId)
  return {
    lanes: Object.fromEntries(
      DISPLAY_LANES.map(lane => [lane, members(lane)] as const).filter(([, wpIds]) => wpIds.length > 0),
    ),
    summary: countLanes(reduction),
    total_wps: wps.length,
    materialized_at: reduction.lastAt,
    mission_number: mission.number,
    mission_slug: mission.slug,
    mission_type: mission.type,
  }
}

function progress(mission: Mission, reduction: Reduction): JsonObject {
  const wps = states(reduction)
  const weighted = weightedPercentage(wps.map(([, lane]) => lane))
  const done = wps.filter(([, lane]) => lane === 'done').length
  return {
    percentage: weighted,
    weighted_percentage: weighted,
    progress_semantics: 'weighted_readiness',
    done_count: done,
    done_percentage: percent(done, wps.length),
    total_count: wps.length,
    per_lane_counts: countLanes(reduction),
    per_wp: wps.map(([wpId, lane]) => ({
      wp_id: wpId,
      lane,
      lane_weight: LANE_WEIGHTS[lane],
      wp_weight: 1,
      fractional_progress: LANE_WEIGHTS[lane],
    })),
    mission_number: missionNumber(mission),
    mission_slug: mission.slug,
    mission_type: mission.type,
    materialized_at: reduction.lastAt,
  }
}

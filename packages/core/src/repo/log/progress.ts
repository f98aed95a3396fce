/** How far a mission is, in percent. */
import type { Lane } from '@spec-kitty/contracts/lanes'

/** How far a work package is in each lane, from 0 to 1. */
export const LANE_WEIGHTS: { readonly [lane in Lane]: number } = {
  genesis: 0,
  planned: 0,
  claimed: 0.05,
  in_progress: 0.3,
  for_review: 0.6,
  in_review: 0.7,
  approved: 0.8,
  done: 1,
  blocked: 0,
  canceled: 0,
}

/** Mean weight of the lanes in percent, one digit; 0 without work packages. */
export function weightedPercentage(lanes: readonly Lane[]): number {
  const sum = lanes.reduce((total, lane) => total + LANE_WEIGHTS[lane], 0)
  return percent(sum, lanes.length)
}

/** `part` of `whole` in percent, one digit; 0 of nothing. */
export function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 1000) / 10
}

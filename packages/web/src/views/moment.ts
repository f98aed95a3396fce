/** The board as it was: pure. The server reduces the log; each event carries the lane that its package had after it. */
import type { Timeline } from '@spec-kitty/contracts/dashboard/story'

/** Package → lane after the event of this index. */
export function lanesAt(
  { from, lanes_before, events }: Pick<Timeline, 'from' | 'lanes_before' | 'events'>,
  index: number,
): ReadonlyMap<string, string> {
  const lanes = new Map(Object.entries(lanes_before))
  for (const { wp_id, lane_after } of events.slice(0, index - from + 1)) lanes.set(wp_id, lane_after)
  return lanes
}

/** A part of the story of a mission, with what is needed to draw any moment of it. Pure. */
import type { Timeline } from '@spec-kitty/contracts/dashboard/story'
import type { LiveLog } from './live-log.ts'

const USUAL = 1_000
const MOST = 10_000

export interface TimelineRequest {
  /** Events before this one; the newest where it is left out. */
  readonly before?: number | undefined
  readonly limit?: number | undefined
}

export function timelineOf(
  slug: string,
  { events }: Pick<LiveLog, 'events'>,
  { before, limit = USUAL }: TimelineRequest,
): Timeline {
  const total = events.length
  const end = Math.min(before ?? total, total)
  const from = Math.max(0, end - Math.max(1, Math.min(limit, MOST)))
  const lanes: Record<string, string> = {}
  for (let at = 0; at < from; at++) {
    const event = events[at]
    if (event !== undefined) lanes[event.wp_id] = event.lane_after
  }
  return { mission_slug: slug, total, from, lanes_before: lanes, events: events.slice(from, end) }
}

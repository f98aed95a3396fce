/** `GET /api/v2/missions/:id/log`: the events of a mission for its timeline. */
import * as v from 'valibot'

const Count = v.pipe(v.number(), v.integer(), v.minValue(0))

/** A move, in the order in which the log is reduced, repeated ids left out. */
export const TimelineEvent = v.object({
  /** Place in the story, from 0. */
  index: Count,
  event_id: v.string(),
  at: v.string(),
  wp_id: v.string(),
  who: v.string(),
  from_lane: v.string(),
  to_lane: v.string(),
  /** Where the package stands after it: another than `to_lane` where a review of the same instant wins. */
  lane_after: v.string(),
  reason: v.nullable(v.string()),
  forced: v.boolean(),
})
export type TimelineEvent = v.InferOutput<typeof TimelineEvent>

export const Timeline = v.object({
  mission_slug: v.string(),
  /** Events of the whole story. */
  total: Count,
  /** `index` of the first one below; the others are asked for with `?before=`. */
  from: Count,
  /** Package → lane before the first one below: with `lane_after` any moment can be drawn without asking again. */
  lanes_before: v.record(v.string(), v.string()),
  events: v.array(TimelineEvent),
})
export type Timeline = v.InferOutput<typeof Timeline>

/** Result of `agent status lifecycle`. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'

const State = v.picklist([
  'active',
  'stale',
  'abandoned',
  'recently_completed',
  'archived',
  'reopened',
  'recoverable',
])

export const AgentStatusLifecycle = v.strictObject({
  mission_slug: v.string(),
  mission_id: v.nullable(v.string()),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
  state: State,
  surface_state: v.nullable(State),
  reason: v.string(),
  last_activity_at: v.nullable(v.string()),
  last_transition_at: v.nullable(v.string()),
  age_days: v.nullable(v.number()),
  completion_pct: v.number(),
  event_count: v.number(),
  total_wps: v.number(),
  active_wp_count: v.number(),
  blocked_wp_count: v.number(),
  review_wp_count: v.number(),
  terminal_wp_count: v.number(),
  has_event_log: v.boolean(),
  post_mission_events: v.array(
    v.strictObject({ event_type: v.string(), at: v.string(), payload: v.looseObject({}) }),
  ),
  last_follow_up_at: v.nullable(v.string()),
  stale_after_days: v.number(),
  abandoned_after_days: v.number(),
})
export type AgentStatusLifecycle = Answer<typeof AgentStatusLifecycle>

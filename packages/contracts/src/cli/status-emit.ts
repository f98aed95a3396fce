/** Result of `agent status emit`. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'
import { DISPLAY_LANES } from '../lanes.ts'

export const AgentStatusEmit = v.strictObject({
  /** Null when the work package was there already and nothing was appended. */
  event_id: v.nullable(v.string()),
  wp_id: v.string(),
  work_package_id: v.string(),
  from_lane: v.picklist(['genesis', ...DISPLAY_LANES]),
  to_lane: v.picklist(DISPLAY_LANES),
  status_events_path: v.string(),
  actor: v.string(),
})
export type AgentStatusEmit = Answer<typeof AgentStatusEmit>

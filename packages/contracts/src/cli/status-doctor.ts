/** Result of `agent status doctor`; exit status 1 when not healthy. */
import * as v from 'valibot'
import type { Answer } from '../answer.ts'

const Finding = v.strictObject({
  severity: v.picklist(['error', 'warning', 'info']),
  category: v.picklist([
    'log_corrupt',
    'log_unterminated',
    'log_invalid',
    'log_doubtful',
    'materialization_drift',
    'derived_view_drift',
    'stale_claim',
    'orphan_workspace',
    'uninitialized_status',
    'review_independence',
    'wp_malformed',
  ]),
  wp_id: v.nullable(v.string()),
  message: v.string(),
  recommended_action: v.string(),
})

export const AgentStatusDoctor = v.strictObject({
  mission_slug: v.string(),
  healthy: v.boolean(),
  global_runtime: v.array(v.never()),
  findings: v.array(Finding),
  /** What --fix did. */
  fixed: v.array(v.string()),
  /** Where the log as it was is kept; null when it was not touched. */
  backup: v.nullable(v.string()),
})
export type AgentStatusDoctor = Answer<typeof AgentStatusDoctor>

/** `mission list`, `mission info`, `mission current`, `mission close`, `mission reopen`, `mission follow-up` with `--json`. */
import * as v from 'valibot'
import { Landing } from '../files/landing.ts'

export const MissionSummary = v.object({
  mission_slug: v.string(),
  mission_id: v.nullable(v.string()),
  mid8: v.nullable(v.string()),
  mission_number: v.nullable(v.number()),
  mission_type: v.string(),
  friendly_name: v.string(),
  target_branch: v.string(),
  /** `unreadable`: the event log needs repair. */
  state: v.picklist(['planning', 'active', 'accepted', 'merged', 'closed', 'unreadable']),
  total_wps: v.number(),
  done_wps: v.number(),
  created_at: v.nullable(v.string()),
  /** Pushed, and not on the target yet; null otherwise. */
  landing: v.nullable(Landing),
})
export type MissionSummary = v.InferOutput<typeof MissionSummary>

export const MissionList = v.array(MissionSummary)
export type MissionList = v.InferOutput<typeof MissionList>

export const MissionInfo = v.object({
  ...MissionSummary.entries,
  /** Absolute. */
  feature_dir: v.string(),
  purpose_tldr: v.nullable(v.string()),
  purpose_context: v.nullable(v.string()),
  documents: v.array(v.string()),
  by_lane: v.record(v.string(), v.number()),
  lanes: v.array(
    v.object({ lane_id: v.string(), wp_ids: v.array(v.string()), branch: v.nullable(v.string()) }),
  ),
})
export type MissionInfo = v.InferOutput<typeof MissionInfo>

export const MissionClose = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  closed_at: v.string(),
  discarded: v.boolean(),
  /** Relative to the repository. */
  removed_worktrees: v.array(v.string()),
  /** Kept because they hold uncommitted work. */
  kept_worktrees: v.array(v.string()),
  /** Branch → where it is kept. */
  removed_branches: v.record(v.string(), v.string()),
})
export type MissionClose = v.InferOutput<typeof MissionClose>

export const MissionReopen = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  mission_id: v.nullable(v.string()),
  reason: v.string(),
  reopened_at: v.string(),
  reopened_by: v.string(),
  /** A merge or a close was taken back in meta.json. */
  cleared_merge: v.boolean(),
  event_id: v.string(),
  next_step: v.string(),
})
export type MissionReopen = v.InferOutput<typeof MissionReopen>

export const MissionFollowUp = v.object({
  result: v.literal('success'),
  mission_slug: v.string(),
  mission_id: v.nullable(v.string()),
  follow_up_type: v.picklist(['commit', 'pr']),
  commit_sha: v.nullable(v.string()),
  pr_number: v.nullable(v.number()),
  /** False when it was recorded before. */
  recorded: v.boolean(),
})
export type MissionFollowUp = v.InferOutput<typeof MissionFollowUp>

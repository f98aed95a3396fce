/** `spec-kitty log --json` and `spec-kitty show --json`: what happened, in the order of the log. */
import * as v from 'valibot'

const Happening = v.object({
  at: v.string(),
  wp_id: v.string(),
  /** A person or an agent. */
  who: v.string(),
  from_lane: v.string(),
  to_lane: v.string(),
  reason: v.nullable(v.string()),
  forced: v.boolean(),
})
export type Happening = v.InferOutput<typeof Happening>

export const MissionLog = v.object({
  mission_slug: v.string(),
  events: v.array(Happening),
})
export type MissionLog = v.InferOutput<typeof MissionLog>

export const ShowWorkPackage = v.object({
  mission_slug: v.string(),
  wp_id: v.string(),
  title: v.string(),
  lane: v.string(),
  /** Of the last event; null where there is none. */
  since: v.nullable(v.string()),
  who: v.nullable(v.string()),
  agent: v.nullable(v.string()),
  /** Dependencies that are not approved yet. */
  waits_for: v.array(v.object({ wp_id: v.string(), lane: v.string() })),
  reviews: v.array(
    v.object({
      number: v.number(),
      verdict: v.string(),
      reviewer: v.nullable(v.string()),
      feedback: v.string(),
      path: v.string(),
    }),
  ),
  branch: v.nullable(v.string()),
  /** On the branch of its lane and not on the target branch, newest first. */
  commits: v.array(v.string()),
  events: v.array(Happening),
})
export type ShowWorkPackage = v.InferOutput<typeof ShowWorkPackage>

/**
 * Lines of `status.events.jsonl` (docs/log.md). Reading is lenient and done by hand in core/repo/log/log.ts;
 * these schemas are what we write, and what `agent status validate` holds a log against.
 */
import * as v from 'valibot'
import type { Json, JsonObject } from '../json.ts'
import type { Lane } from '../lanes.ts'
import { DISPLAY_LANES } from '../lanes.ts'

const ULID_OR_UUID =
  /^([0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/i
const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?(Z|[+-]\d{2}:\d{2})$/

const TextOrNull = v.nullish(v.string())

/** Who and what stands behind an approval. Further keys are kept. */
export const EvidenceSchema = v.looseObject({
  review: v.looseObject({ reviewer: v.string(), verdict: v.string(), reference: v.string() }),
  repos: v.optional(
    v.array(
      v.looseObject({
        repo: v.string(),
        branch: v.string(),
        commit: v.string(),
        files_touched: v.optional(v.array(v.string())),
      }),
    ),
  ),
  verification: v.optional(
    v.array(v.looseObject({ command: v.string(), result: v.string(), summary: v.string() })),
  ),
})

/** A lane transition as validate expects it. Unknown keys are allowed: later editions add some. */
export const TransitionSchema = v.looseObject({
  actor: v.pipe(
    v.unknown(),
    v.check(value => value !== null && value !== '', 'is empty'),
  ),
  at: v.pipe(v.string(), v.regex(ISO_TIME, 'is not an ISO time stamp')),
  event_id: v.pipe(v.string(), v.regex(ULID_OR_UUID, 'is neither a ULID nor a UUID')),
  evidence: v.nullish(v.looseObject({})),
  execution_mode: v.picklist(['worktree', 'direct_repo'], 'is neither worktree nor direct_repo'),
  force: v.boolean('is not true or false'),
  from_lane: v.picklist(['genesis', ...DISPLAY_LANES], 'is not a lane'),
  mission_id: v.nullish(v.string()),
  mission_slug: v.optional(v.string()),
  policy_metadata: v.nullish(v.looseObject({})),
  reason: TextOrNull,
  review_ref: TextOrNull,
  to_lane: v.picklist(DISPLAY_LANES, 'is not a lane that can be entered'),
  wp_id: v.pipe(v.string(), v.nonEmpty('is empty')),
})

/** What a strict reader finds wrong with a transition: a key and its problem each; empty when nothing is. */
export function transitionProblems(value: unknown): readonly string[] {
  return (v.safeParse(TransitionSchema, value).issues ?? []).map(issue => {
    const key = String(issue.path?.[0]?.key ?? 'it')
    return issue.message.startsWith('Invalid')
      ? `${key} is not valid (${issue.message})`
      : `${key} ${issue.message}`
  })
}

/** What a reader can rely on in a transition; other keys may be absent in old logs. */
export type Transition = JsonObject & {
  readonly event_id: string
  readonly wp_id: string
  readonly from_lane: Lane
  readonly to_lane: Lane
  readonly at: string
  readonly actor: Json
  readonly force: Json
}

/** A transition as we write it: every key, `mission_id` left out when unknown. */
export type NewTransition = JsonObject & {
  readonly actor: string
  readonly at: string
  readonly event_id: string
  readonly evidence: JsonObject | null
  readonly execution_mode: ExecutionMode
  readonly force: boolean
  readonly from_lane: Lane
  readonly mission_slug: string
  readonly policy_metadata: JsonObject | null
  readonly reason: string | null
  readonly review_ref: string | null
  /** Only in a row that ends a review with a verdict. */
  readonly review_result?: JsonObject
  readonly to_lane: Lane
  readonly wp_id: string
}

export type ExecutionMode = 'worktree' | 'direct_repo'

/** The payload of WPStatusChanged and the transition rules that travel with it (docs/sync.md). */
import * as v from 'valibot'
import { DISPLAY_LANES } from '../lanes.ts'
import { anyObject, maybe, text } from '../wire-fields.ts'

/** `doing` is the old word for in_progress, taken on input. */
const lane = v.picklist(['genesis', ...DISPLAY_LANES, 'doing'])

/** What stands behind an approval: commits and a verdict. */
export const DoneEvidence = v.object({
  repos: v.pipe(
    v.array(v.object({ repo: text, branch: text, commit: text, files_touched: maybe(v.array(v.string())) })),
    v.minLength(1),
  ),
  review: v.object({ reviewer: text, verdict: text, reference: maybe(v.string()) }),
  verification: v.optional(v.array(v.object({ command: text, result: text, summary: maybe(v.string()) }))),
})

const Fields = v.strictObject({
  mission_slug: text,
  wp_id: text,
  from_lane: maybe(lane),
  to_lane: lane,
  actor: v.union([text, anyObject]),
  force: v.optional(v.boolean()),
  reason: maybe(v.string()),
  review_ref: maybe(v.string()),
  execution_mode: v.picklist(['worktree', 'direct_repo']),
  evidence: maybe(DoneEvidence),
})
type Fields = v.InferOutput<typeof Fields>

export const StatusTransitionPayload = v.pipe(
  Fields,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return
    for (const message of brokenRules(dataset.value)) addIssue({ message })
  }),
)

/** Lanes reachable without force; `blocked` and `canceled` besides, from every lane that is not terminal. */
const FORWARD: Readonly<Record<string, readonly string[]>> = {
  genesis: ['planned'],
  planned: ['claimed'],
  claimed: ['in_progress'],
  in_progress: ['for_review', 'approved', 'planned'],
  for_review: ['in_review', 'approved', 'done', 'in_progress', 'planned'],
  in_review: ['approved', 'done', 'for_review', 'in_progress', 'planned'],
  approved: ['done', 'in_progress', 'planned'],
  blocked: ['in_progress'],
  done: [],
  canceled: [],
}

function isAllowed(from: string | null, to: string): boolean {
  if (from === null) return to === 'planned'
  if (FORWARD[from]?.includes(to) === true) return true
  return (to === 'blocked' || to === 'canceled') && from !== 'done' && from !== 'canceled'
}

function canonical<L extends string | null>(lane: L): L | 'in_progress' {
  return lane === 'doing' ? 'in_progress' : lane
}

/** Each rule of the contract that a transition breaks, as a sentence. */
function brokenRules(payload: Fields): readonly string[] {
  const from = canonical(payload.from_lane ?? null)
  const to = canonical(payload.to_lane)
  const force = payload.force === true
  const broken: string[] = []
  if (force && (payload.reason ?? '').trim() === '') broken.push('force needs a reason')
  if ((to === 'done' || to === 'approved') && payload.evidence == null) broken.push(`${to} needs evidence`)
  if (!force && !isAllowed(from, to)) broken.push(`transition from ${from ?? 'none'} to ${to} needs force`)
  const rejected = ['in_progress', 'for_review', 'in_review', 'approved'].includes(from ?? '')
  if (!force && rejected && to === 'planned') broken.push('a rejection to planned needs force')
  const reviewed = ['for_review', 'in_review', 'approved'].includes(from ?? '')
  if (reviewed && to === 'in_progress' && (payload.review_ref ?? '') === '')
    broken.push(`${from} to in_progress needs review_ref`)
  return broken
}

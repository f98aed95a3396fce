/** `agent tasks move-task`: one event per lane on the way, one write per file, one commit. */
import type { MoveTask } from '@spec-kitty/contracts/cli/move-task'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { NewTransition } from '@spec-kitty/contracts/files/events'
import type { Json, JsonObject } from '@spec-kitty/contracts/json'
import { annotationRows, holderNews, tickNews } from '../../repo/log/annotation.ts'
import { drawStamps } from '../../repo/log/emit.ts'
import { lifecycleRow } from '../../repo/log/lifecycle-rows.ts'
import { planWalk, type Stamp } from '../../repo/log/transition.ts'
import { selfNote } from '../../repo/review/independence.ts'
import { agentOf } from '../../repo/tasks/work-package.ts'
import type { Ports } from '../../world/ports.ts'
import { type Decision, type Scene, write } from '../../write/write.ts'
import { type MoveFacts, readMoveFacts } from './facts.ts'
import { planVerdict, planWpFile, type VerdictPlan } from './files.ts'
import { blockersOf, moveRefusals } from './guards.ts'
import { planHops } from './hops.ts'
import { type MoveRequest, type MoveTaskInput, readMoveRequest } from './request.ts'

/** Refuses with the code of the first blocker; `data.blockers` has them all. Nothing is written on refusal. */
export async function moveTask(ports: Ports, input: MoveTaskInput): Promise<MoveTask> {
  const request = readMoveRequest(input)
  return write(ports, request, scene => decideMove(ports, scene, request))
}

/** The move as a decision, for a flow that makes several in one. Throws what `moveTask` refuses with. */
export async function decideMove(
  ports: Ports,
  scene: Scene,
  request: MoveRequest,
): Promise<Decision<MoveTask>> {
  const facts = await readMoveFacts(ports, scene, request)
  requireNoBlockers(facts, request)
  if (isSelf(facts)) ports.note(selfNote(facts.wp.id, facts.ownWork))
  return await planMove(ports, facts, request)
}

/** An approval of one's own work, where anybody minds. */
function isSelf(facts: MoveFacts): facts is MoveFacts & { readonly ownWork: string } {
  return facts.ownWork !== undefined && facts.independence !== 'off'
}

function requireNoBlockers(facts: MoveFacts, request: MoveRequest): void {
  const refusals = moveRefusals(facts, request)
  const [first] = refusals
  if (first === undefined) return
  throw new KittyError(first.code, first.message, {
    hint: first.hint,
    data: {
      wp_id: facts.wp.id,
      from_lane: facts.from.lane,
      to_lane: request.to,
      blockers: blockersOf(refusals),
    },
  })
}

async function planMove(ports: Ports, facts: MoveFacts, request: MoveRequest): Promise<Decision<MoveTask>> {
  // One for the self-review row, one for the annotation, one for each lane of the road: the longest walk has six.
  const [first, second = first, ...stamps] = drawStamps(ports, facts.status, 8)
  const verdict = await planVerdict(ports, facts, request, first.at)
  const hops = planHops(facts, request, verdict.pointer, first.at.slice(0, 10).replaceAll('-', ''))
  const events = planWalk(facts.mission, facts.from, hops, stamps)
  const last = events.at(-1)
  if (last === undefined) throw new Error('a move without a transition')
  const file = await planWpFile(ports, facts, request, last)
  return {
    files: [...verdict.changes, file.change],
    status: facts.status,
    events: [
      ...selfReview(facts, request, first),
      // Before the moves: who reads the end of a log looks for where the package is.
      ...annotationRows(facts.mission, facts.wp.id, last.actor, news(facts, events, file.fields), second),
      ...events,
    ],
    message: `chore: Move ${facts.wp.id} to ${request.to} on spec ${facts.mission.slug} [${last.actor}]`,
    answer: answerOf(facts, request, last.event_id, verdict),
  }
}

/** What else the log must say: who has the package, where that changed, and at the hand-over what is ticked. */
function news(
  { status, wp, subtasks }: MoveFacts,
  events: readonly NewTransition[],
  fields: JsonObject,
): { readonly [key: string]: Json } {
  const holder = holderNews(status.reduction, events, { id: wp.id, fields })
  const handsOver = events.some(event => event.to_lane === 'for_review')
  return handsOver ? { ...holder, ...tickNews(status.reduction, wp.id, subtasks) } : holder
}

/** Self-approval is legal by force, and on record (docs/log.md). */
function selfReview(facts: MoveFacts, request: MoveRequest, stamp: Stamp): readonly JsonObject[] {
  if (request.selfReviewFallback !== true) return []
  const payload = {
    mission_slug: facts.mission.slug,
    wp_id: facts.wp.id,
    implementing_actor: agentOf(facts.wp.file.fields) ?? request.agent ?? 'user',
    intended_reviewer: request.intendedReviewer ?? '',
    failure_reason: request.reviewerFailureReason ?? '',
    fallback_approved: true,
    timestamp: stamp.at,
  }
  const aggregate = { id: facts.wp.id, type: 'WorkPackage' } as const
  return [
    lifecycleRow(
      { type: 'ReviewerSelfApproval', aggregate, key: facts.wp.id, payload: () => payload },
      stamp,
    ),
  ]
}

function answerOf(facts: MoveFacts, request: MoveRequest, eventId: string, verdict: VerdictPlan): MoveTask {
  const { wp, from, status } = facts
  return {
    result: 'success',
    task_id: wp.id,
    old_lane: from.lane,
    new_lane: request.to,
    path: wp.path,
    event_id: eventId,
    work_package_id: wp.id,
    to_lane: request.to,
    status_events_path: status.log.path,
    ...(isSelf(facts) ? { self_approved: true } : {}),
    ...(verdict.pointer === undefined ? {} : { review_feedback: verdict.pointer }),
  }
}

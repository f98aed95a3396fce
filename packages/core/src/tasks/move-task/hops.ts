/** From where a work package stands to where it should be: one transition per lane it passes. Pure. */
import { isObject, type JsonObject } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import type { TransitionRequest } from '../../repo/log/transition.ts'
import { agentOf } from '../../repo/tasks/work-package.ts'
import type { MoveFacts } from './facts.ts'
import { isApproval, type MoveRequest } from './request.ts'

/** The order in which work advances; `blocked` and `canceled` lie beside it. */
const ROAD: readonly Lane[] = [
  'planned',
  'claimed',
  'in_progress',
  'for_review',
  'in_review',
  'approved',
  'done',
]

/** Forward: every lane on the way. Backward: one forced step with its reason. Everything else: one step that the matrix judges. */
export function planHops(
  facts: MoveFacts,
  request: MoveRequest,
  pointer: string | undefined,
  today: string,
): readonly TransitionRequest[] {
  const { from, wp } = facts
  const { to, note, force } = request
  const base = { wpId: wp.id, ...modeOf(facts) }
  const proof = isApproval(to) ? approval(facts, request, today) : undefined
  if (force) {
    const reason = joined(note ?? `Force move to ${to}`, request.doneOverrideReason)
    const step = { ...base, to, force, reason, actor: request.agent ?? 'user' }
    return [{ ...step, ...evidence(to, proof), ...reviewRef(pointer) }]
  }
  if (isBackward(from.lane, to)) {
    const reason = joined(`backward rewind: ${from.lane} -> ${to}`, pointer, note)
    return [{ ...base, to, force: true, reason, actor: request.agent ?? 'user', ...reviewRef(pointer) }]
  }
  const lanes = between(from.lane, to)
  return lanes.map((lane, i) => {
    const previous = lanes[i - 1] ?? from.lane
    const override = lane === 'done' ? request.doneOverrideReason : undefined
    return {
      ...base,
      to: lane,
      actor: actorOf(facts, request, lane),
      reason: joined(note ?? `move-task: ${previous} -> ${lane}`, override),
      workspace: 'move-task',
      subtasksComplete: true,
      ...evidence(lane, proof),
      ...(previous === 'in_review' && !isApproval(lane)
        ? reviewRef(request.approvalRef ?? note ?? `move-task:${wp.id}`)
        : {}),
    }
  })
}

/** `done` is an end: it is left only by force. */
function isBackward(from: Lane, to: Lane): boolean {
  const here = ROAD.indexOf(from)
  const there = ROAD.indexOf(to)
  return from !== 'done' && there >= 0 && there < here
}

function between(from: Lane, to: Lane): readonly Lane[] {
  const here = ROAD.indexOf(from)
  const there = ROAD.indexOf(to)
  return here >= 0 && there > here ? ROAD.slice(here + 1, there + 1) : [to]
}

/** The one who did the work hands it over, whoever types the command. */
function actorOf({ wp }: MoveFacts, { agent }: MoveRequest, lane: Lane): string {
  const worker = lane === 'for_review' ? agentOf(wp.file.fields) : undefined
  return agent ?? worker ?? 'user'
}

function approval({ wp, gitUser }: MoveFacts, request: MoveRequest, today: string): JsonObject {
  const reference = request.approvalRef ?? request.note ?? `auto-approval:${wp.id}:${today}`
  return { review: { reviewer: request.reviewer ?? gitUser ?? 'user', verdict: 'approved', reference } }
}

function evidence(lane: Lane, proof: JsonObject | undefined): { readonly evidence?: JsonObject } {
  return isApproval(lane) && isObject(proof) ? { evidence: proof } : {}
}

function reviewRef(pointer: string | undefined): { readonly reviewRef?: string } {
  return pointer === undefined ? {} : { reviewRef: pointer }
}

function modeOf({ wp }: MoveFacts): Pick<TransitionRequest, 'executionMode'> {
  return wp.file.fields.execution_mode === 'planning_artifact' ? { executionMode: 'direct_repo' } : {}
}

function joined(...parts: readonly (string | undefined)[]): string {
  return parts.filter(part => part !== undefined).join(': ')
}

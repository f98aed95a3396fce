/** `orchestrator-api transition`: one lane change, judged as `agent status emit` judges it. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { targetLane } from '../repo/log/matrix.ts'
import { findWorkPackage } from '../repo/tasks/work-package.ts'
import { emitStatus } from '../status/emit-command.ts'
import type { Ports } from '../world/ports.ts'
import type { BeginInput } from './begin.ts'
import { needsPolicy, readPolicy, requirePolicy } from './policy.ts'
import { ApiRefusal } from './refusal.ts'
import { missionHead, readScene } from './scene.ts'

export interface ApiTransitionInput extends BeginInput {
  readonly to: string
  readonly note?: string | undefined
  readonly force?: boolean | undefined
  readonly reviewRef?: string | undefined
  readonly evidenceJson?: string | undefined
  readonly reviewResultJson?: string | undefined
  /** What tasks.md says when left out. */
  readonly subtasksComplete?: boolean | undefined
  readonly implementationEvidencePresent?: boolean | undefined
}

/** Throws `TRANSITION_REJECTED`, `WP_NOT_FOUND`, `USAGE_ERROR` (evidence that is no JSON), the policy codes. */
export async function apiTransition(ports: Ports, input: ApiTransitionInput) {
  const lane = targetLane(input.to)
  const policyMetadata =
    lane !== undefined && needsPolicy(lane) ? requirePolicy(input.policy) : readPolicy(input.policy)
  const evidence = evidenceOf(input)
  if (lane === 'for_review' && input.implementationEvidencePresent === false && input.force !== true) {
    throw new ApiRefusal('TRANSITION_REJECTED', 'Moving to for_review requires implementation evidence')
  }
  const { mission } = await readScene(ports, input.mission)
  const wp = await findWorkPackage(ports, mission, input.wp)
  const moved = await emitStatus(ports, {
    wpId: wp.id,
    to: input.to,
    actor: input.actor,
    mission: mission.slug,
    force: input.force,
    reason: input.note,
    reviewRef: input.reviewRef,
    subtasksComplete: input.subtasksComplete,
    evidence,
    policyMetadata,
  })
  return {
    ...missionHead(mission),
    wp_id: wp.id,
    from_lane: moved.from_lane,
    to_lane: moved.to_lane,
    policy_metadata_recorded: policyMetadata !== undefined && moved.event_id !== null,
  }
}

/** The outcome of a review is evidence; `--evidence-json` may say more beside it. */
function evidenceOf(input: ApiTransitionInput): JsonObject | undefined {
  const evidence = readObject('--evidence-json', input.evidenceJson)
  const review = readObject('--review-result-json', input.reviewResultJson)
  return review === undefined ? evidence : { review, ...evidence }
}

function readObject(option: string, text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = parseJson(text)
  } catch {
    // Said below, as for JSON of another kind.
  }
  if (isObject(value)) return value
  throw new KittyError('invalid_input', `${option} must be a JSON object, not ${text}`, {
    hint: sh`For example: {"reviewer": "bob", "verdict": "approved", "reference": "PR#1"}`,
  })
}

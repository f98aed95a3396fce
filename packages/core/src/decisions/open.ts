/** `agent decision open`: puts a question on record (docs/missions.md). */
import type { DecisionOpen } from '@spec-kitty/contracts/cli/decision'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { DecisionEntry, DecisionIndex } from '@spec-kitty/contracts/files/decision'
import { type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { type LogText, scanLog } from '../repo/log/log.ts'
import type { Stamp } from '../repo/log/transition.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Ports } from '../world/ports.ts'
import { artifactPath } from './index-file.ts'
import { type DecisionPlan, decisionRefusal, recordDecision, zulu } from './record.ts'

export interface OpenInput {
  readonly mission?: string | undefined
  readonly flow: string
  readonly inputKey: string
  readonly question: string
  readonly stepId?: string | undefined
  readonly slotKey?: string | undefined
  /** A JSON list of texts. */
  readonly options?: string | undefined
  readonly actor?: string | undefined
  readonly dryRun?: boolean | undefined
  readonly autoCommit?: boolean | undefined
}

/** Where a question came up → the flow it is recorded in. Other editions know three: later ones change the plan. */
const FLOWS: Readonly<Record<string, DecisionEntry['origin_flow']>> = {
  charter: 'charter',
  specify: 'specify',
  plan: 'plan',
  tasks: 'plan',
  implement: 'plan',
  review: 'plan',
}

type Key = DecisionOpen['recovery']['idempotency_key']

/**
 * Opens a decision, or finds it open. Throws `decision_refused` with the Python edition's code:
 * `DECISION_MISSING_STEP_OR_SLOT`, `DECISION_ALREADY_CLOSED`; `invalid_input` (flow, options).
 */
export async function openDecision(ports: Ports, input: OpenInput): Promise<DecisionOpen> {
  const options = readOptions(input.options)
  return recordDecision<DecisionOpen>(ports, input, ({ mission, status, index }, stamps) => {
    const key = readKey(mission, input)
    const known = findOpen(index, key)
    const entry = known ?? newDecision(key, options, input, stamps[0])
    const id = input.dryRun === true ? 'DRY_RUN' : entry.decision_id
    const answer = describe(mission, key, id, known !== undefined)
    if (known !== undefined && isTold(status.log.text, entry.decision_id)) return { answer }
    const plan: DecisionPlan = {
      index: known === undefined ? { ...index, entries: [...index.entries, entry] } : index,
      entry,
      event: { type: 'DecisionPointOpened', payload: openedPayload(mission, entry, stamps[0]) },
      change: known === undefined ? 'opened' : 'opened again',
    }
    return { plan, answer }
  })
}

function readKey(mission: Mission, input: OpenInput): Key {
  const step = input.stepId?.trim() || null
  const slot = input.slotKey?.trim() || null
  const flow = FLOWS[input.flow]
  if (flow === undefined) {
    throw new KittyError('invalid_input', `'${input.flow}' is no flow of decisions`, {
      hint: sh`Give one of: ${listed(Object.keys(FLOWS))}`,
      data: { flow: input.flow },
    })
  }
  if (step === null && slot === null) {
    throw decisionRefusal(
      'DECISION_MISSING_STEP_OR_SLOT',
      'A decision belongs to a step or a slot',
      {},
      sh`Give --step-id or --slot-key`,
    )
  }
  return {
    input_key: input.inputKey,
    mission_id: mission.id,
    mission_slug: mission.slug,
    origin_flow: flow,
    slot_key: slot,
    step_id: step,
  }
}

function readOptions(text: string | undefined): readonly string[] {
  if (text === undefined) return []
  try {
    const value: unknown = parseJson(text)
    if (Array.isArray(value) && value.every(item => typeof item === 'string')) return value
  } catch {
    // Reported below: not JSON and not a list are the same mistake.
  }
  throw new KittyError('invalid_input', `--options is not a JSON list of texts: ${text}`, {
    hint: sh`--options '["a","b"]'`,
    data: { options: text },
  })
}

/** The entry of this question if it is open. Throws when it was answered before. */
function findOpen(index: DecisionIndex, key: Key): DecisionEntry | undefined {
  const entry = index.entries.find(
    item =>
      item.origin_flow === key.origin_flow &&
      item.input_key === key.input_key &&
      (key.step_id === null ? item.slot_key === key.slot_key : item.step_id === key.step_id),
  )
  if (entry === undefined || entry.status === 'open') return entry
  throw decisionRefusal(
    'DECISION_ALREADY_CLOSED',
    `The decision on '${key.input_key}' is ${entry.status} already`,
    { decision_id: entry.decision_id, status: entry.status },
    sh`Open another question, with another --input-key`,
  )
}

/** A decision that nobody has answered. */
export function newDecision(
  key: Key,
  options: readonly string[],
  input: Pick<OpenInput, 'actor' | 'question'>,
  stamp: Stamp,
): DecisionEntry {
  return {
    created_at: zulu(stamp.at),
    decision_id: stamp.id,
    final_answer: null,
    input_key: key.input_key,
    mission_id: key.mission_id,
    mission_slug: key.mission_slug,
    opened_by: input.actor ?? 'cli',
    options: [...options],
    origin_flow: key.origin_flow as DecisionEntry['origin_flow'],
    other_answer: false,
    question: input.question,
    rationale: null,
    resolved_at: null,
    resolved_by: null,
    slot_key: key.slot_key,
    status: 'open',
    step_id: key.step_id,
    summary_json: null,
  }
}

/** The payload of its event. */
export function openedPayload(mission: Mission, entry: DecisionEntry, stamp: Stamp): JsonObject {
  return {
    actor_id: entry.opened_by,
    actor_type: 'human',
    decision_point_id: entry.decision_id,
    input_key: entry.input_key,
    mission_id: mission.id,
    mission_slug: mission.slug,
    mission_type: mission.type,
    options: entry.options,
    origin_flow: entry.origin_flow,
    origin_surface: 'planning_interview',
    phase: entry.origin_flow.toUpperCase(),
    question: entry.question,
    recorded_at: zulu(stamp.at),
    run_id: entry.decision_id,
    state_entered_at: entry.created_at,
    step_id: entry.step_id ?? entry.slot_key,
  }
}

/** A crash between index and log must not leave the log silent. */
function isTold(log: LogText, id: string): boolean {
  for (const row of scanLog(log)) {
    if (row.kind === 'lifecycle' && row.value.event_type === 'DecisionPointOpened' && row.raw.includes(id))
      return true
  }
  return false
}

function describe(mission: Mission, key: Key, id: string, idempotent: boolean): DecisionOpen {
  return {
    artifact_path: artifactPath(mission, id),
    contract: 'decision_open_v2',
    decision_id: id,
    event_lamport: null,
    idempotent,
    mission_id: mission.id,
    recovery: { idempotency_key: key, rerun_safe: true },
  }
}

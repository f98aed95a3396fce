/** The words in which the orchestrator API refuses. */
import type { OrchestratorFailure } from '@spec-kitty/contracts/cli/orchestrator-api'
import { type ErrorCode, KittyError } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'

/** A refusal that only the API knows. */
export class ApiRefusal extends Error {
  readonly errorCode: string
  readonly data: JsonObject

  constructor(errorCode: string, message: string, data: JsonObject = {}) {
    super(message)
    this.name = 'ApiRefusal'
    this.errorCode = errorCode
    this.data = data
  }
}

/** Codes that the contract spells differently; any other is our own in capitals. */
const WORDS: { readonly [code in ErrorCode]?: string } = {
  usage: 'USAGE_ERROR',
  invalid_input: 'USAGE_ERROR',
  invalid_lane: 'TRANSITION_REJECTED',
  illegal_transition: 'TRANSITION_REJECTED',
  guard_failed: 'TRANSITION_REJECTED',
  claimed_by_other: 'WP_ALREADY_CLAIMED',
  ambiguous_mission: 'MISSION_AMBIGUOUS_SELECTOR',
}

type Refusal = Pick<OrchestratorFailure, 'error_code' | 'data'>

/** What a failure says in an envelope; a failure that nobody expected too, without its stack. */
export function refusalOf(cause: unknown): Refusal {
  if (cause instanceof ApiRefusal) {
    return { error_code: cause.errorCode, data: { ...cause.data, message: cause.message } }
  }
  if (cause instanceof KittyError) {
    const { error: _, ...data } = cause.data
    const hint = cause.hint === undefined ? {} : { hint: cause.hint }
    // Refusals of decisions carry the word of the contract.
    const word = cause.code === 'decision_refused' ? data.code : undefined
    return {
      error_code: typeof word === 'string' ? word : (WORDS[cause.code] ?? cause.code.toUpperCase()),
      data: { ...data, message: cause.message, ...hint },
    }
  }
  const message = cause instanceof Error ? cause.message : String(cause)
  return { error_code: 'INTERNAL', data: { message: message.split('\n')[0] ?? '' } }
}

/** What planning may refuse for its own reasons. Everything else keeps the word that any verb has for it. */
const PLANNING: ReadonlySet<ErrorCode> = new Set([
  'usage',
  'invalid_input',
  'mission_incomplete',
  'not_ready',
  'detached_head',
  'in_worktree',
  'file_malformed',
])

/** Planning on behalf of a verb: what it refuses carries its own word of the contract, or this one of the verb. */
export async function inWordsOf<T>(word: string, planning: Promise<T>): Promise<T> {
  try {
    return await planning
  } catch (cause) {
    if (!(cause instanceof KittyError) || !PLANNING.has(cause.code)) throw cause
    const { error_code: own, ...data } = cause.data
    const hint = cause.hint === undefined ? {} : { hint: cause.hint }
    throw new ApiRefusal(typeof own === 'string' ? own : word, cause.message, { ...data, ...hint })
  }
}

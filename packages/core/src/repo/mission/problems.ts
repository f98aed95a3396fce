/** Several findings as one refusal: nothing is hidden behind the first (creed 9). */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'
import type { Remedy } from '@spec-kitty/contracts/sh'

export interface Problem {
  /** A word that names the rule. */
  readonly code: string
  /** What was found, in one sentence. */
  readonly message: string
  /** What to write or run. */
  readonly hint: Remedy
  /** Keys of the Python edition for this rule; its `error` is the message there. */
  readonly data?: JsonObject
}

/**
 * The refusal for a list of problems: the keys of every problem side by side (those of an earlier one win), all of
 * them under `problems`. Undefined for an empty list.
 */
export function refusal(what: string, problems: readonly Problem[]): KittyError | undefined {
  const [first] = problems
  if (first === undefined) return undefined
  const merged: JsonObject = Object.assign({}, ...problems.toReversed().map(problem => problem.data ?? {}))
  const listed = problems.map(problem => ({
    code: problem.code,
    message: problem.message,
    hint: problem.hint,
  }))
  const lines = problems.map(
    problem => `  - ${problem.message}\n    ${problem.hint.replaceAll('\n', '\n    ')}`,
  )
  // The text lists every hint under its problem; only JSON readers get the first one as `hint`.
  return new KittyError('tasks_invalid', `${what}:\n${lines.join('\n')}`, {
    data: { ...merged, error: first.data?.error ?? first.message, hint: first.hint, problems: listed },
  })
}

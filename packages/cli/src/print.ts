/** The one place that turns a result or a refusal into text on stdout and stderr. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Outcome } from './command.ts'
import type { Io } from './io.ts'
import { VERSION } from './version.ts'

type Sinks = Pick<Io, 'out' | 'err' | 'style'>

export function printOutcome(outcome: Outcome, json: boolean, io: Sinks): void {
  if (json) {
    io.out(`${JSON.stringify(outcome.document, null, outcome.indent ? 2 : 0)}\n`)
    return
  }
  const text = outcome.text(io.style)
  if (text !== '') io.out(text.endsWith('\n') ? text : `${text}\n`)
}

/** Prints a failure and returns its exit status. A refusal is one sentence and its remedy; anything else is our bug. */
export function printFailure(
  error: unknown,
  mode: { readonly json: boolean; readonly verbose: boolean },
  io: Sinks,
): number {
  const failure = error instanceof KittyError ? error : internal(error)
  if (mode.json) {
    io.out(`${JSON.stringify(failure.toJson())}\n`)
  } else {
    io.err(`${io.style.red('Error:')} ${failure.message}\n`)
    if (failure.hint !== undefined) io.err(`${failure.hint}\n`)
  }
  if (mode.verbose && failure.code === 'internal' && error instanceof Error) io.err(`${error.stack ?? ''}\n`)
  return failure.status
}

function internal(error: unknown): KittyError {
  const message = error instanceof Error ? error.message : String(error)
  return new KittyError(
    'internal',
    `Internal error in spec-kitty ${VERSION}: ${message.split('\n')[0] ?? ''}`,
    {
      hint: sh`This is a bug of ours. Run the command again with --verbose and report what it prints.`,
      cause: error,
    },
  )
}

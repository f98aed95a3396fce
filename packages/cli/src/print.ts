/** The one door to stdout and stderr: whatever passes it, text of the repository steers no terminal. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Json, NotJson } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { printable } from '@spec-kitty/core/text/printable'
import type { Outcome } from './command.ts'
import type { Io } from './io.ts'
import type { Style } from './style.ts'
import { VERSION } from './version.ts'
import { wrap } from './wrap.ts'

type Sinks = Pick<Io, 'out' | 'err' | 'style' | 'errorStyle'>

/** Whole lines for a person, on stdout; nothing for an empty text. */
export function printText(text: string, io: Sinks): void {
  if (text !== '') printLine(text.endsWith('\n') ? text.slice(0, -1) : text, io)
}

/** The text and a line end, on stdout. */
export function printLine(text: string, io: Sinks): void {
  io.out(`${fitted(text, () => io.style)}\n`)
}

/** Whole lines beside the answer, on stderr. What programs read there stays on its line. */
export function printNote(text: string, io: Sinks): void {
  const line = /^sync_diagnostic [^\n]*$/.test(text)
  io.err(`${line ? shown(text, () => io.errorStyle) : fitted(text, () => io.errorStyle)}\n`)
}

/** The style is asked only for text that needs it: it looks at the terminal, and a short line fits every one. */
function fitted(text: string, style: () => Style): string {
  const long = text.length > 20 && text.split('\n').some(line => line.length > 40)
  return shown(long && style().wraps ? wrap(text, style().columns) : text, style)
}

function shown(text: string, style: () => Style): string {
  return printable(text) === text ? text : style().shown(text)
}

/** One document on stdout; false when nobody reads it. */
export function printJson(document: Json, io: Pick<Io, 'out'>, indent = false): boolean {
  return io.out(`${printable(JSON.stringify(document, null, indent ? 2 : 0))}\n`) !== false
}

export function printOutcome(outcome: Outcome, json: boolean, io: Sinks): void {
  if (json) printJson(outcome.document, io, outcome.indent)
  else printText(outcome.text(io.style), outcome.verbatim ? asItIs(io) : io)
}

/** The same sinks for what no line break may go into: JSON, scripts. */
function asItIs(io: Sinks): Sinks {
  return { ...io, style: { ...io.style, wraps: false } }
}

/** Prints a failure and returns its exit status. A refusal is one sentence and its remedy; anything else is our bug. */
export function printFailure(
  error: unknown,
  mode: { readonly json: boolean; readonly verbose: boolean },
  io: Sinks,
): number {
  const failure = error instanceof KittyError ? error : internal(error)
  if (mode.json) {
    printJson(failure.toJson(), io)
  } else {
    printNote(`${io.errorStyle.red('Error:')} ${failure.message}`, io)
    if (failure.hint !== undefined) printNote(failure.hint, io)
  }
  if (mode.verbose && failure.code === 'internal' && error instanceof Error) printNote(error.stack ?? '', io)
  return failure.status
}

function internal(error: unknown): KittyError {
  if (error instanceof NotJson)
    return new KittyError('file_malformed', `A file of this command is no JSON: ${error.message}`, {
      hint: sh`Find and mend it: spec-kitty doctor`,
      cause: error,
    })
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

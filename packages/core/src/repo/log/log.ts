/**
 * The event log of a mission: `status.events.jsonl` (docs/log.md). The reader is lenient about what it does
 * not know and strict about what it relies on; nothing is ever dropped or reordered.
 *
 * The check of a transition is by hand: this is the hot path of every command.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Transition } from '@spec-kitty/contracts/files/events'
import { isObject, type Json, type JsonObject, parseJson, printLine } from '@spec-kitty/contracts/json'
import { isLane } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { readPlain } from './plain.ts'

interface RowBase {
  /** Counted from 1. */
  readonly line: number
  /** The line as it is in the file, without its line feed. */
  readonly raw: string
}

export type LogRow =
  | (RowBase & { readonly kind: 'transition'; readonly value: Transition })
  /** `annotation`: notes and subtask ticks of later editions. `unknown`: kept, not understood. */
  | (RowBase & {
      readonly kind: 'annotation' | 'lifecycle' | 'retrospective' | 'unknown'
      readonly value: JsonObject
    })

/** A log: in one, or, when it is long, in pieces that end with a line and are read anew each time. */
export type LogText = string | Iterable<string>

/** The pieces of a log; those of a short one are one. */
export function piecesOf(text: LogText): Iterable<string> {
  return typeof text === 'string' ? [text] : text
}

/** The log in one, for what compares and unites. Throws `io_failed` for one that no text can hold (half a gigabyte). */
export function wholeLog(text: LogText): string {
  if (typeof text === 'string') return text
  try {
    return [...text].join('')
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new KittyError('io_failed', 'The log is too long for this command, which compares it as a whole', {
      hint: sh`Close the mission and go on in another one: spec-kitty mission list`,
      cause,
    })
  }
}

/** Whether the last line has its line feed; an empty log lacks none. */
export function isTerminated(text: LogText): boolean {
  let last = ''
  for (const piece of piecesOf(text)) last = piece || last
  return last === '' || last.endsWith('\n')
}

/** The log with further lines. */
export function withRows(text: LogText, lines: readonly string[]): LogText {
  const added = lines.join('\n')
  if (text === '') return added
  return {
    *[Symbol.iterator]() {
      let ended = true
      for (const piece of piecesOf(text)) {
        ended = piece.endsWith('\n')
        yield ended ? piece : `${piece}\n`
      }
      yield added
    },
  }
}

/** All rows in file order. Throws `log_corrupt` with the number of the first bad line. */
export function readLog(text: LogText): readonly LogRow[] {
  return [...scanLog(text)]
}

/**
 * The rows one by one, in file order: nothing but the current row is held. Blank lines and CRLF are fine.
 * Throws `log_corrupt` when it reaches a bad line.
 */
export function* scanLog(text: LogText): Generator<LogRow, void, undefined> {
  let line = 0
  for (const piece of piecesOf(text)) {
    for (let start = 0; start < piece.length; ) {
      const feed = piece.indexOf('\n', start)
      const end = feed < 0 ? piece.length : feed
      const raw = piece.slice(start, end)
      line += 1
      start = end + 1
      if (!isBlank(raw)) yield readRow(raw, line)
    }
  }
}

/**
 * The rows as `scanLog` has them, given to `take` until it answers false; false then. `move` takes the transitions that
 * `readPlain` reads. V8 compiles a loop over a thousand lines anew, optimised, which costs a short command more than the
 * loop; calls made by the language itself it leaves.
 */
export function eachRow(
  text: LogText,
  take: (row: LogRow) => boolean,
  move?: (transition: Transition) => boolean,
): boolean {
  let line = 0
  for (const piece of piecesOf(text)) {
    const goes = piece.split('\n').every(raw => {
      line += 1
      const plain = move && readPlain(raw)
      return plain === undefined ? isBlank(raw) || take(readRow(raw, line)) : move?.(plain) === true
    })
    if (!goes) return false
    // Nothing stands behind the last line end.
    if (piece.endsWith('\n')) line -= 1
  }
  return true
}

/** Reads one line. Throws `log_corrupt`. */
export function readRow(raw: string, line: number): LogRow {
  const value = parse(raw, line)
  const kind = discriminator(value)
  if (kind !== undefined) return { line, raw, kind, value }
  const problem = structureProblem(value)
  if (problem === undefined) return { line, raw, kind: 'transition', value: canonical(value) }
  // A row that says what it is, in a word we do not know, belongs to a later edition.
  if (isMarked(value) && !('from_lane' in value)) return { line, raw, kind: 'unknown', value }
  throw corrupt(line, `Invalid event structure on line ${line}: ${problem}`)
}

/** One line of the log, byte for byte as the Python edition writes it, without its line feed. */
export function printRow(event: JsonObject): string {
  return printLine(event)
}

/** The refusal every reader gives for a log it cannot trust. */
export function corrupt(line: number, message: string): KittyError {
  return new KittyError('log_corrupt', message, {
    hint: sh`spec-kitty agent status doctor --fix`,
    data: { line },
  })
}

function isBlank(raw: string): boolean {
  return !raw.startsWith('{') && raw.trim() === ''
}

function parse(raw: string, line: number): JsonObject {
  let value: unknown
  try {
    value = parseJson(raw.charCodeAt(0) === 0xfeff ? raw.slice(1) : raw)
  } catch (cause) {
    throw corrupt(line, `Invalid JSON on line ${line}: ${describe(raw, cause)}`)
  }
  if (isObject(value)) return value
  throw corrupt(line, `Invalid JSON on line ${line}: not an object`)
}

/** A line that git leaves in a file whose merge is not finished. */
export function isConflictMarker(raw: string): boolean {
  return /^(<{7}|={7}|>{7}|\|{7})( |\r?$)/.test(raw)
}

function describe(raw: string, cause: unknown): string {
  if (isConflictMarker(raw)) return 'a conflict marker of git'
  return cause instanceof Error ? cause.message : String(cause)
}

/** The kinds that say so themselves (docs/log.md); undefined for a transition. */
function discriminator(value: JsonObject): 'annotation' | 'lifecycle' | 'retrospective' | undefined {
  // First: our own annotations say `event_type` as well, for readers of 3.2.0.
  if (value.kind === 'annotation') return 'annotation'
  if ('event_type' in value) return 'lifecycle'
  // Nine lines of ten: nobody else names two lanes.
  if ('from_lane' in value && 'to_lane' in value) return undefined
  const { type, event_name: name } = value
  if (typeof type === 'string' && type.startsWith('Retrospective')) return 'retrospective'
  if (typeof name === 'string' && name.startsWith('retrospective.')) return 'retrospective'
  return undefined
}

function isMarked(value: JsonObject): boolean {
  return (
    typeof value.kind === 'string' || typeof value.type === 'string' || typeof value.event_name === 'string'
  )
}

/** The first thing missing that a reader relies on, named as the Python edition names it. */
function structureProblem(value: JsonObject): string | undefined {
  if (typeof value.event_id !== 'string') return "'event_id'"
  if (typeof value.wp_id !== 'string') return "'wp_id'"
  if (!isLane(value.from_lane) || !isLane(value.to_lane)) {
    const lane = laneProblem('from_lane', value.from_lane) ?? laneProblem('to_lane', value.to_lane)
    if (lane !== undefined) return lane
  }
  if (typeof value.at !== 'string') return "'at'"
  if (value.actor === undefined) return "'actor'"
  if (value.force === undefined) return "'force'"
  if (value.execution_mode === undefined) return "'execution_mode'"
  return undefined
}

function laneProblem(key: string, lane: Json | undefined): string | undefined {
  if (lane === undefined) return `'${key}'`
  return isLane(lane) || lane === 'doing' ? undefined : `${JSON.stringify(lane)} is not a valid lane`
}

/** Old logs spell `in_progress` as `doing` (docs/log.md). */
function canonical(value: JsonObject): Transition {
  const { from_lane: from, to_lane: to } = value
  const known =
    from === 'doing' || to === 'doing'
      ? {
          ...value,
          from_lane: from === 'doing' ? 'in_progress' : from,
          to_lane: to === 'doing' ? 'in_progress' : to,
        }
      : value
  // structureProblem has just found every field that the type promises.
  return known as Transition
}

/**
 * Mending a broken log without losing an event (docs/log.md). Only what is certain is mended: a torn line, two
 * lines glued together, the markers of an unfinished merge, a missing last line feed. Anything else stays, and stays
 * refused, until a person has looked at it.
 */
import { KittyError, unlessRefused } from '@spec-kitty/contracts/errors'
import { type JsonObject, parseObject, printLine } from '@spec-kitty/contracts/json'
import { eachRow, isConflictMarker, isTerminated, type LogText, readRow, wholeLog } from './log.ts'

export interface Repair {
  /** The log after mending; the same text when nothing was mended. */
  readonly text: LogText
  /** What was done, a sentence each. */
  readonly actions: readonly string[]
  /** What is still wrong: the refusal a reader would give for the text after mending. */
  readonly remaining: { readonly line: number; readonly message: string } | undefined
}

interface Mended {
  readonly lines: readonly string[]
  readonly action?: string
}

/** Plans the repair of a log: pure. One that is in order is not held as a whole; throws `io_failed` like `wholeLog`. */
export function repairLog(log: LogText): Repair {
  return isTerminated(log) && isReadable(log)
    ? { text: log, actions: [], remaining: undefined }
    : mend(wholeLog(log))
}

function isReadable(log: LogText): boolean {
  return unlessRefused(
    () => eachRow(log, () => true),
    () => false,
  )
}

function mend(text: string): Repair {
  const source = text.split('\n')
  const terminated = source.at(-1) === ''
  if (terminated) source.pop()
  const lastLine = source.findLastIndex(line => line.trim() !== '')
  const inConflict = source.some(isConflictMarker)
  const mended = source.map((raw, index) => mendLine(raw, index + 1, index === lastLine))
  const actions = mended.flatMap(({ action }) => action ?? [])
  const lines = mended.flatMap(line => line.lines)
  const kept = inConflict ? withoutRepeats(lines) : lines
  const repeats = lines.length - kept.length
  if (repeats > 0) actions.push(`Removed ${repeats} lines that both sides of the merge have`)
  const remaining = firstProblem(kept)
  if (!terminated && text !== '' && kept.length === source.length && remaining === undefined)
    actions.push('Ended the last line with a line feed')
  if (actions.length === 0) return { text, actions, remaining }
  return { text: kept.map(line => `${line}\n`).join(''), actions, remaining }
}

function mendLine(raw: string, line: number, last: boolean): Mended {
  if (raw.trim() === '' || parsed(raw) !== undefined) return { lines: [raw] }
  if (isConflictMarker(raw)) return { lines: [], action: `Removed the conflict marker on line ${line}` }
  const whole = wholeEvents(raw)
  if (whole.length > 0) {
    const found = whole.length === 1 ? 'one event' : `${whole.length} events`
    return { lines: whole, action: `Took ${found} out of line ${line}, where lines had run together` }
  }
  if (last && isTorn(raw))
    return { lines: [], action: `Removed the torn line ${line}: its writer was stopped in the middle` }
  return { lines: [raw] }
}

/** The beginning of a row, or the zeros that a file system leaves for bytes it never got. */
function isTorn(raw: string): boolean {
  if (raw.replaceAll('\0', '') === '') return true
  return raw.trimStart().startsWith('{') && objectEnd(raw, raw.indexOf('{')) === undefined
}

/** The objects with an id that a broken line still holds whole, with their text; what lies between is torn. */
function wholeEvents(raw: string): readonly string[] {
  const found: string[] = []
  for (let start = raw.indexOf('{'); start >= 0; ) {
    const end = objectEnd(raw, start)
    const text = end === undefined ? '' : raw.slice(start, end)
    const isEvent = end !== undefined && typeof parsed(text)?.event_id === 'string'
    if (isEvent) found.push(text)
    start = raw.indexOf('{', isEvent ? (end ?? raw.length) : start + 1)
  }
  return found
}

/** Index behind the brace that closes the one at `start`; undefined when there is none. */
function objectEnd(raw: string, start: number): number | undefined {
  let depth = 0
  for (let at = start; at < raw.length; at++) {
    const char = raw[at]
    if (char === '"') {
      const close = stringEnd(raw, at)
      if (close === undefined) return undefined
      at = close
    } else if (char === '{') depth += 1
    else if (char === '}' && --depth === 0) return at + 1
  }
  return undefined
}

function stringEnd(raw: string, quote: number): number | undefined {
  for (let at = quote + 1; at < raw.length; at++) {
    if (raw[at] === '\\') at += 1
    else if (raw[at] === '"') return at
  }
  return undefined
}

/** Both sides of a merge hold the events from before they parted. */
function withoutRepeats(lines: readonly string[]): readonly string[] {
  const seen = new Set<string>()
  return lines.filter(line => {
    const value = parsed(line)
    const key = value === undefined ? line : printLine(value)
    const first = line.trim() === '' || !seen.has(key)
    seen.add(key)
    return first
  })
}

/** A byte order mark before a row is none of its fault. */
function parsed(text: string): JsonObject | undefined {
  return parseObject(text.replace(/^\ufeff/, ''))
}

/** The refusal a reader would give for these lines. */
function firstProblem(lines: readonly string[]): Repair['remaining'] {
  for (const [index, raw] of lines.entries()) {
    try {
      if (raw.trim() !== '') readRow(raw, index + 1)
    } catch (error) {
      if (error instanceof KittyError) return { line: index + 1, message: error.message }
      throw error
    }
  }
  return undefined
}

/**
 * The rows of a log that is not sorted: one that git has united, or two people have written. Such a log is sorted but for
 * some rows; only those are held, however long it is.
 */
import type { Transition } from '@spec-kitty/contracts/files/events'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { type LogRow, type LogText, scanLog } from './log.ts'
import { startSeen } from './seen.ts'

type Move = Extract<LogRow, { readonly kind: 'transition' }>

/** Transitions by `(at, event_id)`, of equal ids the first in the file; other rows as they come. Throws `log_corrupt`. */
export function* rowsInOrder(text: LogText): Generator<LogRow, void, undefined> {
  const { late, twice } = lookThrough(text)
  const isKept = ({ line, value }: Move): boolean => (twice.get(value.event_id) ?? line) === line
  const waiting = late.filter(isKept).sort((a, b) => byTime(a.value, b.value))
  const isLate = lateness()
  let next = 0
  for (const row of scanLog(text)) {
    if (row.kind !== 'transition') yield row
    else if (!isLate(row.value) && isKept(row)) {
      for (let move = waiting[next]; move !== undefined && byTime(move.value, row.value) < 0; ) {
        yield move
        next += 1
        move = waiting[next]
      }
      yield row
    }
  }
  yield* waiting.slice(next)
}

/** The moves that stand behind a later one, and the first line of each id that is there twice. */
function lookThrough(text: LogText): {
  readonly late: readonly Move[]
  readonly twice: ReadonlyMap<string, number>
} {
  const late: Move[] = []
  const seen = startSeen()
  const doubted = new Set<string>()
  const isLate = lateness()
  for (const row of scanLog(text)) {
    if (row.kind !== 'transition') continue
    if (!seen.add(row.value.event_id)) doubted.add(row.value.event_id)
    if (isLate(row.value)) late.push(row)
  }
  return { late, twice: doubted.size === 0 ? new Map() : firstLines(text, doubted) }
}

function firstLines(text: LogText, ids: ReadonlySet<string>): ReadonlyMap<string, number> {
  const lines = new Map<string, number>()
  for (const { kind, value, line } of scanLog(text)) {
    if (kind === 'transition' && ids.has(value.event_id) && !lines.has(value.event_id))
      lines.set(value.event_id, line)
  }
  return lines
}

/** Tells of each move in turn whether a later one came before it. */
function lateness(): (move: Transition) => boolean {
  let last: Transition | undefined
  return move => {
    if (last !== undefined && byTime(move, last) < 0) return true
    last = move
    return false
  }
}

/** Order of the log. */
export function byTime(a: Transition, b: Transition): number {
  return compareCodePoints(a.at, b.at) || compareCodePoints(a.event_id, b.event_id)
}

/**
 * The union of event logs (docs/log.md): for the git merge driver, and for missions whose events lie in two
 * places. The result depends only on the set of rows, so the union is associative and commutative, and uniting
 * again changes nothing. Lines keep their text.
 */
import { compareCodePoints, type JsonObject, printLine } from '@spec-kitty/contracts/json'
import { type LogRow, readLog } from './log.ts'

export interface LogUnion {
  readonly text: string
  /** Event ids that stand for different events in the logs. */
  readonly conflicts: readonly string[]
}

/**
 * Unites logs by event id, ordered by time and id. Rows that have no id count by their text. Rows of one id with
 * different contents are all kept, and reported. Throws `log_corrupt`.
 */
export function unionLogs(texts: readonly string[]): LogUnion {
  const byId = new Map<string, LogRow[]>()
  for (const text of texts) for (const row of readLog(text)) addRow(byId, row)
  const rows = [...byId.values()].flat().sort(byTime)
  const conflicts = [...byId].filter(([, variants]) => variants.length > 1).map(([id]) => id)
  return {
    text: rows.map(row => `${bare(row.raw)}\n`).join(''),
    conflicts: conflicts.toSorted(compareCodePoints),
  }
}

/** Rows of one id count as one when they say the same; of two spellings the lesser text stays. */
function addRow(byId: Map<string, LogRow[]>, row: LogRow): void {
  const id = typeof row.value.event_id === 'string' ? row.value.event_id : printLine(row.value)
  const variants = byId.get(id)
  if (variants === undefined) {
    byId.set(id, [row])
    return
  }
  const at = variants.findIndex(known => isSame(known, row))
  const known = variants[at]
  if (known === undefined) variants.push(row)
  else if (compareCodePoints(bare(row.raw), bare(known.raw)) < 0) variants[at] = row
}

function isSame(a: LogRow, b: LogRow): boolean {
  if (bare(a.raw) === bare(b.raw)) return true
  // Of a number that long the last digits are not in the value.
  return !/[:[,]\s?-?\d{16}/.test(a.raw) && printLine(a.value) === printLine(b.value)
}

function byTime(a: LogRow, b: LogRow): number {
  return (
    compareCodePoints(timeOf(a.value), timeOf(b.value)) ||
    compareCodePoints(idOf(a.value), idOf(b.value)) ||
    compareCodePoints(bare(a.raw), bare(b.raw))
  )
}

function timeOf(value: JsonObject): string {
  const time = value.at ?? value.timestamp
  return typeof time === 'string' ? time : ''
}

function idOf(value: JsonObject): string {
  return typeof value.event_id === 'string' ? value.event_id : ''
}

/** A line end is not part of what a line says. */
function bare(raw: string): string {
  return raw.trimEnd()
}

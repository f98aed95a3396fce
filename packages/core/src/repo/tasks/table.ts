/** Pipe tables of tasks.md: rows under their real header, cells edited in place (docs/formats.md). */
import type { TasksDocument } from './document.ts'
import type { TaskState } from './rows.ts'

export interface TableRow {
  /** Line index. */
  readonly index: number
  readonly text: string
  readonly cells: readonly Cell[]
  /** Cells of the header row; undefined for rows without header and separator. */
  readonly header: readonly string[] | undefined
}

interface Cell {
  readonly text: string
  /** Offsets of the cell in the line, between its pipes. */
  readonly start: number
  readonly end: number
}

const SEPARATOR = /^[\s>]*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/

/**
 * All data rows. A table is a run of lines with pipes; the line above its separator is the header. Without a
 * separator only lines that start with a pipe are rows, because prose may hold a pipe too.
 */
export function tableRows(document: TasksDocument): readonly TableRow[] {
  const rows: TableRow[] = []
  let run: Line[] = []
  for (const [index, line] of document.lines.entries()) {
    if (!line.fenced && line.text.includes('|')) run.push({ index, text: line.text })
    else if (run.length > 0) {
      rows.push(...dataRows(run))
      run = []
    }
  }
  return run.length > 0 ? [...rows, ...dataRows(run)] : rows
}

interface Line {
  readonly index: number
  readonly text: string
}

function dataRows(run: readonly Line[]): TableRow[] {
  const separator = run.findIndex(line => SEPARATOR.test(line.text))
  const headed = separator > 0
  const header = headed
    ? splitCells(run[separator - 1]?.text ?? '').map(cell => bare(cell.text).toLowerCase())
    : undefined
  const data = headed ? run.slice(separator + 1) : run.filter(line => /^[\s>]*\|/.test(line.text))
  return data
    .filter(line => !SEPARATOR.test(line.text))
    .map(line => ({ ...line, cells: splitCells(line.text), header }))
}

/** A pipe that starts or ends the line bounds a cell; `\|` is text. */
function splitCells(text: string): Cell[] {
  const cells: Cell[] = []
  let start = /^[\s>]*\|?/.exec(text)?.[0].length ?? 0
  for (let i = start; i < text.length; i++) {
    if (text[i] !== '|' || text[i - 1] === '\\') continue
    cells.push({ text: text.slice(start, i), start, end: i })
    start = i + 1
  }
  if (text.slice(start).trim() !== '') cells.push({ text: text.slice(start), start, end: text.length })
  return cells
}

/** Cell text without spaces and emphasis. */
function bare(text: string): string {
  return text.trim().replace(/^[*_`~]+|[*_`~]+$/g, '')
}

/**
 * True when the row is the one of `id` (upper case). Other columns name ids too (`WP`, `Depends on`): only the
 * first cell of the same kind counts, and a row about a subtask is never the row of its work package.
 */
export function isRowOf(row: TableRow, id: string): boolean {
  const ids = row.cells.map(cell => bare(cell.text).toUpperCase()).filter(text => /^[A-Z]+\d+$/.test(text))
  const kind = id.replace(/\d+$/, '')
  const own = ids.find(text => text.replace(/\d+$/, '') === kind)
  return own === id && (ids[0] === id || kind !== 'WP')
}

const DONE = /^(?:\[[dx]\]|done|complete|completed|✅|✓|☑)$/i
const PENDING = /^(?:\[ ?\]|pending|todo|open|)$/i
const MARKER = /^\[[ pdx]?\]$/i

/** Index of the cell that holds the state: the `status` column, a marker added behind the header, or a bare marker at the end. */
export function statusColumn(row: TableRow): number | undefined {
  const named = row.header?.indexOf('status') ?? -1
  if (named >= 0) return named
  const last = row.cells.length - 1
  const marker = MARKER.test(bare(row.cells[last]?.text ?? ''))
  const added = row.header !== undefined && row.cells.length > row.header.length
  const parallel = row.header?.some(name => /^parallel\b/.test(name)) ?? false
  return marker && (added || !parallel) ? last : undefined
}

/** What the row says now; undefined when it says neither. */
export function rowState(row: TableRow): TaskState | undefined {
  const column = statusColumn(row)
  if (column === undefined) return undefined
  const text = bare(row.cells[column]?.text ?? '')
  return DONE.test(text) ? 'done' : PENDING.test(text) ? 'pending' : undefined
}

/** The line with the state in its place: the status cell replaced, or a cell added when the row has none. */
export function setRowState(row: TableRow, state: TaskState): string {
  const marker = state === 'done' ? '[D]' : '[ ]'
  const column = statusColumn(row) ?? row.cells.length
  const cell = row.cells[column]
  if (cell === undefined) return appendCell(row, column, marker)
  const padded = /^(\s*).*?(\s*)$/.exec(cell.text)
  const inner =
    cell.text.trim() === '' ? ` ${marker} ` : `${padded?.[1] ?? ' '}${marker}${padded?.[2] ?? ' '}`
  return row.text.slice(0, cell.start) + inner + row.text.slice(cell.end)
}

function appendCell(row: TableRow, column: number, marker: string): string {
  const gaps = '  |'.repeat(column - row.cells.length)
  const trailing = /\s*$/.exec(row.text)?.[0] ?? ''
  const body = row.text.slice(0, row.text.length - trailing.length)
  return body.endsWith('|')
    ? `${body}${gaps} ${marker} |${trailing}`
    : `${body} |${gaps} ${marker}${trailing}`
}

/** Pipe tables of tasks.md: rows under their real header, cells edited in place; no cell loses text. */
import type { TasksDocument } from './document.ts'
import { TASK_ID, type TaskState } from './rows.ts'

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

/**
 * All data rows. A table is a run of lines with pipes; the line above its separator is the header. Without a
 * separator only lines that start with a pipe are rows, because prose may hold a pipe too.
 */
export function tableRows(document: TasksDocument): readonly TableRow[] {
  const rows: TableRow[] = []
  let run: Line[] = []
  document.lines.forEach((line, index) => {
    if (!line.hidden && line.text.includes('|')) run.push({ index, text: line.text })
    else if (run.length > 0) {
      rows.push(...dataRows(run))
      run = []
    }
  })
  return run.length > 0 ? [...rows, ...dataRows(run)] : rows
}

interface Line {
  readonly index: number
  readonly text: string
}

function dataRows(run: readonly Line[]): TableRow[] {
  const separator = run.findIndex(line => isSeparator(line.text))
  const headed = separator > 0
  const head = headed ? splitCells(run[separator - 1]?.text ?? '', undefined) : undefined
  const header = head?.map(cell => bare(cell.text).toLowerCase())
  const data = headed ? run.slice(separator + 1) : run.filter(line => /^[\s>]*\|/.test(line.text))
  return data
    .filter(line => !isSeparator(line.text))
    .map(line => ({ ...line, cells: splitCells(line.text, header?.length), header }))
}

/** `|---|:-:|`: nothing but dashes, colons and pipes, in cells that each hold a dash. */
function isSeparator(text: string): boolean {
  const line = text.replace(/[\s>]+/g, '')
  return (
    /^[|:-]+$/.test(line) &&
    line
      .split('|')
      .every((cell, i, all) => /^:?-+:?$/.test(cell) || (cell === '' && (i === 0 || i === all.length - 1)))
  )
}

/**
 * A pipe that starts or ends the line bounds a cell; `\|` is text. So is a pipe in a code span, where the row has as
 * many cells as its header only with it.
 */
function splitCells(text: string, wanted: number | undefined): Cell[] {
  const cells = cutCells(text, new Set())
  if (!text.includes('`') || cells.length === wanted) return cells
  const whole = cutCells(text, pipesInCode(text))
  return wanted === undefined || whole.length === wanted ? whole : cells
}

function cutCells(text: string, inCode: ReadonlySet<number>): Cell[] {
  const cells: Cell[] = []
  let start = /^[\s>]*\|?/.exec(text)?.[0].length ?? 0
  for (let i = start; i < text.length; i++) {
    if (text[i] !== '|' || text[i - 1] === '\\' || inCode.has(i)) continue
    cells.push({ text: text.slice(start, i), start, end: i })
    start = i + 1
  }
  if (text.slice(start).trim() !== '') cells.push({ text: text.slice(start), start, end: text.length })
  return cells
}

/** Offsets of the pipes between two runs of equally many backquotes. */
function pipesInCode(text: string): ReadonlySet<number> {
  const pipes = new Set<number>()
  const runs = [...text.matchAll(/`+/g)]
  const closing = new Map<number, number>()
  const later = new Map<number, number>()
  for (let i = runs.length - 1; i >= 0; i--) {
    const length = runs[i]?.[0].length ?? 0
    closing.set(i, later.get(length) ?? -1)
    later.set(length, i)
  }
  for (let i = 0; i < runs.length; i++) {
    const end = closing.get(i) ?? -1
    if (end < 0) continue
    for (let at = runs[i]?.index ?? 0; at < (runs[end]?.index ?? 0); at++) if (text[at] === '|') pipes.add(at)
    i = end
  }
  return pipes
}

/** `[T001](tasks.md)` alone in its cell. */
const LINKED = /^\[([\w.-]{1,40})\]\([^()\s]*\)$/

/** Cell text without spaces, emphasis and link. */
function bare(text: string): string {
  const word = text.trim().replace(LINKED, '$1')
  let [start, end] = [0, word.length]
  while (isEmphasis(word[start])) start++
  while (end > start && isEmphasis(word[end - 1])) end--
  return word.slice(start, end)
}

function isEmphasis(sign: string | undefined): boolean {
  return sign === '*' || sign === '_' || sign === '`' || sign === '~'
}

const WHOLE_ID = new RegExp(`^${TASK_ID}$`)

function idsOf(row: TableRow): readonly string[] {
  return row.cells.map(cell => bare(cell.text).toUpperCase()).filter(text => WHOLE_ID.test(text))
}

/** The task that a row is about; undefined when its first id is none of a task. */
export function idOfRow(row: TableRow): string | undefined {
  return idsOf(row).find(id => /^T/.test(id))
}

/**
 * True when the row is the one of `id` (upper case). Other columns name ids too (`WP`, `Depends on`): only the
 * first cell of the same kind counts, and a row about a subtask is never the row of its work package.
 */
function isRowOf(row: TableRow, id: string): boolean {
  const ids = idsOf(row)
  const kind = kindOf(id)
  const own = ids.find(text => kindOf(text) === kind)
  return own === id && (ids[0] === id || kind !== 'WP')
}

function kindOf(id: string): string {
  return /^[A-Z]+/.exec(id)?.[0] ?? ''
}

/** The row of `id` (upper case): rather one that holds a state, and rather one that begins with the id. */
export function findRow(rows: readonly TableRow[], id: string): TableRow | undefined {
  const own = rows.filter(row => isRowOf(row, id))
  const rank = (row: TableRow): number =>
    (statusColumn(row) === undefined ? 0 : 2) + (idsOf(row)[0] === id ? 1 : 0)
  return own.toSorted((a, b) => rank(b) - rank(a))[0]
}

const STATUS =
  /^(?:(?:\w+ )?status|state|done|done\?|completed?\??|finished|progress|статус|состояние|готово|стан|estado|hecho|feito|situação|statut|état|fait|stato|fatto|stand|zustand|erledigt|fertig|stan|gotowe|durum|状态|狀態|進捗|完成|完了|状態|ステータス|상태|완료|[✅✓✔☑]\uFE0F?)$/u
const MARKER = /^\[[ pdx]?\]$/i
const BOX = /^\[[ dx]?\]$/i
/** A state at the beginning of a cell; what stands behind it is text of its own. */
const DONE =
  /^(?:\[[dx]\]|(?:done|completed?|finished|yes|100 ?%|erledigt|fertig|fait|terminé|hecho|fatto|feito|готово)(?=\s*(?:$|[^\w\s]))|完成|完了|[✅✓✔☑]\uFE0F?)/iu
const PENDING =
  /^(?:\[ ?\]|(?:pending|to ?do|open|planned|not started|not done|in[ -]progress|doing|wip|started|blocked|no|offen|in arbeit|à faire|en cours|pendiente|en curso|da fare|в работе|не начато)(?=\s*(?:$|[^\w\s]))|(?:未完成|未完了|未开始|未着手|进行中|進行中|⏳|⌛|🔄|🔲|⬜|❌|❎|🚧|☐|🟡|⚪|🔴|✗|✘|[0-9]{1,2} ?%)\uFE0F?)/iu

/** Index of the cell that holds the state: the status column, a marker added behind the header, or a bare box. */
export function statusColumn(row: TableRow): number | undefined {
  const last = row.cells.length - 1
  const added = row.header !== undefined && row.cells.length > row.header.length
  if (added && MARKER.test(bare(row.cells[last]?.text ?? ''))) return last
  const named = row.header?.findIndex(name => STATUS.test(name)) ?? -1
  if (named >= 0) return named
  const box = row.cells.findIndex(cell => BOX.test(bare(cell.text)))
  if (box >= 0) return box
  const parallel = row.header?.some(name => /^parallel\b/.test(name)) ?? false
  return !parallel && MARKER.test(bare(row.cells[last]?.text ?? '')) ? last : undefined
}

/** What the row says now; undefined when it says neither. */
export function rowState(row: TableRow): TaskState | undefined {
  const column = statusColumn(row)
  if (column === undefined) return undefined
  const text = bare(row.cells[column]?.text ?? '')
  return DONE.test(text) ? 'done' : text === '' || PENDING.test(text) ? 'pending' : undefined
}

/**
 * The state of a row with a box, or of a task with a word or sign for it; `unclear` where the cell of a task is empty
 * or says something else.
 */
export function boxOfRow(row: TableRow): TaskState | 'unclear' | undefined {
  const column = statusColumn(row)
  const text = bare(row.cells[column ?? -1]?.text ?? '')
  if (BOX.test(text)) return rowState(row)
  if (column === undefined || idOfRow(row) === undefined) return undefined
  return text === '' ? 'unclear' : (rowState(row) ?? 'unclear')
}

/**
 * The line with the state in its place: at the beginning of the status cell, where it takes the place of a state that
 * stands there and leaves all other text, or in a cell added when the row has none.
 */
export function setRowState(row: TableRow, state: TaskState): string {
  const marker = state === 'done' ? '[D]' : '[ ]'
  const column = statusColumn(row) ?? row.cells.length
  const cell = row.cells[column]
  if (cell === undefined) return appendCell(row, column, marker)
  const inner = cell.text.trim()
  const lead = cell.text.length - cell.text.trimStart().length
  const before = cell.text.slice(0, lead) || ' '
  const after = cell.text.slice(lead + inner.length) || (cell.end === row.text.length ? '' : ' ')
  const text = inner === '' ? ` ${marker} ` : `${before}${[marker, ...ownText(inner)].join(' ')}${after}`
  return row.text.slice(0, cell.start) + text + row.text.slice(cell.end)
}

/** What a status cell says beside the state. */
function ownText(cell: string): readonly string[] {
  if (MARKER.test(bare(cell))) return []
  let rest = cell
  for (;;) {
    const word = bareStart(rest)
    const state = DONE.exec(word) ?? PENDING.exec(word)
    if (state === null) return rest === '' ? [] : [rest]
    rest = bareStart(word.slice(state[0].length)).trim()
  }
}

/** Without the emphasis around a state at the beginning. */
function bareStart(text: string): string {
  let start = 0
  while (isEmphasis(text[start])) start++
  return text.slice(start).trimStart()
}

function appendCell(row: TableRow, column: number, marker: string): string {
  const gaps = '  |'.repeat(column - row.cells.length)
  const body = row.text.trimEnd()
  const trailing = row.text.slice(body.length)
  return body.endsWith('|')
    ? `${body}${gaps} ${marker} |${trailing}`
    : `${body} |${gaps} ${marker}${trailing}`
}

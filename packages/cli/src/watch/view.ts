/** What `board --watch` shows: from a state to lines, and from a key to the next state. Pure. */
import type { BoardRow, TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { fitWidth, wrapWidth } from '@spec-kitty/core/text/width'
import type { Style } from '../style.ts'

export interface Page {
  readonly wpId: string
  readonly lines: readonly string[]
  /** First line on the screen. */
  readonly top: number
}

export interface View {
  readonly board: TasksStatus
  /** Package under the cursor. */
  readonly selected: string | undefined
  readonly page: Page | undefined
  /** Below everything: an answer, a refusal or a question. */
  readonly message: string
  /** What is done when the question is answered with yes. */
  readonly asks: 'approve' | undefined
}

export type Wish = 'open' | 'approve' | 'reject' | 'quit'

export interface Size {
  readonly columns: number
  readonly rows: number
}

/** Lines that are always there: title, counts, an empty one; a message and the keys. */
const FRAME = 5
/** Lines of a refusal with its remedy. */
const MOST_MESSAGE = 4
const ORDER: readonly string[] = ['genesis', ...DISPLAY_LANES]

export function firstView(board: TasksStatus): View {
  return { board, selected: inOrder(board)[0]?.id, page: undefined, message: '', asks: undefined }
}

/** The same place on a board that changed. */
export function withBoard(view: View, board: TasksStatus): View {
  const still = board.work_packages.some(row => row.id === view.selected)
  return { ...view, board, selected: still ? view.selected : inOrder(board)[0]?.id }
}

/** The next state, and what somebody outside has to do. */
export function press(
  view: View,
  key: string,
  { rows }: Size,
): { readonly view: View; readonly wish?: Wish } {
  if (view.asks !== undefined) {
    const quiet = { ...view, asks: undefined, message: '' }
    return key === 'y' ? { view: quiet, wish: view.asks } : { view: quiet }
  }
  const next = { ...view, message: '' }
  const step = STEPS[key]
  if (step !== undefined) {
    const by = step === 'page' ? rows - FRAME : step === 'back' ? FRAME - rows : step
    return { view: next.page === undefined ? moved(next, by) : scrolled(next, next.page, by, rows) }
  }
  if (key === 'q' && view.page === undefined) return { view: next, wish: 'quit' }
  if (key === 'q' || key === 'escape') return { view: { ...next, page: undefined } }
  if (view.selected === undefined) return { view: next }
  if (key === 'enter') return { view: next, wish: 'open' }
  if (key === 'a') return { view: { ...next, asks: 'approve', message: `Approve ${view.selected}? y/n` } }
  return key === 'r' ? { view: next, wish: 'reject' } : { view: next }
}

const STEPS: Readonly<Record<string, number | 'page' | 'back'>> = {
  up: -1,
  down: 1,
  'page up': 'back',
  'page down': 'page',
}

function moved(view: View, by: number): View {
  const rows = inOrder(view.board)
  const at = rows.findIndex(row => row.id === view.selected)
  const next = rows[Math.max(0, Math.min(rows.length - 1, at + by))]
  return { ...view, selected: next?.id }
}

function scrolled(view: View, page: Page, by: number, rows: number): View {
  const last = Math.max(0, page.lines.length - (rows - FRAME))
  return { ...view, page: { ...page, top: Math.max(0, Math.min(last, page.top + by)) } }
}

/** Exactly what fits. */
export function draw(view: View, { columns, rows }: Size, style: Style): readonly string[] {
  const message = wrapWidth(view.message.replace(/\s+/g, ' '), columns, MOST_MESSAGE)
  const room = Math.max(1, rows - FRAME - Math.max(0, message.length - 1))
  const body =
    view.page === undefined ? list(view, columns, room, style) : pageLines(view.page, columns, room, style)
  const { board } = view
  const counts = ORDER.filter(lane => (board.by_lane[lane] ?? 0) > 0).map(
    lane => `${words(lane)} ${board.by_lane[lane]}`,
  )
  const keys =
    view.page === undefined
      ? '↑↓ move  enter open  a approve  r reject  q quit'
      : '↑↓ scroll  a approve  r reject  esc back'
  const all = [
    style.bold(fitWidth(`${board.mission_slug}  ${Math.round(board.progress_percentage)} %`, columns)),
    fitWidth(counts.join(' · '), columns),
    '',
    ...body,
    ...Array.from({ length: Math.max(0, room - body.length) }, () => ''),
    ...(message.length === 0 ? [''] : message.map(style.yellow)),
    style.dim(fitWidth(keys, columns)),
  ]
  return all.slice(0, rows).map(line => style.shown(line))
}

/** A heading for each lane that holds something, its packages below; the cursor stays in sight. */
function list({ board, selected }: View, columns: number, room: number, style: Style): readonly string[] {
  const lines: string[] = []
  let cursor = 0
  let lane = ''
  for (const row of inOrder(board)) {
    if (row.lane !== lane) lines.push(style.cyan(fitWidth(words(row.lane), columns)))
    lane = row.lane
    const here = row.id === selected
    if (here) cursor = lines.length
    const text = fitWidth(`${here ? '›' : ' '} ${row.id} ${row.title}${about(row)}`, columns)
    lines.push(here ? style.bold(text) : text)
  }
  const top = Math.max(0, Math.min(cursor - Math.floor(room / 2), lines.length - room))
  return lines.slice(top, top + room)
}

function about(row: BoardRow): string {
  const parts = [
    ...(row.agent === null ? [] : [row.agent]),
    ...(row.subtasks === undefined ? [] : [`${row.subtasks.done}/${row.subtasks.total}`]),
    ...(row.is_stale === true ? ['! quiet'] : []),
    ...(row._stall_label === undefined ? [] : [`! ${row._stall_label}`]),
    ...(row._stale_verdict === undefined ? [] : ['! rejected review']),
  ]
  return parts.length === 0 ? '' : `  [${parts.join(' ')}]`
}

function pageLines(page: Page, columns: number, room: number, style: Style): readonly string[] {
  return page.lines.slice(page.top, page.top + room).map(line => {
    const text = fitWidth(line.replaceAll('\t', '    '), columns)
    if (line.startsWith('+')) return style.green(text)
    return line.startsWith('-') ? style.red(text) : line.startsWith('@@') ? style.cyan(text) : text
  })
}

function inOrder({ work_packages: rows }: TasksStatus): readonly BoardRow[] {
  return rows.toSorted((a, b) => ORDER.indexOf(a.lane) - ORDER.indexOf(b.lane))
}

function words(lane: string): string {
  return lane.replaceAll('_', ' ')
}

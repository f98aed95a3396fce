/** The board as text: counts of all nine lanes, then a column for each that holds something. Pure. */
import type { BoardRow, TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { DISPLAY_LANES, LANE_TITLES, type Lane } from '@spec-kitty/contracts/lanes'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { displayWidth, fitWidth, wrapWidth } from '../text/width.ts'
import { duration } from './duration.ts'

/** Colours and width of the terminal; functions return their text when colour is off. */
export interface Paint {
  readonly columns: number
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly red: (text: string) => string
  readonly green: (text: string) => string
  readonly yellow: (text: string) => string
  readonly cyan: (text: string) => string
}

/** Work packages in a column; more would push the other lanes off the screen. */
export const MOST_ROWS = 12
/** Narrower columns hold no title. */
const LEAST_WIDTH = 18
const MOST_WIDTH = 44
const GAP = 2
/** Width of the progress bar. */
const BAR = 10

export function renderBoard(board: TasksStatus, paint: Paint): string {
  const head = [...title(board, paint), ...waiting(board, paint), ...counts(board, paint)]
  if (board.total_wps === 0) {
    const path = `kitty-specs/${board.mission_slug}/tasks`
    return [
      ...head,
      '',
      `No work packages yet. Write ${path}/WP01-….md, then: spec-kitty agent mission finalize-tasks`,
    ].join('\n')
  }
  const next = board.next_step === undefined ? [] : ['', 'Next:', `  ${board.next_step}`]
  return [...head, '', ...columnsOf(board, paint), ...attention(board, paint), ...next].join('\n')
}

/** Slug and progress; on a narrow terminal one below the other. */
function title(board: TasksStatus, paint: Paint): readonly string[] {
  const bar = progressBar(board.progress_percentage, paint)
  const figures = `${Math.round(board.progress_percentage)} %  ${board.done_count} of ${board.total_wps} done`
  const taken = BAR + figures.length + 2 * GAP
  const slug = paint.bold(fitWidth(board.mission_slug, paint.columns))
  const beside = displayWidth(board.mission_slug) + taken <= paint.columns
  const line = beside ? [`${slug}  ${bar}  ${figures}`] : [slug, `${bar}  ${figures}`]
  if (board.title === undefined) return line
  return [...line, fitWidth(`${board.title} → ${board.target_branch}`, paint.columns)]
}

/** Pushed for a pull request: not on the target yet, or not settled. */
function waiting({ landing, landed, mission_slug: slug }: TasksStatus, paint: Paint): readonly string[] {
  if (landed !== undefined) {
    const place = `landed on ${landed.target_branch} · ${landed.how} ${landed.commit.slice(0, 12)}`
    return [paint.green(fitWidth(place, paint.columns)), `  ${paint.dim(`settle it: ${landed.settle}`)}`]
  }
  if (landing === null) return []
  const where = landing.pr === null ? `${landing.branch} at ${landing.remote}` : `PR #${landing.pr.number}`
  const settle = sh`once it is merged: spec-kitty merge --landed --fetch --mission ${slug}`
  return [paint.cyan(fitWidth(`landing · ${where}`, paint.columns)), `  ${paint.dim(settle)}`]
}

function progressBar(percentage: number, paint: Paint): string {
  const full = Math.round((percentage / 100) * BAR)
  return paint.green('█'.repeat(full)) + paint.dim('░'.repeat(BAR - full))
}

/** Every lane with its number, wrapped to the width. */
function counts(board: TasksStatus, paint: Paint): readonly string[] {
  const shown: readonly Lane[] =
    board.by_lane.genesis === undefined ? DISPLAY_LANES : ['genesis', ...DISPLAY_LANES]
  const lines: string[] = []
  let line = ''
  let width = 0
  for (const lane of shown) {
    const count = board.by_lane[lane] ?? 0
    const plain = `${lane} ${count}`
    const fits = width > 0 && width + 3 + plain.length <= paint.columns
    if (!fits && line !== '') lines.push(line)
    line = `${fits ? `${line} ${paint.dim('·')} ` : ''}${count === 0 ? paint.dim(plain) : colorOf(lane, paint)(plain)}`
    width = fits ? width + 3 + plain.length : plain.length
  }
  return [...lines, line]
}

function colorOf(lane: Lane, paint: Paint): (text: string) => string {
  if (lane === 'done' || lane === 'approved') return paint.green
  if (lane === 'blocked' || lane === 'canceled') return paint.red
  if (lane === 'for_review' || lane === 'in_review') return paint.yellow
  return lane === 'claimed' || lane === 'in_progress' ? paint.cyan : text => text
}

/** As many columns side by side as the width holds; the other lanes follow below. */
function columnsOf(board: TasksStatus, paint: Paint): readonly string[] {
  const order: readonly Lane[] = ['genesis', ...DISPLAY_LANES]
  const lanes = order.filter(lane => (board.by_lane[lane] ?? 0) > 0)
  const most = Math.max(1, Math.floor((paint.columns + GAP) / (LEAST_WIDTH + GAP)))
  const bands = Math.ceil(lanes.length / most)
  const perBand = Math.ceil(lanes.length / bands)
  const room = Math.floor((paint.columns + GAP) / perBand) - GAP
  const width = Math.max(1, Math.min(MOST_WIDTH, room))
  const lines: string[] = []
  for (let first = 0; first < lanes.length; first += perBand) {
    const columns = lanes.slice(first, first + perBand).map(lane => column(board, lane, width, paint))
    const height = Math.max(...columns.map(cells => cells.length))
    for (let row = 0; row < height; row++) {
      lines.push(
        columns
          .map(cells => cells[row] ?? ' '.repeat(width))
          .join(' '.repeat(GAP))
          .trimEnd(),
      )
    }
    lines.push('')
  }
  return lines.slice(0, -1)
}

/** Cells, each exactly `width` wide. */
function column(board: TasksStatus, lane: Lane, width: number, paint: Paint): readonly string[] {
  const rows = board.work_packages.filter(row => row.lane === lane)
  const shown = rows.slice(0, rows.length > MOST_ROWS ? MOST_ROWS - 1 : MOST_ROWS)
  const cell = (text: string, color: (text: string) => string = same): string => {
    const fitted = fitWidth(text, width)
    return color(fitted) + ' '.repeat(width - displayWidth(fitted))
  }
  const hidden = rows.length - shown.length
  return [
    cell(`${LANE_TITLES[lane]} (${rows.length})`, text => paint.bold(colorOf(lane, paint)(text))),
    paint.dim('─'.repeat(width)),
    ...shown.flatMap(row => [
      ...titleCells(row, width, cell, paint),
      ...remarks(row, cell, paint),
      ...reasons(row, width, cell, paint),
    ]),
    ...(hidden > 0 ? [cell(`… and ${hidden} more`, paint.dim)] : []),
  ]
}

function same(text: string): string {
  return text
}

type Cell = (text: string, color: (text: string) => string) => string

/** The id and as much of the title as two lines hold. */
function titleCells(row: BoardRow, width: number, cell: Cell, paint: Paint): readonly string[] {
  const indent = row.id.length + 1
  const [first = '', rest] = wrapWidth(row.title, width - indent, 2)
  const head = cell(
    `${row.id} ${first}`,
    text => paint.bold(text.slice(0, row.id.length)) + text.slice(row.id.length),
  )
  return rest === undefined ? [head] : [head, cell(' '.repeat(indent) + rest, same)]
}

const ACTIVE: ReadonlySet<string> = new Set(['claimed', 'in_progress', 'for_review', 'in_review'])

/** Below the title: who works on it, and what is wrong with it. */
function remarks(row: BoardRow, cell: Cell, paint: Paint): readonly string[] {
  const warning = warningOf(row)
  const active = ACTIVE.has(row.lane)
  const agent = active && row.agent !== null ? [row.agent] : []
  const ticks = active && row.subtasks !== undefined ? [`${row.subtasks.done}/${row.subtasks.total}`] : []
  const self = row.self_approved === true ? ['self'] : []
  const text = [...agent, ...ticks, ...self, ...(warning === undefined ? [] : [`! ${warning}`])].join(' ')
  return text === '' ? [] : [cell(`  ${text}`, warning === undefined ? paint.dim : paint.yellow)]
}

/** Why it stands there, in at most two lines each. */
function reasons(row: BoardRow, width: number, cell: Cell, paint: Paint): readonly string[] {
  const back = row.sent_back ?? 0
  const said = [
    ...(row.waits_for === undefined ? [] : [`waits for ${row.waits_for.join(', ')}`]),
    ...(row.blocked_because === undefined ? [] : [row.blocked_because]),
    ...(row.approved_by === undefined ? [] : [`approved by ${row.approved_by}`]),
    ...(back === 0 ? [] : [back === 1 ? 'sent back once' : `sent back ${back} times`]),
  ]
  return said.flatMap(text => wrapWidth(text, width - 2, 2).map(line => cell(`  ${line}`, paint.dim)))
}

function warningOf(row: BoardRow): string | undefined {
  if (row.is_stale === true) return `quiet for ${duration(row.minutes_since_commit ?? 0)}`
  if (row._stall_label !== undefined) return row._stall_label
  return row._stale_verdict === undefined ? undefined : 'rejected review'
}

/** What wants a person, each with the command that helps, in full so that it can be pasted. */
function attention(board: TasksStatus, paint: Paint): readonly string[] {
  const mission = ['--mission', board.mission_slug]
  const lines = [
    ...concern(
      board,
      paint,
      row => row.is_stale === true,
      'No commit for a while',
      wp => sh`spec-kitty agent tasks move-task ${wp} --to blocked --note "why" ${mission}`,
    ),
    ...concern(
      board,
      paint,
      row => row.review_stall !== undefined,
      'Review stalled',
      wp => sh`spec-kitty agent action review ${wp} --agent NAME ${mission}`,
    ),
    ...concern(
      board,
      paint,
      row => row._stale_verdict !== undefined,
      'Approved over a rejected review',
      wp => sh`spec-kitty agent tasks move-task ${wp} --to planned --review-feedback-file FILE ${mission}`,
    ),
    ...concern(
      board,
      paint,
      row => row.lane === 'genesis',
      'Not finalized',
      () => sh`spec-kitty agent mission finalize-tasks ${mission}`,
    ),
  ]
  return lines.length === 0 ? [] : ['', ...lines]
}

function concern(
  board: TasksStatus,
  paint: Paint,
  test: (row: BoardRow) => boolean,
  what: string,
  remedy: (wpId: string) => Remedy,
): readonly string[] {
  const ids = board.work_packages.filter(test).map(row => row.id)
  const [first] = ids
  if (first === undefined) return []
  const more = ids.length > 5 ? ` and ${ids.length - 5} more` : ''
  return [paint.yellow(`${what}: ${ids.slice(0, 5).join(', ')}${more}`), `  ${paint.dim(remedy(first))}`]
}

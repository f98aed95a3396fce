/** The board as a comment for a pull request. Pure. */
import type { BoardRow, TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'

/** A line of figures and a table, in the order of the lanes. */
export function boardMarkdown(board: TasksStatus): string {
  const lanes = ['genesis', ...DISPLAY_LANES]
  const counts = lanes
    .filter(lane => (board.by_lane[lane] ?? 0) > 0)
    .map(lane => `${board.by_lane[lane]} ${words(lane)}`)
  const rows = board.work_packages.toSorted((a, b) => lanes.indexOf(a.lane) - lanes.indexOf(b.lane))
  const head = `### ${cell(board.mission_slug)}: ${Math.round(board.progress_percentage)} %`
  if (rows.length === 0) return `${head}\n\nNo work packages yet.`
  return [
    head,
    '',
    counts.join(' · '),
    '',
    '| Package | Title | Lane | Agent | Subtasks | |',
    '|---|---|---|---|---|---|',
    ...rows.map(
      row =>
        `| ${row.id} | ${cell(row.title)} | ${words(row.lane)} | ${cell(row.agent ?? '')} | ${ticks(row)} | ${remark(row)} |`,
    ),
  ].join('\n')
}

function ticks({ subtasks }: BoardRow): string {
  return subtasks === undefined ? '' : `${subtasks.done}/${subtasks.total}`
}

function remark(row: BoardRow): string {
  if (row.is_stale === true) return `quiet for ${row.minutes_since_commit ?? 0} min`
  return row._stall_label ?? (row._stale_verdict === undefined ? '' : 'rejected review')
}

function words(lane: string): string {
  return lane.replaceAll('_', ' ')
}

/** Text of a repository: no markup, no link, no mention, on one line. */
function cell(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(/[&<>]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '')
    .replace(/[\\`*_{}[\]()#|~!]/g, sign => `\\${sign}`)
    .replace(/@(?=\w)/g, '@<!-- -->')
}

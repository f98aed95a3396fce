/** The board as a comment for a pull request. Pure. */
import type { DoctorFinding } from '@spec-kitty/contracts/cli/doctor'
import type { BoardRow, TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { printable } from '../text/printable.ts'

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

/** One mission of a branch, also where its board cannot be read. */
export function missionMarkdown({
  mission_slug: slug,
  board,
}: {
  readonly mission_slug: string
  readonly board: TasksStatus | null
}): string {
  return board === null ? `### ${cell(slug)}\n\nIts state cannot be read.` : boardMarkdown(board)
}

/** What is wrong and what to do about it, or that all is well. Notes are left out: nobody has to act on them. */
export function findingsMarkdown(missions: number, findings: readonly DoctorFinding[]): string {
  const shown = findings.filter(({ severity }) => severity !== 'info')
  const errors = shown.filter(({ severity }) => severity === 'error').length
  if (missions === 0 && shown.length === 0) return 'This branch changes no mission.'
  const verdict = errors === 0 ? '✅ Consistent.' : `❌ ${errors} ${errors === 1 ? 'error' : 'errors'}.`
  const rows = shown.map(({ severity, path, message, fix }) => {
    const where = path === null ? '' : ` (${cell(path)})`
    return `- **${severity}**: ${cell(message)}${where}${fix === null ? '' : `<br>${cell(fix)}`}`
  })
  return [verdict, ...(rows.length === 0 ? [] : ['', ...rows])].join('\n')
}

function ticks({ subtasks }: BoardRow): string {
  return subtasks === undefined ? '' : `${subtasks.done}/${subtasks.total}`
}

function remark(row: BoardRow): string {
  if (row.is_stale === true) return `quiet for ${row.minutes_since_commit ?? 0} min`
  if (row._stale_verdict !== undefined) return 'rejected review'
  return row._stall_label ?? (row.self_approved === true ? 'self' : '')
}

function words(lane: string): string {
  return lane.replaceAll('_', ' ')
}

/** Text of a repository: no markup, no link, no mention, no control character, on one line. */
function cell(text: string): string {
  return printable(text.replace(/\s+/g, ' '))
    .replace(/[&<>]/g, sign => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? '')
    .replace(/[\\`*_{}[\]()#|~!]/g, sign => `\\${sign}`)
    .replace(/@(?=\w)/g, '@<!-- -->')
}

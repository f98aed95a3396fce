/** The subtasks of a work package as tasks.md shows them: one rule for every guard that asks and for the counts. */
import { wpKey } from '../../text/wp-id.ts'
import { keep } from '../../world/kept.ts'
import type { Ports } from '../../world/ports.ts'
import type { Reduction } from '../log/reduce.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import {
  guardedLines,
  linesIn,
  parseTasks,
  readTasks,
  type TasksDocument,
  withoutOpenBlock,
  wpSections,
} from './document.ts'
import { readBox } from './rows.ts'
import { boxOfRow, idOfRow, tableRows } from './table.ts'

export interface Subtask {
  /** Upper case; undefined for a box that names no task. */
  readonly id: string | undefined
  /** The row as it is written, trimmed. */
  readonly row: string
  readonly done: boolean
}

/**
 * The boxes of every work package, ticked or not, by the number of the package: list items and table rows. A row
 * below its sections that another section owns (an index at the end of the file) counts only there. A tick that a
 * later edition keeps in the log counts as well.
 */
export function subtasksByWp(
  tasksText: string | undefined,
  ticks: Reduction['ticks'],
): ReadonlyMap<string, readonly Subtask[]> {
  return ticked(rowsByWp(parseTasks(tasksText ?? '')), ticks)
}

/** Those of a mission, from its files. */
export function readSubtasks(
  ports: Pick<Ports, 'files' | 'kept'>,
  mission: Pick<Mission, 'dir'>,
  ticks: Reduction['ticks'],
): ReadonlyMap<string, readonly Subtask[]> {
  const { tasksFile } = missionPaths(mission)
  const rows = keep(ports, 'subtasks', tasksFile, () => rowsByWp(readTasks(ports, mission)))
  return ticked(rows, ticks)
}

function ticked(
  rows: ReadonlyMap<string, readonly Subtask[]>,
  ticks: Reduction['ticks'],
): ReadonlyMap<string, readonly Subtask[]> {
  if (ticks.size === 0) return rows
  const all = new Map(rows)
  for (const [wp, mine] of ticks) {
    const key = wpKey(wp)
    const boxes = rows.get(key)
    const isDone = ({ id }: Subtask) => id !== undefined && mine.get(id) === 'done'
    if (boxes !== undefined)
      all.set(
        key,
        boxes.map(box => (isDone(box) ? { ...box, done: true } : box)),
      )
  }
  return all
}

function rowsByWp(tasks: TasksDocument): ReadonlyMap<string, readonly Subtask[]> {
  const document = withoutOpenBlock(tasks)
  const rows = readRows(document)
  const lines = inOrder(rows)
  const sections = wpSections(document)
  const owner = new Map<number, string>()
  for (const [i, mine] of linesIn(sections, lines).entries()) {
    const key = wpKey(sections[i]?.wp ?? '')
    for (const line of mine) owner.set(line, key)
  }
  const owners = new Map<string, string>()
  for (const [i, { id }] of rows) {
    const key = owner.get(i)
    if (id !== undefined && key !== undefined) owners.set(id, key)
  }
  return new Map(
    [...guardedLines(document, sections, lines)].map(([key, mine]) => [
      key,
      mine.flatMap(i => {
        const row = rows.get(i)
        if (row === undefined) return []
        const elsewhere = owner.get(i) !== key && row.id !== undefined && (owners.get(row.id) ?? key) !== key
        return elsewhere ? [] : [row]
      }),
    ]),
  )
}

/**
 * Everything with a box that a page shows, by line. A row of a table that does not say how its task stands is open,
 * unless another row says it.
 */
export function readRows(document: TasksDocument): ReadonlyMap<number, Subtask> {
  const rows = new Map<number, Subtask>()
  const unclear = new Map<number, Subtask>()
  for (const row of tableRows(document)) {
    const state = boxOfRow(row)
    const task = { id: idOfRow(row), row: row.text.trim(), done: state === 'done' }
    if (state !== undefined) (state === 'unclear' ? unclear : rows).set(row.index, task)
  }
  document.lines.forEach((line, index) => {
    const box = readBox(line)
    if (box !== undefined) rows.set(index, { id: box.id, row: line.text.trim(), done: box.state === 'done' })
  })
  if (unclear.size === 0) return rows
  const said = new Set([...rows.values()].map(({ id }) => id))
  return new Map([...rows, ...[...unclear].filter(([, { id }]) => !said.has(id))])
}

/** The lines that hold one, from top to bottom. */
function inOrder(rows: ReadonlyMap<number, Subtask>): readonly number[] {
  return [...rows.keys()].sort((a, b) => a - b)
}

/** The boxes of a work package that are not ticked; none where there is no such file or section. */
export function openSubtasks(
  tasksText: string | undefined,
  wp: Owner,
  ticks: Reduction['ticks'],
): readonly Subtask[] {
  return subtasksOf(tasksText, wp, ticks).filter(task => !task.done)
}

/** A work package, and the tasks that its own file names. */
export interface Owner {
  readonly id: string
  readonly subtasks: readonly string[]
}

/**
 * All boxes of a work package: under a heading that names it, and those of the tasks that its file names which stand
 * under no heading of a package at all.
 */
export function subtasksOf(
  tasksText: string | undefined,
  { id, subtasks }: Owner,
  ticks: Reduction['ticks'],
): readonly Subtask[] {
  const tasks = parseTasks(tasksText ?? '')
  const document = withoutOpenBlock(tasks)
  const all = readRows(document)
  const guarded = guardedLines(document, wpSections(document), inOrder(all))
  const known = new Set([...guarded.values()].flat())
  const loose = [...all].flatMap(([i, row]) =>
    row.id !== undefined && subtasks.includes(row.id) && !known.has(i) ? [row] : [],
  )
  const key = wpKey(id)
  const rows = [...(rowsByWp(tasks).get(key) ?? []), ...loose]
  return ticked(new Map([[key, rows]]), ticks).get(key) ?? []
}

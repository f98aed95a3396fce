/**
 * Strategy 3: `Subtasks: T001, T002`. A list has no place for a tick, so a checkbox row is added below it and later
 * runs find that row by strategy 1. An id that carries its own box in the list is ticked there.
 */
import {
  insertAfter,
  parseTasks,
  printTasks,
  replaceLine,
  type TasksDocument,
} from '../../repo/tasks/document.ts'
import { readCheckbox, readInline, setMark } from '../../repo/tasks/rows.ts'
import { alreadyIs, type TextStrategy } from './verdict.ts'

export const inlineSubtasks: TextStrategy = (document, id, state) => {
  for (const [index, line] of document.lines.entries()) {
    if (line.hidden || !/subtask/i.test(line.text)) continue
    const reference = readInline(line.text, id)
    if (reference === undefined) continue
    const { box } = reference
    if (box !== undefined) {
      if (box.state === state) return alreadyIs(id, state)
      const text = setMark(line.text, box, state)
      return edited(replaceLine(document, index, text), id, state, 'box in the Subtasks line updated')
    }
    // Without a row a subtask is pending: there is nothing to make durable.
    if (state === 'pending') return alreadyIs(id, state)
    const added = withRow(document, lastRowBelow(document, index), `- [x] ${id}`)
    // Where a row would turn other lines into text or code, nothing is added.
    if (added === undefined) continue
    return edited(added, id, state, 'checkbox row added under the Subtasks line')
  }
  return undefined
}

function edited(document: TasksDocument, id: string, state: string, how: string) {
  return { kind: 'edit', document, message: `Marked ${id} as ${state} (${how}).` } as const
}

/** The document with a row behind a line; undefined when that changes what the page shows of any other line. */
function withRow(document: TasksDocument, index: number, row: string): TasksDocument | undefined {
  const added = insertAfter(document, index, row)
  const before = parseTasks(printTasks(document)).lines
  const after = parseTasks(printTasks(added)).lines
  const same = after.toSpliced(index + 1, 1).every(({ hidden }, i) => before[i]?.hidden === hidden)
  return same && after[index + 1]?.hidden === false ? added : undefined
}

/** Rows that already follow the reference stay in the order in which they were added. */
function lastRowBelow(document: TasksDocument, index: number): number {
  let last = index
  while (readCheckbox(document.lines[last + 1]?.text ?? '') !== undefined) last++
  return last
}

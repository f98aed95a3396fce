/**
 * Strategy 3: `Subtasks: T001, T002`. A list has no place for a tick, so a checkbox row is added below it and later
 * runs find that row by strategy 1. An id that carries its own box in the list is ticked there.
 */
import { insertAfter, replaceLine, type TasksDocument } from '../../repo/tasks/document.ts'
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
    const added = insertAfter(document, lastRowBelow(document, index), `- [x] ${id}`)
    return edited(added, id, state, 'checkbox row added under the Subtasks line')
  }
  return undefined
}

function edited(document: TasksDocument, id: string, state: string, how: string) {
  return { kind: 'edit', document, message: `Marked ${id} as ${state} (${how}).` } as const
}

/** Rows that already follow the reference stay in the order in which they were added. */
function lastRowBelow(document: TasksDocument, index: number): number {
  let last = index
  while (readCheckbox(document.lines[last + 1]?.text ?? '') !== undefined) last++
  return last
}

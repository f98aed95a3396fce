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
import { type InlineReference, readCheckbox, readInline, setMark } from '../../repo/tasks/rows.ts'
import { alreadyIs, type TextStrategy } from './verdict.ts'

export const inlineSubtasks: TextStrategy = (document, id, state) => {
  for (const { index, text, last, box } of references(document, id)) {
    if (box !== undefined) {
      if (box.state === state) return alreadyIs(id, state)
      const line = setMark(text, box, state)
      return edited(replaceLine(document, index, line), id, state, 'box in the Subtasks line updated')
    }
    // Without a row a subtask is pending: there is nothing to make durable.
    if (state === 'pending') return alreadyIs(id, state)
    const added = withRow(document, lastRowBelow(document, last), `- [x] ${id}`)
    // Where a row would turn other lines into text or code, nothing is added.
    if (added === undefined) continue
    return edited(added, id, state, 'checkbox row added under the Subtasks line')
  }
  return undefined
}

interface Reference extends InlineReference {
  readonly index: number
  readonly text: string
  /** The last line of the list, which may be wrapped. */
  readonly last: number
}

/** The lines of a list after `Subtasks:` that name the id. */
function* references(document: TasksDocument, id: string): Generator<Reference> {
  for (const [start, first] of document.lines.entries()) {
    if (first.hidden || !/subtask/i.test(first.text)) continue
    const indices = [start]
    while (isWrapped(document, indices.at(-1) ?? start)) indices.push(start + indices.length)
    for (const index of indices) {
      const text = document.lines[index]?.text ?? ''
      const label = index === start ? '' : LABEL
      const found = readInline(label + text, id)
      if (found === undefined) continue
      const box = found.box && {
        ...found.box,
        start: found.box.start - label.length,
        end: found.box.end - label.length,
      }
      yield { index, text, last: start + indices.length - 1, box }
    }
  }
}

const LABEL = 'Subtasks: '

/** The list goes on in the next line: a comma ends this one, or one begins the next, and no block begins there. */
function isWrapped({ lines }: TasksDocument, index: number): boolean {
  const next = lines[index + 1]
  if (
    next === undefined ||
    next.hidden ||
    next.text.trim() === '' ||
    /^\s*(?:[-*+#>|]|\d{1,9}[.)])/.test(next.text)
  )
    return false
  return /[,;&]\s*$/.test((lines[index]?.text ?? '').slice(-80)) || /^\s*[,;&]/.test(next.text)
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

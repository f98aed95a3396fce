/** Strategy 1: `- [ ] T001 …`. */
import { replaceLine, type TasksDocument } from '../../repo/tasks/document.ts'
import { readBox, setMark } from '../../repo/tasks/rows.ts'
import { alreadyIs, type TextStrategy } from './verdict.ts'

export const checkbox: TextStrategy = (document, id, state) => {
  const rows = findRows(document, id)
  if (rows.length === 0) return undefined
  const changed = rows.filter(({ row }) => row.state !== state)
  if (changed.length === 0) return alreadyIs(id, state)
  return {
    kind: 'edit',
    // An id may have several rows (a summary and a section): they are one task and stay in step.
    document: changed.reduce((doc, { index, row }) => {
      return replaceLine(doc, index, setMark(doc.lines[index]?.text ?? '', row, state))
    }, document),
    message: `Marked ${id} as ${state} (checkbox row updated).`,
  }
}

function findRows(document: TasksDocument, id: string) {
  return document.lines.flatMap((line, index) => {
    const row = readBox(line)
    return row?.id === id ? [{ index, row }] : []
  })
}

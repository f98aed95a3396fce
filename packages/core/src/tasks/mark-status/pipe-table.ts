/** Strategy 2: the row of a pipe table that is about the id. */
import { replaceLine } from '../../repo/tasks/document.ts'
import { findRow, rowState, setRowState, statusColumn, tableRows } from '../../repo/tasks/table.ts'
import { alreadyIs, type TextStrategy } from './verdict.ts'

export const pipeTable: TextStrategy = (document, id, state) => {
  const row = findRow(tableRows(document), id)
  if (row === undefined) return undefined
  // Overview tables list work packages beside title and dependencies: without a status cell they say nothing about one.
  if (id.startsWith('WP') && statusColumn(row) === undefined) return undefined
  if (rowState(row) === state) return alreadyIs(id, state)
  return {
    kind: 'edit',
    document: replaceLine(document, row.index, setRowState(row, state)),
    message: `Marked ${id} as ${state} (table row updated).`,
  }
}

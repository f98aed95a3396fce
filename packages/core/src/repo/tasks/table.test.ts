import { describe, expect, it } from 'vitest'
import { parseTasks } from './document.ts'
import { findRow, rowState, setRowState, tableRows } from './table.ts'

const row = (text: string, id: string) => findRow(tableRows(parseTasks(text)), id)
const set = (text: string, id: string, state: 'done' | 'pending' = 'done') =>
  setRowState(row(text, id)!, state)

const STATUS =
  '| ID | Title | Status | Parallel |\n|----|---|:--|---|\n| T001 | a | [ ] | [P] |\n| T002 | b | [ ] | [P] |\n'
const PARALLEL =
  '| ID | Title | WP | Parallel |\n|---|---|---|---|\n| T001 | a | WP01 | [P] |\n| T002 | b | WP01 | |\n'

describe('tableRows', () => {
  it('gives every data row its real header', () => {
    const rows = tableRows(parseTasks(`x\n${STATUS}\n${PARALLEL}`))
    expect(rows.map(r => [r.index, r.header?.[2]])).toEqual([
      [3, 'status'],
      [4, 'status'],
      [8, 'wp'],
      [9, 'wp'],
    ])
  })

  it('finds the header below prose with a pipe, and rows without leading pipes', () => {
    const rows = tableRows(parseTasks('either | or\nID | Status\n--|--\nT001 | [ ]\n'))
    expect(rows).toMatchObject([{ index: 3, header: ['id', 'status'] }])
    expect(setRowState(rows[0]!, 'done')).toBe('T001 | [D]')
  })

  it('takes rows without a header only when they start with a pipe; never fenced ones', () => {
    expect(
      tableRows(parseTasks('a | T001\n\n| T002 | x |\n\n```\n| T003 |\n```\n')).map(r => r.index),
    ).toEqual([2])
  })
})

describe('findRow', () => {
  it('matches the own id of a row, in any case and with emphasis', () => {
    expect(row('| **T001** | a |\n', 'T001')).toBeDefined()
    expect(row('| `t001` | a |\n', 'T001')).toBeDefined()
    expect(row('| WP01 | T001 | a |\n', 'T001')).toBeDefined()
    expect(row('| 1 | T001 |\n', 'T001')).toBeDefined()
  })

  it.each<[string, string]>([
    ['| T002 | a | T001 |\n', 'T001'],
    ['| T0011 | a |\n', 'T001'],
    ['| T001-foo | a |\n', 'T001'],
    ['| see T001 | a |\n', 'T001'],
    ['| T001 | a | WP02 |\n', 'WP02'],
  ])('%j is not the row of %s', (text, id) => expect(row(text, id)).toBeUndefined())
})

describe('setRowState', () => {
  it.each<[string, string, string]>([
    ['the status column of any row', STATUS, '| T002 | b | [D] | [P] |'],
    ['a cell added behind a Parallel column', PARALLEL, '| T002 | b | WP01 | | [D] |'],
    ['a bare marker at the end', '| ID | X |\n|--|--|\n| T002 | [P] |\n', '| T002 | [D] |'],
    ['a cell added to a plain table', '| ID | X |\n|--|--|\n| T002 | y |\n', '| T002 | y | [D] |'],
    [
      'cells up to a status column the row does not reach',
      '| ID | X | Status |\n|--|--|--|\n| T002 |\n',
      '| T002 |  | [D] |',
    ],
    ['an empty status cell', '| ID | Status |\n|--|--|\n| T002 ||\n', '| T002 | [D] |'],
    ['a padded cell', '| ID | Status |\n|--|--|\n| T002 |   todo    |\n', '| T002 |   [D]    |'],
    [
      'an escaped pipe',
      '| ID | X | Status |\n|--|--|--|\n| T002 | a \\| b | [ ] |\n',
      '| T002 | a \\| b | [D] |',
    ],
    ['an indented row', '  | ID | Status |\n  |--|--|\n  | T002 | [ ] |  \n', '  | T002 | [D] |  '],
    ['a row without a closing pipe', '| ID | X |\n|--|--|\n| T002 | y\n', '| T002 | y | [D]'],
  ])('%s', (_, text, expected) => expect(set(text, 'T002')).toBe(expected))

  it.each<[string, string]>([
    ['| T002 | `a|b` | [ ] |', '| T002 | `a|b` | [D] |'],
    ['| T002 | x | 🔄 In progress (see \\| note) |', '| T002 | x | [D] (see \\| note) |'],
    ['| T002 | x | see #12 |', '| T002 | x | [D] see #12 |'],
    ['| T002 | x | **Todo** |', '| T002 | x | [D] |'],
  ])('no cell loses text: %s', (before, after) =>
    expect(set(`| ID | X | Status |\n|--|--|--|\n${before}\n`, 'T002')).toBe(after),
  )

  it('a box in any column is the state', () =>
    expect(set('| Done | ID |\n|--|--|\n| [ ] | T002 |\n', 'T002')).toBe('| [D] | T002 |'))

  it('the row with a state is the one of the id, wherever it stands', () => {
    const text = '| FR-001 | T002 |\n\n| ID | Status |\n|--|--|\n| T002 | todo |\n'
    expect(set(text, 'T002')).toBe('| T002 | [D] |')
  })

  it('comes back to pending where it was set', () => {
    const done = PARALLEL.replace('| T001 | a | WP01 | [P] |', set(PARALLEL, 'T001'))
    expect(rowState(row(done, 'T001')!)).toBe('done')
    expect(set(done, 'T001', 'pending')).toBe('| T001 | a | WP01 | [P] | [ ] |')
  })
})

describe('rowState', () => {
  it.each<[string, string | undefined]>([
    ['[D]', 'done'],
    ['[x]', 'done'],
    ['Done', 'done'],
    ['✅', 'done'],
    ['[ ]', 'pending'],
    ['', 'pending'],
    ['pending', 'pending'],
    ['doing', 'pending'],
    ['Done when merged', undefined],
    ['see #12', undefined],
  ])('reads %j', (cell, state) =>
    expect(rowState(row(`| ID | Status |\n|--|--|\n| T001 | ${cell} |\n`, 'T001')!)).toBe(state),
  )

  it('knows no state without a status cell', () => expect(rowState(row(PARALLEL, 'T001')!)).toBeUndefined())
})

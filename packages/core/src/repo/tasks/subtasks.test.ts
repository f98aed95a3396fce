import { describe, expect, test } from 'vitest'
import { openSubtasks } from './subtasks.ts'

const TASKS = `# Tasks
- [ ] T900 of nobody

## Work Package WP01: One

- [x] T011 done
- [ ] T012 open
- [ ] a box without an id
\`\`\`
- [ ] T013 in code
\`\`\`

### Notes
* [ ] **T014** below a heading

## Work Package WP02: Two
- [ ] T021 of another
`
const none = new Map()

describe('open subtasks', () => {
  test('are the unticked rows of the work package, outside code', () => {
    expect(openSubtasks(TASKS, { id: 'WP01', subtasks: [] }, none)).toEqual([
      { id: 'T012', row: '- [ ] T012 open', done: false },
      { id: undefined, row: '- [ ] a box without an id', done: false },
      { id: 'T014', row: '* [ ] **T014** below a heading', done: false },
    ])
  })

  test('a tick in the log counts as well', () => {
    const ticks = new Map([['WP01', new Map([['T012', 'done' as const]])]])
    expect(openSubtasks(TASKS, { id: 'WP01', subtasks: [] }, ticks).map(task => task.id)).toEqual([
      undefined,
      'T014',
    ])
  })

  test.each(['✅ WP01: one', '[WP01](tasks/WP01.md)', '1. WP01', 'Setup (WP01)', 'WP1', 'Group WP001: x'])(
    'are found under ## %s',
    heading =>
      expect(
        openSubtasks(`## ${heading}\n- [ ] T001\n## WP02\n`, { id: 'WP01', subtasks: [] }, none),
      ).toHaveLength(1),
  )

  test.each([
    '- [~] T001',
    '- [] T001',
    '1. [-] T001a',
    '| T001 | a | [ ] |',
    'One\n---\n- [ ] T001',
    '```\n- [ ] T001',
    '<ul>\n  <li>[ ] T001 a</li>\n</ul>',
    '<details>\n- [ ] T001 a',
    '| ID | Status |\n|--|--|\n| T001 | |',
    '| ID | Status |\n|--|--|\n| T001 | shipped? |',
  ])('a box that is not ticked is open: %j', row =>
    expect(openSubtasks(`## WP01\n\n${row}\n`, { id: 'WP01', subtasks: [] }, none)).toHaveLength(1),
  )

  test.each([
    '- [x] T001\n\n| ID | Status |\n|--|--|\n| T001 | |',
    '<li>[x] T001 a</li>',
    '<!--\n- [ ] T001\n-->',
    '<pre>\n- [ ] T001\n</pre>',
    '| FR-001 | Status |\n|--|--|\n| FR-002 | |',
  ])('nothing is open: %j', rows =>
    expect(openSubtasks(`## WP01\n\n${rows}\n`, { id: 'WP01', subtasks: [] }, none)).toEqual([]),
  )

  test('a block that is never closed hides none, and no heading below it', () => {
    const text = '## WP01\n```\n- [ ] T001\n## WP02\n- [ ] T002\n'
    expect(openSubtasks(text, { id: 'WP02', subtasks: [] }, none)).toMatchObject([{ id: 'T002' }])
  })

  test('an index at the end counts where its ids have their section', () => {
    const text = '## WP01\n- [x] T001\n## WP02\n- [x] T002\n## Index\n- [ ] T001\n- [ ] T009\n'
    expect(openSubtasks(text, { id: 'WP02', subtasks: [] }, none)).toMatchObject([{ id: 'T009' }])
  })

  test('there are none without tasks.md or section', () => {
    expect(openSubtasks(undefined, { id: 'WP01', subtasks: [] }, none)).toEqual([])
    expect(openSubtasks(TASKS, { id: 'WP07', subtasks: [] }, none)).toEqual([])
  })
})

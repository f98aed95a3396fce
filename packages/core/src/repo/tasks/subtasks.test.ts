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
    expect(openSubtasks(TASKS, 'WP01', none)).toEqual([
      { id: 'T012', row: '- [ ] T012 open' },
      { id: 'T014', row: '* [ ] **T014** below a heading' },
    ])
  })

  test('a tick in the log counts as well', () => {
    const ticks = new Map([['WP01', new Map([['T012', 'done' as const]])]])
    expect(openSubtasks(TASKS, 'WP01', ticks).map(task => task.id)).toEqual(['T014'])
  })

  test('there are none without tasks.md or section', () => {
    expect(openSubtasks(undefined, 'WP01', none)).toEqual([])
    expect(openSubtasks(TASKS, 'WP07', none)).toEqual([])
  })
})

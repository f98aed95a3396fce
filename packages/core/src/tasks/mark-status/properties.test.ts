/** What holds for any tasks.md, however it is written. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseTasks, printTasks } from '../../repo/tasks/document.ts'
import { openSubtasks } from '../../repo/tasks/subtasks.ts'
import { resolveIds } from './resolve.ts'

const ID = fc.constantFrom('T001', 'T002', 'T001a', 'T019-A', 'T001.1', 'TASK-1', 't003', 'WP01-T1')
const box = fc.constantFrom('[ ]', '[x]', '[X]', '[~]', '[-]', '[]', '[/]', '[o]', '☐', '☑', '⬜')
const bullet = fc.constantFrom('- ', '* ', '1. ', '  - ', '> - ', '\t- ', '- - ', '    1) ', '', '> ')
const before = fc.constantFrom('', '**', '`', '[P] ', '(', 'Task ')
const row = fc
  .tuple(bullet, box, before, ID)
  .map(([sign, mark, deco, id]) => `${sign}${mark} ${deco}${id} text`)
const other = fc.oneof(
  row,
  ID.map(id => `| ${id} | \`a|b\` | [ ] |`),
  ID.map(id => `| FR-001 | ${id} |`),
  ID.map(id => `**Subtasks**: ${id}, T009`),
  fc.tuple(ID, ID).map(([a, b]) => `Subtasks: ${a},\n${b}, T009`),
  ID.map(id => `### Subtasks: ${id}`),
  ID.map(id => `| Subtasks: ${id} |`),
  ID.map(id => `> - Subtasks: ${id}`),
  ID.map(id => `| [ ] | ${id} | done? |`),
  ID.map(id => `${id} | x | todo |`),
  ID.map(id => `prose about ${id}.`),
  ID.map(id => `<!-- - [ ] ${id} -->`),
  fc.tuple(fc.constantFrom('    ', '\t', '      ', ' \t '), ID).map(([indent, id]) => `${indent}- [ ] ${id}`),
  fc.constantFrom(
    '',
    '```',
    '~~~',
    '<!--',
    '-->',
    '<pre>',
    '<details>',
    '</details>',
    '<?',
    '````',
    '- ```',
    '1. x',
    '    y',
    '> ```',
    '| ID | X | Status |',
    '|--|--|--|',
    '---',
  ),
  fc.constantFrom(
    '## WP01',
    '## WP02: b',
    '### Notes',
    '# Top',
    '## ✅ WP01',
    'WP02',
    '===',
    '\u2028',
    '\ufeff',
  ),
  fc.string({ maxLength: 12 }),
)
const page = fc
  .array(fc.tuple(other, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 25 })
  .map(lines => lines.map(([text, end]) => text + end).join(''))

function mark(text: string, id: string) {
  const { document, answer } = resolveIds(parseTasks(text), undefined, [{ id: id.toUpperCase() }], 'done')
  return { after: printTasks(document), result: answer.results[0] }
}

describe('marking a task', () => {
  it('changes nothing but rows that name it, and in them one place', () => {
    fc.assert(
      fc.property(page, ID, (text, id) => {
        const { after } = mark(text, id)
        const [was, is] = [text.split('\n'), after.split('\n')]
        if (is.length > was.length) {
          // A row added below a `Subtasks:` line, and nothing else.
          const at = is.findIndex((line, i) => line !== was[i])
          expect(is[at]?.trim()).toBe(`- [x] ${id.toUpperCase()}`)
          expect(is.toSpliced(at, 1).map(line => line.trimEnd())).toEqual(was.map(line => line.trimEnd()))
          return
        }
        expect(is.length).toBe(was.length)
        for (const [i, line] of is.entries()) {
          const old = was[i] ?? ''
          if (line === old) continue
          expect(old.toUpperCase()).toContain(id.toUpperCase())
          // A cell may be added: pipes and blanks around the mark are part of it.
          const rest = (text: string) =>
            text.replace(/\[[^\]\w]?\]|\[[oxXD]\]|[☐☑⬜✅]|todo/gu, '').replace(/[\s|]+/g, '|')
          expect(rest(`${line}|`)).toBe(rest(`${old}|`))
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('finds every id that the page holds, or says where it stands', () => {
    fc.assert(
      fc.property(page, ID, (text, id) => {
        if (
          !text
            .toUpperCase()
            .split(/[^\w.-]+/)
            .includes(id.toUpperCase())
        )
          return
        const { result } = mark(text, id)
        const named = /Line \d+ of tasks\.md names it|stands in WP\d+ and WP\d+/.test(result?.message ?? '')
        expect(result?.outcome !== 'not_found' || named ? 'told' : result?.message).toBe('told')
      }),
      { numRuns: 2000 },
    )
  })

  it('once more changes nothing', () => {
    fc.assert(
      fc.property(page, ID, (text, id) => {
        const { after } = mark(text, id)
        expect(mark(after, id).after).toBe(after)
      }),
      { numRuns: 1000 },
    )
  })
})

const heading = fc.constantFrom(
  '## WP01',
  '### WP01: a',
  '## ✅ WP01',
  '## [WP01](x.md)',
  '## 1. WP001',
  'WP1\n---',
  '## S (WP01)',
  '## WP-01',
  '## Work package #1',
  '> ## WP01',
  '- ## WP01',
)
const harmless = fc.constantFrom(
  '',
  'prose',
  '```\n- [ ] T900\n```',
  '<!--\n- [ ] T901\n-->',
  '### Notes',
  '> quote',
)
const open = fc
  .tuple(
    fc.constantFrom('- ', '* ', '+ ', '1. ', '> - ', '- - ', '- [P] '),
    fc.constantFrom('[ ]', '[~]', '[-]', '[]', '[/]', '[✓]', '[\t]'),
    fc.constantFrom(' T001 a', ' **T001a**', ' T019-A', ' write it', ' [P] T001', ' [US1] T001', ''),
  )
  .map(parts => parts.join(''))
const drawn = fc.constantFrom(
  '[ ] T001',
  '☐ T001',
  '- ⬜ T001',
  '- [o] T001',
  '| T001 | a | [ ] |',
  '| [ ] | T001 |',
  '| ID | Status |\n|--|--|\n| T001 | todo |',
  '| ID | Erledigt |\n|--|--|\n| T001 | offen |',
  '- a\n    - b\n        - [ ] T001',
  '1. a\n\n   - [ ] T001',
  '<details>\n\n- [ ] T001\n\n</details>',
)

it('no gate passes with a box that is not ticked', () => {
  fc.assert(
    fc.property(
      heading,
      fc.array(fc.oneof(harmless, fc.constant('~~~~')), { maxLength: 4 }),
      fc.oneof(open, drawn),
      fc.array(harmless, { maxLength: 3 }),
      fc.constantFrom('\n', '\r\n'),
      (head, above, task, below, end) => {
        const text = ['# Tasks', '', head, '', ...above, '', task, '', ...below, '## WP02', '- [x] T021']
          .join('\n')
          .replaceAll('\n', end)
        const rows = openSubtasks(text, { id: 'WP01', subtasks: [] }, new Map()).map(({ row }) => row)
        expect(rows).toContain(
          task
            .split('\n')
            .findLast(line => /\[|T001/.test(line))
            ?.trim(),
        )
      },
    ),
    { numRuns: 2000 },
  )
})

it('no gate passes with an open task of the package that stands under no heading of one', () => {
  const wp = { id: 'WP01', subtasks: ['T001', 'T001A', 'T019-A'] }
  fc.assert(
    fc.property(
      open,
      fc.constantFrom('# All', 'WP01: one', '**WP01**', '## Setup', '- WP01'),
      (task, head) => {
        fc.pre(/T\d/.test(task))
        const rows = openSubtasks(`${head}\n\n${task}\n\n## WP02\n`, wp, new Map()).map(({ row }) => row)
        expect(rows).toContain(task.trim())
      },
    ),
  )
})

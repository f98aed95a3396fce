import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { insertAfter, parseTasks, printTasks, replaceLine, wpSections } from './document.ts'

const corpus = resolve(import.meta.dirname, '../../../../../../shared/conformance/corpus')

describe('parseTasks', () => {
  it('prints what it read, whatever that is', () => {
    const piece = fc.constantFrom('\n', '\r\n', '\r', '```', '~~~', '- [ ] T001', '## WP01', ' ', '|', 'x')
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), parts => {
        const text = parts.join('')
        expect(printTasks(parseTasks(text))).toBe(text)
      }),
    )
  })

  it.skipIf(!existsSync(corpus))(
    'prints every tasks.md of the corpus (skipped where ../shared is absent)',
    () => {
      const files = readdirSync(corpus)
        .map(name => resolve(corpus, name, 'input/tasks.md'))
        .filter(existsSync)
      expect(files.length).toBeGreaterThan(80)
      for (const file of files)
        expect(printTasks(parseTasks(readFileSync(file, 'utf8')))).toBe(readFileSync(file, 'utf8'))
    },
  )

  it('knows fenced code', () => {
    const text =
      'a\n```js\nb\n~~~\n``\n```\nc\n~~~~\n```\n~~~\n~~~~\nd\n- ```\n  e\n  ```\nf\n``` `g`\nh\n````\nopen\n'
    const fenced = parseTasks(text)
      .lines.map(line => (line.hidden ? '#' : '.'))
      .join('')
    expect(fenced).toBe('.#####.####.###...##')
  })
})

describe('wpSections', () => {
  const ids = (text: string) => wpSections(parseTasks(text)).map(section => section.wp)

  it.each<[string, string]>([
    ['## WP01', 'WP01'],
    ['# WP02 title', 'WP02'],
    ['###### WP03: x', 'WP03'],
    ['## Work Package WP04: x', 'WP04'],
    ['## Work Package 5 — x', 'WP05'],
    ['### Work package 06', 'WP06'],
    ['## WP7', 'WP07'],
    ['## wp08 - x', 'WP08'],
    ['## WP100', 'WP100'],
    ['## Phase 1 - WP09', 'WP09'],
    ['## **WP10** x', 'WP10'],
    ['## [x] WP11: x ##', 'WP11'],
    ['## `WP12`', 'WP12'],
    ['## WP13 — after WP01 (WP02)', 'WP13'],
  ])('opens a section at %s', (heading, id) => expect(ids(`${heading}\n`)).toEqual([id]))

  it.each([
    '## Phase 1: Core (WP01-WP05)',
    '### WP01–WP02 (Foundation)',
    '### WP01 + WP02',
    '## WP01, WP02',
    '### Wave 2 (after WP01)',
    '## WP01x',
    '## Work Packages',
    '##WP01',
    '    ## WP01',
    'WP01',
    '## WP',
    '## Work Package overview',
  ])('opens none at %s', heading => expect(ids(`${heading}\n`)).toEqual([]))

  it('ends a section at the next one, or at a higher heading that is not Dependencies', () => {
    const text =
      '# T\n## WP01: One\n### Dependencies\na\n## Dependencies\nb\n### WP02\n#### Notes\nc\n### More\nd\n## Notes\ne\n```\n## WP03\n```\n'
    expect(wpSections(parseTasks(text))).toEqual([
      { wp: 'WP01', title: 'One', start: 1, end: 6 },
      { wp: 'WP02', title: 'WP02', start: 6, end: 11 },
    ])
  })
})

describe('edits', () => {
  it('replace one line', () => expect(printTasks(replaceLine(parseTasks('a\r\nb'), 0, 'x'))).toBe('x\r\nb'))

  it.each<[string, number, string]>([
    ['a\nb\n', 0, 'a\nx\nb\n'],
    ['a\r\nb\r\n', 1, 'a\r\nb\r\nx\r\n'],
    ['a\nb', 1, 'a\nb\nx'],
    ['a\r\nb', 1, 'a\r\nb\r\nx'],
    ['a', 0, 'a\nx'],
  ])('insert a line: %j', (text, index, expected) =>
    expect(printTasks(insertAfter(parseTasks(text), index, 'x'))).toBe(expected),
  )
})

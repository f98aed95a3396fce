import { describe, expect, it } from 'vitest'
import { readSimpleYaml, scalarPattern, scanScalars } from './simple-yaml.ts'

describe('readSimpleYaml', () => {
  it.each<[string, string, unknown]>([
    ['nothing', '', {}],
    [
      'scalars',
      'a: x\nb: 12\nc: -1.5\nd: true\ne: null\nf:\ng: ~\n',
      { a: 'x', b: 12, c: -1.5, d: true, e: null, f: null, g: null },
    ],
    [
      'text that looks like something else',
      'a: 2026-01-01\nb: 12ab\nc: yes\nd: 00e1x\ne: http://x/y#z\n',
      { a: '2026-01-01', b: '12ab', c: 'yes', d: '00e1x', e: 'http://x/y#z' },
    ],
    ['quotes', `a: 'it''s: #1'\nb: "tab\\tü\\u00e9"\nc: ''\n`, { a: "it's: #1", b: 'tab\tüé', c: '' }],
    ['quoted keys', `"a b": 1\n'c': 2\n`, { 'a b': 1, c: 2 }],
    ['comments', '# top\na: x # why\n\n  # inside\nb: "y" # z\nc: # nothing\n', { a: 'x', b: 'y', c: null }],
    ['lists in the column of their key', 'a:\n- x\n- 1\nb: 2\n', { a: ['x', 1], b: 2 }],
    ['indented lists', 'a:\n  - x\n  -\n  - y\n', { a: ['x', null, 'y'] }],
    [
      'flow lists',
      'a: []\nb: [x, 1, "q, r", \'s\']\nc: [ WP01 ] # z\nd: [x, ]\n',
      { a: [], b: ['x', 1, 'q, r', 's'], c: ['WP01'], d: ['x'] },
    ],
    ['empty flow mapping', 'a: {}\n', { a: {} }],
    ['nested mappings', 'a:\n  b:\n    c: 1\n  d: 2\ne: 3\n', { a: { b: { c: 1 }, d: 2 }, e: 3 }],
    [
      'lists of mappings',
      "h:\n- at: '1'\n  by: x\n  tags:\n  - q\n-   at: 2\n    by: y\nz: 1\n",
      {
        h: [
          { at: '1', by: 'x', tags: ['q'] },
          { at: 2, by: 'y' },
        ],
        z: 1,
      },
    ],
    ['lists of lists', 'a:\n- - x\n  - y\n- []\n', { a: [['x', 'y'], []] }],
    ['CRLF', 'a: x\r\nb:\r\n- y\r\n', { a: 'x', b: ['y'] }],
  ])('reads %s', (_, text, value) => {
    expect(readSimpleYaml(text)).toEqual(value)
  })

  it.each<[string, string]>([
    ['block scalars', 'a: |\n  x\n'],
    ['folded scalars', 'a: >-\n  x\n'],
    ['wrapped text', 'a: one\n  two\n'],
    ['wrapped text in a list', 'a:\n- one\n  two\n'],
    ['anchors', 'a: &x 1\nb: *x\n'],
    ['tags', 'a: !!str 1\n'],
    ['flow mappings', 'a: {b: 1}\n'],
    ['nested flow lists', 'a: [[x]]\n'],
    ['flow lists over lines', 'a: [x,\n  y]\n'],
    ['comments inside a flow list', 'a: [x, # y]\n'],
    ['unclosed quotes', 'a: "x\n'],
    ['unclosed quotes in a flow list', 'a: ["x]\n'],
    ['unknown escapes', 'a: "\\x41"\n'],
    ['a colon in plain text', 'a: b: c\n'],
    ['a colon at the end of plain text', 'a: b:\n'],
    ['a line that is no key', 'a: 1\nfoo\n'],
    ['a document marker', '---\na: 1\n'],
    ['tabs', 'a:\n\tb: 1\n'],
    ['a list at the top', '- a\n'],
    ['a list item among keys', 'a: 1\n- b\n'],
    ['bad indentation', 'a:\n    b: 1\n  c: 2\n'],
    ['an item deeper than its list', 'a:\n- x\n  - y\n'],
    ['doubled keys', 'a: 1\na: 2\n'],
    ['keys of the prototype', '__proto__: 1\n'],
    ['hexadecimal numbers', 'a: 0x10\n'],
    ['integers beyond the safe range', 'a: 12345678901234567890\n'],
    ['infinity', 'a: .inf\n'],
    ['an indented first line', '  a: 1\n'],
    ['an explicit key', '? a\n: b\n'],
  ])('leaves %s to the library', (_, text) => {
    expect(readSimpleYaml(text)).toBeUndefined()
  })
})

describe('scanScalars', () => {
  const scan = (text: string) => scanScalars(text, scalarPattern(['title', 'n']))

  it('reads the wanted keys and no others', () => {
    expect(scan('a: [\ntitle: "x: y" # z\nlist:\n- title: no\n  n: 2\nn: 7\r\n')).toEqual({
      title: 'x: y',
      n: 7,
    })
    expect(scan('subtitle: x\n')).toEqual({})
  })

  it.each([
    'title:\n  a: 1\n',
    'title:\n',
    'title: x\n  y\n',
    'title: |\n  x\n',
    'title: x\ntitle: y\n',
    'title: a: b\n',
    'title: # x\n',
  ])('leaves %j to the full reader', text => expect(scan(text)).toBeUndefined())
})

it('a quoted value with a raw control character is left to the library, not thrown over', () => {
  expect(readSimpleYaml('title: "Fix \u001b[31mred\u001b[0m"')).toBeUndefined()
})

import { describe, expect, it } from 'vitest'
import { scanBlocks } from './blocks.ts'

/** `#` for a hidden line, `.` for one that is shown. */
const marks = (text: string) =>
  scanBlocks(text.split('\n'))
    .hidden.map(hidden => (hidden ? '#' : '.'))
    .join('')

describe('what is shown', () => {
  it.each<[string, string, string]>([
    ['a fence ends with its quote', '> ```\n> a\n- [ ] T001', '##.'],
    ['a fence ends with its list item', '- x\n  ```\n  a\n- [ ] T001', '.##.'],
    ['a fence in a list item goes over blank lines', '- ```\n  a\n\n  b\n  ```\n- [ ] T001', '#####.'],
    ['four blanks make code, not a fence', 'x\n\n    ```\n- [ ] T001', '..#.'],
    ['a paragraph goes on under an indent', 'x\n    - [ ] T001', '..'],
    ['a nested list is no code', '- a\n    - [ ] T001\n\n    - [ ] T002', '....'],
    ['a row in indented code', 'x\n\n    - [ ] T001\n', '..#.'],
    ['tabs count as blanks', 'x\n\n\t- [ ] T001', '..#'],
    ['a comment of several lines', '<!--\n- [ ] T001\n-->\n- [ ] T002', '###.'],
    ['a comment of one line', '<!-- - [ ] T001 -->\n- [ ] T002', '#.'],
    ['a comment in a row', '- [ ] T001 <!-- x\n- [ ] T002', '..'],
    ['pre, up to its end', '<pre>\n\n- [ ] T001\n</pre>\n- [ ] T002', '####.'],
    ['HTML, up to a blank line', '<div>\n- [ ] T001\n\n- [ ] T002\n</div>', '##..#'],
    ['an anchor before a row', '<a id="x"></a>\n- [ ] T001', '..'],
    ['a quote that goes on without its sign', '> a\nb\n- [ ] T001', '...'],
  ])('%s', (_, text, expected) => expect(marks(text)).toBe(expected))

  it.each<[string, string | undefined]>([
    ['```\na', 'code block'],
    ['a\n<!-- b', 'comment'],
    ['<pre>', 'HTML block'],
    ['> ```\n\na', undefined],
    ['<div>\na', undefined],
  ])('%j is left open: %s', (text, what) => expect(scanBlocks(text.split('\n')).open?.what).toBe(what))
})

it('finds headings of both kinds', () => {
  const text = '# One #\nTwo\n===\n- ### Three\n  Four\n  ---\n---\n#Five\n    # Six\n> ## Seven\n###'
  expect(scanBlocks(text.split('\n')).headings.map(item => [item.index, item.level, item.title])).toEqual([
    [0, 1, 'One'],
    [1, 1, 'Two'],
    [3, 3, 'Three'],
    [4, 2, 'Four'],
    [9, 2, 'Seven'],
    [10, 3, ''],
  ])
})

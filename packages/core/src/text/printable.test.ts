import { expect, it } from 'vitest'
import { printable } from './printable.ts'

it.each([
  ['\u001b]52;c;ZXZpbA==\u0007', '\\u001b]52;c;ZXZpbA==\\u0007'],
  ['\u009b2J', '\\u009b2J'],
  ['a\u202eb\u2066c', 'a\\u202eb\\u2066c'],
  ['over\rwritten', 'over\\u000dwritten'],
  ['\u{e0041}', '\\udb40\\udc41'],
])('writes %j out', (text, shown) => {
  expect(printable(text)).toBe(shown)
})

it('leaves lines, tabs and letters of all languages alone', () => {
  const text = 'ä\t漢字\r\n👩‍💻 العربية\n'
  expect(printable(text)).toBe(text)
})

it('keeps the meaning of a JSON document', () => {
  const value = { title: 'a\u009b\u202e\u{e0041}\u007f' }
  const shown = printable(JSON.stringify(value))
  expect(shown).not.toContain('\u202e')
  expect(JSON.parse(shown)).toEqual(value)
})

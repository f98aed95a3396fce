import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareCodePoints, type Json, parseObject, printLine, printOrdered, printSorted } from './json.ts'

// Expected texts were printed by Python's json module with the options the Python edition uses.
describe('printLine', () => {
  test.each<[Json, string]>([
    [{ b: 1, a: [true, null, 'x'] }, '{"a": [true, null, "x"], "b": 1}'],
    [{ e: {}, l: [] }, '{"e": {}, "l": []}'],
    ['Grüße – 😀', '"Gr\\u00fc\\u00dfe \\u2013 \\ud83d\\ude00"'],
    ['tab\t"quote" \u007f \u0001', '"tab\\t\\"quote\\" \u007f \\u0001"'],
  ])('%j', (value, text) => {
    expect(printLine(value)).toBe(text)
  })

  test('is one line that parses back to the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = printLine(value as Json)
        expect(text).toMatch(/^[^\n]*$/)
        expect(JSON.stringify(JSON.parse(text))).toBe(printedByStringify(value))
      }),
    )
  })
})

/** JSON.stringify with sorted keys, as a yardstick. */
function printedByStringify(value: unknown): string {
  return JSON.stringify(JSON.parse(printLine(value as Json)))
}

test('printSorted sorts at every level, indents by two, keeps UTF-8, ends with a newline', () => {
  expect(printSorted({ z: { b: 'ü', a: [] }, a: [1, { k: null }] })).toBe(
    '{\n  "a": [\n    1,\n    {\n      "k": null\n    }\n  ],\n  "z": {\n    "a": [],\n    "b": "ü"\n  }\n}\n',
  )
})

test('printOrdered keeps the order of keys', () => {
  expect(printOrdered({ version: 1, lanes: [] })).toBe('{\n  "version": 1,\n  "lanes": []\n}\n')
})

test('an undefined member is left out, as JSON.stringify does', () => {
  expect(printLine({ a: 1, b: undefined } as unknown as Json)).toBe('{"a": 1}')
})

describe('compareCodePoints', () => {
  test('orders as Python does, where a surrogate pair stands above the whole basic plane', () => {
    expect(['\uffff', '😀', 'a', 'ab', ''].toSorted(compareCodePoints)).toEqual([
      '',
      'a',
      'ab',
      '\uffff',
      '😀',
    ])
  })

  test('is the order of the code points', () => {
    const points = (text: string): number[] => [...text].map(char => char.codePointAt(0) ?? 0)
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const [x, y] = [points(a), points(b)]
        const at = x.findIndex((point, i) => point !== y[i])
        const expected = at < 0 ? x.length - y.length : y.length <= at ? 1 : (x[at] ?? 0) - (y[at] ?? 0)
        expect(Math.sign(compareCodePoints(a, b))).toBe(Math.sign(expected))
      }),
    )
  })
})

describe('parseObject', () => {
  test.each(['', '{', '[]', 'null', '1', '"a"', '{} {}'])('has nothing to say of %j', text => {
    expect(parseObject(text)).toBeUndefined()
  })
  test('answers the object', () => {
    expect(parseObject(' {"a": [1]}\n')).toEqual({ a: [1] })
  })
})

import { type Json, parseObject, printSorted } from '@spec-kitty/contracts/json'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editJson } from './json-edit.ts'

describe('editJson', () => {
  it('keeps numbers, order, layout and unknown keys of others', () => {
    const text = '{\n\t"z": 1.0,\n\t"big": 12345678901234567890,\n\t"a": [1, 2.50],\n\t"u": "\\u00e9"\n}'
    expect(editJson(text, { slug: 'x', z: 1 })).toBe(text.replace('\n}', ',\n\t"slug": "x"\n}'))
  })

  it('puts a new key in its place where the keys are sorted', () => {
    expect(editJson('{\n  "a": 1,\n  "c": 3\n}\n', { b: { y: [], x: [1] } })).toBe(
      '{\n  "a": 1,\n  "b": {\n    "x": [\n      1\n    ],\n    "y": []\n  },\n  "c": 3\n}\n',
    )
  })

  it.each([
    ['{"a":1}', { b: 2 }, '{"a":1,"b":2}'],
    ['{"a": 1}', { b: [2] }, '{"a": 1, "b": [2]}'],
    ['{}', { b: 2 }, '{\n  "b": 2\n}'],
    ['{"a": 1, "b": 2}', { a: undefined }, '{"b": 2}'],
    ['{"a": 1, "b": 2}', { b: undefined }, '{"a": 1}'],
    [
      '{\r\n  "a": 1.0\r\n}\r\n',
      { b: { c: 1 } },
      '{\r\n  "a": 1.0,\r\n  "b": {\r\n    "c": 1\r\n  }\r\n}\r\n',
    ],
    ['\ufeff{"a": 1}', { a: 2 }, '\ufeff{"a": 2}'],
    ['{"a": 1, "a": 2.0}', { b: 1 }, '{"a": 1, "a": 2.0, "b": 1}'],
    ['{"a": 1, "a": 2}', { a: 3 }, '{"a": 1, "a": 3}'],
    ['{"h": [{"n": 1.0}]}', { h: [{ n: 1 }, { n: 2 }] }, '{"h": [{"n": 1.0}, {"n":2}]}'],
    ['{"o": {"k": 1e2, "l": 3}}', { o: { k: 100 } }, '{"o": {"k": 1e2}}'],
    ['{"__proto__": 1.0}', { a: 1 }, '{"__proto__": 1.0, "a": 1}'],
  ])('%j and %j', (text, values, wanted) => {
    expect(editJson(text, values as Record<string, Json | undefined>)).toBe(wanted)
  })

  it.each(['[]', '{"a": 1,}', '{"a": 1 // why\n}', ''])('refuses %j', text => {
    expect(() => editJson(text, { a: 2 })).toThrowError('it is not a JSON object')
  })

  it('means exactly what was asked, and writes our own files as the printer does', () => {
    const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<Json>
    const object = fc.dictionary(fc.string(), json)
    fc.assert(
      fc.property(object, object, fc.constantFrom(0, 1, 2, '\t'), (before, values, indent) => {
        const text = JSON.stringify(before, null, indent)
        const want = JSON.parse(JSON.stringify({ ...before, ...values }))
        expect(parseObject(editJson(text, values))).toEqual(want)
        expect(editJson(printSorted(before), values)).toBe(printSorted(want))
      }),
    )
  })
})

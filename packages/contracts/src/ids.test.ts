import { describe, expect, test } from 'vitest'
import { encodeUlid, isUlid, mid8, parseSha, parseWpId } from './ids.ts'

describe('encodeUlid', () => {
  test('writes the time first, so ids sort by it', () => {
    // 01ARYZ6S41 is the time part of the ULID specification's example.
    expect(encodeUlid(1469918176385, new Uint8Array(10))).toBe('01ARYZ6S410000000000000000')
    expect(encodeUlid(0, new Uint8Array(10).fill(255))).toBe('0000000000ZZZZZZZZZZZZZZZZ')
  })

  test('is what isUlid accepts', () => {
    expect(isUlid(encodeUlid(1_795_000_000_000, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10)))).toBe(true)
    expect(isUlid('01ARYZ6S41ILOU000000000000')).toBe(false)
    expect(isUlid('01aryz6s410000000000000000')).toBe(false)
  })
})

test('mid8 is the first eight characters', () => {
  expect(mid8('01ARYZ6S410000000000000000')).toBe('01ARYZ6S')
})

test.each([
  ['WP01', 'WP01'],
  ['WP1000', 'WP1000'],
  ['WP1', undefined],
  ['wp01', undefined],
  ['WP01 ', undefined],
])('parseWpId(%j)', (text, expected) => {
  expect(parseWpId(text)).toBe(expected)
})

test('parseSha takes full object names of both hash functions only', () => {
  expect(parseSha('a'.repeat(40))).toBe('a'.repeat(40))
  expect(parseSha('b'.repeat(64))).toBe('b'.repeat(64))
  expect(parseSha('a'.repeat(39))).toBeUndefined()
  expect(parseSha('HEAD')).toBeUndefined()
})

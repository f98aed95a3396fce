import { printLine } from '@spec-kitty/contracts/json'
import { eventRow } from '@spec-kitty/host/testing/mission'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printRow, readLog, wholeLog, withRows } from './log.ts'

const claimed = eventRow('WP01', 'planned', 'claimed', 1)
const line = printRow(claimed)

function refusal(text: string) {
  try {
    readLog(text)
  } catch (error) {
    return error
  }
  return undefined
}

describe('reading a log', () => {
  test('gives every row its line number, its text and its kind', () => {
    const rows = [
      line,
      '{"event_id": "e2", "event_type": "WPCreated", "payload": {}}',
      '{"event_id": "e3", "type": "RetrospectiveCaptured", "at": "2026-01-01T00:00:00Z"}',
      '{"event_id": "e4", "event_name": "retrospective.completed"}',
      '{"event_id": "e5", "kind": "annotation", "wp_id": "WP01", "delta": {}}',
      '{"event_id": "e6", "kind": "something-of-2030", "wp_id": "WP01"}',
    ]
    const read = readLog(`${rows.join('\n')}\n`)
    expect(read.map(row => row.kind)).toEqual([
      'transition',
      'lifecycle',
      'retrospective',
      'retrospective',
      'annotation',
      'unknown',
    ])
    expect(read.map(row => row.raw)).toEqual(rows)
    expect(read.map(row => row.line)).toEqual([1, 2, 3, 4, 5, 6])
  })

  test('tolerates blank lines, CRLF, a byte order mark and a missing last line feed', () => {
    const second = printRow(eventRow('WP02', 'planned', 'claimed', 2))
    const read = readLog(`\ufeff${line}\r\n\r\n  \n${second}`)
    expect(read.map(row => [row.line, row.value.wp_id])).toEqual([
      [1, 'WP01'],
      [4, 'WP02'],
    ])
  })

  test('reads the alias doing as in_progress', () => {
    const old = { ...claimed, from_lane: 'claimed', to_lane: 'doing' }
    expect(readLog(JSON.stringify(old))[0]?.value).toMatchObject({ to_lane: 'in_progress' })
    const back = { ...claimed, from_lane: 'doing', to_lane: 'planned' }
    expect(readLog(JSON.stringify(back))[0]?.value).toMatchObject({
      from_lane: 'in_progress',
      to_lane: 'planned',
    })
  })

  test('accepts old logs without the keys that came later, and any value as actor', () => {
    const required = ['event_id', 'wp_id', 'from_lane', 'to_lane', 'at', 'force', 'execution_mode']
    const old = Object.fromEntries(Object.entries(claimed).filter(([key]) => required.includes(key)))
    const actor = { tool: 'codex', role: 'implementer' }
    expect(readLog(JSON.stringify({ ...old, actor, feature_slug: 'x', extra: 1 }))).toHaveLength(1)
  })

  test.each([
    ['a torn last line', `${line}\n${line}\n{"actor": "cla`, 3, 'Invalid JSON on line 3: '],
    ['a line that is no object', `${line}\n[1]\n`, 2, 'Invalid JSON on line 2: not an object'],
    ['a conflict marker', `<<<<<<< HEAD\n${line}\n`, 1, 'Invalid JSON on line 1: a conflict marker of git'],
    ['a row without wp_id', '{"event_id": "e"}', 1, "Invalid event structure on line 1: 'wp_id'"],
    ['a row without event_id', '{"wp_id": "WP01"}', 1, "'event_id'"],
    ['a row without from_lane', '{"event_id": "e", "wp_id": "WP01"}', 1, "'from_lane'"],
    ['a lane nobody knows', JSON.stringify({ ...claimed, to_lane: 'x' }), 1, '"x" is not a valid lane'],
    ['a row without at', JSON.stringify({ ...claimed, at: 5 }), 1, "'at'"],
    ['a row without actor', JSON.stringify({ ...claimed, actor: undefined }), 1, "'actor'"],
    ['a row without force', JSON.stringify({ ...claimed, force: undefined }), 1, "'force'"],
    ['a row without mode', JSON.stringify({ ...claimed, execution_mode: undefined }), 1, "'execution_mode'"],
  ])('refuses %s with the line number and a remedy', (_, text, number, message) => {
    expect(refusal(text)).toMatchObject({
      code: 'log_corrupt',
      message: expect.stringContaining(message),
      data: { line: number },
      hint: 'spec-kitty agent status doctor --fix',
    })
  })
})

describe('writing a row', () => {
  test('sorts keys, spaces separators and escapes what is not ASCII', () => {
    expect(printRow({ b: 'é😀', a: [1, { d: null, c: true }] })).toBe(
      '{"a": [1, {"c": true, "d": null}], "b": "\\u00e9\\ud83d\\ude00"}',
    )
  })

  test('printing what was read gives the same line', () => {
    const json = fc.jsonValue({ maxDepth: 3 })
    fc.assert(
      fc.property(fc.dictionary(fc.string(), json), extra => {
        const value = { ...(JSON.parse(JSON.stringify(extra)) as object), ...claimed }
        const printed = printLine(value)
        const [row] = readLog(`${printed}\n`)
        expect(row?.raw).toBe(printed)
        expect(printRow(row?.value ?? {})).toBe(printed)
      }),
    )
  })
})

describe('a log in pieces', () => {
  const rows = [1, 2, 3].map(n => printRow(eventRow('WP01', 'planned', 'claimed', n)))

  test('counts lines through all of them, and goes on behind a last line without an end', () => {
    const pieces = [`${rows[0]}\n\n`, `${rows[1]}`]
    expect(readLog(pieces).map(({ line }) => line)).toEqual([1, 3])
    expect(readLog(withRows(pieces, rows.slice(2))).map(({ line }) => line)).toEqual([1, 3, 4])
    expect(wholeLog(withRows(`${rows[0]}`, rows.slice(1)))).toBe(rows.join('\n'))
  })
})

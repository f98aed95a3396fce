import { eventRow } from '@spec-kitty/host/testing/mission'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { printRow, readLog } from './log.ts'
import { repairLog } from './repair.ts'

const [one, two, three] = [1, 2, 3].map(n => printRow(eventRow('WP01', 'planned', 'claimed', n))) as [
  string,
  string,
  string,
]

describe('mending a log', () => {
  test.each([
    ['a torn last line', `${one}\n${two.slice(0, 40)}`, [one], 'Removed the torn line 2'],
    [
      'a torn last line that got a line feed',
      `${one}\n{"actor": "cla\n\n`,
      [one, ''],
      'Removed the torn line 2',
    ],
    ['zeros after a power cut', `${one}\n\0\0\0\0`, [one], 'Removed the torn line 2'],
    ['a missing last line feed', `${one}\n${two}`, [one, two], 'Ended the last line with a line feed'],
    [
      'two lines glued together',
      `${one}${two}\n${three}\n`,
      [one, two, three],
      'Took 2 events out of line 1',
    ],
    [
      'a torn line with a whole one glued to it',
      `${one.slice(0, 30)}${two}\n`,
      [two],
      'Took one event out of line 1',
    ],
    [
      'a text with quotes and braces in a glued line',
      `${one}{"event_id": "q", "event_type": "N", "note": "a \\"}\\" b"}{"torn": "\n`,
      [one, '{"event_id": "q", "event_type": "N", "note": "a \\"}\\" b"}'],
      'Took 2 events out of line 1',
    ],
    ['a whole line with zeros behind', `${one}\0\0\n${two}\n`, [one, two], 'Took one event out of line 1'],
  ])('%s', (_, text, lines, action) => {
    const repair = repairLog(text)
    expect(repair.text).toBe(lines.map(line => `${line}\n`).join(''))
    expect(repair.actions).toEqual([expect.stringContaining(action)])
    expect(repair.remaining).toBeUndefined()
    expect(repairLog(repair.text)).toEqual({ text: repair.text, actions: [], remaining: undefined })
  })

  test('the markers of an unfinished merge go, the events of both sides stay, once each', () => {
    const text = `${one}\n<<<<<<< HEAD\n${two}\n||||||| base\n=======\n${two}\n${three}\n>>>>>>> topic\n`
    const repair = repairLog(text)
    expect(repair.text).toBe(`${one}\n${two}\n${three}\n`)
    expect(repair.actions).toHaveLength(5)
    expect(repair.actions.at(-1)).toBe('Removed 1 lines that both sides of the merge have')
  })

  test.each([
    ['prose', `hello\n${one}\n`, 1, 'Invalid JSON on line 1'],
    ['a torn line in the middle', `{"event_id": "x", "wp\n${one}\n`, 1, 'Invalid JSON on line 1'],
    ['an object that is no event', `${one}\n{"a": 1}\n`, 2, "'event_id'"],
  ])('%s stays and is told', (_, text, line, message) => {
    expect(repairLog(text)).toEqual({
      text,
      actions: [],
      remaining: { line, message: expect.stringContaining(message) },
    })
  })

  test('what can be mended is mended although something remains', () => {
    const repair = repairLog(`hello\n${one}${two}\n`)
    expect(repair.text).toBe(`hello\n${one}\n${two}\n`)
    expect(repair.remaining).toMatchObject({ line: 1 })
  })

  test('a healthy log and an empty one are left alone', () => {
    for (const text of ['', `${one}\r\n\n${two}\n`])
      expect(repairLog(text)).toMatchObject({ text, actions: [] })
  })

  test('a log in pieces that is in order is not held as a whole, one that is not is mended', () => {
    const whole = [`${one}\n`, `${two}\n`]
    expect(repairLog(whole).text).toBe(whole)
    expect(repairLog([`${one}${two}\n`, three]).text).toBe(`${one}\n${two}\n${three}\n`)
  })

  test('wherever a log is cut, every event before the cut survives', () => {
    const whole = `${one}\n${two}\n${three}\n`
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), cut => {
        const text = whole.slice(0, cut)
        const complete = [one, two, three].filter(line => text.includes(line))
        expect(readLog(repairLog(text).text).map(row => row.raw)).toEqual(complete)
      }),
    )
  })
})

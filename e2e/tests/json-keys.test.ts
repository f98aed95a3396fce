/**
 * The JSON documents of 3.2.0 and ours, asked for in the same repository: every key of its, with a value of its class,
 * unless docs/compatibility.md lists the difference. A few documents here, all of them with `npm run compare`
 * (SK_COMPARE=all), which prints each pair and takes minutes, the Python edition's own time.
 */
import { expect, test } from 'vitest'
import { differences, shapeOf } from '../support/json-shape.ts'
import { compareEditions, listed } from '../support/json-story.ts'
import { pythonEdition } from '../support/mission-repository.ts'

const python = pythonEdition()
const all = process.env.SK_COMPARE === 'all'

test('the documents of 3.2.0 and ours differ only where that is listed', { timeout: 7_200_000 }, context => {
  // It cannot be had on every machine: the reason says what is missing.
  if (python.program === undefined) return context.skip(python.reason)
  const found = compareEditions(
    python.program,
    one => all || one.short === true,
    line => {
      if (all) console.log(line)
    },
  )
  const rows = listed()
  const used = new Set<string>()
  const unlisted = found.filter(({ command, path }) => {
    const row = rows.find(([commands, keys]) => commands.test(command) && keys.test(path))
    if (row !== undefined) used.add(row[2])
    return row === undefined
  })
  expect(
    unlisted.map(({ command, path, theirs, ours }) => [command, path, theirs, ours].join(' | ')),
  ).toEqual([])
  // What is listed and no longer so is no longer true.
  if (all) expect(rows.map(row => row[2]).filter(row => !used.has(row))).toEqual([])
})

test('a key that is missing and a value of another class are differences, a key that was added is none', () => {
  const theirs = shapeOf({ id: 'WP01', rows: [{ at: '2026-01-01T00:00:00Z', who: null }], gone: { deep: 1 } })
  const ours = shapeOf({
    id: 'WP01',
    rows: [{ at: '2026-05-01T00:00:00.000000+00:00', who: 'ann' }],
    more: 1,
  })
  expect(differences(theirs, ours)).toEqual([
    { path: 'rows[].who', here: 'null', there: "'ann'" },
    { path: 'gone', here: 'object', there: undefined },
  ])
})

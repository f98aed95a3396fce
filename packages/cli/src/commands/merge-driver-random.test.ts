/**
 * The merge drivers over random changes of both sides: what a side brought or changed is in the result, or the file is in
 * conflict with markers; a result is stable, and of logs the same from either side.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

interface Sides {
  readonly base: string
  readonly ours: string
  readonly theirs: string
}

async function drive(word: string, { base, ours, theirs }: Sides) {
  for (const [name, text] of Object.entries({ base, ours, theirs }))
    writeFileSync(`${world.root}/${name}`, text)
  const { status, stderr } = await runCli(world, [`merge-driver-${word}`, 'base', 'ours', 'theirs'])
  const text = readFileSync(`${world.root}/ours`, 'utf8')
  expect(status === 0 || status === 1, stderr).toBe(true)
  const marked = /^<{7} ours$[\s\S]*^={7}\r?$[\s\S]*^>{7} theirs$/m.test(text)
  if (status === 1) expect(marked, text).toBe(true)
  return { clean: status === 0, text }
}

/** What a person or a program writes between two line ends. */
const word = fc.constantFrom('a', 'b', 'x y', '- note', '# H', 'é', '', '}', '{"', '<<<<<<< ours', '\t')
const end = fc.constantFrom('\n', '\n', '\n', '\r\n')
const document = fc
  .tuple(fc.array(fc.tuple(word, end), { maxLength: 7 }), fc.boolean())
  .map(([lines, open]) => {
    const text = lines.flat().join('')
    return open ? text.trimEnd() : text
  })

const value: fc.Arbitrary<string> = fc.letrec(tie => ({
  leaf: fc.constantFrom(
    '1',
    '2',
    '"a"',
    'null',
    'true',
    '12345678901234567890',
    '12345678901234567891',
    '1.0',
    '[1]',
    '[2]',
  ),
  list: fc
    .array(fc.tuple(fc.constantFrom('p', 'q', 'r', '7'), tie('leaf')), { maxLength: 3 })
    .map(rows => `[${rows.map(([id, n]) => `{"id":"${id}","n":${n}}`).join(', ')}]`),
  any: fc.oneof(
    { weight: 3, arbitrary: tie('leaf') },
    { weight: 1, arbitrary: tie('list') },
    { weight: 1, arbitrary: tie('object') },
  ),
  object: fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'id', '__proto__'), tie('any')), { maxLength: 4 })
    .map(pairs => `{${pairs.map(([key, one]) => `\n  "${key}": ${one}`).join(',')}\n}`),
})).object as fc.Arbitrary<string>

const row = fc
  .record({
    id: fc.constantFrom('A', 'B', 'C', ''),
    day: fc.constantFrom(1, 1, 2),
    n: fc.constantFrom('1', '2', '1 ', '12345678901234567890', '12345678901234567891'),
    eol: end,
  })
  .map(({ id, day, n, eol }) => {
    const key = id === '' ? '' : `"event_id":"01KQW4DH00000000000000000${id}",`
    return `{${key}"kind":"annotation","event_type":"InnerStateChanged","at":"2026-01-0${day}T00:00:00Z","n":${n}}${eol}`
  })
const log = fc.array(row, { maxLength: 5 }).map(rows => rows.join(''))

/** Three versions: a side is the base itself, or another. */
const sides = (text: fc.Arbitrary<string>): fc.Arbitrary<Sides> =>
  fc.record({ base: text, mine: fc.option(text), other: fc.option(text) }).map(({ base, mine, other }) => ({
    base,
    ours: mine ?? base,
    theirs: other ?? base,
  }))

const RUNS = { numRuns: Number(process.env.SK_RUNS ?? 25) }
const linesOf = (text: string) => text.split(/\r?\n/).filter(line => line !== '')

/** The path of each value that is no container, with the value; the ids of rows stand for their places. */
function leavesOf(text: string): readonly string[] {
  const walk = (at: string, one: unknown): readonly string[] => {
    if (typeof one !== 'object' || one === null) return [`${at} ${JSON.stringify(one)}`]
    return Object.entries(one).flatMap(([key, inner]) => {
      const place = Array.isArray(one) && typeof inner === 'object' ? inner.id : key
      return walk(`${at}/${place}`, inner)
    })
  }
  return walk('', JSON.parse(text))
}

test.each(['meta', 'acceptance-matrix', 'issue-matrix', 'decision-index'])('keys: %s', async name => {
  await fc.assert(
    fc.asyncProperty(sides(value), async all => {
      const { clean, text } = await drive(name, all)
      if (!clean) {
        for (const line of [...linesOf(all.ours), ...linesOf(all.theirs)])
          if (!all.base.includes(line)) expect(text).toContain(line)
        return
      }
      // Every leaf that one side alone has is there.
      for (const side of [all.ours, all.theirs])
        for (const leaf of leavesOf(side))
          if (!leavesOf(all.base).includes(leaf)) expect(leavesOf(text)).toContain(leaf)
      expect(await drive(name, { ...all, ours: text })).toEqual({ clean, text })
    }),
    RUNS,
  )
})

test.each(['traces', 'review-cycle', 'of-later'])('lines: %s', async name => {
  await fc.assert(
    fc.asyncProperty(sides(document), async all => {
      const { clean, text } = await drive(name, all)
      for (const line of [...linesOf(all.ours), ...linesOf(all.theirs)])
        if (!linesOf(all.base).includes(line)) expect(linesOf(text)).toContain(line)
      if (clean && name !== 'traces')
        expect(await drive(name, { ...all, ours: text })).toEqual({ clean, text })
    }),
    RUNS,
  )
})

test('rows: event-log', async () => {
  await fc.assert(
    fc.asyncProperty(sides(log), async all => {
      const { clean, text } = await drive('event-log', all)
      const turned = await drive('event-log', { ...all, ours: all.theirs, theirs: all.ours })
      expect(turned.clean).toBe(clean)
      const rows = [all.base, all.ours, all.theirs].flatMap(linesOf).map(one => one.trimEnd())
      const tight = (one: string) => one.replace(/ }/, '}')
      for (const one of clean ? rows : [all.ours, all.theirs].flatMap(linesOf))
        expect(linesOf(text).map(tight)).toContain(tight(one))
      if (!clean) return
      expect(turned.text).toBe(text)
      expect(await drive('event-log', { ...all, ours: text })).toEqual({ clean, text })
    }),
    RUNS,
  )
})

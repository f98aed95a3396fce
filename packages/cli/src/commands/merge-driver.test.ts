import { readFileSync, writeFileSync } from 'node:fs'
import { MergeDriver } from '@spec-kitty/contracts/cli/merge-driver'
import { printRow } from '@spec-kitty/core/repo/log/log'
import { eventRow } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const line = (n: number, over = {}) => `${printRow(eventRow('WP01', 'planned', 'claimed', n, over))}\n`
let world: World
beforeEach(() => {
  world = createWorld()
  world.write('base', line(1))
  world.write('ours', line(1) + line(3))
  world.write('theirs', line(1) + line(2))
})
afterEach(() => world.cleanup())
const merge = (...more: string[]) =>
  runCli(world, ['merge-driver-event-log', 'base', 'ours', 'theirs', ...more])

describe('merge-driver-event-log', () => {
  test('writes the union to our side, silently', async () => {
    expect(await merge()).toMatchObject({ status: 0, stdout: '', stderr: '' })
    expect(world.read('ours')).toBe(line(1) + line(2) + line(3))
    const { json } = await merge('--json')
    expect(json).toEqual({ path: `${world.root}/ours`, clean: true, rows: 3 })
    expect(v.is(MergeDriver, json)).toBe(true)
  })

  test.each([
    [
      'two events under one id',
      () => world.write('theirs', line(1, { to_lane: 'blocked' })),
      'Conflicting payloads',
    ],
    ['a torn side', () => world.write('theirs', '{"torn'), 'Invalid JSON on line 1'],
  ])('marks %s as a conflict, and both sides stay', async (_, spoil, message) => {
    spoil()
    const { status, json } = await merge('--json')
    expect(status).toBe(1)
    expect(json).toMatchObject({ clean: false, problem: expect.stringContaining(message) })
    const text = world.read('ours')
    for (const part of ['<<<<<<< ours', line(3).trim(), '>>>>>>> theirs']) expect(text).toContain(part)
    expect(text).toContain(world.read('theirs').trim())
  })

  test('refuses a name that is no file', async () => {
    world.git('clean', '-qf', 'base')
    expect(await merge('--json')).toMatchObject({
      status: 1,
      json: { error: expect.stringContaining('No such file') },
    })
    expect(world.read('ours')).toBe(line(1) + line(3))
  })
})

/** Bytes, each a character. */
test.each<[string, string, string, string, string, string | undefined]>([
  ['lines of another encoding', 'traces', 'T\n', 'T\n- \xe9\n', 'T\n- b\n', 'T\n- \xe9\n- b\n'],
  ['keys of another encoding', 'meta', '{"a":1}\n', '{"a":"\xe9"}\n', '{"b":2}\n', undefined],
  ['a torn log', 'event-log', '', line(1), `${line(2)}\0\0\n`, undefined],
  ['no text', 'of-later', '\0', '\0a', '\0b', undefined],
  [
    'a mark of byte order',
    'meta',
    '{"a":1,"b":1}\n',
    '\xef\xbb\xbf{"a":2,"b":1}\n',
    '{"a":1,"b":2}\n',
    '{"a":2,"b":2}\n',
  ],
])('%s: neither side is lost (merge-driver-%s)', async (_, word, base, ours, theirs, wanted) => {
  const sides = Object.entries({ base, ours, theirs })
  for (const [name, text] of sides) writeFileSync(`${world.root}/${name}`, Buffer.from(text, 'latin1'))
  const { status, stderr } = await runCli(world, [`merge-driver-${word}`, 'base', 'ours', 'theirs'])
  expect([status, stderr === '']).toEqual(wanted === undefined ? [1, false] : [0, true])
  const text = readFileSync(`${world.root}/ours`, 'latin1')
  const parts = [`<<<<<<< ours\n${ours}`, '=======\n', `${theirs}`, '>>>>>>> theirs\n'].map(part =>
    part.trim(),
  )
  if (wanted === undefined) for (const part of parts) expect(text).toContain(part)
  else expect(text).toBe(wanted)
})

/** Base, ours, theirs, and what comes of it; undefined: markers and exit 1. */
const J = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`
test.each<[string, string, string, string, string, string | undefined]>([
  ['two keys', 'meta', J({ a: 1, b: 1 }), J({ a: 2, b: 1 }), J({ a: 1, b: 2 }), J({ a: 2, b: 2 })],
  ['a key gone, one new', 'meta', J({ a: 1 }), J({}), J({ a: 1, b: 2 }), J({ b: 2 })],
  ['one key', 'meta', J({ a: 1 }), J({ a: 2 }), J({ a: 3 }), undefined],
  ['one key far from the other change', 'meta', '{"a":1}', '{"a":2}', '{ "a": 3 }', undefined],
  ['a key changed and gone', 'meta', J({ a: 1 }), J({ a: 2 }), J({}), undefined],
  [
    'rows by id',
    'decision-index',
    J({ entries: [] }),
    J({ entries: [{ decision_id: 'x', n: 1 }] }),
    J({ entries: [{ decision_id: 'y', n: 2 }] }),
    J({
      entries: [
        { decision_id: 'x', n: 1 },
        { decision_id: 'y', n: 2 },
      ],
    }),
  ],
  [
    'a number that ours cannot hold',
    'meta',
    '{}\n',
    '{"a": 1}\n',
    '{"b": 12345678901234567890}\n',
    undefined,
  ],
  ['a key given twice', 'meta', '{}\n', '{"a": 1}\n', '{"b": 1, "b": 2}\n', undefined],
  [
    'what is too deep',
    'meta',
    '{}\n',
    '{"a": 1}\n',
    `{"a": ${'['.repeat(9000)}${']'.repeat(9000)}}\n`,
    undefined,
  ],
  ['lists without ids', 'meta', J({ a: [1] }), J({ a: [1, 2] }), J({ a: [1, 3] }), undefined],
  ['what is no JSON', 'issue-matrix', '{}\n', '{ LEFT\n', '{ RIGHT\n', undefined],
  ['lines', 'traces', 'T\n', 'T\n- a\n', 'T\n- b\n', 'T\n- a\n- b\n'],
  ['text', 'review-cycle', '', 'a\n', 'b\n', undefined],
  ['a driver of later', 'of-later', 'x\ny\nz\n', 'X\ny\nz\n', 'x\ny\nZ\n', 'X\ny\nZ\n'],
])('%s: merge-driver-%s', async (_, word, base, ours, theirs, wanted) => {
  for (const [name, text] of Object.entries({ base, ours, theirs })) world.write(name, text)
  const { status } = await runCli(world, [`merge-driver-${word}`, 'base', 'ours', 'theirs'])
  const text = world.read('ours')
  expect(status).toBe(wanted === undefined ? 1 : 0)
  if (wanted !== undefined) expect(text).toBe(wanted)
  else {
    expect(text).toMatch(/^<{7}.*\n[\s\S]*={7}\n[\s\S]*>{7}/m)
    for (const side of [ours, theirs]) for (const row of side.trim().split('\n')) expect(text).toContain(row)
  }
})

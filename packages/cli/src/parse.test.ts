import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import {
  anyArgs,
  arg,
  args,
  choice,
  count,
  defineCommand,
  many,
  missionFlag,
  text,
  toggle,
} from './command.ts'
import { parseInput, prepare, readPlain } from './parse.ts'
import { scanByLibrary } from './parse-library.ts'

const nothing = { result: v.null(), run: () => null, text: () => '' }
const move = defineCommand({
  ...nothing,
  args: { taskId: arg('work package id') },
  flags: {
    to: text('target lane', { required: true }),
    mission: missionFlag,
    note: text('why', { short: 'm' }),
    trackerRef: many('ticket'),
    autoCommit: toggle('commit'),
    limit: count('how many'),
    status: choice(['done', 'pending'], 'state'),
  },
})

async function refusal(words: readonly string[], command = move): Promise<unknown> {
  try {
    await parseInput('move', command, words)
  } catch (error) {
    return error
  }
  return undefined
}

describe('parseInput', () => {
  test('gives every argument and flag under its own name, absent flags undefined', async () => {
    const { input, json, help } = await parseInput('move', move, ['WP01', '--to', 'doing'])
    expect(input).toEqual({ taskId: 'WP01', to: 'doing' })
    expect({ json, help }).toEqual({ json: false, help: false })
  })

  test.each([
    [['--note', '-x'], { note: '-x' }],
    [['--note', '--json'], { note: '--json' }],
    [['--note=--to'], { note: '--to' }],
    [['-m', 'because'], { note: 'because' }],
    [['--note', 'a', '--note', 'b'], { note: 'b' }],
    [['--tracker-ref', 'A-1', '--tracker-ref', 'A-2'], { trackerRef: ['A-1', 'A-2'] }],
    [['--no-auto-commit'], { autoCommit: false }],
    [['--auto-commit'], { autoCommit: true }],
    [['--limit', '12'], { limit: 12 }],
    [['--status', 'done'], { status: 'done' }],
    [['--feature', 'old'], { mission: 'old' }],
    [['--note', ''], { note: '' }],
    [['--note', 'two\nlines'], { note: 'two\nlines' }],
    [['--note='], { note: '' }],
  ])('%j', async (words, expected) => {
    const { input } = await parseInput('move', move, ['WP01', '--to', 'x', ...words])
    expect(input).toMatchObject(expected)
  })

  test('options may stand before arguments, and -- ends them', async () => {
    const command = defineCommand({
      ...nothing,
      args: { ids: anyArgs('ids') },
      flags: { force: toggle('f') },
    })
    const { input } = await parseInput('x', command, ['--force', 'a', '--', '--json'])
    expect(input).toEqual({ force: true, ids: ['a', '--json'] })
  })

  test('asks for help wherever --help stands, but not as a value', async () => {
    expect((await parseInput('move', move, ['WP01', '--help'])).help).toBe(true)
    expect((await parseInput('move', move, ['WP01', '--to', '--help'])).help).toBe(false)
  })

  test.each([
    [['WP01', '--to', 'x', '--misson', 'q'], /--misson.*--mission/],
    [['WP01'], /--to/],
    [['--to', 'x'], /Missing argument: TASK_ID/],
    [['WP01', 'WP02', '--to', 'x'], /Unexpected argument: WP02/],
    [['WP01', '--to'], /--to/],
    [['WP01', '--to', 'x', '--limit', '1.5'], /--limit wants a whole number, not '1.5'/],
    [['WP01', '--to', 'x', '--status', 'maybe'], /maybe/],
  ])('%j is a usage error with status 2', async (words, message) => {
    const error = await refusal(words)
    expect(error).toMatchObject({ code: 'usage', status: 2, hint: 'See: spec-kitty move --help' })
    expect((error as Error).message).toMatch(message)
  })

  test('wants at least one of a required list', async () => {
    const command = defineCommand({ ...nothing, args: { taskIds: args('ids') } })
    expect(await refusal([], command)).toMatchObject({ message: 'Missing argument: TASK_IDS…' })
  })

  test('reads what it understands itself as the library does', async () => {
    const { flags } = move
    const words = [
      'WP01',
      '--to',
      'x',
      '--to=y',
      '--note',
      '-m',
      '--tracker-ref',
      '--trackerRef=q',
      '--auto-commit',
    ]
    words.push(
      '--no-auto-commit',
      '--no-note=1',
      '--auto-commit=no',
      '--status',
      'done',
      '--status=maybe',
      '--limit',
    )
    words.push(
      '--limit=3',
      '-',
      '--',
      '-x',
      '--no-',
      '--no',
      '--=',
      '',
      '--misson',
      '--mission=',
      '--no-status',
    )
    let seed = 5
    const pick = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return words[seed % words.length] ?? ''
    }
    let understood = 0
    for (let i = 0; i < 3000; i++) {
      const line = prepare(
        Array.from({ length: i % 7 }, pick).concat(i % 2 === 0 ? [] : ['--to', 'z']),
        flags,
      )
      const read = readPlain(flags, line)
      if (read === undefined) continue
      understood++
      expect([line.words, read]).toEqual([line.words, await scanByLibrary('move', flags, line)])
    }
    expect(understood).toBeGreaterThan(300)
  })
})

import { MergeDriverEventLog } from '@spec-kitty/contracts/cli/merge-driver-event-log'
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
    expect(json).toEqual({ path: `${world.root}/ours`, rows: 3 })
    expect(v.is(MergeDriverEventLog, json)).toBe(true)
  })

  test.each([
    [
      'two events under one id',
      () => world.write('theirs', line(1, { to_lane: 'blocked' })),
      'Conflicting payloads',
    ],
    ['a torn side', () => world.write('theirs', '{"torn'), 'Invalid JSON on line 1'],
    ['a name that is no file', () => world.git('clean', '-qf', 'base'), 'No such file'],
  ])('refuses %s and leaves our side to git', async (_, spoil, message) => {
    spoil()
    const { status, json } = await merge('--json')
    expect(status).toBe(1)
    expect(json).toMatchObject({ error: expect.stringContaining(message) })
    expect(world.read('ours')).toBe(line(1) + line(3))
  })
})

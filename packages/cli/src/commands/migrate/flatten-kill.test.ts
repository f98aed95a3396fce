/**
 * SIGKILL at every step of `migrate flatten`: before and after each git process and each change of a file. The next run
 * ends exactly as an uninterrupted one. `SPEC_KITTY_FULL=1` kills at every step; otherwise at every fourteenth.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addCoordinationMission, flattened } from '@spec-kitty/host/testing/coordination'
import type { World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createKillable, type Killable } from '../../testing/killable.ts'

const STRIDE = process.env.SPEC_KITTY_FULL === undefined ? 14 : 1

let killable: Killable
let world: World
beforeAll(() => {
  killable = createKillable(addCoordinationMission, ['migrate', 'flatten', '--json'])
  world = killable.world
  killable.restore()
})
afterAll(() => killable.cleanup())

const flatten = (env: Record<string, string> = {}) => killable.run(['migrate', 'flatten', '--json'], env)

/** Locks and temporary files in the git directory. */
function leftovers(): readonly string[] {
  const temporary = join(world.root, '.git/spec-kitty-tmp')
  return [
    ...readdirSync(join(world.root, '.git')).filter(name => name.endsWith('.lock')),
    ...(existsSync(temporary) ? readdirSync(temporary) : []),
  ]
}

test('killed at any step, the next run ends as an uninterrupted one', { timeout: 600_000 }, () => {
  const count = join(world.dir, 'steps')
  expect(flatten({ KILL_COUNT: count }).status).toBe(0)
  const steps = Number(readFileSync(count, 'utf8'))
  const expected = flattened(world)
  expect(steps).toBeGreaterThan(30)
  for (let n = 1; n <= steps; n += STRIDE) {
    killable.restore()
    expect(flatten({ KILL_AT: String(n) }).signal).toBe('SIGKILL')
    const again = flatten()
    expect(again.status, `step ${n} of ${steps}: ${again.stdout}`).toBe(0)
    expect(flattened(world), `step ${n} of ${steps}`).toEqual(expected)
    expect(leftovers(), `step ${n} of ${steps}`).toEqual([])
  }
})

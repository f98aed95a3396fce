import { Materialize } from '@spec-kitty/contracts/cli/materialize'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  addMission(world, { slug: '034-other', id: '01KQW4DG0000000000000000B2', number: 34 })
})
afterEach(() => world.cleanup())

describe('materialize', () => {
  test('writes snapshot and views of every mission, and of one', async () => {
    const { status, json } = await runCli(world, ['materialize', '--json'])
    expect([status, v.is(Materialize, json)]).toEqual([0, true])
    expect(json).toMatchObject({ processed: 2, errors: [], derived_dir: `${world.root}/.kittify/derived` })
    for (const slug of [MISSION_SLUG, '034-other']) {
      const snapshot = world.read(`kitty-specs/${slug}/status.json`)
      expect(world.read(`.kittify/derived/${slug}/status.json`)).toBe(snapshot)
      expect(world.exists(`.kittify/derived/${slug}/board-summary.json`)).toBe(true)
    }
    const one = await runCli(world, ['materialize', '--mission', '034'])
    expect(one.stdout).toBe(`1 missions written to ${world.root}/.kittify/derived\n`)
  })

  test('one broken mission is an error, the others are done', async () => {
    world.write('kitty-specs/034-other/status.events.jsonl', '{"torn')
    const { status, json } = await runCli(world, ['materialize', '--json'])
    expect(status).toBe(1)
    expect(json).toMatchObject({
      processed: 1,
      errors: [expect.stringMatching(/^034-other: .*Invalid JSON on line 1/)],
    })
    expect((await runCli(world, ['materialize'])).stdout).toMatch(/error 034-other: .*Invalid JSON on line 1/)
  })
})

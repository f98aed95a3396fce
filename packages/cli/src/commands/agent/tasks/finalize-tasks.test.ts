import { SeedTasks } from '@spec-kitty/contracts/cli/finalize-tasks'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit()
})
afterEach(() => world.cleanup())

const run = (...words: string[]) => runCli(world, ['agent', 'tasks', 'finalize-tasks', ...words])

describe('finalize-tasks', () => {
  it('seeds what has no events yet', async () => {
    world.git('rm', '-q', `${DIR}/status.events.jsonl`)
    world.commit()
    const preview = v.parse(SeedTasks, (await run('--validate-only', '--json')).json)
    expect(preview).toMatchObject({ result: 'validation_passed', dependencies: { WP01: [], WP02: ['WP01'] } })
    expect((await run('--validate-only')).stdout).toContain('2 work packages are valid; nothing was written.')
    expect((await run()).stdout).toContain('2 work packages: 2 newly planned, ')
    expect(world.read(`${DIR}/status.events.jsonl`)).toContain('canonical bootstrap')
    expect(world.git('status', '--porcelain')).toBe('')
  })
})

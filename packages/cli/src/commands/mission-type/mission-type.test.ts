import { MissionTypeList, MissionTypeShow } from '@spec-kitty/contracts/cli/mission-types'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

let world: World
beforeAll(() => {
  world = createWorld({ git: false })
})
afterAll(() => world.cleanup())

describe('mission-type', () => {
  it('lists four kinds', async () => {
    const list = parse(MissionTypeList, (await runCli(world, ['mission-type', 'list', '--json'])).json)
    expect(list.map(type => type.id)).toEqual(['documentation', 'plan', 'research', 'software-dev'])
    expect(list[3]?.action_sequence).toEqual(['specify', 'plan', 'tasks', 'implement', 'review'])
    expect((await runCli(world, ['mission-type', 'list'])).stdout).toContain(
      'plan           specify → research → plan → review',
    )
  })

  it.each(['documentation', 'plan', 'research', 'software-dev'])('shows %s', async id => {
    const run = await runCli(world, ['mission-type', 'show', id, '--json'])
    expect(parse(MissionTypeShow, run.json)).toMatchObject({ id, source_layer: 'built-in', extends: null })
  })

  it('refuses an unknown one, under both names', async () => {
    for (const word of ['show', 'info']) {
      const run = await runCli(world, ['mission-type', word, 'nope', '--json'])
      expect([run.status, run.json]).toEqual([
        1,
        expect.objectContaining({ hint: expect.stringContaining('software-dev') }),
      ])
    }
    expect((await runCli(world, ['mission-type', 'info', 'research'])).stdout).toContain('findings.md')
  })
})

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

  it("lists and shows the project's own, and says which it cannot read", async () => {
    const own = createWorld()
    const put = (key: string, text: string) =>
      own.write(`.kittify/missions/${key}/mission-runtime.yaml`, text)
    put('own', 'mission:\n  name: Own\nsteps:\n- id: think\n')
    put('bad', 'steps:\n- id: think\n- act\n')
    const run = await runCli(own, ['mission-type', 'list'])
    expect(run.stdout).toContain('own            think')
    expect([run.stdout.includes('bad'), run.stderr]).toEqual([
      false,
      expect.stringMatching(/bad.*names no steps/),
    ])
    const show = await runCli(own, ['mission-type', 'show', 'own', '--json'])
    expect(parse(MissionTypeShow, show.json)).toMatchObject({ id: 'own', source_layer: 'project' })
    const bad = await runCli(own, ['mission-type', 'show', 'bad', '--json'])
    expect([bad.status, bad.json]).toEqual([1, expect.objectContaining({ code: 'file_malformed' })])
    own.cleanup()
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

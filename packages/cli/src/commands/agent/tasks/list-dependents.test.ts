import { ListDependents } from '@spec-kitty/contracts/cli/list-dependents'
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

const run = (...words: string[]) => runCli(world, ['agent', 'tasks', 'list-dependents', ...words])

describe('list-dependents', () => {
  it('reads the front matter, and tasks.md where that is silent', async () => {
    expect(v.parse(ListDependents, (await run('WP01', '--json')).json)).toEqual({
      wp_id: 'WP01',
      depends_on: [],
      dependents: ['WP02'],
    })
    expect((await run('wp2', '--json')).json).toEqual({ wp_id: 'WP02', depends_on: ['WP01'], dependents: [] })
    const path = `${DIR}/tasks/WP02-demo.md`
    world.write(path, world.read(path).replace('dependencies:\n- WP01', 'dependencies: "[]"'))
    expect((await run('WP01', '--json')).json).toMatchObject({ dependents: ['WP02'] })
    world.write(`${DIR}/tasks.md`, '# Tasks\n')
    expect((await run('WP01')).stdout).toBe('WP01 depends on: nothing\nWaiting for WP01: nothing\n')
  })

  it('refuses an unknown work package and names unreadable files', async () => {
    world.write(`${DIR}/tasks/WP02-demo.md`, 'x')
    const { status, json, stderr } = await run('WP09', '--json')
    expect({ status, json }).toMatchObject({
      status: 1,
      json: { code: 'wp_not_found', hint: 'There are: WP01' },
    })
    expect(stderr).toContain('WP02-demo.md:1:')
  })
})

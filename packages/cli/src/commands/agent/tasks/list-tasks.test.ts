import { appendFileSync } from 'node:fs'
import { ListTasks } from '@spec-kitty/contracts/cli/list-tasks'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const run = (...words: string[]) => runCli(world, ['agent', 'tasks', 'list-tasks', ...words])

it('lists work packages by id, filtered by lane in any spelling', async () => {
  addMission(world, { wps: ['WP02', 'WP10', 'WP01'] })
  advance(world, 'WP10', 'in_progress', 10)
  const all = v.parse(ListTasks, (await run('--json')).json)
  expect(all.tasks.map(task => [task.work_package_id, task.lane])).toEqual([
    ['WP01', 'planned'],
    ['WP02', 'planned'],
    ['WP10', 'in_progress'],
  ])
  expect(all.count).toBe(3)
  expect(all.tasks[0]?.path).toBe(`${world.root}/kitty-specs/${MISSION_SLUG}/tasks/WP01-demo.md`)
  for (const lane of ['doing', ' In_Progress ']) {
    expect((await run('--lane', lane, '--json')).json).toMatchObject({
      tasks: [{ work_package_id: 'WP10' }],
      count: 1,
    })
  }
  expect((await run('--lane', 'doing')).stdout).toBe('WP10  in_progress  Title WP10\n')
})

it('counts a work package without events as planned', async () => {
  addMission(world, { wps: ['WP01'], events: false })
  expect((await run('--json')).json).toMatchObject({ tasks: [{ lane: 'planned' }] })
  expect((await run('--lane', 'done')).stdout).toBe('No work packages.\n')
})

it('refuses an unknown lane and names unreadable files', async () => {
  addMission(world)
  world.write(`kitty-specs/${MISSION_SLUG}/tasks/WP02-demo.md`, 'x')
  expect(await run('--lane', 'nope', '--json')).toMatchObject({ status: 1, json: { code: 'invalid_lane' } })
  const { stderr, json } = await run('--json')
  expect(stderr).toContain('WP02-demo.md:1:')
  expect(json).toMatchObject({ count: 2, tasks: [{}, { work_package_id: 'WP02', title: 'WP02' }] })
})

it('reads the files no further than their front matter, and so does next', async () => {
  addMission(world, { wps: ['WP01'] })
  const path = `${world.root}/kitty-specs/${MISSION_SLUG}/tasks/WP01-demo.md`
  appendFileSync(path, Buffer.from('caf\xe9\n', 'latin1'))
  const { stderr, json } = await run('--json')
  expect(stderr).toBe('')
  expect(json).toMatchObject({ tasks: [{ title: 'Title WP01' }] })
  expect(await runCli(world, ['next', '--json'])).toMatchObject({ status: 0, stderr: '' })
})

import { addMission, advance } from '@spec-kitty/host/testing/mission'
import { createWorld } from '@spec-kitty/host/testing/world'
import { afterAll, expect, it } from 'vitest'
import { boardMarkdown } from './markdown.ts'
import { tasksStatus } from './status-command.ts'

const world = createWorld()
afterAll(world.cleanup)

it('is a table in the order of the lanes, and titles stay text', async () => {
  const rel = addMission(world, { deps: {} })
  advance(world, 'WP01', 'in_progress', 10)
  const path = `${rel}/tasks/WP02-demo.md`
  world.write(path, world.read(path).replace(/^title: .*$/m, 'title: "a | <img src=x> [b](c) @ann"'))
  const lines = boardMarkdown(await tasksStatus(world.ports, {})).split('\n')
  expect(lines[0]).toBe('### demo-feature-01KQW4DF: 15 %')
  expect(lines[2]).toBe('1 planned · 1 in progress')
  expect(lines.slice(6).map(line => line.split(' | ')[0])).toEqual(['| WP02', '| WP01'])
  const board = await tasksStatus(world.ports, {})
  const approvedByItself = board.work_packages.map(row => ({ ...row, self_approved: true }))
  expect(boardMarkdown({ ...board, work_packages: approvedByItself })).toMatch(/\| self \|$/m)
  expect(lines[6]).toContain('a \\| &lt;img src=x&gt; \\[b\\]\\(c\\) @<!-- -->ann')
})

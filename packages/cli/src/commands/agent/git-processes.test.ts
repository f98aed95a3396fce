/**
 * What a transition costs: with its commit it starts at most eight git processes, whichever command makes it. The claim
 * that also makes the branch and the worktree of the lane has one more.
 */
import { chmodSync } from 'node:fs'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.write('.kittify/config.yaml', 'ticks_in_log: true\n')
  world.commit()
})
afterEach(() => world.cleanup())

/** Every git that the command starts leaves a line. */
async function processesOf(words: readonly string[]): Promise<number> {
  world.write(
    '../bin/git',
    `#!/bin/sh\necho x >> ${world.dir}/count\nexec ${world.git('--exec-path')}/git "$@"\n`,
  )
  chmodSync(`${world.dir}/bin/git`, 0o755)
  world.write('../count', '')
  const before = world.git('rev-list', '--count', '--all')
  const ports = world.at(world.root, { PATH: `${world.dir}/bin:${world.env.PATH}` })
  const { status, stdout, stderr } = await runCli({ ports }, words)
  expect(status, `${words.join(' ')}\n${stdout}${stderr}`).toBe(0)
  expect(world.git('rev-list', '--count', '--all')).not.toBe(before)
  const count = world.read('../count').split('\n').length - 1
  expect(count).toBeGreaterThan(0)
  return count
}

function work(): void {
  const lane = `.worktrees/${MISSION_SLUG}-lane-a`
  world.write(`${lane}/src/a.py`, 'A\n')
  world.git('-C', `${world.root}/${lane}`, 'add', '.')
  world.git('-C', `${world.root}/${lane}`, 'commit', '-qm', 'work')
  // The base goes on too, so that the lane is behind it.
  world.write('.kittify/more.yaml', 'more: true\n')
  world.commit()
}

const POLICY = JSON.stringify({
  orchestrator_id: 'o',
  orchestrator_version: '1',
  agent_family: 'claude',
  approval_mode: 'full_auto',
  sandbox_mode: 'none',
  network_mode: 'open',
  dangerous_flags: [],
})

it('by the commands of an agent', async () => {
  const tasks = ['agent', 'tasks']
  const costs: number[] = []
  expect(
    await processesOf(['agent', 'action', 'implement', 'WP01', '--agent', 'claude']),
  ).toBeLessThanOrEqual(9)
  work()
  costs.push(await processesOf([...tasks, 'mark-status', 'T011', 'T012', '--status', 'done']))
  costs.push(await processesOf([...tasks, 'move-task', 'WP01', '--to', 'for_review']))
  costs.push(await processesOf(['agent', 'action', 'review', 'WP01', '--agent', 'bob']))
  costs.push(await processesOf([...tasks, 'move-task', 'WP01', '--to', 'approved']))
  costs.push(await processesOf(['agent', 'status', 'emit', 'WP02', '--to', 'blocked', '--actor', 'ann']))
  expect(costs.filter(count => count > 8)).toEqual([])
})

it('by the commands of an orchestrator', async () => {
  const of = (verb: string, ...more: string[]) => [
    ...['orchestrator-api', verb, '--mission', MISSION_SLUG, '--wp', 'WP01', '--actor', 'claude'],
    ...['--policy', POLICY, ...more],
  ]
  const costs: number[] = []
  expect(await processesOf(of('start-implementation'))).toBeLessThanOrEqual(9)
  work()
  costs.push(await processesOf(of('transition', '--to', 'for_review', '--subtasks-complete')))
  costs.push(await processesOf(of('start-review')))
  expect(costs.filter(count => count > 8)).toEqual([])
})

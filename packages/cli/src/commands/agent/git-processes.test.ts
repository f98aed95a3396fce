/**
 * What a transition costs: with its commit it starts at most eight git processes, whichever command makes it, also the claim
 * that makes branch and worktree of the lane. A lane that takes in others has three more for each that has gone another way.
 */
import { chmodSync } from 'node:fs'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  const spec = '# Spec\n\n## Functional Requirements\n\n- **FR-001**: one\n- **FR-002**: two\n'
  const dir = addMission(world, { wps: ['WP01', 'WP02', 'WP03'], deps: { WP03: ['WP01', 'WP02'] }, spec })
  for (const wp of ['WP01', 'WP02', 'WP03']) {
    const path = `${dir}/tasks/${wp}-demo.md`
    world.write(path, world.read(path).replace('---\n', '---\nrequirement_refs: [FR-001]\n'))
  }
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

function work(lane: string, text: string): void {
  const tree = `.worktrees/${MISSION_SLUG}-${lane}`
  world.write(`${tree}/src/${lane}.py`, text)
  world.git('-C', `${world.root}/${tree}`, 'add', '.')
  world.git('-C', `${world.root}/${tree}`, 'commit', '-qm', 'work')
  // The base goes on too, so that the lane is behind it.
  world.write('.kittify/more.yaml', `more: ${lane} ${text}`)
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
  const dear: string[] = []
  const cost = async (line: string, most = 8) => {
    const count = await processesOf(line.split(' '))
    if (count > most) dear.push(`${line}: ${count}`)
  }
  const move = (wp: string, to: string) => cost(`agent tasks move-task ${wp} --to ${to}`)
  const implement = (wp: string, merges = 0) =>
    cost(`agent action implement ${wp} --agent claude`, 8 + 3 * merges)
  const handOver = async (wp: string, lane: string) => {
    await cost(`agent tasks mark-status T0${wp.slice(3)}1 T0${wp.slice(3)}2 --status done`)
    work(lane, wp)
    await move(wp, 'for_review')
    await cost(`agent action review ${wp} --agent bob`)
  }
  await cost('agent tasks map-requirements --wp WP01 --refs FR-002')
  await cost('agent mission finalize-tasks')
  await implement('WP01')
  await handOver('WP01', 'lane-a')
  await move('WP01', 'approved')
  await implement('WP02')
  await move('WP02', 'blocked --note x')
  await move('WP02', 'in_progress --note x')
  await handOver('WP02', 'lane-b')
  await move('WP02', 'approved')
  await implement('WP03')
  await handOver('WP03', 'lane-c')
  await move('WP01', 'in_progress --force --note x')
  work('lane-a', 'more')
  await move('WP01', 'approved --force --note x')
  world.write('../notes.md', 'Another name.\n')
  await move('WP03', `planned --review-feedback-file ${world.dir}/notes.md`)
  await implement('WP03', 1)
  await move('WP03', 'for_review')
  await cost('agent action review WP03 --agent bob')
  await move('WP03', 'approved')
  await cost('agent tasks add-history WP03 --note x')
  await cost('agent status emit WP03 --to blocked --actor ann --force --reason x')
  await cost('agent status emit WP03 --to approved --actor ann --force --reason x')
  const path = `kitty-specs/${MISSION_SLUG}/acceptance-matrix.json`
  world.write(path, world.read(path).replaceAll('"pending"', '"pass"'))
  world.commit()
  await cost('accept --mode local --lenient')
  expect(dear).toEqual([])
})

it('by the commands of an orchestrator', async () => {
  const of = (verb: string, ...more: string[]) => [
    ...['orchestrator-api', verb, '--mission', MISSION_SLUG, '--wp', 'WP01', '--actor', 'claude'],
    ...['--policy', POLICY, ...more],
  ]
  const costs = [await processesOf(of('start-implementation'))]
  work('lane-a', 'A\n')
  costs.push(await processesOf(of('transition', '--to', 'for_review', '--subtasks-complete')))
  costs.push(await processesOf(of('start-review')))
  expect(costs.filter(count => count > 8)).toEqual([])
})

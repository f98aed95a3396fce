/** A mission with a coordination branch, as the Python edition makes them. */
import { printLine } from '@spec-kitty/contracts/json'
import { addMission, eventRow, MISSION_SLUG } from './mission.ts'
import type { World } from './world.ts'

export const COORDINATION_BRANCH = `kitty/mission-${MISSION_SLUG}`
export const COORDINATION_WORKTREE = `.worktrees/${MISSION_SLUG}-coord`
const DIR = `kitty-specs/${MISSION_SLUG}`

/**
 * As the Python edition leaves one: spec and meta.json in the checkout with lifecycle rows and stale tasks
 * uncommitted; transitions, lanes and the live tasks on the coordination branch, its last edit uncommitted.
 */
export function addCoordinationMission(world: World): void {
  world.write('.gitignore', '.worktrees/\n')
  addMission(world, { meta: { coordination_branch: COORDINATION_BRANCH } })
  const planned = world.read(`${DIR}/status.events.jsonl`)
  const lanes = world.read(`${DIR}/lanes.json`)
  world.write(`${DIR}/status.events.jsonl`, '')
  world.git('rm', '-q', '--cached', '--ignore-unmatch', `${DIR}/lanes.json`)
  world.write(`${DIR}/spec.md`, '# The spec\n')
  world.git(
    'add',
    '.gitignore',
    '.kittify',
    `${DIR}/meta.json`,
    `${DIR}/spec.md`,
    `${DIR}/plan.md`,
    `${DIR}/tasks.md`,
  )
  world.git('commit', '-qm', 'mission')
  world.git('worktree', 'add', '-q', '-b', COORDINATION_BRANCH, COORDINATION_WORKTREE)
  const coord = (path: string, text: string): void =>
    world.write(`${COORDINATION_WORKTREE}/${DIR}/${path}`, text)
  for (const wp of ['WP01', 'WP02']) coord(`tasks/${wp}-demo.md`, world.read(`${DIR}/tasks/${wp}-demo.md`))
  coord('status.events.jsonl', `${planned}${printLine(eventRow('WP01', 'planned', 'claimed', 7))}\n`)
  coord('lanes.json', lanes)
  coord('spec.md', '# An old spec\n')
  world.gitAt(COORDINATION_WORKTREE, 'add', '-A')
  world.gitAt(COORDINATION_WORKTREE, 'commit', '-qm', 'bookkeeping')
  coord('tasks.md', '# Tasks\n\n- [x] T011 ticked\n')
  world.git('clean', '-qf', `${DIR}/lanes.json`)
  world.write(`${DIR}/tasks/WP01-demo.md`, '---\nwork_package_id: WP01\n---\nstale\n')
  world.write(
    `${DIR}/status.events.jsonl`,
    `${printLine({ at: '2026-01-01T00:00:00+00:00', event_id: '01KQW4DF0000000000000000L1', event_type: 'MissionCreated', payload: {} })}\n`,
  )
}

/** What must be the same of a flattened mission however it came about. */
export function flattened(world: World): unknown {
  return {
    tree: world.git('rev-parse', 'HEAD^{tree}'),
    parents:
      world.git('log', '-1', '--format=%P').split(' ')[1] === world.git('rev-parse', COORDINATION_BRANCH),
    status: world.git('status', '--porcelain'),
    worktrees: world.git('worktree', 'list', '--porcelain').split('\n\n').length,
    subjects: world.git('log', '--first-parent', '--format=%s'),
    branches: world.git('branch', '--format=%(refname:short)'),
  }
}

import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import { createMissionRepository, type MissionRepository, SLUG } from '../support/mission-repository.ts'
import { findOrchestrator, ORCHESTRATOR, type Orchestrator } from '../support/orchestrator.ts'
import { PROGRAM } from '../support/repository.ts'

// Issue 7: the published orchestrator, unchanged, drives our program from planned to merged.
const SUPPORT = join(import.meta.dirname, '../support')

let orchestrator: Orchestrator
let repository: MissionRepository
let env: Readonly<Record<string, string>>

beforeAll(() => {
  orchestrator = findOrchestrator()
  repository = createMissionRepository(['WP01', 'WP02'])
  const bin = join(repository.dir, 'bin')
  const meeting = join(repository.dir, 'meeting')
  for (const path of [bin, meeting]) mkdirSync(path)
  symlinkSync(PROGRAM, join(bin, 'spec-kitty'))
  symlinkSync(join(SUPPORT, 'stub-agent.sh'), join(bin, 'claude'))
  const path = `${bin}:${dirname(process.execPath)}:${repository.env.PATH}`
  env = { ...repository.env, PATH: path, STUB_MEETING: meeting, STUB_MISSION: SLUG }
  const tasks = repository.file('tasks.md')
  const refs = '**Requirement Refs**: FR-001\n\n- [ ]'
  writeFileSync(tasks, readFileSync(tasks, 'utf8').replaceAll('- [ ]', refs))
  repository.git('commit', '-qam', 'requirements')
}, 300_000)
afterAll(() => repository.cleanup())

function python(context: TestContext, args: readonly string[]): string {
  if (orchestrator.python === undefined) context.skip(`${ORCHESTRATOR}: ${orchestrator.reason}`)
  const { status, stdout, stderr } = spawnSync(orchestrator.python, args, {
    cwd: repository.root,
    env,
    encoding: 'utf8',
  })
  expect(status, `${stdout}\n${stderr}`).toBe(0)
  return stdout
}

test('the published orchestrator runs two work packages in parallel from planned to merged, without a plan.md', {
  timeout: 300_000,
}, context => {
  const { root, git, run, rows } = repository
  // Once tasks are finalized nobody asks for a plan any more; not even then for one that is not there.
  git('rm', '-q', `kitty-specs/${SLUG}/plan.md`)
  git('commit', '-qm', 'no plan')
  const finalized = run(['agent', 'mission', 'finalize-tasks', '--mission', SLUG, '--json'])
  expect(finalized.status, finalized.stdout).toBe(0)

  const words = ['orchestrate', '--mission', SLUG, '--repo-root', root]
  const told = python(context, ['-m', 'spec_kitty_orchestrator.cli.main', ...words])
  expect(told).toContain('Host contract version: 1.5.0')
  expect(told).toContain('Orchestration completed successfully')
  // The stub agents wait for each other: the order of the log shows that both were at work at once.
  const moves = rows().filter(row => row.to_lane !== undefined)
  const lanes = moves.map(row => `${row.wp_id} ${row.to_lane}`)
  for (const wp of ['WP01', 'WP02']) {
    const road = ['planned', 'claimed', 'in_progress', 'for_review', 'in_review', 'done']
    expect(lanes.filter(lane => lane.startsWith(wp))).toEqual(road.map(lane => `${wp} ${lane}`))
  }
  expect(lanes.indexOf('WP02 in_progress')).toBeLessThan(lanes.indexOf('WP01 for_review'))

  const answer = python(context, [join(SUPPORT, 'conclude_mission.py'), root, SLUG, 'work'])
  expect(JSON.parse(answer)).toMatchObject({
    accepted: { accepted: true, mode: 'auto' },
    merged: { merged: true, target_branch: 'work', strategy: 'squash', merged_wps: ['WP01', 'WP02'] },
    state: { summary: { done: 2, planned: 0 } },
  })
  for (const wp of ['WP01', 'WP02'])
    expect(readFileSync(join(root, `src/${wp}/file.txt`), 'utf8')).toBe(`${wp}\n`)
  // Nothing of ours is left behind; what lies about is the orchestrator's own.
  const left = git('status', '--porcelain')
    .split('\n')
    .filter(line => !/ \.kittify\/(logs|orchestrator-)/.test(line))
  expect(left.filter(line => line !== '')).toEqual([])
  const trees = git('worktree', 'list', '--porcelain')
    .split('\n')
    .filter(line => line.startsWith('worktree '))
  expect(trees).toEqual([`worktree ${root}`, `worktree ${root}/.worktrees/${SLUG}-orchestrator`])
})

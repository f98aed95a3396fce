import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  createMissionRepository,
  type MissionRepository,
  pythonEdition,
  SLUG,
} from '../support/mission-repository.ts'
import { prepareMission, writeCode } from '../support/prepared-mission.ts'
import { PROGRAM } from '../support/repository.ts'

// Issue 7: one mission, two editions in turns; both read the same board after every step.
const python = pythonEdition()

interface Story {
  readonly repository: MissionRepository
  /** Work package → lane, as far as the story has come. */
  readonly lanes: Map<string, string>
}

function run({ repository }: Story, program: string, ...words: string[]): string {
  const { status, stdout, stderr } = repository.run(words, program)
  expect(status, `${program} ${words.join(' ')}\n${stdout}\n${stderr}`).toBe(0)
  return stdout
}

/** Both editions read the lanes that the story has come to. */
function expectLanes(
  story: Story,
  step: string,
  ...changed: readonly (readonly [wp: string, lane: string])[]
): void {
  for (const [wp, lane] of changed) story.lanes.set(wp, lane)
  for (const program of [PROGRAM, String(python.program)]) {
    const board = JSON.parse(run(story, program, 'agent', 'tasks', 'status', '--mission', SLUG, '--json'))
    const lanes = board.work_packages.map((wp: { id: string; lane: string }) => [wp.id, wp.lane])
    expect(Object.fromEntries(lanes), `${step}, as ${program} sees it`).toEqual(
      Object.fromEntries(story.lanes),
    )
  }
}

/** One package from planned to approved, each step by the other edition. */
function build(story: Story, wp: string, lane: string, [first, second]: readonly [string, string]): void {
  const on = ['--mission', SLUG]
  const tasks = (program: string, ...words: string[]): string =>
    run(story, program, 'agent', 'tasks', ...words, ...on)
  run(story, first, 'agent', 'action', 'implement', wp, '--agent', 'claude', ...on)
  expectLanes(story, `${wp} begun`, [wp, 'in_progress'])
  writeCode(story.repository, wp, lane)
  tasks(second, 'mark-status', `T${wp.slice(2)}1`, '--status', 'done')
  tasks(second, 'move-task', wp, '--to', 'for_review', '--note', 'ready')
  expectLanes(story, `${wp} handed over`, [wp, 'for_review'])
  run(story, first, 'agent', 'action', 'review', wp, '--agent', 'codex', ...on)
  expectLanes(story, `${wp} claimed for review`, [wp, 'in_review'])
  tasks(second, 'move-task', wp, '--to', 'approved', '--note', 'good', '--agent', 'codex')
  expectLanes(story, `${wp} approved`, [wp, 'approved'])
}

function expectMerged(story: Story): void {
  const { root, git, file } = story.repository
  expectLanes(story, 'merged', ['WP01', 'done'], ['WP02', 'done'])
  for (const wp of ['WP01', 'WP02']) {
    expect(readFileSync(join(root, 'src', wp, 'file.txt'), 'utf8')).toBe(`${wp}\n`)
  }
  expect(JSON.parse(readFileSync(file('meta.json'), 'utf8')).mission_number).toBe(1)
  expect(git('branch', '--show-current')).toBe('work')
}

describe.skipIf(python.program === undefined)(`two editions in turns ${python.reason}`, () => {
  const edition = String(python.program)
  test.each([
    { begins: 'the Python edition', first: edition, second: PROGRAM },
    { begins: 'ours', first: PROGRAM, second: edition },
  ])('$begins begins, the other continues, the first finishes', { timeout: 600_000 }, ({ first, second }) => {
    const wps = ['WP01', 'WP02']
    const lanes = new Map(wps.map(wp => [wp, 'planned']))
    const story: Story = { repository: createMissionRepository(wps), lanes }
    try {
      prepareMission(story.repository, edition, first)
      expectLanes(story, 'finalized')
      build(story, 'WP01', 'lane-a', [first, second])
      build(story, 'WP02', 'lane-b', [second, first])
      run(story, first, 'merge', '--mission', SLUG, '--yes')
      expectMerged(story)
    } finally {
      story.repository.cleanup()
    }
  })
})

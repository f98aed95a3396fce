/** The built program lands by pull request, and is killed on the way; what else can happen: packages/cli/src/commands/merge-pr.test.ts. */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createForge, type TestForge } from '@spec-kitty/host/testing/forge'
import { addApprovedMission, IGNORED, lanePathOf, makeLane } from '@spec-kitty/host/testing/lanes'
import { MISSION_SLUG as SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { PROGRAM } from '../support/repository.ts'

const BRANCH = `kitty/pr/${SLUG}`
const KILLER = join(import.meta.dirname, '../../packages/cli/src/testing/killer.cjs')

let world: World
let forge: TestForge
let template: string

beforeAll(() => {
  world = createWorld()
  world.write('README.md', 'one\n')
  world.write('.gitignore', IGNORED)
  world.write('.kittify/config.yaml', 'agents:\n  available:\n  - claude\n')
  world.commit('first')
  world.git('checkout', '-qb', 'feat/demo')
  addApprovedMission(world, { targetBranch: 'main' })
  makeLane(world, 'lane-a', { 'src/a/a.txt': 'A\n' })
  makeLane(world, 'lane-b', { 'src/b/b.txt': 'B\n' })
  forge = createForge(world)
  template = `${world.dir}.template`
  cpSync(world.dir, template, { recursive: true, verbatimSymlinks: true })
})
afterAll(() => {
  rmSync(template, { recursive: true, force: true })
  world.cleanup()
})
beforeEach(() => {
  rmSync(world.dir, { recursive: true, force: true })
  execFileSync('cp', ['-a', template, world.dir])
})

/** Runs the program; `at`: the step at which it is killed. */
function sk(words: readonly string[], at?: number) {
  const node = at === undefined ? [] : ['--require', KILLER]
  return spawnSync(process.execPath, [...node, PROGRAM, ...words, '--mission', SLUG], {
    cwd: world.root,
    env: { ...world.env, ...(at === undefined ? {} : { KILL_AT: String(at) }) },
    encoding: 'utf8',
  })
}

function ok(...words: string[]): string {
  const { status, stdout, stderr } = sk(words)
  expect(status, `${words.join(' ')}\n${stdout}\n${stderr}`).toBe(0)
  return stdout
}

/** Here, and on the target without a commit of ours. */
function expectSettled(): void {
  expect(world.git('branch', '--list', 'kitty/*')).toBe('')
  expect(world.exists(lanePathOf('lane-a'))).toBe(false)
  expect(world.git('for-each-ref', 'refs/kitty/landing')).toBe('')
  expect(world.git('status', '--porcelain')).toBe('')
  world.git('checkout', '-q', 'main')
  world.git('merge', '-q', '--ff-only', 'origin/main')
  const board = JSON.parse(ok('status', '--json')) as unknown
  expect(board).toMatchObject({ landing: null, by_lane: { done: 2 }, mission_number: 1 })
  expect(world.read('src/a/a.txt')).toBe('A\n')
}

it('tells a person where it is, at every step', () => {
  expect(ok('merge', '--pr')).toMatch(/^Pushed kitty\/pr\/\S+ at origin, for main \(squash, \w{12}\)\./)
  expect(ok('status')).toContain(`landing · ${BRANCH} at origin`)
  forge.press('squash', BRANCH)
  world.git('fetch', '-q', '--prune', 'origin')
  expect(ok('where')).toContain(`Next: ${SLUG} has landed on main (squash, `)
  expect(ok('next', '--agent', 'claude', '--result', 'success')).toMatch(
    /has landed on main \(squash, \w{12}\) as mission 1, and is settled/,
  )
  expectSettled()
})

it('killed on the way and run again, it ends as if it had not been', () => {
  for (const at of [30, 75, 110, 130, 150]) sk(['merge', '--pr'], at)
  ok('merge', '--pr')
  forge.press('squash', BRANCH)
  world.git('fetch', '-q', '--prune', 'origin')
  for (const at of [30, 60, 80, 100]) sk(['merge', '--landed'], at)
  sk(['merge', '--landed'])
  expectSettled()
})

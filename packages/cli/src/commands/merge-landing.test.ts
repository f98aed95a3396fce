/** Landing by pull request, told by every reader and settled by every writer; beside a remote that refuses pushes to main. */
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createForge, type TestForge } from '@spec-kitty/host/testing/forge'
import { addApprovedMission, commitIn, IGNORED, lanePathOf, makeLane } from '@spec-kitty/host/testing/lanes'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const SLUG = MISSION_SLUG
const BRANCH = `kitty/pr/${SLUG}`
const HOME = 'feat/demo'
const OTHER = 'other-01KQW4DH'
const THIRD = 'third-01KQW4DJ'
const OTHER_ID = '01KQW4DH0000000000000000A1'

let world: World
let forge: TestForge
let template: string

beforeAll(() => {
  world = createWorld()
  world.write('README.md', 'one\n')
  world.write('.gitignore', IGNORED)
  world.write('.kittify/config.yaml', 'agents:\n  available:\n  - claude\n')
  world.commit('first')
  world.git('checkout', '-qb', HOME)
  addApprovedMission(world, { targetBranch: 'main' })
  makeLane(world, 'lane-a', { 'src/a/a.txt': 'A\n' })
  makeLane(world, 'lane-b', { 'src/b/b.txt': 'B\n' })
  addOther(OTHER, OTHER_ID, 'feat/other', 'main')
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

/** Another mission, with a home of its own beside `from`. */
function addOther(slug: string, id: string, home: string, from: string): void {
  world.git('checkout', '-qb', home, from)
  addMission(world, { slug, id, targetBranch: 'main', wps: ['WP01'] })
  advance(world, 'WP01', 'approved', 300, slug)
  world.commit('other mission')
  world.git('branch', `kitty/mission-${slug}`)
  const lane = `.worktrees/${slug}-lane-a`
  world.git('worktree', 'add', '-q', '-b', `kitty/mission-${slug}-lane-a`, lane)
  commitIn(world, lane, { [`src/${slug}.txt`]: 'O\n' }, 'work')
  world.git('checkout', '-q', HOME)
}

type Answer = Record<string, unknown>

async function sk(...words: string[]) {
  const { status, stdout, stderr } = await runCli({ ports: world.at('.') }, [...words, '--json'])
  return { status, stderr, json: JSON.parse(stdout) as Answer }
}

async function ok(...words: string[]): Promise<Answer> {
  const { status, json, stderr } = await sk(...words)
  expect(status, `${words.join(' ')}\n${JSON.stringify(json)}\n${stderr}`).toBe(0)
  return json
}

const text = async (...words: string[]) => (await runCli({ ports: world.at('.') }, words)).stdout
const land = (...words: string[]) => ok('merge', '--pr', '--mission', SLUG, ...words)
const board = () => ok('agent', 'tasks', 'status', '--mission', SLUG)
const fetch = () => world.git('fetch', '-q', '--prune', 'origin')
const toMain = () => {
  world.git('checkout', '-q', 'main')
  world.git('merge', '-q', '--ff-only', 'origin/main')
}
/** Everything that a command which only reads must leave alone. */
const state = () => [
  world.git('for-each-ref'),
  world.git('status', '--porcelain', '--ignored'),
  world.git('worktree', 'list'),
]

describe('a landing that was merged', () => {
  test('is not there before the target moves, and readers say what it waits for', async () => {
    await land()
    const wait = {
      mission_state: 'landing',
      next_command: `spec-kitty merge --landed --fetch --mission ${SLUG}`,
    }
    expect(await ok('next', '--mission', SLUG)).toMatchObject(wait)
    expect(await sk('next', '--mission', SLUG, '--agent', 'claude', '--result', 'success')).toMatchObject({
      status: 1,
      json: { kind: 'blocked', ...wait, reason: `A pull request of ${BRANCH} to main waits to be merged` },
    })
    forge.elsewhere({ 'README.md': 'more\n' })
    fetch()
    expect((await ok('where', '--mission', SLUG)).next_step).toContain('waits to be merged')
    expect(await board()).not.toHaveProperty('landed')
    expect(JSON.stringify(await ok('doctor'))).not.toContain('landing_arrived')
  })

  test.each([
    ['at home', () => undefined],
    ['in a checkout of the target', toMain],
  ])('%s, is told by what reads, which changes nothing', async (_, go) => {
    await land()
    forge.press('squash', BRANCH)
    fetch()
    go()
    const before = state()
    const settle = `spec-kitty merge --landed --mission ${SLUG}`
    const told = expect.stringMatching(
      `^${SLUG} has landed on main \\(squash, \\w{12}\\); it is not settled here`,
    )
    expect(await board()).toMatchObject({ landed: { target_branch: 'main', how: 'squash', settle } })
    expect(await text('status', '--mission', SLUG)).toMatch(/landed on main · squash \w{12}\n {2}settle it: /)
    expect(await ok('next', '--mission', SLUG)).toMatchObject({ reason: told, next_command: settle })
    expect((await ok('where', '--mission', SLUG)).next_step).toEqual(told)
    expect((await ok('doctor')).findings).toContainEqual(
      expect.objectContaining({ code: 'landing_arrived', message: told, fix: 'spec-kitty doctor --fix' }),
    )
    expect(state()).toEqual(before)
  })

  test.each([
    ['doctor', '--fix'],
    ['next', '--mission', SLUG, '--agent', 'claude', '--result', 'success'],
    ['sync', 'now'],
    ['merge', '--landed'],
  ])('is settled by %s %s', async (...words) => {
    for (const [how, go] of [
      ['merge', () => undefined],
      ['squash', toMain],
    ] as const) {
      await land()
      forge.press(how, BRANCH)
      fetch()
      go()
      const { json, stderr } = await sk(...words)
      expect(`${JSON.stringify(json)}${stderr}`).toMatch(/has landed on main|"result":"landed"/)
      expect(world.git('branch', '--list', `kitty/*${SLUG}*`)).toBe('')
      expect(world.exists(lanePathOf('lane-a'))).toBe(false)
      expect(world.git('status', '--porcelain')).toBe('')
      expect(await board()).toMatchObject({ landing: null, by_lane: { done: 2 }, mission_number: 1 })
      expect(await board()).not.toHaveProperty('landed')
      rmSync(world.dir, { recursive: true, force: true })
      execFileSync('cp', ['-a', template, world.dir])
    }
  })

  test('is neither pushed again nor merged here', async () => {
    await land()
    forge.press('squash', BRANCH)
    const settle = { code: 'already_merged', remediation: `spec-kitty merge --landed --mission ${SLUG}` }
    expect((await sk('merge', '--pr', '--mission', SLUG)).json).toMatchObject(settle)
    expect((await sk('merge', '--mission', SLUG)).json).toMatchObject(settle)
    toMain()
    expect((await sk('merge', '--pr', '--dry-run', '--mission', SLUG)).json).toMatchObject(settle)
    expect(world.gitAt(forge.bare, 'branch', '--list', 'kitty/pr/*')).toBe('')
  })

  test('is settled on a protected target, where nothing is committed', async () => {
    world.write('.kittify/config.yaml', 'protected_branches: [main]\ndelivery: pull_request\n')
    world.commit('protect')
    await land()
    forge.press('squash', BRANCH)
    fetch()
    toMain()
    expect((await ok('doctor', 'missions', '--fix')).fixed).toEqual([
      `${SLUG} (mission 1) has landed on main (squash), and is settled`,
    ])
    expect(world.git('rev-parse', 'main')).toBe(world.git('rev-parse', 'origin/main'))
    expect(world.git('branch', '--list', `kitty/*${SLUG}*`)).toBe('')
  })
})

describe('two missions', () => {
  const branchOf = (slug: string) => `kitty/pr/${slug}`
  const homes: Readonly<Record<string, string>> = {
    [SLUG]: HOME,
    [OTHER]: 'feat/other',
    [THIRD]: 'feat/third',
  }
  /** Pushed by who does not see the other's landing. */
  const push = async (slug: string, unseen?: string) => {
    world.git('checkout', '-q', homes[slug] ?? HOME)
    const ref = `refs/heads/kitty/pr/${unseen}`
    const sha = unseen === undefined ? '' : world.gitAt(forge.bare, 'rev-parse', ref)
    if (unseen !== undefined) {
      world.gitAt(forge.bare, 'update-ref', '-d', ref)
      world.git('update-ref', '-d', `refs/remotes/origin/kitty/pr/${unseen}`)
      world.git('update-ref', '-d', `refs/kitty/landing/${unseen}/${sha}`)
      rmSync(join(world.root, '.git/spec-kitty-landing', `${unseen}.json`))
    }
    const answer = await ok('merge', '--pr', '--mission', slug)
    if (unseen !== undefined) world.gitAt(forge.bare, 'update-ref', ref, sha)
    return answer
  }
  const settle = async (slug: string) => {
    world.git('checkout', '-q', homes[slug] ?? HOME)
    fetch()
    return await ok('merge', '--landed', '--mission', slug)
  }
  const numbersOnMain = () => {
    fetch()
    const of = (slug: string) => {
      const at = (name: string) =>
        JSON.parse(world.git('show', `origin/main:kitty-specs/${slug}/${name}`)) as Answer
      return [at('meta.json').mission_number, at('status.json').mission_number]
    }
    return [...of(SLUG), ...of(OTHER)]
  }

  test.each([
    [SLUG, OTHER],
    [OTHER, SLUG],
  ])('%s lands before %s, whichever was pushed first', async (first, second) => {
    expect(await push(SLUG)).toMatchObject({ mission_number: 1 })
    expect(await push(OTHER)).toMatchObject({ mission_number: 2 })
    forge.press('squash', branchOf(first))
    forge.press('squash', branchOf(second))
    expect(await settle(second)).toMatchObject({
      result: 'landed',
      warnings: [expect.stringMatching(/^main here/)],
    })
    expect(await settle(first)).toMatchObject({ result: 'landed' })
    expect(numbersOnMain()).toEqual([1, '1', 2, '2'])
    expect(world.git('branch', '--list', 'kitty/*')).toBe('')
    toMain()
    expect(await ok('mission', 'list')).toMatchObject([
      { mission_number: 1, state: 'merged', landing: null },
      { mission_number: 2, state: 'merged', landing: null },
    ])
  })

  test('pushed anew after the number was taken, a mission gets another', async () => {
    expect(await push(SLUG)).toMatchObject({ mission_number: 1 })
    expect(await push(OTHER, SLUG)).toMatchObject({ mission_number: 1 })
    forge.press('merge', branchOf(SLUG))
    fetch()
    expect(await push(OTHER)).toMatchObject({ mission_number: 2, updated: true, pushed: true })
    forge.press('rebase', branchOf(OTHER))
    expect(await settle(OTHER)).toMatchObject({ mission_number: 2 })
  })

  test('with one number from two clones: settling finds it, the next landing carries the correction', async () => {
    expect(await push(SLUG)).toMatchObject({ mission_number: 1 })
    expect(await push(OTHER, SLUG)).toMatchObject({ mission_number: 1 })
    forge.press('squash', branchOf(SLUG))
    forge.press('squash', branchOf(OTHER))
    const { warnings } = await settle(OTHER)
    expect(warnings).toContainEqual(expect.stringContaining(`${SLUG} on main has number 1 too`))
    await settle(SLUG)
    addOther(THIRD, OTHER_ID.replace('4DH', '4DJ'), 'feat/third', 'origin/main')
    const told = `${OTHER} becomes mission 3: two missions have number 1`
    const pushed = await push(THIRD)
    expect(pushed).toMatchObject({ mission_number: 2, body: expect.stringContaining(told) })
    expect(pushed.warnings).toContain(told)
    expect(await push(THIRD)).toMatchObject({ pushed: false })
    forge.press('squash', branchOf(THIRD))
    expect(await settle(THIRD)).toMatchObject({ mission_number: 2 })
    expect(numbersOnMain()).toEqual([1, '1', 3, '3'])
    toMain()
    expect(await ok('mission', 'list')).toMatchObject([
      { mission_number: 1 },
      { mission_number: 3 },
      { mission_number: 2 },
    ])
  })
})

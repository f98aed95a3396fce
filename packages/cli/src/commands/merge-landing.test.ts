/** Landing by pull request, told by every reader and settled by every writer; beside a remote that refuses pushes to main. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { lanePathOf } from '@spec-kitty/host/testing/lanes'
import { describe, expect, test } from 'vitest'
import {
  type Answer,
  addOther,
  BRANCH,
  HOME,
  OTHER,
  OTHER_HOME,
  SLUG,
  useLandings,
} from '../testing/landing-world.ts'
import { runCli } from '../testing/run-cli.ts'

const THIRD = 'third-01KQW4DJ'
const landings = useLandings()
const { world, sk, ok, text, land, board, fetch, toMain, branches } = landings

/** Everything that a command which only reads must leave alone. */
const state = () => [
  world.git('for-each-ref'),
  world.git('status', '--porcelain', '--ignored'),
  world.git('worktree', 'list'),
]

test('looking costs no process before the target has moved, and few after', async () => {
  const free = ['head', 'named', 'worktrees']
  const started = async () => {
    const names: string[] = []
    const ports = world.at('.')
    const git = new Proxy(ports.git, {
      get: (target, name, receiver) => {
        if (!free.includes(String(name))) names.push(String(name))
        return Reflect.get(target, name, receiver)
      },
    })
    await runCli({ ports: { ...ports, git } }, ['where', '--mission', SLUG, '--json'])
    return names
  }
  expect(await started()).toEqual([])
  await land()
  expect(await started()).toEqual([])
  landings.forge.elsewhere({ 'README.md': 'more\n' })
  fetch()
  expect(await started()).toEqual(['objects', 'mergeBase', 'graph'])
  landings.forge.elsewhere({ 'src/a/a.txt': 'other\n' })
  fetch()
  expect(await started()).toEqual(['objects', 'mergeBase', 'graph', 'mergeTrees'])
})

test('settled from the target, home is told so and not that its branches are lost', async () => {
  await land()
  landings.forge.press('squash', BRANCH)
  fetch()
  toMain()
  await ok('merge', '--landed')
  world.git('checkout', '-q', HOME)
  const { findings } = (await ok('doctor', 'missions')) as { findings: { code: string }[] }
  expect(findings.map(({ code }) => code)).toEqual(['snapshot_drift', 'landing_arrived'])
  expect(await ok('merge', '--landed')).toMatchObject({ done_work_packages: ['WP01', 'WP02'], kept: [] })
  expect(await board()).toMatchObject({ by_lane: { done: 2 }, landing: null })
})

test('a record that came with a clone takes no branch of the user’s along', async () => {
  const path = `kitty-specs/${SLUG}/meta.json`
  await land()
  const meta = JSON.parse(world.read(path)) as { landing: { tips: Answer } }
  world.git('branch', 'mine', 'main')
  meta.landing.tips.mine = world.git('rev-parse', 'main')
  world.write(path, JSON.stringify(meta))
  world.commit('hostile')
  landings.forge.press('squash', BRANCH)
  fetch()
  const { deleted_branches: gone } = await ok('merge', '--landed')
  expect(gone).toHaveLength(3)
  expect(world.git('branch', '--list', 'mine')).toContain('mine')
})

describe('a landing that was merged', () => {
  test('is not there before the target moves, and readers say what it waits for', async () => {
    await land()
    const wait = {
      mission_state: 'landing',
      next_command: `spec-kitty merge --landed --fetch --mission ${SLUG}`,
    }
    expect(await ok('next', '--mission', SLUG)).toMatchObject(wait)
    expect(await sk(['next', '--mission', SLUG, '--agent', 'claude', '--result', 'success'])).toMatchObject({
      status: 1,
      json: { kind: 'blocked', ...wait, reason: `A pull request of ${BRANCH} to main waits to be merged` },
    })
    landings.forge.elsewhere({ 'README.md': 'more\n' })
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
    landings.forge.press('squash', BRANCH)
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

  const stay = () => undefined
  test.each([
    ['doctor --fix', 'merge', stay],
    [`next --mission ${SLUG} --agent claude --result success`, 'squash', stay],
    [`next --mission ${SLUG} --agent claude --result success`, 'rebase', toMain],
    ['sync now', 'squash', toMain],
    ['merge --landed', 'merge', toMain],
  ] as const)('is settled by %s (%s)', async (words, how, go) => {
    await land()
    landings.forge.press(how, BRANCH)
    fetch()
    go()
    const { json, stderr } = await sk(words.split(' '))
    expect(`${JSON.stringify(json)}${stderr}`).toMatch(/has landed on main|"result":"landed"/)
    expect(branches()).toBe('')
    expect(world.exists(lanePathOf('lane-a'))).toBe(false)
    expect(world.git('status', '--porcelain')).toBe('')
    const after = await board()
    expect(after).toMatchObject({ landing: null, by_lane: { done: 2 }, mission_number: 1 })
    expect(after).not.toHaveProperty('landed')
  })

  test('is neither pushed again nor merged here', async () => {
    await land()
    landings.forge.press('squash', BRANCH)
    const settle = { code: 'already_merged', remediation: `spec-kitty merge --landed --mission ${SLUG}` }
    expect((await sk(['merge', '--pr', '--mission', SLUG])).json).toMatchObject(settle)
    expect((await sk(['merge', '--mission', SLUG])).json).toMatchObject(settle)
    toMain()
    expect((await sk(['merge', '--pr', '--dry-run', '--mission', SLUG])).json).toMatchObject(settle)
    expect(world.gitAt(landings.forge.bare, 'branch', '--list', 'kitty/pr/*')).toBe('')
  })

  test('is settled on a protected target, where nothing is committed', async () => {
    world.write('.kittify/config.yaml', 'protected_branches: [main]\ndelivery: pull_request\n')
    world.commit('protect')
    await land()
    landings.forge.press('squash', BRANCH)
    fetch()
    toMain()
    expect((await ok('doctor', 'missions', '--fix')).fixed).toEqual([
      `${SLUG} (mission 1) has landed on main (squash), and is settled`,
    ])
    expect(world.git('rev-parse', 'main')).toBe(world.git('rev-parse', 'origin/main'))
    expect(branches()).toBe('')
  })
})

describe('two missions', () => {
  const branchOf = (slug: string) => `kitty/pr/${slug}`
  const homes: Readonly<Record<string, string>> = {
    [SLUG]: HOME,
    [OTHER]: OTHER_HOME,
    [THIRD]: 'feat/third',
  }
  /** Pushed by who does not see the other's landing. */
  const push = async (slug: string, unseen?: string) => {
    world.git('checkout', '-q', homes[slug] ?? HOME)
    const ref = `refs/heads/kitty/pr/${unseen}`
    const sha = unseen === undefined ? '' : world.gitAt(landings.forge.bare, 'rev-parse', ref)
    if (unseen !== undefined) {
      world.gitAt(landings.forge.bare, 'update-ref', '-d', ref)
      world.git('update-ref', '-d', `refs/remotes/origin/kitty/pr/${unseen}`)
      world.git('update-ref', '-d', `refs/kitty/landing/${unseen}/${sha}`)
      rmSync(join(world.root, '.git/spec-kitty-landing', `${unseen}.json`))
    }
    const answer = await ok('merge', '--pr', '--mission', slug)
    if (unseen !== undefined) world.gitAt(landings.forge.bare, 'update-ref', ref, sha)
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
    landings.forge.press('squash', branchOf(first))
    landings.forge.press('squash', branchOf(second))
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
    landings.forge.press('merge', branchOf(SLUG))
    fetch()
    expect(await push(OTHER)).toMatchObject({ mission_number: 2, updated: true, pushed: true })
    landings.forge.press('rebase', branchOf(OTHER))
    expect(await settle(OTHER)).toMatchObject({ mission_number: 2 })
  })

  test('with one number from two clones: settling finds it, the next landing carries the correction', async () => {
    expect(await push(SLUG)).toMatchObject({ mission_number: 1 })
    expect(await push(OTHER, SLUG)).toMatchObject({ mission_number: 1 })
    landings.forge.press('squash', branchOf(SLUG))
    landings.forge.press('squash', branchOf(OTHER))
    const { warnings } = await settle(OTHER)
    expect(warnings).toContainEqual(expect.stringContaining(`${SLUG} on main has number 1 too`))
    await settle(SLUG)
    addOther(world, THIRD, 'feat/third', 'origin/main')
    const told = `${OTHER} becomes mission 3: two missions have number 1`
    const pushed = await push(THIRD)
    expect(pushed).toMatchObject({ mission_number: 2, body: expect.stringContaining(told) })
    expect(pushed.warnings).toContain(told)
    expect(await push(THIRD)).toMatchObject({ pushed: false })
    landings.forge.press('squash', branchOf(THIRD))
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

describe('the lanes’ own commits', () => {
  test.each([
    ['merge', 'merge'],
    ['merge', 'rebase'],
    ['rebase', 'squash'],
  ] as const)('--strategy %s, %s on the forge', async (strategy, how) => {
    const { head } = await land('--strategy', strategy)
    expect(await land('--strategy', strategy)).toMatchObject({ head, pushed: false })
    const commits = world.git('log', '--format=%s', `origin/main..${head}`).split('\n')
    expect(commits).toEqual(expect.arrayContaining(['work on lane-a', 'work on lane-b']))
    landings.forge.press(how, BRANCH)
    fetch()
    expect(await ok('merge', '--landed')).toMatchObject({ how, mission_number: 1, kept: [] })
    expect(branches()).toBe('')
    expect(await board()).toMatchObject({ landing: null, by_lane: { done: 2 } })
  })
})

test('with a commit of the reviewer on the branch, what landed is told by the mission’s log', async () => {
  await land()
  landings.forge.suggest(BRANCH, { 'src/a/a.txt': 'suggested\n' })
  expect((await sk(['merge', '--pr', '--mission', SLUG])).json).toMatchObject({ code: 'landing_moved' })
  landings.forge.press('squash', BRANCH)
  landings.forge.elsewhere({ 'README.md': 'after\n' })
  fetch()
  const landed = world.git('rev-parse', 'origin/main^')
  expect(await ok('merge', '--landed')).toMatchObject({
    how: 'squash',
    commit: landed,
    warnings: expect.arrayContaining(['src/a/a.txt arrived otherwise than it was pushed']),
  })
  expect(branches()).toBe('')
})

test('merge --landed SHA looks at the target as of that commit', async () => {
  await land()
  landings.forge.elsewhere({ 'README.md': 'before\n' })
  landings.forge.press('squash', BRANCH)
  landings.forge.elsewhere({ 'README.md': 'after\n' })
  fetch()
  const [after, landed, before] = world.git('log', '--format=%H', '-3', 'origin/main').split('\n')
  const of = (commit = '') => sk(['merge', '--landed', commit, '--mission', SLUG])
  const own = world.git('rev-parse', 'HEAD')
  expect((await of(before)).json).toMatchObject({ code: 'not_landed' })
  expect((await of(own)).json).toMatchObject({ code: 'invalid_input', error: `${own} is no commit of main` })
  expect((await of('beef0000')).json).toMatchObject({ code: 'invalid_input' })
  for (const commit of [after, landed?.slice(0, 10)]) {
    const dry = await sk(['merge', '--landed', commit ?? '', '--dry-run', '--mission', SLUG])
    expect(dry.json).toMatchObject({ how: 'squash', commit: landed, ready: true })
  }
})

describe('a second clone', () => {
  /** Of somebody who has the mission's home. */
  const clone = () => {
    world.git('push', '-q', 'origin', HOME)
    world.git('clone', '-q', '-b', HOME, landings.forge.bare, join(world.dir, 'second'))
  }
  const second = (...words: string[]) => sk(words, { cwd: '../second' })

  test.each([
    ['while the branch of the pull request is there', false],
    ['after it was deleted', true],
  ])('settles for itself, %s', async (_, deleted) => {
    await land()
    if (!deleted) clone()
    landings.forge.press('squash', BRANCH, deleted)
    if (deleted) clone()
    world.gitAt('../second', 'fetch', '-q', '--prune', 'origin')
    expect(await second('where', '--mission', SLUG)).toMatchObject({
      json: { next_step: expect.stringContaining('has landed on main') },
    })
    expect(await second('merge', '--landed')).toMatchObject({ status: 0, json: { mission_number: 1 } })
    expect(world.gitAt('../second', 'status', '--porcelain')).toBe('')
    expect(await second('status', '--mission', SLUG)).toMatchObject({ json: { by_lane: { done: 2 } } })
    // The first one does as well.
    fetch()
    expect(await ok('merge', '--landed')).toMatchObject({ mission_number: 1 })
  })
})

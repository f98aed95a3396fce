/** `merge --pr` and `merge --landed` as a story, and what goes wrong on the way; beside a remote that refuses pushes to main. */
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { commitIn, lanePathOf } from '@spec-kitty/host/testing/lanes'
import { describe, expect, test } from 'vitest'
import { BRANCH, HOME, SLUG, useLandings } from '../testing/landing-world.ts'

const landings = useLandings()
const { world, sk, ok, text, land, board, fetch, toMain, branches } = landings
const pr = (...words: string[]) => sk(['merge', '--pr', '--mission', SLUG, ...words])
const settle = async () => {
  fetch()
  return await ok('merge', '--landed', '--mission', SLUG)
}
const refs = () => [world.git('for-each-ref'), world.git('status', '--porcelain')]

/** Everything is settled: here, and on the target without a commit of ours. */
async function expectSettled(b = 'B\n'): Promise<void> {
  expect(branches()).toBe('')
  expect(world.exists(lanePathOf('lane-a'))).toBe(false)
  expect(world.git('for-each-ref', 'refs/kitty/landing')).toBe('')
  expect(world.git('status', '--porcelain')).toBe('')
  expect(await board()).toMatchObject({ landing: null, by_lane: { done: 2 }, mission_number: 1 })
  toMain()
  expect(await board()).toMatchObject({ landing: null, by_lane: { done: 2 }, mission_number: 1 })
  expect([world.read('src/a/a.txt'), world.read('src/b/b.txt')]).toEqual(['A\n', b])
  expect(world.git('rev-parse', 'main')).toBe(world.git('rev-parse', 'origin/main'))
}

/** WP02 is sent back, changed and approved again. */
async function rework(content: string): Promise<void> {
  writeFileSync(join(world.dir, 'review.md'), 'Please say more.\n')
  const mission = ['--mission', SLUG]
  await ok('reject', 'WP02', '--feedback-file', join(world.dir, 'review.md'), ...mission)
  expect((await pr()).json).toMatchObject({ ready: false, code: 'wp_not_approved' })
  await ok('agent', 'action', 'implement', 'WP02', '--agent', 'claude', ...mission)
  commitIn(world, lanePathOf('lane-b'), { 'src/b/b.txt': content }, 'rework')
  await ok('agent', 'tasks', 'mark-status', 'T021', 'T022', '--status', 'done', ...mission)
  await ok('submit', 'WP02', ...mission)
  await ok('agent', 'action', 'review', 'WP02', '--agent', 'codex', ...mission)
  await ok('approve', 'WP02', '--agent', 'codex', ...mission)
}

describe('the whole story', () => {
  test.each([
    ['squash', true],
    ['merge', false],
    ['rebase', true],
  ] as const)('%s on the forge, branch deleted: %s', async (how, deleted) => {
    const mains = () => [
      world.git('rev-parse', 'main'),
      world.gitAt(landings.forge.bare, 'rev-parse', 'main'),
    ]
    const before = mains()
    const answer = await land()
    expect(answer).toMatchObject({
      result: 'landing',
      branch: BRANCH,
      remote: 'origin',
      updated: false,
      pr: null,
    })
    expect(mains()).toEqual(before)
    expect(await board()).toMatchObject({
      landing: { branch: BRANCH, head: answer.head },
      by_lane: { approved: 2 },
    })
    expect(await sk(['merge', '--landed', '--mission', SLUG])).toMatchObject({
      status: 1,
      json: { code: 'not_landed', missing: expect.arrayContaining(['src/a/a.txt', 'src/b/b.txt']) },
    })
    // Nothing has changed: nothing is pushed again.
    expect(await land()).toMatchObject({ head: answer.head, updated: true, pushed: false })
    landings.forge.press(how, BRANCH, deleted)
    expect(await settle()).toMatchObject({ result: 'landed', how, mission_number: 1, kept: [] })
    await expectSettled()
    expect((await sk(['merge', '--landed', '--mission', SLUG])).json).toMatchObject({ code: 'not_landed' })
  })

  test('changes asked for, twice: the package goes back with its lane, the same branch is updated', async () => {
    let { head } = await land()
    for (const content of ['B2\n', 'B3\n']) {
      await rework(content)
      const again = await land()
      expect(again).toMatchObject({ updated: true, pushed: true, mission_number: 1 })
      expect(again.head).not.toBe(head)
      head = again.head
      expect(world.gitAt(landings.forge.bare, 'show', `${BRANCH}:src/b/b.txt`)).toBe(content.trim())
    }
    landings.forge.press('squash', BRANCH)
    await settle()
    await expectSettled('B3\n')
  })

  test('the target goes on in the same files before it is squashed, and after', async () => {
    landings.forge.elsewhere({ 'src/a/other.txt': 'x\n' })
    await land()
    landings.forge.elsewhere({ 'README.md': 'more\n' })
    landings.forge.press('squash', BRANCH)
    landings.forge.elsewhere({ 'src/a/a.txt': 'A, and more\n' })
    expect(await settle()).toMatchObject({ how: 'squash' })
  })

  test('merged before the rework of a package: that lands with the next pull request', async () => {
    await land()
    await rework('B2\n')
    landings.forge.press('squash', BRANCH)
    fetch()
    expect((await pr()).json).toMatchObject({ code: 'already_merged' })
    expect(await settle()).toMatchObject({
      done_work_packages: ['WP01'],
      warnings: expect.arrayContaining([`Work on ${SLUG} goes on: not all of its packages have landed`]),
    })
    expect(await board()).toMatchObject({
      landing: null,
      by_lane: { done: 1, approved: 1 },
      mission_number: 1,
    })
    const lane = join(world.root, lanePathOf('lane-b'))
    expect((await pr()).json).toMatchObject({
      code: 'target_conflict',
      remediation: `git -C ${lane} merge origin/main`,
    })
    expect(() => world.gitAt(lane, 'merge', 'origin/main')).toThrow()
    world.gitAt(lane, 'checkout', '--ours', 'src/b/b.txt', `kitty-specs/${SLUG}`)
    world.gitAt(lane, 'commit', '-qam', 'keep the rework')
    expect(await land()).toMatchObject({ updated: false, pushed: true, mission_number: 1 })
    landings.forge.press('merge', BRANCH)
    expect(await settle()).toMatchObject({ done_work_packages: ['WP01', 'WP02'], mission_number: 1 })
    await expectSettled('B2\n')
  })

  test('closed unmerged, the mission is approved again, and lands later', async () => {
    await land()
    expect(await ok('merge', '--abort')).toMatchObject({ aborted: true, mission_slug: SLUG })
    expect(await board()).toMatchObject({ landing: null, by_lane: { approved: 2 } })
    expect(await land()).toMatchObject({ updated: true, pushed: false })
  })
})

test('commits of others on the branch are not pushed over', async () => {
  await land()
  landings.forge.suggest(BRANCH, { 'src/a/a.txt': 'suggested\n' })
  commitIn(world, lanePathOf('lane-a'), { 'src/a/more.txt': 'x\n' }, 'more')
  const config = world.read('.kittify/config.yaml')
  world.write('.kittify/config.yaml', `${config}review:\n  stale_approvals: warn\n`)
  expect(await pr()).toMatchObject({ status: 1, json: { code: 'landing_moved', files: ['src/a/a.txt'] } })
})

describe('the network is away', () => {
  const away = () => world.git('remote', 'set-url', 'origin', join(world.dir, 'nowhere.git'))
  const back = () => world.git('remote', 'set-url', 'origin', landings.forge.bare)

  test('at every step: nothing changes, a sentence says so, and later it goes on', async () => {
    const before = refs()
    away()
    expect(await pr()).toMatchObject({ status: 1, json: { code: 'target_refresh_failed' } })
    expect(refs()).toEqual(before)
    back()
    await land()
    const pushed = refs()
    away()
    expect(await pr()).toMatchObject({ status: 1, json: { code: 'target_refresh_failed' } })
    const looked = await sk(['merge', '--landed', '--fetch', '--mission', SLUG])
    expect(looked).toMatchObject({
      status: 1,
      json: { code: 'git_failed', hint: expect.stringContaining('--landed') },
    })
    expect(refs()).toEqual(pushed)
    back()
    landings.forge.press('squash', BRANCH)
    fetch()
    away()
    // What was fetched is enough.
    expect(await ok('merge', '--landed', '--mission', SLUG)).toMatchObject({ result: 'landed' })
    await expectSettled()
  })

  test('between the look at the target and the push', async () => {
    const before = refs()
    const hook = join(landings.forge.bare, 'hooks/pre-receive')
    const old = readFileSync(hook, 'utf8')
    writeFileSync(hook, '#!/bin/sh\necho "GH013: Repository rule violations" >&2\nexit 1\n')
    const { status, json } = await pr()
    expect([status, json]).toMatchObject([
      1,
      {
        code: 'push_refused',
        error: expect.stringMatching(/GH013: Repository rule violations[\s\S]*Nothing was changed here/),
        branch: BRANCH,
        hint: expect.stringContaining(`spec-kitty merge --pr --mission ${SLUG}`),
      },
    ])
    expect(refs()).toEqual(before)
    expect(await board()).toMatchObject({ landing: null })
    writeFileSync(hook, old)
    expect(await land()).toMatchObject({ pushed: true })
  })
})

describe('a tool of the forge', () => {
  const tool = (script: string) => {
    const bin = join(world.dir, 'bin')
    mkdirSync(bin)
    writeFileSync(
      join(bin, 'gh'),
      `#!/bin/sh\nprintf '%s\\n' "$*" | head -1 >> ${world.dir}/gh.log\n${script}\n`,
    )
    chmodSync(join(bin, 'gh'), 0o755)
    const env = { PATH: `${bin}:${world.env.PATH}` }
    return (...words: string[]) => sk(['merge', '--pr', '--mission', SLUG, ...words], { env })
  }

  test('opens the pull request, once', async () => {
    const run = tool(
      `case "$2" in create) echo https://github.com/o/r/pull/42;; view) echo '{"number":42,"url":"https://github.com/o/r/pull/42","state":"OPEN"}';; esac`,
    )
    const request = { number: 42, url: 'https://github.com/o/r/pull/42', state: 'open' }
    expect(await run('--draft')).toMatchObject({ json: { opened_by: 'gh', pr: request } })
    expect(await run()).toMatchObject({ json: { updated: true, pr: request } })
    const log = readFileSync(join(world.dir, 'gh.log'), 'utf8')
    expect(log.match(/^pr create --head kitty\/pr\/\S+ --base main/gm)).toHaveLength(1)
    expect(await board()).toMatchObject({ landing: { pr: request } })
    expect(await text('status', '--mission', SLUG)).toContain('landing · PR #42')
    expect((await ok('where', '--mission', SLUG)).next_step).toContain('Pull request #42 to main waits')
  })

  test('that fails keeps nothing from being pushed', async () => {
    const run = tool('echo "error connecting to api.github.com" >&2; exit 1')
    expect(await run()).toMatchObject({
      status: 0,
      json: {
        pushed: true,
        pr: null,
        opened_by: null,
        warnings: [expect.stringContaining('error connecting')],
      },
    })
    landings.forge.press('squash', BRANCH)
    await settle()
    await expectSettled()
  })
})

test('the home that create made goes with the settling, where nobody stands on it; the user’s own stays', async () => {
  const own = `mission-${SLUG}`
  world.git('branch', '-m', HOME, own)
  const meta = world.read(`kitty-specs/${SLUG}/meta.json`)
  world.write(`kitty-specs/${SLUG}/meta.json`, meta.replace('{', `{\n  "home_branch": "${own}",`))
  world.commit('home')
  await land()
  landings.forge.press('squash', BRANCH)
  fetch()
  world.git('checkout', '-q', 'main')
  toMain()
  const { deleted_branches: gone } = await ok('merge', '--landed')
  expect(gone).toContain(own)
  expect(world.git('branch', '--list', 'feat/*', 'mission-*')).toBe('feat/other')
})

/**
 * Landing by pull request, against a bare remote whose hook takes nothing for the target: squash, merge and rebase on the
 * forge's side, changes asked for, two missions, nobody at the network, SIGKILL on the way.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { addApprovedMission, commitIn, IGNORED, lanePathOf, makeLane } from '@spec-kitty/host/testing/lanes'
import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PROGRAM } from '../support/mission-repository.ts'

const SLUG = MISSION_SLUG
const BRANCH = `kitty/pr/${SLUG}`
const HOME = 'feat/demo'
const KILLER = join(import.meta.dirname, '../../packages/cli/src/testing/killer.cjs')

let world: World
let template: string
let bare: string
let forge: string

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
  bare = join(world.dir, 'origin.git')
  forge = join(world.dir, 'forge')
  world.git('clone', '-q', '--bare', world.root, bare)
  world.git('remote', 'add', 'origin', bare)
  world.git('fetch', '-q', 'origin')
  world.git('clone', '-q', bare, forge)
  const hook = join(bare, 'hooks', 'pre-receive')
  writeFileSync(
    hook,
    `#!/bin/sh\nwhile read old new ref; do\n  [ "$ref" = refs/heads/main ] && [ ! -e ${world.dir}/may ] && { echo "GH006: protected" >&2; exit 1; }\ndone\nexit 0\n`,
  )
  chmodSync(hook, 0o755)
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

interface Ran {
  readonly status: number | null
  readonly json: Record<string, unknown>
  readonly stderr: string
}

function sk(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
  node: readonly string[] = [],
): Ran {
  const answer = spawnSync(process.execPath, [...node, PROGRAM, ...words, '--json'], {
    cwd: world.root,
    env: { ...world.env, ...env },
    encoding: 'utf8',
  })
  const { status, stdout, stderr } = answer
  return { status, stderr, json: stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>) }
}

function ok(words: readonly string[], env: Readonly<Record<string, string>> = {}): Record<string, unknown> {
  const { status, json, stderr } = sk(words, env)
  expect(status, `${words.join(' ')}\n${JSON.stringify(json)}\n${stderr}`).toBe(0)
  return json
}

const land = (...words: string[]) => ok(['merge', '--pr', '--mission', SLUG, ...words])
const board = () => ok(['agent', 'tasks', 'status', '--mission', SLUG])

/** What the button of a forge does. */
function press(how: 'squash' | 'merge' | 'rebase', { branch = BRANCH, deleted = true } = {}): void {
  const git = (...args: string[]) => world.gitAt(forge, ...args)
  git('fetch', '-q', '--prune', 'origin')
  git('checkout', '-q', '-B', 'main', 'origin/main')
  if (how === 'merge') git('merge', '-q', '--no-ff', '-m', 'Demo (#7)', `origin/${branch}`)
  else if (how === 'squash') {
    git('merge', '-q', '--squash', `origin/${branch}`)
    git('commit', '-qm', 'Demo (#7)')
  } else {
    git('checkout', '-q', '-B', 'tmp', `origin/${branch}`)
    git('-c', 'committer.name=Forge', 'rebase', '-q', '--force-rebase', 'main')
    git('checkout', '-q', '-B', 'main', 'tmp')
  }
  allowed(() => git('push', '-q', 'origin', 'main'))
  if (deleted) git('push', '-q', 'origin', '--delete', branch)
}

function allowed(act: () => void): void {
  writeFileSync(join(world.dir, 'may'), '')
  act()
  rmSync(join(world.dir, 'may'))
}

/** Somebody else's work on the target. */
function elsewhere(path: string, text: string): void {
  world.gitAt(forge, 'fetch', '-q', 'origin')
  world.gitAt(forge, 'checkout', '-q', '-B', 'main', 'origin/main')
  commitIn(world, '../forge', { [path]: text }, 'elsewhere')
  allowed(() => world.gitAt(forge, 'push', '-q', 'origin', 'main'))
}

/** Everything is settled: here, and on the target without a commit of ours. */
function expectSettled(number: number): void {
  expect(world.git('branch', '--list', 'kitty/*')).toBe('')
  expect(world.exists(lanePathOf('lane-a'))).toBe(false)
  expect(world.git('for-each-ref', 'refs/kitty/landing')).toBe('')
  expect(world.git('status', '--porcelain')).toBe('')
  expect(board()).toMatchObject({ landing: null, by_lane: { done: 2 }, mission_number: number })
  world.git('checkout', '-q', 'main')
  world.git('merge', '-q', '--ff-only', 'origin/main')
  expect(board()).toMatchObject({ landing: null, by_lane: { done: 2 }, mission_number: number })
  expect(world.read('src/a/a.txt')).toBe('A\n')
  expect(world.git('rev-parse', 'main')).toBe(world.git('rev-parse', 'origin/main'))
}

function settle(): Record<string, unknown> {
  world.git('fetch', '-q', '--prune', 'origin')
  return ok(['merge', '--landed', '--mission', SLUG])
}

describe('the whole story', () => {
  it.each([
    ['squash', true],
    ['merge', false],
    ['rebase', true],
  ] as const)('%s on the forge, branch deleted: %s', (how, deleted) => {
    const before = [world.git('rev-parse', 'main'), world.gitAt(bare, 'rev-parse', 'main')]
    const answer = land()
    expect(answer).toMatchObject({
      result: 'landing',
      branch: BRANCH,
      remote: 'origin',
      updated: false,
      pr: null,
    })
    expect([world.git('rev-parse', 'main'), world.gitAt(bare, 'rev-parse', 'main')]).toEqual(before)
    expect(board()).toMatchObject({
      landing: { branch: BRANCH, head: answer.head },
      by_lane: { approved: 2 },
    })
    expect(sk(['merge', '--landed', '--mission', SLUG])).toMatchObject({
      status: 1,
      json: { code: 'not_landed', missing: expect.arrayContaining(['src/a/a.txt', 'src/b/b.txt']) },
    })
    expect(ok(['where', '--mission', SLUG]).next_step).toContain('merge --landed --fetch')
    // Nothing has changed: nothing is pushed again.
    expect(land()).toMatchObject({ head: answer.head, updated: true, pushed: false })
    press(how, { deleted })
    expect(settle()).toMatchObject({ result: 'landed', how, mission_number: 1, kept: [] })
    expectSettled(1)
    expect(sk(['merge', '--landed', '--mission', SLUG]).json).toMatchObject({ code: 'not_landed' })
  })

  it('the target goes on in the same files before it is squashed', () => {
    world.git('checkout', '-q', HOME)
    elsewhere('src/a/other.txt', 'x\n')
    land()
    elsewhere('README.md', 'more\n')
    press('squash')
    elsewhere('src/a/a.txt', 'A, and more\n')
    expect(settle()).toMatchObject({ how: 'squash' })
  })

  it('is settled from a checkout of the target, too', () => {
    land()
    press('squash')
    world.git('checkout', '-q', 'main')
    world.git('fetch', '-q', 'origin')
    world.git('merge', '-q', '--ff-only', 'origin/main')
    expect(ok(['merge', '--landed', '--mission', SLUG])).toMatchObject({
      done_work_packages: ['WP01', 'WP02'],
    })
    expect(world.git('branch', '--list', 'kitty/*')).toBe('')
    expect(world.git('status', '--porcelain')).toBe('')
  })
})

it('changes asked for, twice: the package goes back with its lane, the same branch is updated', () => {
  let { head } = land()
  for (const text of ['B2\n', 'B3\n']) {
    writeFileSync(join(world.dir, 'review.md'), 'Please say more.\n')
    ok(['reject', 'WP02', '--feedback-file', join(world.dir, 'review.md'), '--mission', SLUG])
    expect(sk(['merge', '--pr', '--mission', SLUG]).json).toMatchObject({
      ready: false,
      code: 'wp_not_approved',
    })
    ok(['agent', 'action', 'implement', 'WP02', '--agent', 'claude', '--mission', SLUG])
    commitIn(world, lanePathOf('lane-b'), { 'src/b/b.txt': text }, 'rework')
    ok(['agent', 'tasks', 'mark-status', 'T021', 'T022', '--status', 'done', '--mission', SLUG])
    ok(['submit', 'WP02', '--mission', SLUG])
    ok(['agent', 'action', 'review', 'WP02', '--agent', 'codex', '--mission', SLUG])
    ok(['approve', 'WP02', '--agent', 'codex', '--mission', SLUG])
    const again = land()
    expect(again).toMatchObject({ updated: true, pushed: true, mission_number: 1 })
    expect(again.head).not.toBe(head)
    head = again.head
    expect(world.gitAt(bare, 'show', `${BRANCH}:src/b/b.txt`)).toBe(text.trim())
  }
  press('squash')
  settle()
  expectSettled(1)
})

it('closed unmerged, the mission is approved again, and lands later', () => {
  land()
  expect(ok(['merge', '--abort', '--mission', SLUG])).toMatchObject({ aborted: true })
  expect(board()).toMatchObject({ landing: null, by_lane: { approved: 2 } })
  expect(land()).toMatchObject({ updated: true, pushed: false })
})

it('commits of others on the branch are not pushed over', () => {
  land()
  world.gitAt(forge, 'fetch', '-q', 'origin')
  world.gitAt(forge, 'checkout', '-q', '-B', 'theirs', `origin/${BRANCH}`)
  commitIn(world, '../forge', { 'src/a/a.txt': 'suggested\n' }, 'suggestion')
  world.gitAt(forge, 'push', '-q', 'origin', `theirs:${BRANCH}`)
  commitIn(world, lanePathOf('lane-a'), { 'src/a/more.txt': 'x\n' }, 'more')
  world.write(
    '.kittify/config.yaml',
    `${world.read('.kittify/config.yaml')}review:\n  stale_approvals: warn\n`,
  )
  expect(sk(['merge', '--pr', '--mission', SLUG])).toMatchObject({
    status: 1,
    json: { code: 'landing_moved', files: ['src/a/a.txt'] },
  })
})

it('offline, nothing changes, and the sentence says so', () => {
  const before = world.git('for-each-ref')
  world.git('remote', 'set-url', 'origin', join(world.dir, 'nowhere.git'))
  expect(sk(['merge', '--pr', '--mission', SLUG])).toMatchObject({
    status: 1,
    json: { code: 'target_refresh_failed' },
  })
  expect(world.git('for-each-ref')).toBe(before)
  world.git('remote', 'set-url', 'origin', bare)
  land()
  press('squash')
  world.git('fetch', '-q', '--prune', 'origin')
  world.git('remote', 'set-url', 'origin', join(world.dir, 'nowhere.git'))
  // What was fetched is enough.
  expect(ok(['merge', '--landed', '--mission', SLUG])).toMatchObject({ result: 'landed' })
})

it('a tool of the forge on PATH opens the pull request, once', () => {
  const bin = join(world.dir, 'bin')
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'gh'),
    `#!/bin/sh\nprintf '%s\\n' "$*" | head -1 >> ${world.dir}/gh.log\ncase "$2" in create) echo https://github.com/o/r/pull/42;; view) echo '{"number":42,"url":"https://github.com/o/r/pull/42","state":"OPEN"}';; esac\n`,
  )
  chmodSync(join(bin, 'gh'), 0o755)
  const env = { PATH: `${bin}:${world.env.PATH}` }
  const pr = { number: 42, url: 'https://github.com/o/r/pull/42', state: 'open' }
  expect(ok(['merge', '--pr', '--draft', '--mission', SLUG], env)).toMatchObject({ opened_by: 'gh', pr })
  expect(ok(['merge', '--pr', '--mission', SLUG], env)).toMatchObject({ updated: true, pr })
  const log = readFileSync(join(world.dir, 'gh.log'), 'utf8')
  expect(log.match(/^pr create --head kitty\/pr\/\S+ --base main/gm)).toHaveLength(1)
  expect(board()).toMatchObject({ landing: { pr } })
  const words = [PROGRAM, 'agent', 'tasks', 'status', '--mission', SLUG]
  const shown = spawnSync(process.execPath, words, { cwd: world.root, env: world.env, encoding: 'utf8' })
  expect(shown.stdout).toContain('landing · PR #42')
})

it('killed on the way and run again, it ends as if it had not been', () => {
  const kill = ['--require', KILLER]
  for (const at of [30, 75, 110, 130, 150])
    sk(['merge', '--pr', '--mission', SLUG], { KILL_AT: String(at) }, kill)
  expect(land()).toMatchObject({ result: 'landing' })
  press('squash')
  world.git('fetch', '-q', '--prune', 'origin')
  for (const at of [30, 60, 80, 100])
    sk(['merge', '--landed', '--mission', SLUG], { KILL_AT: String(at) }, kill)
  sk(['merge', '--landed', '--mission', SLUG])
  expectSettled(1)
})

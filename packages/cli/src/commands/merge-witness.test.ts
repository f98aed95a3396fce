/** What a merge asks git rather than the disk, its own lists or its luck. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { MergeBlocked } from '@spec-kitty/contracts/cli/merge-dry-run'
import {
  addApprovedMission,
  addReadyMission,
  commitIn,
  type Files,
  laneBranchOf,
  lanePathOf,
  MISSION_BRANCH,
  makeLane,
} from '@spec-kitty/host/testing/lanes'
import { addMission, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CliResult, runCli } from '../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const run = (...words: string[]): Promise<CliResult> => runCli(world, ['merge', '--json', ...words])
const dryRun = async (...words: string[]): Promise<MergeBlocked> =>
  (await run('--dry-run', ...words)).json as MergeBlocked

function lanes(a: Files, b: Files = { 'src/b/b.txt': 'B\n' }): void {
  makeLane(world, 'lane-a', a)
  makeLane(world, 'lane-b', b)
}

describe('conflicts as git tells them', () => {
  test('by its exit status alone: a directory that a lane splits, and a new file in it on the target', async () => {
    for (const i of [0, 1, 2, 3]) world.write(`old/f${i}`, `content ${i}\n`.repeat(20))
    addApprovedMission(world)
    makeLane(world, 'lane-b', { 'src/b': 'B\n' })
    makeLane(world, 'lane-a', {})
    for (const to of ['n1', 'n2']) mkdirSync(join(world.root, lanePathOf('lane-a'), to))
    world.gitAt(lanePathOf('lane-a'), 'mv', 'old/f0', 'old/f1', 'n1')
    world.gitAt(lanePathOf('lane-a'), 'mv', 'old/f2', 'old/f3', 'n2')
    commitIn(world, lanePathOf('lane-a'), {}, 'split')
    world.write('old/new', 'on the target\n')
    const head = world.commit('add')
    expect((await dryRun()).blockers).toMatchObject([{ code: 'target_conflict' }])
    expect((await run()).status).toBe(1)
    expect(world.git('rev-parse', 'main')).toBe(head)
  })

  test('a file against a directory: named as it is in the lanes', async () => {
    addApprovedMission(world)
    lanes({ foo: 'file\n' }, { 'foo/bar': 'x\n' })
    expect((await dryRun()).blockers).toMatchObject([{ code: 'lane_conflict', files: ['foo'] }])
  })
})

test('a lock on the index of a lane is known beforehand', async () => {
  addApprovedMission(world)
  lanes({ 'src/a.txt': 'A\n' })
  const lock = join(world.root, '.git/worktrees', `${MISSION_SLUG}-lane-a`, 'index.lock')
  world.write(lock, '')
  expect((await dryRun()).blockers).toMatchObject([{ code: 'index_locked', remediation: `rm ${lock}` }])
})

test('meta.json that is uncommitted is merged, not carried over the merged one', async () => {
  addApprovedMission(world)
  lanes({ 'src/a.txt': 'A\n' })
  const meta = JSON.parse(world.read(`${DIR}/meta.json`))
  world.write(`${DIR}/meta.json`, JSON.stringify({ ...meta, note: 'mine' }, null, 2))
  expect((await run()).status).toBe(0)
  expect(JSON.parse(world.read(`${DIR}/meta.json`))).toMatchObject({ note: 'mine', mission_number: 1 })
  expect(world.git('status', '--porcelain')).toBe('')
})

test('what is staged as deleted, or below a folder that became a link, is not named to git add', async () => {
  world.write('gone.txt', '1\n')
  world.write('dir/x.txt', '1\n')
  addApprovedMission(world)
  lanes({ 'src/a.txt': 'A\n' })
  const lane = join(world.root, lanePathOf('lane-a'))
  world.gitAt(lane, 'rm', '-q', '--cached', 'gone.txt')
  rmSync(join(lane, 'gone.txt'))
  rmSync(join(lane, 'dir'), { recursive: true })
  symlinkSync('src', join(lane, 'dir'))
  const [blocker] = (await dryRun()).blockers
  execFileSync('/bin/sh', ['-c', String(blocker?.remediation)], { env: world.env, stdio: 'ignore' })
  expect((await run()).status).toBe(0)
})

test('a package that was blocked before anybody began is blocked, and its lane is missed by nobody', async () => {
  addMission(world, { deps: {} })
  world.commit()
  world.git('branch', MISSION_BRANCH)
  appendEvents(world, [
    eventRow('WP01', 'planned', 'blocked', 10),
    eventRow('WP02', 'planned', 'blocked', 11),
  ])
  expect((await dryRun()).blockers.map(({ code }) => code)).toEqual(['wp_not_approved', 'wp_not_approved'])
  // Work that is known somewhere is told of all the same.
  world.git('update-ref', `refs/remotes/origin/${laneBranchOf('lane-a')}`, 'HEAD')
  world.git('remote', 'add', 'origin', 'https://example.invalid/x')
  expect((await dryRun()).blockers[0]).toMatchObject({ code: 'missing_lane_branch', lane: 'lane-a' })
})

test('a package whose lane is nowhere begins anew with a note alone', async () => {
  addApprovedMission(world)
  lanes({ 'src/a.txt': 'A\n' })
  world.git('worktree', 'remove', lanePathOf('lane-a'))
  world.git('branch', '-q', '-D', laneBranchOf('lane-a'))
  const words = ['WP01', '--to', 'planned', '--force', '--note', 'its branch is gone']
  const answer = await runCli(world, ['agent', 'tasks', 'move-task', ...words, '--json'])
  expect(answer.json).toMatchObject({ new_lane: 'planned' })
})

test('a change of mode alone reaches the checkout, also beside uncommitted bookkeeping', async () => {
  world.write('tool.sh', '#!/bin/sh\n')
  addApprovedMission(world)
  lanes({ 'tool.sh': { run: '#!/bin/sh\n' } })
  world.write(`${DIR}/tasks.md`, '# ticked\n')
  expect((await run()).status).toBe(0)
  expect(world.git('ls-tree', 'main', 'tool.sh')).toMatch(/^100755/)
  expect(world.git('status', '--porcelain')).toBe('')
})

describe('a project with a submodule', () => {
  const lane = lanePathOf('lane-a')
  const bump = (top: string) => {
    world.write(`${top}/vendor/sub/s.txt`, 'mine')
    world.gitAt(`${top}/vendor/sub`, 'commit', '-qam', 'of this checkout alone')
  }
  beforeEach(() => {
    const sub = join(world.dir, 'sub')
    world.git('init', '-q', sub)
    world.write(`${sub}/s.txt`, 's')
    world.gitAt(sub, 'add', '-A')
    world.gitAt(sub, 'commit', '-qm', 's')
    world.git('config', '--global', 'protocol.file.allow', 'always')
    world.git('submodule', '-q', 'add', sub, 'vendor/sub')
    world.commit('submodule')
    addApprovedMission(world)
    lanes({ 'src/a.txt': 'A\n' })
  })

  test('is merged where the submodule stands elsewhere than the index says', async () => {
    bump('.')
    expect(world.git('status', '--porcelain')).toBe('M vendor/sub')
    expect((await run()).status).toBe(0)
  })

  test('keeps a lane that has commits in it, and one that git was told to keep, when it is given up', async () => {
    world.gitAt(lane, 'submodule', '-q', 'update', '--init')
    bump(lane)
    world.gitAt(lane, 'add', '-A')
    world.gitAt(lane, 'commit', '-qm', 'bump')
    world.git('worktree', 'lock', lanePathOf('lane-b'))
    const words = ['mission', 'close', '--discard', '--force', '--mission', MISSION_SLUG, '--json']
    const answer = await runCli(world, words)
    expect(answer.json).toMatchObject({ kept_worktrees: [lane, lanePathOf('lane-b')], removed_worktrees: [] })
    expect(world.read(`${lane}/vendor/sub/s.txt`)).toBe('mine')
  })
})

test('a log whose line ends were changed on disk lands as git has it', async () => {
  addReadyMission(world)
  const log = `${DIR}/status.events.jsonl`
  world.write(log, world.read(log).replaceAll('\n', '\r\n'))
  world.git('config', 'core.autocrlf', 'input')
  expect((await run()).json).toMatchObject({ result: 'success' })
  expect(world.git('show', `HEAD:${log}`)).not.toContain('\r')
})

test('a step that is left is taken where the newer log is', async () => {
  addMission(world, { deps: {} })
  world.commit('mission')
  world.git('branch', 'older')
  appendEvents(world, [eventRow('WP01', 'planned', 'in_progress', 1, { force: true, reason: 'r' })])
  world.write(`${DIR}/status.json`, '{}')
  world.commit('begun')
  world.git('switch', '-q', 'older')
  // As a command leaves it that only brings the snapshot up to date: git would not overwrite it.
  world.write(`${DIR}/status.json`, '{ }')
  const blocker = (await dryRun()).blockers?.find(one => one.subject === 'WP01')
  const [, go, step] =
    /^(git .+ switch main) && (spec-kitty .* WP01.*)$/.exec(String(blocker?.remediation)) ?? []
  execFileSync('sh', ['-c', go ?? 'false'], { cwd: world.root, env: world.env, stdio: 'pipe' })
  expect([world.git('branch', '--show-current'), step]).toEqual(['main', expect.any(String)])
})

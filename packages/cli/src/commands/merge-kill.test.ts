/**
 * SIGKILL at every step of a merge: before and after each git process and each change of a file. Afterwards `--resume`
 * ends exactly as an uninterrupted merge, and `--abort` exactly where it began.
 *
 * `SPEC_KITTY_FULL=1` kills at every step; otherwise at every sixty-first, each test beginning elsewhere.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  addApprovedMission,
  lanePathOf,
  MISSION_BRANCH,
  makeLane,
  putFiles,
} from '@spec-kitty/host/testing/lanes'
import { appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import type { World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createKillable, type Killable } from '../testing/killable.ts'

const STRIDE = process.env.SPEC_KITTY_FULL === undefined ? 61 : 1

let killable: Killable
let world: World
beforeAll(() => {
  killable = createKillable(fill, ['merge', '--json'])
  world = killable.world
})
afterAll(() => killable.cleanup())

function fill(world: World): void {
  world.write('edited.txt', 'one\ntwo\nthree\nfour\n')
  addApprovedMission(world)
  makeLane(world, 'lane-a', { 'src/a/a.txt': 'A\n', 'edited.txt': 'ONE\ntwo\nthree\nfour\n' })
  makeLane(world, 'lane-b', { 'src/b/b.txt': 'B\n', 'edited.txt': 'one\ntwo\nthree\nFOUR\n' })
  world.write('hotfix.txt', 'fix\n')
  world.commit('hotfix')
  // Bookkeeping that was never committed goes along, and comes back.
  appendEvents(world, [{ ...eventRow('WP01', 'x', 'y', 303), kind: 'annotation' }])
  world.write(`kitty-specs/${MISSION_SLUG}/tasks.md`, '# ticked\n')
  world.write(`.kittify/workspaces/${MISSION_SLUG}-lane-a.json`, '{}\n')
  world.write('notes.txt', 'untracked\n')
}

const merge = (words: readonly string[], env: Record<string, string> = {}) =>
  killable.run(['merge', '--json', ...words], env)

/** Everything there is, but for object store, reflogs and the (empty) lock files. */
function state(): unknown {
  const trees = world.git('worktree', 'list', '--porcelain')
  const tops = [...trees.matchAll(/^worktree (.+)$/gm)].map(match => match[1] ?? '')
  return {
    refs: world.git('for-each-ref'),
    head: world.git('symbolic-ref', 'HEAD'),
    trees,
    index: tops.map(top => world.gitAt(top, 'ls-files', '--stage')),
    status: tops.map(top => world.gitAt(top, 'status', '--porcelain')),
    files: hashes(world.root, ['.git']),
    git: hashes(join(world.root, '.git'), [
      'objects',
      'logs',
      'refs',
      'hooks',
      'spec-kitty-locks',
      'worktrees',
    ]).filter(line => /\.lock |spec-kitty|HEAD |\.tmp/.test(line) && !/COMMIT_EDITMSG|ORIG_HEAD/.test(line)),
  }
}

function hashes(top: string, without: readonly string[], below = ''): readonly string[] {
  return readdirSync(join(top, below), { withFileTypes: true })
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .filter(entry => below !== '' || !without.includes(entry.name))
    .flatMap(entry => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`
      if (entry.isDirectory()) return hashes(top, without, path)
      // A linked worktree's `.git` file names an admin directory, whose name may differ.
      if (entry.name === '.git') return []
      return [
        `${path} ${createHash('sha1')
          .update(readFileSync(join(top, path)))
          .digest('hex')}`,
      ]
    })
}

describe.each(['squash', 'merge', 'rebase'])('kill -9 during merge --strategy %s', strategy => {
  let before: unknown
  let after: unknown
  let steps = 0
  beforeAll(() => {
    killable.restore()
    before = state()
    const count = join(world.dir, 'steps')
    const done = merge(['--strategy', strategy], { KILL_COUNT: count })
    expect(done.stderr + done.stdout).toContain('"result":"success"')
    steps = Number(readFileSync(count, 'utf8'))
    rmSync(count)
    after = state()
  })

  /** Every STRIDE-th step, from another one each time. */
  const points = (offset: number) =>
    Array.from({ length: steps }, (_, i) => i + 1).filter(n => (n + strategy.length + offset) % STRIDE === 0)

  function killAt(n: number): void {
    killable.restore()
    expect(merge(['--strategy', strategy], { KILL_AT: String(n) }).signal).toBe('SIGKILL')
  }

  test('--resume ends as an uninterrupted merge', { timeout: 1_200_000 }, () => {
    expect(steps).toBeGreaterThan(60)
    for (const n of points(0)) {
      killAt(n)
      const answer = merge(['--resume'])
      const document = JSON.parse(answer.stdout) as { result?: string; code?: string }
      // Nothing to resume: killed before the journal was written, or when it was gone and the merge was over.
      if (document.code === 'no_merge_to_resume') {
        const again = JSON.parse(merge(['--strategy', strategy]).stdout) as { result?: string; code?: string }
        expect(again.result ?? again.code, `step ${n}`).toMatch(/^(success|already_merged)$/)
      } else expect(document, `step ${n}: ${answer.stdout}`).toMatchObject({ result: 'success' })
      expect(state(), `step ${n}`).toEqual(after)
    }
  })

  test('--abort ends where it began', { timeout: 1_200_000 }, () => {
    for (const n of points(STRIDE >> 1)) {
      killAt(n)
      const answer = merge(['--abort'])
      expect(answer.status, `step ${n}: ${answer.stdout}`).toBe(0)
      const { aborted } = JSON.parse(answer.stdout) as { aborted: boolean }
      // Nothing to abort: killed before the journal was written, or when it was gone and the merge was over.
      const now = state()
      const over = !aborted && JSON.stringify(now) === JSON.stringify(after)
      if (!over) expect(now, `step ${n} of ${steps}`).toEqual(before)
    }
  })
})

test('two merges at once: one works, the other is told who holds the lock', async () => {
  killable.restore()
  const hook = '#!/bin/sh\n[ "$1" = committed ] && sleep 2\nexit 0\n'
  mkdirSync(join(world.root, '.git/hooks'), { recursive: true })
  putFiles(join(world.root, '.git/hooks'), { 'reference-transaction': { run: hook } })
  const first = spawn(process.execPath, [killable.program, 'merge', '--json'], {
    cwd: world.root,
    env: world.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const status = new Promise(resolve => first.on('close', resolve))
  for (let i = 0; i < 500 && world.git('for-each-ref', 'refs/kitty') === ''; i++)
    await new Promise(wake => setTimeout(wake, 20))
  const second = merge([])
  expect(second.status).toBe(1)
  expect(JSON.parse(second.stdout)).toMatchObject({ code: 'lock_busy', holder_pid: first.pid })
  expect(await status).toBe(0)
  expect(world.git('branch', '--list', MISSION_BRANCH)).toBe('')
  expect(world.exists(lanePathOf('lane-a'))).toBe(false)
})

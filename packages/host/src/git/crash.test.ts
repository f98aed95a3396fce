import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../testing/world.ts'
import { markWriter, sweepLock } from './crash.ts'

let world: World
let locks: string
beforeEach(() => {
  world = createWorld()
  world.write('a.txt', 'a')
  world.commit()
  locks = join(world.root, '.git/spec-kitty-locks')
})
afterEach(() => world.cleanup())

/** The number of a process that has just ended. */
function goneProcess(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid
}

/** What a kill of us and our git in the middle of a write leaves. */
function crash(lock: string, secondsAgo = 0): void {
  mkdirSync(locks, { recursive: true })
  writeFileSync(join(locks, `git-${goneProcess()}`), String(goneProcess()))
  writeFileSync(lock, '')
  if (secondsAgo > 0) utimesSync(join(locks, readdirSync(locks)[0] ?? ''), 0, Date.now() / 1000 - secondsAgo)
}

const commit = () => {
  world.write('b.txt', 'b')
  return world.ports.apply([
    { kind: 'commit', checkout: world.root, paths: [join(world.root, 'b.txt')], message: 'b' },
  ])
}

describe('a lock that a killed git of ours left', () => {
  test.each(['index.lock', 'HEAD.lock', 'refs/heads/main.lock'])(
    '%s does not stop the next command',
    async name => {
      const lock = join(world.root, '.git', name)
      crash(lock)
      await commit()
      expect(world.git('log', '-1', '--format=%s')).toBe('b')
      expect(existsSync(lock)).toBe(false)
      expect(readdirSync(locks)).toEqual([])
    },
  )

  test('is found from a linked worktree too', async () => {
    world.git('worktree', 'add', '-q', '-b', 'side', '../side')
    const lock = join(world.root, '.git/worktrees/side/index.lock')
    crash(lock)
    expect(sweepLock(join(world.dir, 'side'), lock)).toBe(true)
    expect(existsSync(lock)).toBe(false)
  })
})

describe('a lock of somebody else stays', () => {
  const lock = () => join(world.root, '.git/index.lock')

  test('when no git of ours was killed', () => {
    writeFileSync(lock(), '')
    mkdirSync(locks)
    expect(sweepLock(world.root, lock())).toBe(false)
    expect(existsSync(lock())).toBe(true)
  })

  test('when our git is still running', () => {
    writeFileSync(lock(), '')
    const ended = markWriter(world.root, process.pid)
    expect(readdirSync(locks)).toEqual([`git-${process.pid}`])
    expect(sweepLock(world.root, lock())).toBe(false)
    ended()
    expect(readdirSync(locks)).toEqual([])
  })

  test('when it was taken long after the kill', () => {
    crash(lock(), 60)
    expect(sweepLock(world.root, lock())).toBe(false)
    expect(existsSync(lock())).toBe(true)
  })
})

test('where there is no repository there is nothing to mark and nothing to sweep', () => {
  markWriter(world.home, 1)()
  expect(sweepLock(world.home, join(world.home, 'x.lock'))).toBe(false)
  expect(readdirSync(world.home)).toEqual([])
})

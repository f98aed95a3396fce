import { SafeCommit } from '@spec-kitty/contracts/cli/safe-commit'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('README.md', 'hi\n')
  world.write('old.txt', 'x\n')
  world.commit()
  world.write('a.txt', '1\n')
  world.write('b.txt', '2\n')
  world.write('d/c.txt', '3\n')
  world.git('add', 'b.txt')
})
afterEach(() => world.cleanup())

const run = (...words: string[]): ReturnType<typeof runCli> =>
  runCli(world, ['safe-commit', '-m', 'subject', ...words])
const shown = (): string => world.git('show', '--name-only', '--format=%s', 'HEAD')

describe('safe-commit', () => {
  it('commits only what is listed and leaves other staged work staged', async () => {
    const answer = await run('--to-branch', 'main', '--json', 'a.txt')
    expect(v.parse(v.strictObject(SafeCommit.entries), answer.json)).toEqual({
      result: 'success',
      success: true,
      committed: true,
      files: ['a.txt'],
      branch: 'main',
      commit: world.git('rev-parse', 'HEAD'),
    })
    expect(shown()).toBe('subject\n\na.txt')
    expect(world.git('status', '--porcelain')).toBe('A  b.txt\n?? d/')
    const again = await run('--json', 'a.txt')
    expect(again).toMatchObject({ status: 0, json: { committed: false, commit: null } })
    expect((await run('a.txt')).stdout).toBe('Nothing to commit in these files.\n')
  })

  it('expands a directory to its changed files, deletions included', async () => {
    world.git('rm', '-q', '--cached', 'b.txt')
    const answer = await run('--json', 'd')
    expect(answer.json).toMatchObject({
      files: ['d/c.txt'],
      expansion: [{ directory: 'd', files: ['d/c.txt'] }],
    })
    world.git('rm', '-q', 'old.txt')
    expect((await run('old.txt')).stdout).toMatch(/^Committed [0-9a-f]{12} on main:\n {2}old.txt\n$/)
    expect((await run('--json', '.')).json).toMatchObject({ files: ['a.txt', 'b.txt'] })
  })

  it('takes files as seen from where the user stands, or from the top', async () => {
    await runCli({ ports: world.at('d') }, ['safe-commit', '-m', 'near', 'c.txt', 'a.txt'])
    expect(shown()).toBe('near\n\na.txt\nd/c.txt')
  })

  it.each([
    ['another branch', ['--to-branch', 'other', 'a.txt'], "HEAD is 'main', expected 'other'"],
    ['a file outside', ['/etc/passwd'], 'is not in the checkout'],
    ['a file of git', ['.git/config'], 'is not in the checkout'],
    ['a lane worktree', ['.worktrees/x/a.txt'], 'lies in a lane worktree'],
    ['a file that never was', ['nope.txt'], 'no such file: nope.txt'],
  ])('refuses %s and commits nothing', async (_, words, message) => {
    const head = world.git('rev-parse', 'HEAD')
    const answer = await run('--json', ...words)
    expect(answer).toMatchObject({ status: 1, json: { result: 'error', success: false, committed: false } })
    expect((answer.json as { error: string }).error).toContain(message)
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
  })

  it('refuses a detached HEAD and a protected branch', async () => {
    world.write('.kittify/config.yaml', 'protected_branches:\n- main\n')
    expect((await run('--json', 'a.txt')).json).toMatchObject({ code: 'protected_branch', result: 'error' })
    world.git('checkout', '-q', '--detach')
    expect((await run('--json', 'a.txt')).json).toMatchObject({ code: 'not_ready' })
  })
})

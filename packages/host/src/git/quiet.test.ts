import { afterAll, expect, test } from 'vitest'
import { createWorld } from '../testing/world.ts'

const world = createWorld()
afterAll(world.cleanup)
const { git } = world.ports

test('an empty status tells of every file, unless git was told to overlook one', async () => {
  for (const path of ['a.txt', `deep/${'long-'.repeat(40)}.txt`, 'b.txt']) world.write(path, 'x\n')
  world.commit('three')
  expect(git.isPlain(world.root)).toBe(true)
  for (const [set, unset] of [
    ['--assume-unchanged', '--no-assume-unchanged'],
    ['--skip-worktree', '--no-skip-worktree'],
  ] as const) {
    world.git('update-index', set, 'b.txt')
    world.write('b.txt', `${set}\n`)
    expect(await git.status(world.root)).toEqual([])
    expect(git.isPlain(world.root)).toBe(false)
    world.git('update-index', unset, 'b.txt')
    expect(await git.status(world.root)).toMatchObject([{ path: 'b.txt' }])
    world.git('checkout', '-q', 'b.txt')
  }
  world.git('update-index', '--index-version', '4')
  expect(git.isPlain(world.root)).toBe(false)
})

test('a checkout of more files than asked for is left to git', async () => {
  // Files of the very moment in which the index was written count as doubtful.
  await new Promise(resolve => setTimeout(resolve, 20))
  world.git('reset', '-q', '--hard')
  world.git('update-index', '--index-version', '2')
  expect(git.quiet(world.root)?.others).toEqual([])
  expect(git.quiet(world.root, 1)).toBeUndefined()
})

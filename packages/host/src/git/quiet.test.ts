import { createHash } from 'node:crypto'
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

test('an index with long ids is left to git', () => {
  const long = createWorld({ git: false })
  long.git('init', '-q', '--object-format=sha256')
  // In the middle of its id is what a reader of short ids takes for the length of a name.
  const idOf = (text: string) => createHash('sha256').update(`blob ${text.length}\0${text}`).digest('hex')
  const text = Array.from({ length: 999 }, (_, i) => `${i}\n`).find(one => idOf(one)[40] === '0') ?? ''
  long.write('f', text)
  long.commit()
  long.git('update-index', '--assume-unchanged', 'f')
  expect([git.isPlain(long.root), git.quiet(long.root)]).toEqual([false, undefined])
  long.cleanup()
})

test('a checkout of more files than asked for is left to git', async () => {
  // Files of the very moment in which the index was written count as doubtful.
  await new Promise(resolve => setTimeout(resolve, 20))
  world.git('reset', '-q', '--hard')
  world.git('update-index', '--index-version', '2')
  expect(git.quiet(world.root)?.others).toEqual([])
  expect(git.quiet(world.root, 1)).toBeUndefined()
})

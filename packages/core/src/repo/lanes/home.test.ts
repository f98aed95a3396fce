import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { addTo, commitAll, laneDirt, NO_DIRT, nestedAt } from './dirt.ts'
import { readLaneHome } from './home.ts'
import { isLitter } from './litter.ts'

const HOME = '.worktrees/demo-lane-a'
let world: World
let head: string
beforeEach(() => {
  world = createWorld()
  world.write('a.txt', 'a\n')
  world.write('b.txt', 'b\n')
  head = world.commit()
})
afterEach(() => world.cleanup())

const at = (name: string) => join(world.root, name)
const common = () => at('.git')
const home = (path = HOME) => readLaneHome(world.ports, common(), at(path))
const lane = () => world.git('worktree', 'add', '-q', '-b', 'lane', HOME)
const ADMIN = '.git/worktrees/demo-lane-a'

it.each<[string, () => unknown, object]>([
  ['nothing', () => undefined, { kind: 'absent' }],
  ['an empty folder', () => mkdirSync(at(HOME), { recursive: true }), { kind: 'empty' }],
  ['a file', () => world.write(HOME, 'x'), { kind: 'unreadable', known: false }],
  ['files without .git', () => world.write(`${HOME}/x`, 'x'), { kind: 'unreadable', known: false }],
  [
    'a .git that points nowhere',
    () => world.write(`${HOME}/.git`, 'x'),
    { kind: 'unreadable', known: false },
  ],
  ['a repository of its own', () => world.git('clone', '-q', '.', HOME), { kind: 'foreign' }],
  ['the worktree', () => lane(), { kind: 'worktree', branch: 'lane' }],
  [
    'the worktree, detached',
    () => world.git('worktree', 'add', '-q', '--detach', HOME),
    { kind: 'worktree', branch: null },
  ],
  [
    'the worktree, its registration gone',
    () => {
      lane()
      rmSync(at(ADMIN), { recursive: true })
    },
    { kind: 'unreadable', known: false },
  ],
  [
    'the worktree of a moved repository',
    () => {
      lane()
      world.write(`${HOME}/.git`, 'gitdir: /gone/.git/worktrees/demo-lane-a\n')
    },
    { kind: 'unreadable', known: true },
  ],
  [
    'the worktree, moved without git',
    () => {
      world.git('worktree', 'add', '-q', '-b', 'lane', 'elsewhere')
      mkdirSync(at('.worktrees'))
      renameSync(at('elsewhere'), at(HOME))
    },
    { kind: 'unreadable', known: true },
  ],
  [
    'a worktree of another repository',
    () => {
      world.git('clone', '-q', '.', 'other')
      world.gitAt('other', 'worktree', 'add', '-q', '-b', 'lane', at(HOME))
    },
    { kind: 'foreign' },
  ],
])('the home of a lane holds %s', (_, arrange, expected) => {
  arrange()
  expect(home()).toEqual('branch' in expected ? { ...expected, head } : expected)
})

it('a copy of the whole project points to the original', () => {
  lane()
  cpSync(world.root, join(world.dir, 'copy'), { recursive: true })
  const copy = join(world.dir, 'copy')
  expect(readLaneHome(world.ports, join(copy, '.git'), join(copy, HOME))).toEqual({
    kind: 'unreadable',
    known: true,
  })
})

const dirt = async () =>
  laneDirt(world.ports.files, common(), at(HOME), await world.ports.git.status(at(HOME)))
const run = (command: string) => world.gitAt('.', '-c', `alias.do=!${command.replaceAll('$', '\\$')}`, 'do')

it('what is uncommitted in a lane is told apart, and all of it kept by the printed command', async () => {
  lane()
  expect(await dirt()).toEqual(NO_DIRT)
  world.write(`${HOME}/a.txt`, 'changed\n')
  expect(await dirt()).toMatchObject({
    paths: ['a.txt'],
    stageable: ['a.txt'],
    followed: true,
    sparse: false,
    nested: [],
  })
  world.gitAt(HOME, 'rm', '-q', 'b.txt')
  world.write(`${HOME}/new file`, 'n')
  world.write(`${HOME}/.spec-kitty/review-lock.json`, '{"pid": 1, "agent": "x"}')
  world.gitAt(HOME, 'init', '-q', 'inner')
  world.write(`${HOME}/inner/x`, 'x')
  const found = await dirt()
  expect(found).toMatchObject({ followed: false, litter: ['.spec-kitty/review-lock.json'] })
  expect([new Set(found.paths), new Set(found.stageable)]).toEqual([
    new Set(['a.txt', 'b.txt', 'new file', 'inner/']),
    new Set(['a.txt', 'new file']),
  ])
  expect(found.nested).toEqual([
    {
      path: 'inner/',
      linked: false,
      astray: false,
      filled: true,
      sparse: false,
      shelf: `${common()}/nested-demo-lane-a-inner.git`,
    },
  ])
  run(commitAll(at(HOME), found, 'Keep'))
  expect((await dirt()).paths).toEqual([])
  expect(world.gitAt(HOME, 'ls-tree', '-r', '--name-only', 'HEAD').split('\n')).toEqual([
    'a.txt',
    'inner/x',
    'new file',
  ])
  expect(world.exists('.git/nested-demo-lane-a-inner.git/HEAD')).toBe(true)
})

it('a repository inside a lane gets a free place, an empty one only that, a linked worktree is moved', async () => {
  lane()
  mkdirSync(at(`${HOME}/d`), { recursive: true })
  world.gitAt(HOME, 'init', '-q', 'd/in ner')
  const nested = (path: string) => nestedAt(world.ports.files, common(), at(HOME), path)
  expect(nested('d/in ner/')).toMatchObject({
    filled: false,
    shelf: `${common()}/nested-demo-lane-a-d_in_ner.git`,
  })
  mkdirSync(at('.git/nested-demo-lane-a-d_in_ner.git'))
  mkdirSync(at('.git/nested-demo-lane-a-d_in_ner.git-2'))
  const inner = nested('d/in ner/')
  expect(inner.shelf).toBe(`${common()}/nested-demo-lane-a-d_in_ner.git-3`)
  run(commitAll(at(HOME), { ...NO_DIRT, paths: ['d/in ner/'], nested: [inner] }, 'x'))
  expect([world.exists(`${HOME}/d/in ner/.git`), world.exists(inner.shelf)]).toEqual([false, true])

  world.gitAt(HOME, 'worktree', 'add', '-q', '-b', 'deep', 'tree')
  const linked = nested('tree/')
  expect(linked).toMatchObject({
    linked: true,
    astray: false,
    filled: true,
    shelf: at('.worktrees/demo-lane-a-tree'),
  })
  renameSync(at(`${HOME}/tree`), at(`${HOME}/moved`))
  const moved = nested('moved/')
  expect(moved).toMatchObject({ linked: true, astray: true })
  run(commitAll(at(HOME), { ...NO_DIRT, paths: ['moved/'], nested: [moved] }, 'x'))
  expect(world.gitAt('.worktrees/demo-lane-a-moved', 'branch', '--show-current')).toBe('deep')
})

it('a folder that became a link stands for what was in it, and a sparse worktree says so', async () => {
  world.write('d/x', 'x')
  world.commit()
  lane()
  const entries = ['d', 'd/x', 'e'].map(path => ({ path, code: path === 'd' ? '??' : ' D' }))
  const files = world.ports.files
  expect(laneDirt(files, common(), at(HOME), entries).stageable).toEqual(['d', 'e'])
  const renamed = [
    { path: 'new', from: 'old', code: 'R ' },
    { path: 'x', code: 'RM' },
  ]
  expect(laneDirt(files, common(), at(HOME), renamed).stageable).toEqual(['x'])
  world.gitAt(HOME, 'sparse-checkout', 'set', 'd')
  expect(laneDirt(files, common(), at(HOME), entries).sparse).toBe(true)
  expect([addTo('/p', ['a'], true, true), addTo('/p', ['a b'], false)]).toEqual([
    'git -C /p add --sparse -u -- a',
    "git -C /p add -- 'a b'",
  ])
})

it.each<[string, string, boolean]>([
  ['.spec-kitty/review-lock.json', '{"wp_id": "WP01", "pid": 1}', true],
  ['.spec-kitty/review-lock.json', '{"mine": 1, "pid": 1}', false],
  ['.spec-kitty/review-lock.json', 'x', false],
  ['.spec-kitty/other.json', '{}', false],
])('%s with %j is litter: %s', (path, text, litter) => {
  world.write(path, text)
  expect(isLitter(world.ports.files, world.root, path)).toBe(litter)
})

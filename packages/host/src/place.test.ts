import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Change } from '@spec-kitty/core/world/change'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from './testing/world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('a.txt', 'a')
  world.commit()
  world.write(`${world.home}/mine`, 'mine\n')
  mkdirSync(join(world.home, 'folder'))
})
afterEach(() => world.cleanup())

const at = (name: string): string => join(world.root, name)
const link = (target: string, name: string): void => {
  mkdirSync(join(at(name), '..'), { recursive: true })
  symlinkSync(target, at(name))
}

/** Everything below HOME and the git configuration: what a repository must not reach. */
function outside(): string {
  const files = readdirSync(world.home, { recursive: true, withFileTypes: true }).map(entry => {
    const path = join(entry.parentPath, entry.name)
    return entry.isFile() ? `${path}: ${readFileSync(path, 'utf8')}` : path
  })
  return `${files.sort().join('\n')}\n${world.read('.git/config')}\n${readdirSync(at('.git/hooks')).join(' ')}`
}

/** Every change that names a place, at the leaf `x` and below the directory `d`. */
const KINDS: readonly ((path: string) => Change)[] = [
  path => ({ kind: 'append_events', path, lines: ['line'] }),
  path => ({ kind: 'write_file', path, content: 'new' }),
  path => ({ kind: 'write_file', path, content: 'new', expect: 'mine\n' }),
  path => ({ kind: 'write_file', path, content: 'new', expect: null }),
  path => ({ kind: 'delete_file', path }),
  path => ({ kind: 'delete_file', path, directory: true }),
  path => ({ kind: 'add_worktree', repo: world.root, path, branch: 'new', start: 'HEAD' }),
]

describe('nothing is written through a link of the repository', () => {
  test.each([
    ['a linked directory', 'd', () => world.home, 'd/mine'],
    ['a linked directory, relative', 'd', () => '../home', 'd/mine'],
    ['a link in the middle', 'one/two', () => world.home, 'one/two/folder/deep/x'],
    ['a chain of links', 'd', () => 'second', 'd/mine'],
    ['a dangling directory', 'd', () => `${world.home}/none`, 'd/x'],
    ['a circle', 'd', () => 'd', 'd/x'],
    ['the git directory', 'd', () => '.git/hooks', 'd/pre-commit'],
    ['dots behind a link', 'd', () => `${world.home}/folder`, 'd/../mine'],
  ])('%s', async (_, name, target, path) => {
    link(target(), name)
    link(world.home, 'second')
    const before = outside()
    for (const kind of KINDS) {
      const first: Change = { kind: 'write_file', path: at('first'), content: 'never' }
      await expect(world.ports.apply([first, kind(`${world.root}/${path}`)])).rejects.toMatchObject({
        code: 'outside_project',
      })
    }
    expect(outside()).toBe(before)
    expect(world.exists('first')).toBe(false)
  })

  test.each([
    ['a file', () => `${world.home}/mine`],
    ['a file that is not there yet', () => `${world.home}/new`],
    ['a file of git', () => '.git/config'],
    ['a hook', () => '.git/hooks/pre-commit'],
  ])('the path itself: %s', async (_, target) => {
    link(target(), 'x')
    const before = outside()
    for (const kind of KINDS.slice(0, 4))
      await expect(world.ports.apply([kind(at('x'))])).rejects.toMatchObject({
        code: 'outside_project',
        hint: expect.stringContaining(`rm ${at('x')}`),
        data: { path: at('x'), link: at('x') },
      })
    expect(outside()).toBe(before)
    await world.ports.apply([{ kind: 'delete_file', path: at('x') }])
    expect(outside()).toBe(before)
    expect(lstatSync(at('x'), { throwIfNoEntry: false })).toBeUndefined()
  })

  test.each(['/etc/x', '../home/mine', '../x'])('%s lies elsewhere', async path => {
    const apply = world.ports.apply([{ kind: 'write_file', path: resolve(world.root, path), content: '' }])
    await expect(apply).rejects.toMatchObject({ code: 'outside_project' })
  })
})

describe('what is ours stays within reach', () => {
  const write = (path: string): Change => ({ kind: 'write_file', path, content: 'new' })

  test('linked directories inside, worktrees, the git directory, state in HOME, a directory that was named', async () => {
    link('folder', 'd')
    mkdirSync(at('folder'))
    world.git('worktree', 'add', '-q', '-b', 'lane', `${world.dir}/lane`)
    link(`${world.dir}/lane`, 'tree')
    symlinkSync(join(world.home, 'folder'), join(world.home, '.spec-kitty'))
    await world.ports.apply([
      write(at('d/x')),
      write(at('tree/x')),
      write(at('.git/spec-kitty-x')),
      write(join(world.home, '.spec-kitty/x')),
    ])
    expect(world.read('folder/x')).toBe('new')
    expect(world.read(`${world.dir}/lane/x`)).toBe('new')
    expect(world.read(`${world.home}/folder/x`)).toBe('new')
    await world.at(`${world.dir}/lane`).apply([write(at('y'))])
    await world.ports.apply([write(`${world.dir}/named/x`)], `${world.dir}/named`)
    expect(world.read('y')).toBe('new')
  })

  test('a repository that is reached through a link of the user', async () => {
    symlinkSync(world.dir, join(world.home, 'projects'))
    const there = join(world.home, 'projects/repo')
    await world.at(there).apply([write(join(there, 'x'))])
    expect(world.read('x')).toBe('new')
  })

  test('a link that an earlier change removes', async () => {
    link(`${world.home}/mine`, 'x')
    await world.ports.apply([{ kind: 'delete_file', path: at('x') }, write(at('x'))])
    expect(world.read('x')).toBe('new')
    expect(world.read(`${world.home}/mine`)).toBe('mine\n')
  })
})

import type { Sha } from '@spec-kitty/contracts/ids'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { locateProject } from '../project/locate.ts'
import { hideChanges, ignoreChanges, ignoreLine } from './ignore.ts'
import { findLost, lastStand } from './lost.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('a.txt', 'a')
  world.commit()
})
afterEach(() => world.cleanup())

describe('a branch that is gone', () => {
  const sha = (digit: string) => digit.repeat(40) as Sha
  const find = (names: readonly string[], stood?: Sha, recorded?: string) =>
    findLost({
      branch: 'kitty/x',
      refs: new Map(names.map((name, i) => [name, sha(String(i))])),
      stood,
      recorded,
    })
  const backup = 'refs/kitty/backup/kitty/x/1'
  const shelf = (time: string, branch = 'kitty/x') => `refs/kitty/backup/${time}/heads/${branch}`

  it.each<[string, readonly string[], string]>([
    [
      'a remote before all',
      [backup, 'refs/heads/kitty/x', 'refs/remotes/origin/kitty/x'],
      'remotes/origin/kitty/x',
    ],
    ['a backup', [backup], backup],
    ['the last of the backups', [backup, 'refs/kitty/backup/kitty/x/2'], 'refs/kitty/backup/kitty/x/2'],
    [
      'the latest shelf, behind other backups',
      [shelf('2026-02'), shelf('2026-01'), backup],
      shelf('2026-02'),
    ],
    [
      'where it stood',
      [
        'refs/remotes/origin/kitty/xx',
        'refs/kitty/backup/kitty/x/reflog/1',
        shelf('1', 'a/kitty/x'),
        'refs/tags/kitty/x',
      ],
      sha('a'),
    ],
  ])('is found as %s', (_, names, there) =>
    expect(find(names, sha('a'), 'abc')).toEqual({ remedy: `git branch kitty/x ${there}`, whole: true }),
  )

  it('is begun again where only its beginning is known, and not at all where nothing is', () => {
    expect(find([], undefined, 'abc')).toEqual({ remedy: 'git branch kitty/x abc', whole: false })
    expect(find([])).toBeUndefined()
  })

  it('is known by its worktree, with the commit that it had last', () => {
    const stand = (path: string) =>
      lastStand(world.ports.files, `${world.root}/.git`, `${world.root}/${path}`)
    for (const name of ['one', 'two']) world.git('worktree', 'add', '-q', '-b', name, name)
    world.write('two/b.txt', 'b')
    world.gitAt('two', 'add', '-A')
    world.gitAt('two', 'commit', '-q', '-m', 'b')
    const last = world.git('rev-parse', 'two')
    world.git('update-ref', '-d', 'refs/heads/two')
    expect([stand('one'), stand('two'), stand('three')]).toEqual([
      world.git('rev-parse', 'one'),
      last,
      undefined,
    ])
    world.write('.git/worktrees/two/logs/HEAD', 'x')
    expect(stand('two')).toBeUndefined()
  })
})

describe('what git is not to see', () => {
  const exclude = () => {
    const [change, ...others] = ignoreChanges(world.ports, locateProject(world.ports))
    expect(others).toEqual([])
    return change?.content
  }
  const LOCAL = ['/.worktrees/', '/.kittify/workspaces/', '/.kittify/runtime/']
  const lines = (entries: readonly string[]) => `# Spec Kitty\n${entries.map(entry => `${entry}\n`).join('')}`

  it.each<[string, string, readonly string[]]>([
    ['', '', LOCAL],
    ['.worktrees/\n', '', LOCAL.slice(1)],
    ['/.worktrees\r\n.kittify/runtime/**\r\n', '', ['/.kittify/workspaces/']],
    ['.kittify/\n', '', LOCAL.slice(0, 1)],
    ['.kittify\n.worktrees\n', '', []],
    ['kittify\nx.worktrees\n.kittify/work\n#.kittify\n', '', LOCAL],
    ['', '/.kittify/*\n', ['/.worktrees/']],
    ['', 'mine', LOCAL],
    ['', 'mine\n', LOCAL],
  ])('is added to the list of this clone, where %j and %j do not cover it', (ignore, own, expected) => {
    world.write('.gitignore', ignore)
    world.write('.git/info/exclude', own)
    const before = own === 'mine' ? 'mine\n' : own
    expect(exclude()).toBe(expected.length === 0 ? undefined : before + lines(expected))
  })

  it('of a project in a folder lies below that folder', () => {
    world.write('apps/one/.kittify/config.yaml', '')
    world.write('.gitignore', 'apps/one/.worktrees\n')
    const project = locateProject(world.at('apps/one'))
    const [change] = ignoreChanges(world.ports, project)
    expect(change?.content).toContain(
      lines(['/apps/one/.kittify/workspaces/', '/apps/one/.kittify/runtime/']),
    )
    expect(change?.expect).toBe(world.read('.git/info/exclude'))
  })

  it('copies are named one by one, once, and mean no other path', () => {
    const names = ['.env', 'a b*[1]?\\x']
    const copies = names.map(
      name => ({ kind: 'write_file', path: `${world.root}/${name}`, content: 'x' }) as const,
    )
    const hide = () => hideChanges(world.ports, locateProject(world.ports), world.root, copies)
    world.write('.git/info/exclude', '/.env\r\n')
    expect(hide().map(({ content }) => content)).toEqual([
      `/.env\r\n# Spec Kitty\n${ignoreLine('a b*[1]?\\x')}\n`,
    ])
    world.write('.git/info/exclude', hide()[0]?.content ?? '')
    expect(hide()).toEqual([])
    for (const name of names) world.write(name, 'x')
    world.write('a b-1-x', 'seen')
    expect(world.git('status', '--porcelain')).toBe('?? "a b-1-x"')
  })
})

import { execSync } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import type { Change } from '@spec-kitty/core/world/change'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPorts } from '../ports.ts'
import { createWorld, type World } from '../testing/world.ts'

let world: World
let notes: string[]
beforeEach(() => {
  world = createWorld()
  world.write('a', '1')
  world.commit()
  notes = []
})
afterEach(() => world.cleanup())

const apply = (...changes: Change[]) =>
  createPorts({ cwd: world.root, note: line => notes.push(line) }).apply(changes)
const holders = (sha: string) => world.git('for-each-ref', '--format=%(refname)', '--contains', sha)

/** A worktree on a branch of its own. */
function worktree(name: string): string {
  const path = `${world.root}/.worktrees/${name}`
  world.git('worktree', 'add', '-q', '-b', 'side', path)
  return path
}

function commitIn(path: string, text: string, ...more: string[]): string {
  world.write(`${path}/b`, text)
  world.git('-C', path, 'add', 'b')
  world.git('-C', path, 'commit', '-qm', text, ...more)
  return world.git('-C', path, 'rev-parse', 'HEAD')
}

describe('a worktree that goes', () => {
  test.each(['x', "it's ~a^b..c d.lock"])(
    'keeps what was committed on its detached HEAD (%s)',
    async name => {
      const path = worktree(name)
      world.git('-C', path, 'switch', '-q', '--detach')
      const sha = commitIn(path, 'detached')
      await apply({ kind: 'remove_worktree', repo: world.root, path })
      expect(holders(sha)).toMatch(new RegExp(`^refs/kitty/backup/.+/${sha.slice(0, 12)}$`))
      expect(notes).toEqual([expect.stringContaining(`git log refs/kitty/backup/`)])
      expect(world.exists(path)).toBe(false)
    },
  )

  test('keeps what its reflog alone leads to, also when only the registration is left', async () => {
    const path = worktree('x')
    world.git('-C', path, 'switch', '-q', '--detach')
    const replaced = commitIn(path, 'first try')
    const amended = commitIn(path, 'second try', '--amend')
    rmSync(path, { recursive: true })
    await apply({ kind: 'remove_worktree', repo: world.root, path })
    expect([holders(replaced), holders(amended)]).not.toContain('')
    expect(world.git('worktree', 'list', '--porcelain')).not.toContain('.worktrees')
  })

  test('keeps what was staged, put aside and referred to in it, when only the registration is left', async () => {
    const path = worktree('x')
    const gitDir = `${world.root}/.git/worktrees/x`
    commitIn(path, 'one')
    commitIn(path, 'two')
    world.git('-C', path, 'update-ref', 'refs/worktree/mine', commitIn(path, 'own'))
    const own = world.git('-C', path, 'rev-parse', 'HEAD')
    world.git('-C', path, 'reset', '-q', '--hard', 'HEAD~1')
    world.write(`${path}/a`, 'edited')
    execSync('git -c sequence.editor="sed -i 1s/^pick/edit/" rebase -q -i --autostash HEAD~1', {
      cwd: path,
      stdio: 'pipe',
    })
    const aside = world.read(`${gitDir}/rebase-merge/autostash`).trim()
    world.write(`${path}/new/c`, 'staged')
    world.git('-C', path, 'add', '-A')
    rmSync(`${gitDir}/logs`, { recursive: true })
    rmSync(path, { recursive: true })
    await apply({ kind: 'remove_worktree', repo: world.root, path })
    expect([holders(own), holders(aside)]).not.toContain('')
    const [staged = ''] = world
      .git('for-each-ref', '--format=%(refname)', 'refs/kitty/backup/x/staged')
      .split('\n')
    expect(world.git('show', `${staged}:new/c`)).toBe('staged')
  })

  test.each([true, false])(
    'keeps what was staged where its branch is gone as well, with a reflog %s',
    async logs => {
      const path = worktree('x')
      const branch = world.git('-C', path, 'symbolic-ref', 'HEAD')
      world.write(`${path}/new/c`, 'staged')
      world.git('-C', path, 'add', '-A')
      if (!logs) rmSync(`${world.root}/.git/worktrees/x/logs`, { recursive: true })
      rmSync(path, { recursive: true })
      world.git('update-ref', '-d', branch)
      await apply({ kind: 'remove_worktree', repo: world.root, path })
      const [staged = ''] = world
        .git('for-each-ref', '--format=%(refname)', 'refs/kitty/backup/x')
        .split('\n')
      expect(world.git('show', `${staged}:new/c`)).toBe('staged')
    },
  )

  test('leaves the repositories of its submodules in the git directory, when only the registration is left', async () => {
    const path = worktree('x')
    world.gitAt(world.dir, 'clone', '-q', world.root, 'lib')
    world.git(
      '-C',
      path,
      '-c',
      'protocol.file.allow=always',
      'submodule',
      '-q',
      'add',
      `${world.dir}/lib`,
      'lib',
    )
    world.git('-C', path, 'commit', '-qm', 'lib')
    const sha = commitIn(`${path}/lib`, 'only here')
    rmSync(path, { recursive: true })
    await apply({ kind: 'remove_worktree', repo: world.root, path })
    expect(
      world.gitAt(
        `${world.root}/.git/kitty-kept/x/modules/lib`,
        '--git-dir=.',
        '--work-tree=.',
        'cat-file',
        '-t',
        sha,
      ),
    ).toBe('commit')
  })

  test('stays with an edit that git was told to overlook', async () => {
    const path = worktree('x')
    world.git('-C', path, 'update-index', '--skip-worktree', 'a')
    world.write(`${path}/a`, 'mine')
    await expect(apply({ kind: 'remove_worktree', repo: world.root, path })).rejects.toThrow(/overlook.*: a$/)
    expect(world.read(`${path}/a`)).toBe('mine')
  })

  test('leaves its ignored files in the git directory, but for what tools make and copies', async () => {
    const path = worktree('x')
    world.write('.git/info/exclude', '*.log\n.env\nnode_modules/\ndeep/own\n')
    world.write('.env', 'same')
    world.write(`${path}/.env`, 'same')
    world.write(`${path}/node_modules/x.js`, 'made')
    world.write(`${path}/notes.log`, 'mine')
    // Git names the folder as well, all of which is ignored.
    world.write(`${path}/deep/own/x.txt`, 'mine')
    await apply({ kind: 'remove_worktree', repo: world.root, path })
    expect(world.exists(path)).toBe(false)
    expect(readdirSync(`${world.root}/.git/kitty-kept/x`)).toEqual(['deep', 'notes.log'])
    expect(notes).toEqual([expect.stringContaining('/.git/kitty-kept/x')])
  })

  test('leaves no trace where a branch holds everything', async () => {
    const path = worktree('x')
    const sha = commitIn(path, 'on the branch')
    await apply({ kind: 'remove_worktree', repo: world.root, path })
    expect(holders(sha)).toBe('refs/heads/side')
    expect(notes).toEqual([])
  })

  test('goes with its submodule, unless that holds something of its own', async () => {
    const sub = `${world.dir}/sub`
    world.git('init', '-q', sub)
    commitIn(sub, 'library')
    const allow = ['-c', 'protocol.file.allow=always']
    world.git(...allow, 'submodule', 'add', '-q', sub, 'vendor')
    world.commit()
    const path = worktree('x')
    world.git('-C', path, ...allow, 'submodule', 'update', '-q', '--init')
    const change = { kind: 'remove_worktree', repo: world.root, path } as const
    commitIn(`${path}/vendor`, 'own')
    await expect(apply(change)).rejects.toMatchObject({ code: 'git_failed' })
    world.git('-C', path, ...allow, 'submodule', 'update', '-q')
    await expect(apply(change)).rejects.toMatchObject({ code: 'git_failed' })
    expect(world.exists(`${path}/vendor/b`)).toBe(true)
    rmSync(`${world.root}/.git/worktrees/x/modules/vendor`, { recursive: true })
    rmSync(`${path}/vendor`, { recursive: true })
    world.git('-C', path, ...allow, 'submodule', 'update', '-q', '--init')
    await apply(change)
    expect(world.exists(path)).toBe(false)
  })
})

describe('a worktree with a link that is no submodule', () => {
  test('stays with the repository that was added by accident, and goes without', async () => {
    const path = worktree('x')
    const inner = `${path}/crate`
    world.git('init', '-q', inner)
    commitIn(inner, 'inner')
    world.git('-C', path, 'add', 'crate')
    world.git('-C', path, 'commit', '-q', '-m', 'by accident')
    const change = { kind: 'remove_worktree', repo: world.root, path } as const
    await expect(apply(change)).rejects.toMatchObject({ code: 'git_failed' })
    expect(world.exists(`${inner}/.git`)).toBe(true)
    rmSync(inner, { recursive: true })
    world.write(`${inner}/.keep`, '')
    rmSync(`${inner}/.keep`)
    world.git('-C', path, 'worktree', 'add', '-q', '--detach', inner)
    await expect(apply(change)).rejects.toMatchObject({ code: 'git_failed' })
    world.git('worktree', 'remove', inner)
    world.write(`${inner}/.keep`, '')
    rmSync(`${inner}/.keep`)
    await apply(change)
    expect(world.exists(path)).toBe(false)
  })
})

describe('a branch that goes', () => {
  test('leaves its commits, and those it was reset from, under backup references', async () => {
    const path = worktree('x')
    const dropped = commitIn(path, 'dropped')
    world.git('-C', path, 'reset', '-q', '--hard', 'HEAD~')
    const tip = commitIn(path, 'tip')
    world.git('-C', path, 'switch', '-q', '--detach', 'main')
    const refs = [{ ref: 'refs/heads/side', old: tip, new: null }] as unknown as []
    await apply({ kind: 'update_refs', repo: world.root, message: 'test', updates: refs })
    expect(holders(tip)).toBe(`refs/kitty/backup/side/${tip.slice(0, 12)}`)
    expect(holders(dropped)).toBe(`refs/kitty/backup/side/log/${dropped.slice(0, 12)}`)
    expect(world.git('branch', '--list', 'side')).toBe('')
  })
})

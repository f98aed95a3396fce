import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { Change } from '@spec-kitty/core/world/change'
import type { Ports } from '@spec-kitty/core/world/ports'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPorts } from '../ports.ts'
import { createWorld, type World } from '../testing/world.ts'

let world: World
let git: Ports['git']
beforeEach(() => {
  world = createWorld()
  git = world.ports.git
})
afterEach(() => world.cleanup())

const at = (name: string): string => join(world.root, name)
const apply = (...changes: Change[]): Promise<void> => world.ports.apply(changes)
const sha = (rev: string): Sha => world.git('rev-parse', rev) as Sha
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

function commitFile(path: string, content: string, message = path): Sha {
  world.write(path, content)
  return world.commit(message) as Sha
}

describe('the runner', () => {
  test('a failing git says what it was asked and why', async () => {
    await expect(git.mergeBase(world.root, 'no', 'where')).rejects.toMatchObject({
      code: 'git_failed',
      message: expect.stringMatching(/^git merge-base failed: fatal: Not a valid/),
      data: { git: ['merge-base', 'no', 'where'], exit_status: 128 },
    })
  })

  test('no git on PATH', async () => {
    const ports = createPorts({ cwd: world.root, env: { ...world.env, PATH: world.home } })
    await expect(ports.git.version()).rejects.toMatchObject({ code: 'git_missing' })
  })

  test('a directory that is gone', async () => {
    await expect(git.status(at('no'))).rejects.toMatchObject({ code: 'io_failed' })
  })

  test('not in a repository', async () => {
    await expect(git.status(world.home)).rejects.toMatchObject({ code: 'not_a_repository' })
    expect(() => git.head(world.home)).toThrow(expect.objectContaining({ code: 'not_a_repository' }))
  })

  test('variables of a surrounding git do not lead astray', async () => {
    commitFile('a', '1')
    const ports = world.at('.', { GIT_DIR: world.home, GIT_INDEX_FILE: join(world.home, 'index') })
    expect(await ports.git.status(world.root)).toEqual([])
  })

  test('no identity: a clear error with the remedy, and nothing staged', async () => {
    commitFile('a', '1')
    world.git('config', '--unset', 'user.name')
    world.git('config', '--unset', 'user.email')
    world.git('config', 'user.useConfigOnly', 'true')
    const {
      GIT_AUTHOR_NAME: _a,
      GIT_AUTHOR_EMAIL: _b,
      GIT_COMMITTER_NAME: _c,
      GIT_COMMITTER_EMAIL: _d,
      ...env
    } = world.env as Record<string, string>
    const ports = createPorts({ cwd: world.root, env })
    world.write('new', 'x')
    const paths = [at('new'), at('newer')]
    const write = { kind: 'write_file', path: at('newer'), content: 'x' } as const
    const change = { kind: 'commit', checkout: world.root, paths, message: 'm' } as const
    await expect(ports.apply([write, change])).rejects.toMatchObject({
      code: 'git_failed',
      hint: expect.stringContaining('git config --global user.name'),
    })
    expect(await git.status(world.root)).toEqual([{ code: '??', path: 'new' }])
  })
})

describe('configuration', () => {
  test('version', async () => {
    expect((await git.version())[0]).toBeGreaterThanOrEqual(2)
  })

  test('values, keys without value, unset keys; subsections keep their case', async () => {
    world.git('config', 'branch.Main.remote', 'origin')
    writeFileSync(at('.git/config'), `${world.read('.git/config')}[odd]\n\tflag\n`)
    expect(
      await git.config(world.root, ['User.Name', 'branch.Main.remote', 'branch.main.remote', 'odd.flag']),
    ).toEqual(['Test User', 'origin', null, 'true'])
  })
})

describe('references', () => {
  test('an unborn branch, a branch, a detached head, packed references', () => {
    expect(git.head(world.root)).toEqual({ branch: 'main', sha: null })
    const one = commitFile('a', '1')
    expect(git.head(world.root)).toEqual({ branch: 'main', sha: one })
    world.git('pack-refs', '--all')
    expect(git.head(world.root)).toEqual({ branch: 'main', sha: one })
    world.git('checkout', '-q', '--detach')
    expect(git.head(world.root)).toEqual({ branch: null, sha: one })
  })

  test('the reftable format is refused with the remedy', () => {
    writeFileSync(at('.git/HEAD'), 'ref: refs/heads/.invalid\n')
    expect(() => git.head(world.root)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('migrate') }),
    )
  })

  test('by name: loose, packed, absent, and a directory of other branches', () => {
    const one = commitFile('a', '1')
    world.git('branch', 'kitty/x')
    world.git('pack-refs', '--all')
    const two = commitFile('a', '2')
    const found = git.named(world.root, [
      'refs/heads/main',
      'refs/heads/kitty/x',
      'refs/heads/kitty',
      'refs/heads/no',
    ])
    expect([...found]).toEqual([
      ['refs/heads/main', two],
      ['refs/heads/kitty/x', one],
    ])
  })

  test('resolve answers commits only; names may be odd but not broken', async () => {
    const one = commitFile('a', '1')
    expect(await git.resolve(world.root, ['HEAD', 'no such', 'HEAD:a', 'main~0'])).toEqual([
      one,
      null,
      null,
      one,
    ])
    expect(await git.resolve(world.root, [])).toEqual([])
    await expect(git.resolve(world.root, ['a\nb'])).rejects.toMatchObject({ code: 'invalid_input' })
  })

  test('refs lists what is under the prefixes', async () => {
    const one = commitFile('a', '1')
    world.git('branch', 'kitty/x')
    expect([...(await git.refs(world.root, ['refs/heads/kitty']))]).toEqual([['refs/heads/kitty/x', one]])
    expect((await git.refs(world.root, [])).size).toBe(0)
  })

  test('update_refs moves all or none, and may be repeated', async () => {
    const one = commitFile('a', '1')
    const two = commitFile('a', '2')
    world.git('branch', 'old', one)
    const change = {
      kind: 'update_refs',
      repo: world.root,
      message: 'test',
      updates: [
        { ref: 'refs/heads/new', old: null, new: two },
        { ref: 'refs/heads/old', old: one, new: null },
      ],
    } as const
    await apply(change)
    await apply(change)
    await apply({ ...change, updates: [] })
    expect([...(await git.refs(world.root, ['refs/heads/']))].map(([name]) => name)).toEqual([
      'refs/heads/main',
      'refs/heads/new',
    ])
    const wrong = [
      { ref: 'refs/heads/third', old: null, new: one },
      { ref: 'refs/heads/new', old: one, new: one },
    ] as const
    await expect(apply({ ...change, updates: wrong })).rejects.toMatchObject({ code: 'git_failed' })
    expect(git.named(world.root, ['refs/heads/third']).size).toBe(0)
  })
})

describe('status', () => {
  test('changes, renames, untracked files one by one; paths are literal', async () => {
    world.write('a', 'some text that is long enough\n')
    commitFile('b[1]', '1')
    world.git('mv', 'a', 'c')
    world.write('b[1]', '2')
    world.write('b1', '2')
    world.write('dir/x y', '')
    expect(await git.status(world.root)).toEqual([
      { code: ' M', path: 'b[1]' },
      { code: 'R ', path: 'c', from: 'a' },
      { code: '??', path: 'b1' },
      { code: '??', path: 'dir/x y' },
    ])
    expect(await git.status(world.root, ['b[1]'])).toEqual([{ code: ' M', path: 'b[1]' }])
    expect(await git.status(world.root, [])).toEqual([])
  })
})

describe('history', () => {
  test('ancestors, bases, lists and differences', async () => {
    const one = commitFile('a', '1')
    world.git('checkout', '-q', '-b', 'side')
    const side = commitFile('s', '1')
    world.git('checkout', '-q', 'main')
    const two = commitFile('b', '1')
    world.git('checkout', '-q', '--orphan', 'alone')
    const alone = commitFile('z', '1')
    expect(await git.isAncestor(world.root, one, side)).toBe(true)
    expect(await git.isAncestor(world.root, side, two)).toBe(false)
    expect(await git.mergeBase(world.root, side, two)).toBe(one)
    expect(await git.mergeBase(world.root, alone, two)).toBeNull()
    expect(await git.commits(world.root, one, two)).toEqual([two])
    expect(await git.changedPaths(world.root, side, two)).toEqual(['b', 's'])
    expect([...(await git.graph(world.root, [side, two], one))]).toEqual(
      expect.arrayContaining([
        [side, [one]],
        [two, [one]],
      ]),
    )
  })

  test('raw differences of several pairs, empty ones included', async () => {
    const one = commitFile('a', '1')
    const blob = sha('HEAD:a')
    world.write('b', '1')
    world.git('rm', '-q', 'a')
    const two = commitFile('b', '1')
    const same = (await git.commitTree(world.root, {
      tree: sha(`${two}^{tree}`),
      parents: [one],
      message: 'x',
    })) as Sha
    chmodSync(at('b'), 0o755)
    const three = commitFile('c', '2')
    expect(
      await git.diffs(world.root, [
        [one, two],
        [two, same],
        [two, three],
      ]),
    ).toEqual([
      [
        { path: 'a', blob: null, mode: null, added: false },
        { path: 'b', blob, mode: '100644', added: true },
      ],
      [],
      [
        { path: 'b', blob, mode: '100755', added: false },
        { path: 'c', blob: sha('HEAD:c'), mode: '100644', added: true },
      ],
    ])
    expect(await git.diffs(world.root, [])).toEqual([])
  })
})

describe('objects', () => {
  test('files are stored as git would add them, and read back', async () => {
    world.git('config', 'core.autocrlf', 'true')
    world.write('a', 'a\r\nb')
    world.write('b', new Uint8Array([0, 10, 255]))
    const ids = await git.storeFiles(world.root, ['a', 'b'])
    const read = await git.blobs(world.root, [...ids, 'HEAD:no', 'a\nb'])
    expect(read.map(blob => blob && [...blob])).toEqual([
      [...bytes('a\nb')],
      [0, 10, 255],
      undefined,
      undefined,
    ])
    expect(await git.storeFiles(world.root, [])).toEqual([])
    expect(await git.blobs(world.root, [])).toEqual([])
  })

  test('directories are no blobs, and do not disturb what follows', async () => {
    commitFile('d/a', '1')
    const read = await git.blobs(world.root, ['HEAD:d', 'HEAD:d/a'])
    expect(read.map(blob => blob && new TextDecoder().decode(blob))).toEqual([undefined, '1'])
  })

  test('merges as objects, several at once; conflicts by name and by exit status', async () => {
    const one = commitFile('f', 'a\nb\nc\n')
    world.git('checkout', '-q', '-b', 'side')
    const side = commitFile('f', 'a\nb\nC\n')
    world.git('checkout', '-q', 'main')
    const two = commitFile('f', 'A\nb\nc\n')
    const three = commitFile('f', 'a\nb\nX\n')
    const [clean, conflict, same] = await git.mergeTrees(world.root, [
      [two, side],
      [three, side],
      [one, two],
    ] as [Sha, Sha][])
    expect(clean).toMatchObject({ clean: true, conflicts: [] })
    expect(world.git('show', `${clean?.tree}:f`)).toBe('A\nb\nC')
    expect(conflict).toMatchObject({
      clean: false,
      conflicts: ['f'],
      messages: [expect.stringContaining('CONFLICT')],
    })
    expect(same?.tree).toBe(world.git('rev-parse', `${two}^{tree}`))
    expect(await git.mergeTrees(world.root, [[three, side]] as [Sha, Sha][])).toEqual([conflict])
    expect(await git.mergeTrees(world.root, [])).toEqual([])
  })

  test('the union driver is not started: a log that both changed is a conflict', async () => {
    world.git('config', 'merge.spec-kitty-event-log.driver', 'touch /tmp/never')
    world.write('.gitattributes', 'log merge=spec-kitty-event-log\n')
    commitFile('log', '1\n')
    world.git('checkout', '-q', '-b', 'side')
    commitFile('log', '1\n2\n')
    world.git('checkout', '-q', 'main')
    commitFile('log', '1\n3\n')
    const pair = [world.git('rev-parse', 'main'), world.git('rev-parse', 'side')] as [Sha, Sha]
    expect(await git.mergeTrees(world.root, [pair])).toMatchObject([{ conflicts: ['log'] }])
  })

  test('commits; the author of another one', async () => {
    const one = commitFile('a', '1')
    world.git(
      'commit',
      '-q',
      '--allow-empty',
      '--author',
      'Ann <ann@x>',
      '--date',
      '@1 +0200',
      '-m',
      'hers\n\nbody',
    )
    const tree = sha('HEAD^{tree}')
    const like = await git.commitTree(world.root, { tree, parents: [one], message: 'no', like: sha('HEAD') })
    expect(world.git('show', '-s', '--format=%an %ae %ad %cn|%B', '--date=raw', like)).toBe(
      'Ann ann@x 1 +0200 Test User|hers\n\nbody',
    )
    world.git('config', 'commit.gpgsign', 'true')
    world.git('config', 'gpg.program', 'false')
    const commit = { tree, parents: [one], message: 'm' }
    await expect(git.commitTree(world.root, { ...commit, sign: true })).rejects.toMatchObject({
      code: 'git_failed',
    })
    await git.commitTree(world.root, commit)
  })
})

describe('commit', () => {
  const commit = (...names: string[]): Promise<void> =>
    apply({ kind: 'commit', checkout: world.root, paths: names.map(at), message: 'chore: ours\n\nbody' })
  const committed = () =>
    world.git('show', '--name-status', '--no-renames', '--format=%s', 'HEAD').split('\n').filter(Boolean)

  test('on an unborn branch, with a path that needs no quoting by luck', async () => {
    world.write('ü [1]', 'x')
    world.write('other', 'x')
    await commit('ü [1]')
    expect(world.git('log', '--format=%s|%b')).toBe('chore: ours|body')
    expect(world.git('-c', 'core.quotepath=off', 'ls-tree', '--name-only', 'HEAD')).toBe('ü [1]')
  })

  test('exactly these paths: staged, changed and untracked work of the user stays as it was', async () => {
    for (const name of ['ours', 'staged', 'both', 'gone']) world.write(name, '1')
    world.commit()
    world.write('ours', '2')
    world.write('staged', '2')
    world.write('both', '2')
    world.git('add', 'staged', 'both')
    world.write('both', '3')
    world.write('new', '1')
    world.write('untracked', '1')
    rmSync(at('gone'))
    await commit('ours', 'new', 'gone', 'never-there')
    expect(committed()).toEqual(['chore: ours', 'D\tgone', 'A\tnew', 'M\tours'])
    expect(world.git('status', '--porcelain').split('\n')).toEqual(
      expect.arrayContaining(['?? untracked', 'M  staged', 'MM both']),
    )
  })

  test('nothing differs: no commit', async () => {
    const one = commitFile('a', '1')
    await commit('a')
    await commit()
    expect(git.head(world.root).sha).toBe(one)
  })

  test('no hook runs, ignored files are left alone', async () => {
    world.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n')
    world.write('.git/hooks/prepare-commit-msg', '#!/bin/sh\nexit 1\n')
    for (const name of readdirSync(at('.git/hooks'))) chmodSync(at(`.git/hooks/${name}`), 0o755)
    world.write('.gitignore', 'secret\n')
    world.write('secret', 'x')
    await commit('.gitignore', 'secret')
    expect(committed()).toEqual(['chore: ours', 'A\t.gitignore'])
  })

  test.each([[['new', 'other']], [['.gitignore', 'new', 'secret']]])(
    'what was made just before is added, as far as it is not ignored: %j',
    async names => {
      commitFile('a', '1')
      world.write('mine', '1')
      world.git('add', 'mine')
      const files = [
        ...names.map(name => ({ name, content: name === '.gitignore' ? 'secret\n' : 'x' })),
        { name: 'a', content: '2' },
      ]
      await apply(
        ...files.map(({ name, content }) => ({ kind: 'write_file', path: at(name), content }) as const),
        {
          kind: 'commit',
          checkout: world.root,
          paths: files.map(({ name }) => at(name)),
          message: 'chore: ours',
        },
      )
      const seen = names.filter(name => name !== 'secret').map(name => `A\t${name}`)
      expect(committed().toSorted()).toEqual([...seen, 'M\ta', 'chore: ours'])
      expect(world.git('status', '--porcelain')).toBe('A  mine')
    },
  )

  test('in a linked worktree', async () => {
    commitFile('a', '1')
    world.git('worktree', 'add', '-q', '-b', 'side', '../wt')
    const top = join(world.dir, 'wt')
    world.write(join(top, 'b'), '1')
    await apply({ kind: 'commit', checkout: top, paths: [join(top, 'b')], message: 'b' })
    expect(world.git('log', '-1', '--format=%s', 'side')).toBe('b')
    expect(git.head(top).branch).toBe('side')
  })

  test('nothing where line ends alone differ, which git writes in its own way', async () => {
    world.git('config', 'core.autocrlf', 'true')
    const one = commitFile('a', '1\r\n2\r\n')
    world.write('a', '1\n2\n')
    await commit('a')
    expect(world.git('rev-parse', 'HEAD')).toBe(one)
  })

  test('waits for another git that holds the index', async () => {
    commitFile('a', '1')
    world.write('a', '2')
    writeFileSync(at('.git/index.lock'), '')
    setTimeout(() => rmSync(at('.git/index.lock')), 150)
    await commit('a')
    expect(committed()).toEqual(['chore: ours', 'M\ta'])
  })

  test.each([
    ['MERGE_HEAD', 'merge --abort'],
    ['CHERRY_PICK_HEAD', 'cherry-pick --abort'],
    ['REVERT_HEAD', 'revert --abort'],
    ['rebase-merge', 'rebase --abort'],
    ['BISECT_LOG', 'bisect reset'],
  ])('refuses while %s is there', async (name, end) => {
    const one = commitFile('a', '1')
    world.write('a', '2')
    writeFileSync(at(`.git/${name}`), `${one}\n`)
    await expect(commit('a')).rejects.toMatchObject({
      code: 'dirty_worktree',
      hint: expect.stringContaining(`git ${end}`),
    })
  })

  test('a path outside is refused', async () => {
    await expect(commit('../home/x')).rejects.toMatchObject({ code: 'invalid_input' })
  })
})

describe('worktrees', () => {
  test('are listed with branch, head and whether their directory is gone', async () => {
    const one = commitFile('a', '1')
    const path = join(world.dir, 'wt')
    world.git('worktree', 'add', '-q', '-b', 'side', path)
    world.git('worktree', 'add', '-q', '--detach', '../loose')
    rmSync(join(world.dir, 'loose'), { recursive: true })
    const expected = [
      { path: world.root, head: one, branch: 'main', prunable: false },
      { path: join(world.dir, 'loose'), head: one, branch: null, prunable: true },
      { path, head: one, branch: 'side', prunable: false },
    ]
    expect(await git.worktrees(world.root)).toEqual(expected)
    expect(await git.worktrees(path)).toEqual(expected)
  })

  test('adding twice is once; an existing branch needs no start; hooks stay off', async () => {
    commitFile('a', '1')
    world.git('branch', 'side')
    world.write('.git/hooks/post-checkout', '#!/bin/sh\nexit 1\n')
    chmodSync(at('.git/hooks/post-checkout'), 0o755)
    const change = {
      kind: 'add_worktree',
      repo: world.root,
      path: at('.worktrees/x'),
      branch: 'side',
    } as const
    await apply(change, change)
    expect(world.read('.worktrees/x/a')).toBe('1')
  })

  test('removing: never with uncommitted work; gone already is fine', async () => {
    commitFile('a', '1')
    const path = at('.worktrees/x')
    await apply({ kind: 'add_worktree', repo: world.root, path, branch: 'side', start: 'main' })
    world.write('.worktrees/x/new', 'mine')
    const change = { kind: 'remove_worktree', repo: world.root, path } as const
    await expect(apply(change)).rejects.toMatchObject({ code: 'git_failed' })
    expect(world.read('.worktrees/x/new')).toBe('mine')
    rmSync(join(path, 'new'))
    await apply(change, change)
    expect(existsSync(path)).toBe(false)
    expect(await git.worktrees(world.root)).toHaveLength(1)
  })

  test('a directory that is gone is unregistered', async () => {
    commitFile('a', '1')
    const path = at('.worktrees/x')
    await apply({ kind: 'add_worktree', repo: world.root, path, branch: 'side', start: 'main' })
    rmSync(path, { recursive: true })
    await apply({ kind: 'remove_worktree', repo: world.root, path })
    expect(await git.worktrees(world.root)).toHaveLength(1)
  })
})

describe('move_checkout', () => {
  let from: Sha
  let to: Sha
  const move = (): Promise<void> => apply({ kind: 'move_checkout', checkout: world.root, from, to })
  beforeEach(() => {
    world.write('gone', '1')
    world.write('kept', '1')
    from = commitFile('a', '1')
    world.git('rm', '-q', 'gone')
    world.write('new/x', '2')
    to = commitFile('a', '2')
    world.git('reset', '-q', '--hard', from)
    world.git('update-ref', 'refs/heads/main', to)
  })
  const files = () => [
    world.read('a'),
    world.exists('gone'),
    world.exists('new/x'),
    world.git('status', '--porcelain'),
  ]
  const MOVED = ['2', false, true, '']

  test('index and files follow; again is fine', async () => {
    await move()
    expect(files()).toEqual(MOVED)
    await move()
    expect(files()).toEqual(MOVED)
  })

  test('an unrelated edit and staged work survive', async () => {
    world.write('kept', 'edit')
    world.write('staged', '1')
    world.git('add', 'staged')
    await move()
    expect(world.read('kept')).toBe('edit')
    expect(world.git('status', '--porcelain').split('\n')).toEqual(['M kept', 'A  staged'])
  })

  test.each([
    ['an edit', 'a', 'mine'],
    ['an untracked file', 'new/x', 'mine'],
  ])('%s in the way: refused, named, nothing touched', async (_, path, content) => {
    world.write(path, content)
    await expect(move()).rejects.toMatchObject({
      code: 'dirty_worktree',
      message: expect.stringContaining(path),
      hint: expect.stringContaining('stash'),
    })
    expect(world.read(path)).toBe(content)
    expect(world.exists('gone')).toBe(true)
    expect(world.git('rev-parse', ':a')).toBe(sha(`${from}:a`))
  })

  test('finishes what a killed run began', async () => {
    world.write('a', '2')
    world.write('new/x', '2')
    rmSync(at('gone'))
    await move()
    expect(files()).toEqual(MOVED)
  })
})

describe('switch_branch', () => {
  test('makes the branch when it is new, and may be repeated', async () => {
    commitFile('a', '1')
    const change = { kind: 'switch_branch', checkout: world.root, branch: 'work' } as const
    await apply(change, change)
    expect(git.head(world.root).branch).toBe('work')
  })
})

describe('remotes', () => {
  beforeEach(() => {
    commitFile('a', '1')
    world.gitAt(world.dir, 'init', '-q', '--bare', 'origin.git')
    world.git('remote', 'add', 'origin', join(world.dir, 'origin.git'))
  })

  test('push, and fetch of what others pushed', async () => {
    await git.push(world.root, 'main', { remote: 'origin', branch: 'main' })
    world.gitAt(world.dir, 'clone', '-q', '-b', 'main', 'origin.git', 'other')
    const other = join(world.dir, 'other')
    world.write(join(other, 'b'), '1')
    world.gitAt(other, 'add', 'b')
    world.gitAt(other, 'commit', '-q', '-m', 'theirs')
    world.gitAt(other, 'push', '-q', 'origin', 'HEAD:main')
    await git.fetch(world.root, 'origin', 'main', ['kitty/x*'])
    expect(git.named(world.root, ['refs/remotes/origin/main']).get('refs/remotes/origin/main')).toBe(
      world.gitAt(other, 'rev-parse', 'HEAD'),
    )
    commitFile('c', '1')
    await expect(git.push(world.root, 'main', { remote: 'origin', branch: 'main' })).rejects.toMatchObject({
      code: 'push_refused',
      message: expect.stringContaining('rejected'),
      data: { raced: true },
    })
  })

  test('a remote that is not there', async () => {
    await expect(git.fetch(world.root, 'nowhere', 'main', [])).rejects.toMatchObject({ code: 'git_failed' })
  })
})

test('scratch directories are removed', async () => {
  commitFile('a', '1')
  mkdirSync(join(world.dir, 'tmp'))
  const before = process.env.TMPDIR
  process.env.TMPDIR = join(world.dir, 'tmp')
  try {
    const head = world.git('rev-parse', 'HEAD') as Sha
    expect(await git.rehearseMove(world.root, head, head, [])).toBeUndefined()
  } finally {
    if (before === undefined) delete process.env.TMPDIR
    else process.env.TMPDIR = before
  }
  expect(statSync(join(world.dir, 'tmp')).isDirectory()).toBe(true)
  expect(readdirSync(join(world.dir, 'tmp'))).toEqual([])
})

describe('a git that goes wrong', () => {
  const filter = (script: string): void => {
    commitFile('a', '1')
    world.write('a', '2')
    world.write('.git/info/attributes', 'a filter=own\n')
    world.git('config', 'filter.own.clean', script)
    world.git('config', 'filter.own.required', 'true')
  }
  const commit: Change = { kind: 'commit', checkout: '', paths: [], message: 'm' }

  test('is stopped at the time limit, whatever it started', async () => {
    filter('sleep 60')
    const ports = world.at('.', { SPEC_KITTY_GIT_TIMEOUT: '0.5' })
    const began = performance.now()
    await expect(ports.apply([{ ...commit, checkout: world.root, paths: [at('a')] }])).rejects.toMatchObject({
      code: 'git_failed',
      message: expect.stringMatching(/^git \S+ took longer than 0\.5 s/),
      hint: expect.stringContaining('SPEC_KITTY_GIT_TIMEOUT=3'),
    })
    // Far below the minute that the filter sleeps, far above what a busy machine takes.
    expect(performance.now() - began).toBeLessThan(45_000)
    expect(world.exists('.git/index.lock')).toBe(false)
  })

  test('is quoted with all that it said', async () => {
    filter('echo licence header missing >&2; exit 1')
    await expect(
      world.ports.apply([{ ...commit, checkout: world.root, paths: [at('a')] }]),
    ).rejects.toMatchObject({
      message: expect.stringContaining('; licence header missing'),
    })
  })

  test('starts no monitor that the configuration names', async () => {
    commitFile('a', '1')
    world.write('monitor', '#!/bin/sh\ntouch ../ran\n')
    chmodSync(at('monitor'), 0o755)
    world.git('config', 'core.fsmonitor', at('monitor'))
    await git.status(world.root)
    await world
      .at('.', { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'user.name', GIT_CONFIG_VALUE_0: 'x' })
      .git.status(world.root)
    expect(world.exists(`${world.dir}/ran`)).toBe(false)
  })
})

test('names and messages are UTF-8, whatever the user has set', async () => {
  world.git('config', 'i18n.commitEncoding', 'ISO-8859-1')
  const author = ['-c', 'i18n.commitEncoding=UTF-8', 'commit', '-q', '--allow-empty', '--author']
  world.git(...author, 'Jürgen <j@example.com>', '-m', 'Größe')
  const [from, tree] = [sha('HEAD'), sha('HEAD^{tree}')]
  expect(await git.authors(world.root, [from])).toEqual(['Jürgen <j@example.com>'])
  const like = await git.commitTree(world.root, { tree, parents: [from], message: '', like: from })
  const raw = world.git('cat-file', 'commit', like)
  expect(raw).toMatch(/^author Jürgen </m)
  expect(raw).toMatch(/\n\nGröße$/)
  expect(raw).not.toContain('encoding')
})

test('what an outer git says about paths does not reach ours', async () => {
  world.write('a*', 'x')
  const ports = world.at('.', { GIT_GLOB_PATHSPECS: '1', GIT_ICASE_PATHSPECS: '1' })
  expect(await ports.git.status(world.root, ['a*'])).toEqual([{ code: '??', path: 'a*' }])
})

test('a rehearsal leaves no part of an index where indexes are split', async () => {
  const from = commitFile('a', '1')
  const to = commitFile('b', '2')
  world.git('config', 'core.splitIndex', 'true')
  await git.rehearseMove(world.root, from, to, [{ path: 'c', blob: sha('HEAD:a'), mode: '100644' }])
  expect(readdirSync(join(world.root, '.git')).filter(name => name.startsWith('sharedindex'))).toEqual([])
})

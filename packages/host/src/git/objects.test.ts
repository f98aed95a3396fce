import { chmodSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Sha } from '@spec-kitty/contracts/ids'
import type { Objects } from '@spec-kitty/core/world/ports'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from '../testing/world.ts'

let world: World
let objects: Objects
beforeEach(() => {
  world = createWorld()
  objects = world.ports.git.objects(world.root)
})
afterEach(() => {
  objects.close()
  world.cleanup()
})

/** A history of every kind of change: contents, modes, links, file against directory both ways, names that are not ASCII. */
function history(): readonly [Sha, Sha] {
  for (const name of ['a', 'lib/x', 'lib/sub/y', 'lib-x', 'config', 'run', 'über/ß', 'gone/z'])
    world.write(name, `${name}\n`)
  const before = world.commit()
  rmSync(join(world.root, 'lib'), { recursive: true })
  rmSync(join(world.root, 'config'))
  rmSync(join(world.root, 'gone'), { recursive: true })
  world.write('lib', 'a file now\n')
  world.write('config/app', 'a directory now\n')
  world.write('über/ß', 'other\n')
  chmodSync(join(world.root, 'run'), 0o755)
  symlinkSync('a', join(world.root, 'link'))
  return [before as Sha, world.commit() as Sha]
}

describe('objects', () => {
  test('what differs, as git diff-tree says, and edits that lead from one tree to the other', async () => {
    const [before, after] = history()
    const diff = await objects.diff(before, after)
    const git = world.git(
      '-c',
      'core.quotePath=false',
      'diff-tree',
      '-r',
      '--name-only',
      '--no-renames',
      before,
      after,
    )
    expect(diff.map(({ path }) => path).toSorted()).toEqual(git.split('\n').toSorted())
    expect(
      diff
        .filter(({ added }) => added)
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['config/app', 'lib', 'link'])
    const edits = diff.map(({ path, blob, mode }) => ({ path, blob, ...(mode === null ? {} : { mode }) }))
    expect(await objects.edit(before, edits)).toBe(world.git('rev-parse', `${after}^{tree}`))
    expect(world.git('fsck', '--strict')).not.toContain('error')
  })

  test('an edit keeps the mode that is there, and a path is found or not', async () => {
    const [, after] = history()
    const blob = objects.write(new TextEncoder().encode('new\n'), after)
    const tree = await objects.edit(after, [
      { path: 'run', blob },
      { path: 'new/deep/file', blob },
    ])
    expect(world.git('ls-tree', tree, 'run')).toBe(`100755 blob ${blob}\trun`)
    expect(world.git('cat-file', 'blob', `${tree}:new/deep/file`)).toBe('new')
    expect(await objects.find(tree, 'new/deep/file')).toEqual({ mode: '100644', id: blob })
    expect(await objects.find(tree, 'run/not/there')).toBeUndefined()
    expect(await objects.blobs([`${tree}:run`, `${tree}:nowhere`, 'a\nb'])).toEqual([
      Buffer.from('new\n'),
      undefined,
      undefined,
    ])
    const commit = objects.commit(tree, [after], 'scratch')
    expect(world.git('rev-parse', `${commit}^`, `${commit}^{tree}`)).toBe(`${after}\n${tree}`)
  })

  test('a repository of SHA-256', async () => {
    const other = createWorld({ git: false })
    other.git('init', '-q', '--object-format=sha256', '.')
    other.write('a/b', 'x\n')
    const base = other.commit() as Sha
    const own = other.ports.git.objects(other.root)
    const blob = own.write(new TextEncoder().encode('y\n'), base)
    const tree = await own.edit(base, [{ path: 'a/c', blob }])
    expect(other.git('ls-tree', '-r', '--name-only', tree)).toBe('a/b\na/c')
    expect(await own.diff(base, tree)).toEqual([{ path: 'a/c', blob, mode: '100644', added: true }])
    own.close()
    other.cleanup()
  })

  test('a repository that is none is told as such', async () => {
    const nowhere = world.ports.git.objects(world.home)
    await expect(nowhere.diff('a', 'b')).rejects.toMatchObject({ code: 'not_a_repository' })
  })
})

import { existsSync, mkdirSync, statSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Change } from '@spec-kitty/core/world/change'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createWorld, type World } from './testing/world.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const at = (name: string): string => join(world.root, name)
const apply = (...changes: Change[]): Promise<void> => world.ports.apply(changes)

describe('append_events', () => {
  test('makes the file, then adds whole lines', async () => {
    await apply({ kind: 'append_events', path: at('a/log'), lines: ['one', 'two'] })
    await apply({ kind: 'append_events', path: at('a/log'), lines: ['three'] })
    expect(world.read('a/log')).toBe('one\ntwo\nthree\n')
  })

  test('mends a missing final newline first', async () => {
    world.write('log', 'torn')
    await apply({ kind: 'append_events', path: at('log'), lines: ['next'] })
    expect(world.read('log')).toBe('torn\nnext\n')
  })

  test('no lines: no file', async () => {
    await apply({ kind: 'append_events', path: at('log'), lines: [] })
    expect(world.exists('log')).toBe(false)
  })
})

describe('write_file and delete_file', () => {
  test('replaces what is expected, keeps the mode, leaves no temporary file', async () => {
    await apply({ kind: 'write_file', path: at('bin/x'), content: 'a', executable: true })
    await apply({ kind: 'write_file', path: at('bin/x'), content: new Uint8Array([98]), expect: 'a' })
    expect(world.read('bin/x')).toBe('b')
    expect(statSync(at('bin/x')).mode & 0o111).not.toBe(0)
    expect(world.ports.files.list(at('bin'))).toEqual(['x'])
  })

  test.each([
    ['other content', 'something else'],
    ['a file where none is expected', null],
  ])('refuses %s', async (_, expected) => {
    world.write('x', 'mine')
    const change = { kind: 'write_file', path: at('x'), content: 'new', expect: expected } as const
    await expect(apply(change)).rejects.toMatchObject({ code: 'file_changed' })
    expect(world.read('x')).toBe('mine')
  })

  test('an edit goes through a link inside the project; anything else takes its place', async () => {
    world.write('real', 'a')
    symlinkSync('real', at('link'))
    await apply({ kind: 'write_file', path: at('link'), content: 'b', expect: 'a' })
    expect(world.read('real')).toBe('b')
    expect(world.ports.files.stat(at('link'))?.kind).toBe('link')
    const fails = { kind: 'write_file', path: at('real'), content: '', expect: 'other' } as const
    await expect(apply({ kind: 'write_file', path: at('link'), content: 'c' }, fails)).rejects.toThrow()
    expect(world.ports.files.stat(at('link'))?.kind).toBe('link')
    await apply({ kind: 'write_file', path: at('link'), content: 'c' })
    expect(world.read('link')).toBe('c')
    expect(world.read('real')).toBe('b')
  })

  test('deleting what is not there is fine', async () => {
    await apply({ kind: 'delete_file', path: at('no/such') })
  })

  test('what cannot be written is io_failed with the path', async () => {
    mkdirSync(at('dir'))
    await expect(apply({ kind: 'write_file', path: at('dir'), content: '' })).rejects.toMatchObject({
      code: 'io_failed',
      message: expect.stringContaining(at('dir')),
    })
    expect(world.ports.files.list(world.root)).toEqual(['.git', 'dir'])
  })
})

describe('undo', () => {
  test('a failing step takes the file changes before it back', async () => {
    world.write('log', 'one\n')
    world.write('kept', 'before')
    world.write('gone', 'still here')
    const failing = { kind: 'write_file', path: at('x'), content: '', expect: 'nope' } as const
    await expect(
      apply(
        { kind: 'append_events', path: at('log'), lines: ['two'] },
        { kind: 'append_events', path: at('fresh.log'), lines: ['one'] },
        { kind: 'write_file', path: at('kept'), content: 'after' },
        { kind: 'write_file', path: at('new'), content: 'x' },
        { kind: 'append_events', path: at('deep/er/log'), lines: ['one'] },
        { kind: 'write_file', path: at('deep/down/new'), content: 'x' },
        { kind: 'delete_file', path: at('gone') },
        failing,
      ),
    ).rejects.toMatchObject({ code: 'file_changed' })
    expect(world.read('log')).toBe('one\n')
    expect(world.read('kept')).toBe('before')
    expect(world.read('gone')).toBe('still here')
    expect(world.exists('new')).toBe(false)
    expect(world.exists('fresh.log')).toBe(false)
    expect(world.exists('deep'), 'directories that were made for files').toBe(false)
  })

  test('what has been committed stays committed', async () => {
    world.commit()
    await expect(
      apply(
        { kind: 'write_file', path: at('a'), content: 'a' },
        { kind: 'commit', checkout: world.root, paths: [at('a')], message: 'a' },
        { kind: 'write_file', path: at('b'), content: 'b' },
        { kind: 'write_file', path: at('c'), content: 'c', expect: 'nope' },
      ),
    ).rejects.toThrow()
    expect(world.read('a')).toBe('a')
    expect(existsSync(at('b'))).toBe(false)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  test('a log that somebody else appended to meanwhile is not cut', async () => {
    const { appendLines, undoAppend } = await import('./write.ts')
    world.write('log', 'one\n')
    const mine = appendLines(at('log'), ['two'])
    appendLines(at('log'), ['theirs'])
    undoAppend(at('log'), mine)
    expect(world.read('log')).toBe('one\ntwo\ntheirs\n')
  })
})

describe('an empty directory', () => {
  test('removes what is empty and leaves the rest alone', async () => {
    mkdirSync(at('empty'))
    world.write('full/file', 'x')
    await apply(
      { kind: 'delete_file', path: at('empty'), directory: true },
      { kind: 'delete_file', path: at('full'), directory: true },
      { kind: 'delete_file', path: at('full/file'), directory: true },
      { kind: 'delete_file', path: at('absent'), directory: true },
    )
    expect([existsSync(at('empty')), world.exists('full/file')]).toEqual([false, true])
  })

  test('brings the directory back when a later step fails', async () => {
    mkdirSync(at('empty'))
    const failing = { kind: 'write_file', path: at('other'), content: 'x', expect: 'y' } as const
    await expect(apply({ kind: 'delete_file', path: at('empty'), directory: true }, failing)).rejects.toThrow(
      'changed',
    )
    expect(existsSync(at('empty'))).toBe(true)
  })
})

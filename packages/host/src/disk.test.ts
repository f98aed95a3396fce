/** What a power loss must not take: each file is written, synced, named, and its directory synced, in this order. */
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const calls = vi.hoisted((): string[] => [])
const disk = vi.hoisted(() => ({ full: false }))
vi.mock('node:fs', async original => {
  const real = await original<typeof import('node:fs')>()
  const names = new Map<number, string>()
  return {
    ...real,
    openSync: (path: string, ...rest: [number | string, number?]) => {
      const fd = real.openSync(path, ...rest)
      names.set(fd, real.fstatSync(fd).isDirectory() ? `directory ${path.split('/').at(-1)}` : 'file')
      return fd
    },
    writeSync: (fd: number, ...rest: [Uint8Array, number]) => {
      calls.push(`write ${names.get(fd)}`)
      if (disk.full) {
        real.writeSync(fd, rest[0], 0, 3)
        throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      }
      return real.writeSync(fd, ...rest)
    },
    fsyncSync: (fd: number) => {
      calls.push(`sync ${names.get(fd)}`)
      real.fsyncSync(fd)
    },
    renameSync: (from: string, to: string) => {
      calls.push(`rename ${to.split('/').at(-1)}`)
      real.renameSync(from, to)
    },
  }
})

const { createWorld } = await import('./testing/world.ts')
const { createPrivateFiles } = await import('./spool.ts')

let world: ReturnType<typeof createWorld>
beforeEach(() => {
  world = createWorld()
})
afterEach(() => {
  disk.full = false
  world.cleanup()
})

const during = async (act: () => unknown): Promise<readonly string[]> => {
  calls.length = 0
  await act()
  return [...calls]
}

test('a log', async () => {
  const path = join(world.root, 'd/log')
  const append = () => world.ports.apply([{ kind: 'append_events', path, lines: ['x'] }])
  expect(await during(append)).toEqual(['write file', 'sync file', 'sync directory d'])
  expect(await during(append)).toEqual(['write file', 'sync file'])
})

test('a snapshot, a journal', async () => {
  const path = join(world.root, 'd/status.json')
  const write = () => world.ports.apply([{ kind: 'write_file', path, content: '{}' }])
  expect(await during(write)).toEqual(['write file', 'sync file', 'rename status.json', 'sync directory d'])
})

test('the spool', async () => {
  const store = createPrivateFiles()
  const path = join(world.home, 's/spool')
  expect(await during(() => store.append(path, ['x']))).toEqual([
    'write file',
    'sync file',
    'sync directory s',
  ])
  expect(await during(() => store.append(path, ['x']))).toEqual(['write file', 'sync file'])
  const renamed = ['write file', 'sync file', 'rename spool', 'sync directory s']
  expect(await during(() => store.replace(path, 'x'))).toEqual(renamed)
  expect(await during(() => store.rename(path, `${path}.old`))).toEqual([
    'rename spool.old',
    'sync directory s',
  ])
})

test('a full disk: one sentence, and nothing half-written', async () => {
  const store = createPrivateFiles()
  const spool = join(world.home, 'spool')
  const log = join(world.root, 'log')
  const state = join(world.root, 'state')
  world.write('log', 'before\n')
  world.write('state', 'before')
  store.append(spool, ['before'])
  disk.full = true
  const full = { code: 'io_failed', message: expect.stringMatching(/no space left on device \(ENOSPC\)$/) }
  const changes = [
    { kind: 'append_events', path: log, lines: ['after'] },
    { kind: 'append_events', path: `${log}.new`, lines: ['after'] },
    { kind: 'write_file', path: state, content: 'after' },
  ] as const
  for (const change of changes) await expect(world.ports.apply([change])).rejects.toMatchObject(full)
  expect(() => store.append(spool, ['after'])).toThrow(expect.objectContaining(full))
  disk.full = false
  expect([world.read('log'), world.read('state'), world.read(spool)]).toEqual([
    'before\n',
    'before',
    'before\n',
  ])
  expect(world.ports.files.list(join(world.root, '.git/spec-kitty-tmp'))).toEqual([])
  expect(world.exists('log.new')).toBe(false)
})

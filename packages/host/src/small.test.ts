import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { isUlid } from '@spec-kitty/contracts/ids'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createClock, deadline } from './clock.ts'
import { isAlive } from './env.ts'
import { ioFailed } from './fault.ts'
import { createIds } from './ids.ts'
import { createWorld, type World } from './testing/world.ts'

let world: World
beforeEach(() => {
  world = createWorld({ git: false })
})
afterEach(() => world.cleanup())

describe('files', () => {
  test('what is not there is undefined or empty', () => {
    const { files } = world.ports
    expect(files.text(join(world.root, 'no'))).toBeUndefined()
    expect(files.bytes(join(world.root, 'no/where'))).toBeUndefined()
    expect(files.list(join(world.root, 'no'))).toEqual([])
    expect(files.stat(join(world.root, 'no'))).toBeUndefined()
  })

  test('names are sorted by code point, a byte order mark is kept', () => {
    world.write('b', '\uFEFFx')
    world.write('B', '')
    world.write('\u{1F600}', '')
    world.write('\uFF5E', '')
    expect(world.ports.files.list(world.root)).toEqual(['B', 'b', '\uFF5E', '\u{1F600}'])
    expect(world.ports.files.text(join(world.root, 'b'))).toBe('\uFEFFx')
    world.write('c', 'a \ufffd b')
    expect(world.ports.files.text(join(world.root, 'c'))).toBe('a \ufffd b')
    world.write('d', Buffer.from([0xef, 0xbf, 0xbd, 0x0a, 0x78, 0xe9, 0xff, 0x0a]))
    expect(() => world.ports.files.text(join(world.root, 'd'))).toThrow(
      expect.objectContaining({
        code: 'not_utf8',
        data: { path: join(world.root, 'd'), offset: 5, line: 2 },
      }),
    )
  })

  test('stat tells kind, size and whether it can be run', () => {
    world.write('x', 'abc')
    chmodSync(join(world.root, 'x'), 0o755)
    expect(world.ports.files.stat(join(world.root, 'x'))).toMatchObject({
      kind: 'file',
      size: 3,
      executable: true,
    })
    expect(world.ports.files.stat(world.root)?.kind).toBe('directory')
    expect(world.ports.files.stat('/dev/null')?.kind).toBe('other')
  })

  test('a directory read as a file is io_failed with a remedy', () => {
    expect(() => world.ports.files.text(world.root)).toThrow(
      expect.objectContaining({ code: 'io_failed', hint: expect.any(String) }),
    )
    expect(ioFailed('read', '/x', 'odd').message).toBe('Cannot read /x: odd (error)')
  })
})

describe('clock and ids', () => {
  test('times only grow and carry microseconds', () => {
    const clock = createClock()
    const times = Array.from({ length: 1000 }, clock.now)
    expect(times).toEqual([...new Set(times)].sort(compareCodePoints))
    expect(times[0]).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00$/)
  })

  test('sleep and deadline', async () => {
    const late = deadline(5)
    expect(late()).toBe(false)
    await createClock().sleep(10)
    expect(late()).toBe(true)
  })

  test('ULIDs only grow, also when the clock is set back', () => {
    let now = 2000
    const ids = createIds(
      () => now--,
      length => new Uint8Array(length).fill(255, 9),
    )
    const drawn = Array.from({ length: 300 }, ids.ulid)
    expect(drawn.every(isUlid)).toBe(true)
    expect(drawn).toEqual([...new Set(drawn)].sort(compareCodePoints))
  })

  test('random ones differ', () => {
    const ids = createIds()
    expect(ids.ulid()).not.toBe(createIds().ulid())
    expect(ids.hex(7)).toMatch(/^[0-9a-f]{7}$/)
  })
})

describe('environment', () => {
  test('a shell command: status, output of both streams, its directory and variables', async () => {
    const { env } = world.at('.', { COLOUR: 'blue' })
    const result = await env.shell('pwd; echo $COLOUR >&2; exit 3', { cwd: world.root, limitMs: 5000 })
    expect(result).toEqual({ status: 3, output: `${world.root}\nblue\n` })
    expect(env.get('COLOUR')).toBe('blue')
    expect(env.get('NO_SUCH')).toBeUndefined()
  })

  test('the time limit ends it and its children', async () => {
    const result = await world.ports.env.shell('echo begun; sleep 30 & sleep 30', {
      cwd: world.root,
      limitMs: 150,
    })
    expect(result).toEqual({ status: null, output: 'begun\n' })
  })

  test('a command that cannot be started says so', async () => {
    const result = await world.ports.env.shell('true', { cwd: join(world.root, 'no'), limitMs: 1000 })
    expect(result.status).toBeNull()
    expect(result.output).toMatch(/ENOENT/)
  })

  test('processes: ours lives, a freed number does not, nonsense never did', () => {
    expect(isAlive(process.pid)).toBe(true)
    expect(isAlive(2 ** 22 + 1)).toBe(false)
    expect(isAlive(0)).toBe(false)
    expect(isAlive(1)).toBe(true)
  })
})

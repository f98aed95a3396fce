import { renameSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeEach, expect, it } from 'vitest'
import { createKept, stayingPorts } from './kept.ts'
import { createWorld } from './testing/world.ts'

const world = createWorld()
afterAll(world.cleanup)
const path = join(world.root, 'a.md')
const OLD = new Date('2026-01-01T00:00:00Z')
let made: number

beforeEach(() => {
  made = 0
  world.write(path, 'one')
  utimesSync(path, OLD, OLD)
})

const text = (): string => {
  made += 1
  return world.ports.files.text(path) ?? ''
}

it('makes once of a file that stays the same, and anew of one that is another', () => {
  const kept = createKept(world.ports)
  expect([kept.of('text', path, text), kept.of('text', path, text), made]).toEqual(['one', 'one', 1])
  expect([kept.of('letters', path, () => text().length), made]).toEqual([3, 2])
  world.write('b.md', 'two')
  utimesSync(join(world.root, 'b.md'), OLD, OLD)
  renameSync(join(world.root, 'b.md'), path)
  expect([kept.of('text', path, text), made]).toEqual(['two', 3])
})

it('keeps nothing of a file that has just been written, of a link, of none', () => {
  const now = world.ports.clock.now()
  const kept = createKept({ ...world.ports, clock: { ...world.ports.clock, now: () => now } })
  const lately = new Date(Date.parse(now) - 500)
  utimesSync(path, lately, lately)
  for (const _ of [1, 2]) kept.of('text', path, text)
  for (const _ of [1, 2]) kept.of('text', join(world.root, 'none'), text)
  expect(made).toBe(4)
})

it('tries again what failed', async () => {
  const kept = createKept(world.ports)
  const fail = () => Promise.reject(new Error('no'))
  await expect(kept.of('text', path, fail)).rejects.toThrow('no')
  expect(await kept.of('text', path, async () => text())).toBe('one')
})

it('lists a directory anew once something came', () => {
  const { files } = stayingPorts(world.ports, world.root)
  const before = files.list(world.root)
  world.write('new.md', '')
  expect(files.list(world.root)).toEqual([...before, 'new.md'])
})

import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { locateProject } from '../repo/project/locate.ts'
import { missionLock } from './locks.ts'
import { transact } from './transact.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

test('plans under the lock, performs the changes, releases', async () => {
  const project = locateProject(world.ports)
  const path = `${world.root}/a.txt`
  const run = (content: string) =>
    transact(world.ports, project, { slug: 'demo' }, () => {
      const before = world.ports.files.text(path) ?? ''
      return { changes: [{ kind: 'write_file', path, content: before + content }], result: before }
    })
  // Side by side: without the lock both would start from the same bytes.
  const seen = await Promise.all([run('a'), run('b'), run('c')])
  expect(world.read('a.txt')).toHaveLength(3)
  expect(seen.map(text => text.length).toSorted()).toEqual([0, 1, 2])
  expect(missionLock(project, 'demo')).toBe(`${world.root}/.git/spec-kitty-locks/demo.status.lock`)
})

test('a refusal writes nothing and frees the lock', async () => {
  const project = locateProject(world.ports)
  const refuse = () =>
    transact(world.ports, project, { slug: 'demo' }, () => {
      throw new Error('no')
    })
  await expect(refuse()).rejects.toThrow('no')
  await expect(refuse()).rejects.toThrow('no')
})

import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { hideChanges } from '../repo/lanes/ignore.ts'
import { copyChanges } from './setup.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

test('copies what the globs name, and nothing that lies behind a link', () => {
  for (const path of ['.env', 'config/a.local', 'config/deep/b.local', 'config/c']) world.write(path, path)
  world.write('../home/secret/key.local', 'secret')
  symlinkSync(join(world.home, 'secret'), join(world.root, 'config/linked'))
  symlinkSync(join(world.home, 'secret/key.local'), join(world.root, 'config/key.local'))
  mkdirSync(join(world.root, 'lane'))
  const globs = [
    '.env',
    'config/**/*.local',
    'config/linked/*',
    'config/linked/key.local',
    '../home/secret/*',
  ]
  const changes = copyChanges(world.ports, world.root, join(world.root, 'lane'), globs)
  expect(changes.map(change => change.path).sort()).toEqual(
    ['.env', 'config/a.local', 'config/deep/b.local'].map(path => join(world.root, 'lane', path)),
  )
})

test('keeps what was copied out of every commit, once', () => {
  const copies = [{ kind: 'write_file', path: join(world.root, 'a [1].env'), content: 'x' } as const]
  const hide = () => hideChanges(world.ports, { commonDir: join(world.root, '.git') }, world.root, copies)
  const [change] = hide()
  world.write('.git/info/exclude', String(change?.content))
  world.write('a [1].env', 'x')
  expect([world.git('status', '--porcelain'), hide()]).toEqual(['', []])
})

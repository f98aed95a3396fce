import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, expect, test } from 'vitest'
import { onward } from './onward.ts'

let world: World
afterEach(() => world.cleanup())

const INIT = 'spec-kitty init --ai claude'

/** Where PATH holds `folder` alone, with the program in it. */
function inFolder(folder: string) {
  world.write(`${folder}/spec-kitty`, '#!/bin/sh\n')
  chmodSync(join(world.root, folder, 'spec-kitty'), 0o755)
  return world.at('.', { PATH: join(world.root, folder) })
}

test('the program that stays on PATH needs nothing', () => {
  world = createWorld({ git: false })
  expect(onward(inFolder('usr/bin'), '/nowhere')).toEqual([INIT])
  expect(onward(world.at('.', { PATH: '/nowhere' }), '/nowhere')).toEqual([INIT])
})

test('that of a clone is put on PATH', () => {
  world = createWorld({ git: false, name: 'my clone' })
  inFolder('bin')
  const bin = join(world.root, 'bin')
  expect(onward(world.at('.', { PATH: '/nowhere' }), bin)).toEqual([`export PATH='${bin}':"$PATH"`, INIT])
})

test('that of npx is gone after this run: what npx was asked for is installed', () => {
  world = createWorld({ git: false })
  const ports = inFolder('cache/_npx/0a1b/node_modules/.bin')
  const asked = (spec: string) =>
    world.write('cache/_npx/0a1b/package.json', JSON.stringify({ dependencies: { 'spec-kitty': spec } }))
  asked('file:../../../down load/spec-kitty-1.0.0.tgz')
  const file = join(world.root, 'down load/spec-kitty-1.0.0.tgz')
  expect(onward(ports, '/nowhere')).toEqual([`npm install --global '${file}'`, INIT])
  asked('^1.0.0')
  expect(onward(ports, '/nowhere')).toEqual(['npm install --global spec-kitty', INIT])
})

import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { matchesAnything } from './matches.ts'

let world: World
beforeAll(() => {
  world = createWorld({ git: false })
  world.write('src/a/deep/x.py', '')
  world.write('src/a/y.ts', '')
  world.write('node_modules/lib/z.py', '')
  world.write('empty/keep/.gitkeep', '')
})
afterAll(() => world.cleanup())

describe('a glob in a checkout', () => {
  it.each([
    ['src/**', true],
    ['src/a/y.ts', true],
    ['src/*/y.ts', true],
    ['src/**/x.py', true],
    ['**/deep/*.py', true],
    ['src/{b,a}/**', true],
    ['lib/**', false],
    ['src/*.py', false],
    ['src/a/y.ts/z', false],
    ['**/z.py', false],
    ['src/**/none-*', false],
  ])('%s matches: %s', (pattern, expected) => {
    expect(matchesAnything(world.ports.files, world.root, pattern)).toBe(expected)
  })
})

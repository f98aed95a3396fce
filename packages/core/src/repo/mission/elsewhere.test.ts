import { execSync } from 'node:child_process'
import { KittyError } from '@spec-kitty/contracts/errors'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { namedElsewhere } from './elsewhere.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('kitty-specs/demo/meta.json', '{}')
  world.commit()
})
afterEach(() => world.cleanup())

const cause = new KittyError('mission_not_found', 'no', { data: { handle: 'demo' } })

test('a mission on another branch: the way there', async () => {
  world.git('switch', '-q', '--orphan', 'own')
  world.write('a', '1')
  world.commit()
  const { hint } = await namedElsewhere(world.ports, cause)
  expect(hint).toBe(`git -C ${world.root} switch main`)
})

test('a mission that this branch took out and its remote has: its files', async () => {
  world.git('update-ref', 'refs/remotes/origin/main', 'main')
  world.git('rm', '-rq', 'kitty-specs')
  world.write('a', '1')
  world.commit()
  const { hint } = await namedElsewhere(world.ports, cause)
  execSync(hint ?? 'false', { cwd: world.dir, env: world.env, stdio: 'pipe' })
  expect(world.exists('kitty-specs/demo/meta.json')).toBe(true)
})

import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openOperation } from './open-operation.ts'

describe('openOperation', () => {
  let world: World
  beforeEach(() => {
    world = createWorld()
    world.write('a', '1\n')
    world.commit()
    world.git('switch', '-qc', 'other')
    world.write('a', '2\n')
    world.commit()
    world.git('switch', '-q', 'main')
    world.write('a', '3\n')
    world.commit()
  })
  afterEach(() => world.cleanup())

  const attempt = (...args: string[]): void => {
    try {
      world.git(...args)
    } catch {
      // It stops at the conflict, as it should.
    }
  }

  it.each([
    ['merge', ['merge', 'other']],
    ['rebase', ['rebase', 'other']],
    ['rebase', ['rebase', '--apply', 'other']],
    ['cherry-pick', ['cherry-pick', 'other']],
    ['revert', ['revert', '--no-edit', 'HEAD~1']],
    ['bisect', ['bisect', 'start']],
  ])('sees a %s (git %j) and how to drop it', (name, args) => {
    expect(openOperation(world.ports.files, world.root)).toBeUndefined()
    attempt(...args)
    const found = openOperation(world.ports.files, world.root)
    expect(found?.name).toBe(name)
    world.git(...(found?.abort.split(' ') ?? []))
    expect(openOperation(world.ports.files, world.root)).toBeUndefined()
  })

  it('sees the one of a linked worktree there only', () => {
    world.git('worktree', 'add', '-q', '--detach', '../side', 'other')
    const side = `${world.dir}/side`
    attempt('-C', side, 'merge', 'main')
    expect(openOperation(world.ports.files, side)?.name).toBe('merge')
    expect(openOperation(world.ports.files, world.root)).toBeUndefined()
  })
})

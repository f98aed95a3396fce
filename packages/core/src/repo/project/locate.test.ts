import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { locateProject, requireKittify } from './locate.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  world.write('src/deep/a.txt', 'a')
  world.commit()
})
afterEach(() => world.cleanup())

describe('locateProject', () => {
  test('finds the repository from any directory below it', () => {
    const { root } = world
    const expected = { root, checkout: root, primary: root, commonDir: `${root}/.git`, linked: false }
    expect(locateProject(world.ports)).toEqual(expected)
    expect(locateProject(world.at('src/deep'))).toEqual(expected)
  })

  test('takes missions from the primary checkout when standing in a lane worktree', () => {
    world.git('worktree', 'add', '-q', '-b', 'lane', '.worktrees/demo-lane-a')
    const { root } = world
    const checkout = `${root}/.worktrees/demo-lane-a`
    expect(locateProject(world.at('.worktrees/demo-lane-a/src'))).toEqual({
      root,
      checkout,
      primary: root,
      commonDir: `${root}/.git`,
      linked: true,
    })
  })

  test('takes missions from a linked worktree of the user when it has some', () => {
    const own = `${world.dir}/own`
    world.git('worktree', 'add', '-q', '-b', 'topic', own)
    expect(locateProject(world.at(own)).root).toBe(world.root)
    world.write(`${own}/kitty-specs/demo/meta.json`, '{}')
    expect(locateProject(world.at(own))).toMatchObject({ root: own, primary: world.root, linked: true })
  })

  test('works in a submodule, whose git directory has no commondir', () => {
    const sub = `${world.root}/sub`
    world.write('sub/.git', 'gitdir: ../.git/modules/sub\n')
    expect(locateProject(world.at(sub))).toMatchObject({
      root: sub,
      commonDir: `${world.root}/.git/modules/sub`,
    })
  })

  test('refuses outside a repository, and names the directory', () => {
    expect(() => locateProject(world.at(world.home))).toThrow(
      expect.objectContaining({
        code: 'not_a_repository',
        message: `Not in a git repository: ${world.home}`,
      }),
    )
  })

  test('refuses a .git file that names nothing', () => {
    world.write('broken/.git', 'nonsense\n')
    expect(() => locateProject(world.at('broken'))).toThrow(
      expect.objectContaining({ code: 'not_a_repository' }),
    )
  })
})

describe('requireKittify', () => {
  test('wants init, and names it', () => {
    const project = locateProject(world.ports)
    expect(() => requireKittify(world.ports, project)).toThrow(
      expect.objectContaining({ code: 'no_project', hint: 'Run: spec-kitty init --ai claude' }),
    )
  })

  test.each(['.kittify/config.yaml', 'kitty-specs/demo/meta.json'])('is content with %s', path => {
    world.write(path, '')
    expect(() => requireKittify(world.ports, locateProject(world.ports))).not.toThrow()
  })
})

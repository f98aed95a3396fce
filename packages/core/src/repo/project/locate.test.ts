import { execSync } from 'node:child_process'
import { renameSync } from 'node:fs'
import { KittyError } from '@spec-kitty/contracts/errors'
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

function refusalOf(act: () => unknown): KittyError {
  try {
    act()
  } catch (error) {
    if (error instanceof KittyError) return error
    throw error
  }
  throw new Error('not refused')
}

describe('locateProject', () => {
  test('finds the repository from any directory below it', () => {
    const { root } = world
    const expected = { root, top: root, checkout: root, commonDir: `${root}/.git`, linked: false }
    expect(locateProject(world.ports)).toEqual(expected)
    expect(locateProject(world.at('src/deep'))).toEqual(expected)
  })

  test('takes missions from the checkout a lane belongs to when standing in a lane worktree', () => {
    world.git('worktree', 'add', '-q', '-b', 'lane', '.worktrees/demo-lane-a')
    const { root } = world
    const checkout = `${root}/.worktrees/demo-lane-a`
    expect(locateProject(world.at('.worktrees/demo-lane-a/src'))).toEqual({
      root,
      top: root,
      checkout,
      commonDir: `${root}/.git`,
      linked: true,
    })
  })

  test('takes missions from a linked worktree of the user when it has some', () => {
    const own = `${world.dir}/own`
    world.git('worktree', 'add', '-q', '-b', 'topic', own)
    expect(locateProject(world.at(own)).root).toBe(world.root)
    world.write(`${own}/kitty-specs/demo/meta.json`, '{}')
    expect(locateProject(world.at(own))).toMatchObject({ root: own, top: own, linked: true })
  })

  test('takes a lane to the linked worktree of the user that it lies in', () => {
    const own = `${world.dir}/own`
    world.git('worktree', 'add', '-q', '-b', 'topic', own)
    world.write(`${own}/kitty-specs/demo/meta.json`, '{}')
    world.write('kitty-specs/demo/meta.json', '{}')
    world.git('-C', own, 'worktree', 'add', '-q', '-b', 'lane', '.worktrees/demo-lane-a')
    const project = locateProject(world.at(`${own}/.worktrees/demo-lane-a`))
    expect(project).toMatchObject({ root: own, top: own, commonDir: `${world.root}/.git` })
  })

  test.each([
    ['a separate git directory', ['clone', '-q', '--separate-git-dir', 'store']],
    ['a git directory that was moved since', ['clone', '-q']],
  ])('takes a lane home with %s', (what, clone) => {
    const { dir, root } = world
    const words = clone.map(word => (word === 'store' ? `${dir}/store` : word))
    world.git(...words, root, `${dir}/co`)
    world.git('-C', `${dir}/co`, 'worktree', 'add', '-q', '-b', 'lane', '.worktrees/demo-lane-a')
    if (what.includes('moved')) renameSync(`${dir}/co`, `${dir}/moved`)
    const home = what.includes('moved') ? `${dir}/moved` : `${dir}/co`
    expect(locateProject(world.at(`${home}/.worktrees/demo-lane-a`))).toMatchObject({ root: home, top: home })
  })

  test('leaves a repository of its own below .worktrees alone', () => {
    world.write('.worktrees/demo-lane-a/.keep', '')
    world.git('init', '-q', '.worktrees/demo-lane-a')
    const own = `${world.root}/.worktrees/demo-lane-a`
    expect(locateProject(world.at(own))).toMatchObject({ root: own, top: own })
  })

  test('finds a project in a folder of the repository, and its lanes', () => {
    const { root } = world
    const app = `${root}/packages/app`
    world.write('packages/app/.kittify/config.yaml', '')
    world.write('packages/app/src/.kittify/runtime/cache', 'no project')
    expect(locateProject(world.at(`${app}/src`))).toMatchObject({ root: app, top: root, checkout: root })
    expect(locateProject(world.ports)).toMatchObject({ root, top: root })
    world.git('-C', app, 'worktree', 'add', '-q', '-b', 'lane', '.worktrees/demo-lane-a')
    expect(locateProject(world.at(`${app}/.worktrees/demo-lane-a/src`))).toMatchObject({
      root: app,
      top: root,
    })
  })

  test('refuses a bare repository, and its remedy makes a checkout', () => {
    const store = `${world.dir}/it's bare.git`
    world.git('clone', '-q', '--bare', world.root, store)
    const refusal = refusalOf(() => locateProject(world.at(store)))
    expect(refusal).toMatchObject({ code: 'not_a_repository', message: expect.stringContaining('bare') })
    execSync(refusal.hint?.slice(refusal.hint.indexOf('git ')) ?? '', { cwd: world.dir })
    const work = `${world.dir}/it's bare-work`
    expect(locateProject(world.at(work))).toMatchObject({ root: work, commonDir: store })
  })

  test('refuses a bare repository that lies in a checkout, and nothing is taken for that checkout', () => {
    world.git('init', '-q', '--bare', 'stores/inner.git')
    for (const cwd of ['stores/inner.git', 'stores/inner.git/refs/heads'])
      expect(refusalOf(() => locateProject(world.at(cwd))).message).toContain(
        'inner.git is a bare repository',
      )
    expect(locateProject(world.at('stores'))).toMatchObject({ top: world.root })
    expect(locateProject(world.at('.git'))).toMatchObject({ top: world.root })
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
  test.each([false, true])('leads to another branch where lanes are there (packed: %s)', packed => {
    world.write('a', '1')
    world.commit()
    world.git('branch', 'kitty/mission-demo-lane-a')
    if (packed) world.git('pack-refs', '--all')
    world.git('switch', '-q', '--orphan', 'own')
    const project = locateProject(world.ports)
    expect(() => requireKittify(world.ports, project)).toThrow(
      expect.objectContaining({ hint: expect.stringMatching(/: git -C \S+ switch main$/) }),
    )
  })

  test.each([
    'git rm -rq . && git commit -qm tidy',
    'git rm -rq . && git commit -q --amend --allow-empty -m tidy',
  ])('takes missions back that a commit took out (%s)', tidy => {
    world.write('kitty-specs/demo/meta.json', '{}')
    world.commit()
    world.git('branch', 'kitty/mission-demo-lane-a')
    execSync(tidy, { cwd: world.root, env: world.env })
    const project = locateProject(world.ports)
    const { hint } = refusalOf(() => requireKittify(world.ports, project))
    // The settings were never committed here; git says so of the second command.
    execSync(`${hint?.split('before: ')[1]} || :`, { cwd: world.dir, env: world.env, stdio: 'pipe' })
    requireKittify(world.ports, project)
  })

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

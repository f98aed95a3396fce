import { execSync } from 'node:child_process'
import { KittyError } from '@spec-kitty/contracts/errors'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProjectConfig } from '../repo/project/config.ts'
import { locateProject } from '../repo/project/locate.ts'
import { planCommit, refuseProtected } from './commit.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const config = (over: Partial<ProjectConfig> = {}): ProjectConfig => ({
  autoCommit: true,
  protectedBranches: ['main'],
  commits: 'every',
  delivery: 'direct',
  independence: 'warn',
  staleApprovals: 'block',
  mergeStrategy: undefined,
  agents: [],
  stallMinutes: 30,
  raw: {},
  ...over,
})

describe('planCommit', () => {
  const request = { paths: ['/r/a'], message: 'm' }
  test.each([
    [true, undefined, 1],
    [false, undefined, 0],
    [true, false, 0],
    [false, true, 1],
  ])('configured %s, asked %s: %i commits', (autoCommit, asked, commits) => {
    const changes = planCommit(locateProject(world.ports), config({ autoCommit }), {
      ...request,
      autoCommit: asked,
    })
    expect(changes).toHaveLength(commits)
  })
})

function refusalOf(act: () => unknown): KittyError {
  try {
    act()
  } catch (error) {
    if (error instanceof KittyError) return error
    throw error
  }
  throw new Error('not refused')
}

describe('refuseProtected', () => {
  const refuse = (over: Partial<ProjectConfig> = {}, asked?: boolean, env = {}) => {
    const ports = world.at('.', env)
    refuseProtected(ports, locateProject(ports), config(over), asked)
  }

  test('refuses on a protected branch and names three ways out', () => {
    expect(() => refuse()).toThrow(
      expect.objectContaining({ code: 'protected_branch', message: expect.stringContaining("'main'") }),
    )
  })

  test('each way out works', () => {
    expect(() => refuse({}, false)).not.toThrow()
    expect(() => refuse({ protectedBranches: [] })).not.toThrow()
    world.git('switch', '-q', '-c', 'my-work')
    expect(() => refuse()).not.toThrow()
  })

  test('refuses on a detached HEAD, and its remedy keeps the commit', () => {
    world.write('a', '1')
    world.commit()
    world.git('switch', '-q', '--detach')
    const refusal = refusalOf(() => refuse({ protectedBranches: [] }))
    expect(refusal.code).toBe('detached_head')
    execSync(/git [^·]+/.exec(refusal.hint ?? '')?.[0] ?? '', { cwd: world.dir, stdio: 'pipe' })
    expect(() => refuse({ protectedBranches: [] })).not.toThrow()
    expect(() => refuse({}, false)).not.toThrow()
  })

  test('refuses into an open merge, before git would', () => {
    world.write('.git/MERGE_HEAD', '')
    expect(refusalOf(() => refuse({ protectedBranches: [] }))).toMatchObject({
      code: 'not_ready',
      hint: expect.stringContaining('merge --abort'),
    })
  })

  test.each(['1', 'true', 'yes', 'TRUE'])('the variable of the Python edition lifts it (%s)', value => {
    expect(() => refuse({}, undefined, { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: value })).not.toThrow()
  })

  test('other values of the variable do not', () => {
    expect(() => refuse({}, undefined, { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: '0' })).toThrow()
  })
})

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

  test.each(['1', 'true', 'yes', 'TRUE'])('the variable of the Python edition lifts it (%s)', value => {
    expect(() => refuse({}, undefined, { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: value })).not.toThrow()
  })

  test('other values of the variable do not', () => {
    expect(() => refuse({}, undefined, { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: '0' })).toThrow()
  })
})

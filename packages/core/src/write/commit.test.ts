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

async function refusalOf(act: () => Promise<unknown>): Promise<KittyError> {
  try {
    await act()
  } catch (error) {
    if (error instanceof KittyError) return error
    throw error
  }
  throw new Error('not refused')
}

describe('refuseProtected', () => {
  const refuse = (over: Partial<ProjectConfig> = {}, asked?: boolean, env = {}) => {
    const ports = world.at('.', env)
    return refuseProtected(ports, locateProject(ports), config(over), asked)
  }

  test('refuses on a protected branch and names three ways out', async () => {
    await expect(refuse()).rejects.toThrow(
      expect.objectContaining({ code: 'protected_branch', message: expect.stringContaining("'main'") }),
    )
  })

  test('each way out works', async () => {
    await refuse({}, false)
    await refuse({ protectedBranches: [] })
    world.git('switch', '-q', '-c', 'my-work')
    await refuse()
  })

  test('refuses on a detached HEAD, and its remedy keeps the commit', async () => {
    world.write('a', '1')
    world.commit()
    world.git('switch', '-q', '--detach')
    const refusal = await refusalOf(() => refuse({ protectedBranches: [] }))
    expect(refusal.code).toBe('detached_head')
    execSync(/git [^·]+/.exec(refusal.hint ?? '')?.[0] ?? '', { cwd: world.dir, stdio: 'pipe' })
    await refuse({ protectedBranches: [] })
    await refuse({}, false)
  })

  test('refuses into an open merge, before git would', async () => {
    world.write('.git/MERGE_HEAD', '')
    expect(await refusalOf(() => refuse({ protectedBranches: [] }))).toMatchObject({
      code: 'not_ready',
      hint: expect.stringContaining('merge --abort'),
    })
  })

  test('refuses into an open bisect, on a branch too', async () => {
    world.write('a', '1')
    world.commit()
    world.git('bisect', 'start')
    expect(await refusalOf(() => refuse({ protectedBranches: [] }))).toMatchObject({ code: 'not_ready' })
  })

  test.each(['1', 'true', 'yes', 'TRUE'])('the variable of the Python edition lifts it (%s)', async value => {
    await refuse({}, undefined, { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: value })
  })

  test('other values of the variable do not', async () => {
    await expect(refuse({}, undefined, { SPEC_KITTY_ALLOW_PROTECTED_BRANCH_COMMITS: '0' })).rejects.toThrow()
  })
})

import { addMission } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { locateProject } from '../project/locate.ts'
import { listMissions, resolveMission } from './handle.ts'

const ALPHA = { slug: '034-alpha-01KQW4DF', id: '01KQW4DF0000000000000000A1', number: 34 }
const BETA = { slug: 'beta-01KTESTM', id: '01KTESTM000000000000000001' }
const OLD = { slug: '034-old', id: null, number: 34 }

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const find = (handle?: string, cwd = '.') => {
  const ports = world.at(cwd)
  return resolveMission(ports, locateProject(ports), handle)
}

describe('resolveMission', () => {
  test.each([
    '034-alpha-01KQW4DF',
    'alpha-01KQW4DF',
    '034-alpha',
    'alpha',
    '01KQW4DF',
    '01kqw4df',
    '01KQW4DF0000000000000000A1',
    '034',
    '34',
  ])('%s names the mission', handle => {
    addMission(world, ALPHA)
    addMission(world, BETA)
    expect(find(handle)).toMatchObject({ slug: ALPHA.slug, id: ALPHA.id, number: 34, targetBranch: 'main' })
  })

  test('the exact directory name wins over every other reading', () => {
    addMission(world, { ...OLD, slug: 'alpha' })
    addMission(world, ALPHA)
    expect(find('alpha').slug).toBe('alpha')
  })

  test.each(['nope', 'alph', '01KQW4D', '../alpha', '.', ''])('%j is not found, status 2', handle => {
    addMission(world, ALPHA)
    expect(() => find(handle)).toThrow(
      expect.objectContaining({
        code: 'mission_not_found',
        status: 2,
        data: expect.objectContaining({ handle }),
      }),
    )
  })

  test('an ambiguous handle lists the candidates', () => {
    addMission(world, ALPHA)
    addMission(world, OLD)
    expect(() => find('034')).toThrow(
      expect.objectContaining({
        code: 'ambiguous_mission',
        status: 1,
        data: {
          handle: '034',
          candidates: [
            { mission_slug: '034-alpha-01KQW4DF', mission_id: ALPHA.id, mid8: '01KQW4DF' },
            { mission_slug: '034-old', mission_id: null, mid8: null },
          ],
        },
      }),
    )
  })

  test('a malformed meta.json is named when its mission is meant, and only then', () => {
    addMission(world, ALPHA)
    addMission(world, BETA)
    world.write(`kitty-specs/${ALPHA.slug}/meta.json`, '{"mission_id": ')
    expect(find('beta').slug).toBe(BETA.slug)
    expect(() => find(ALPHA.slug)).toThrow(
      expect.objectContaining({ code: 'file_malformed', message: expect.stringContaining('meta.json') }),
    )
    world.write(`kitty-specs/${ALPHA.slug}/meta.json`, '[]')
    expect(() => find(ALPHA.slug)).toThrow(/not a JSON object/)
    world.write(`kitty-specs/${ALPHA.slug}/meta.json`, '{"target_branch": "--upload-pack=x"}')
    expect(() => find(ALPHA.slug)).toThrow(/"target_branch" is no name of a branch/)
  })
})

describe('without a handle', () => {
  test('the only mission is meant', () => {
    addMission(world, BETA)
    expect(find().slug).toBe(BETA.slug)
  })

  test('the only mission that is not merged is meant', () => {
    addMission(world, { ...ALPHA, meta: { baseline_merge_commit: 'abc' } })
    addMission(world, BETA)
    expect(find().slug).toBe(BETA.slug)
  })

  test('a lane worktree means its own mission, the longest name that fits', () => {
    addMission(world, ALPHA)
    addMission(world, BETA)
    addMission(world, { slug: 'beta', id: null })
    world.commit()
    world.git('worktree', 'add', '-q', '-b', 'lane', `.worktrees/${BETA.slug}-lane-a`)
    expect(find(undefined, `.worktrees/${BETA.slug}-lane-a`).slug).toBe(BETA.slug)
  })

  test('several active missions make the option necessary', () => {
    addMission(world, ALPHA)
    addMission(world, BETA)
    expect(() => find()).toThrow(
      expect.objectContaining({
        code: 'mission_required',
        message: expect.stringContaining('--mission <slug> is required'),
        hint: expect.stringContaining(ALPHA.slug),
      }),
    )
  })

  test('no mission at all: the hint makes one', () => {
    expect(() => find()).toThrow(
      expect.objectContaining({ code: 'mission_required', hint: expect.stringContaining('mission create') }),
    )
  })
})

test('listMissions skips files and hidden directories and keeps unknown keys', () => {
  addMission(world, { ...BETA, meta: { later_key: 1 } })
  world.write('kitty-specs/README.md', 'not a mission')
  world.write('kitty-specs/.cache/x', '')
  const missions = listMissions(world.ports, locateProject(world.ports))
  expect(missions.map(mission => mission.slug)).toEqual([BETA.slug])
  expect(missions[0]?.meta).toMatchObject({ later_key: 1 })
})

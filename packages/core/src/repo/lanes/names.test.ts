import { describe, expect, it } from 'vitest'
import { humanSlug, laneBranch, laneDirectory, laneId, laneWorktree, missionBranch } from './names.ts'

const ID = '01KQW4DF0000000000000000A1'

describe('branch names', () => {
  it.each([
    ['demo-01KQW4DF', ID, 'kitty/mission-demo-01KQW4DF'],
    ['034-demo', ID, 'kitty/mission-demo-01KQW4DF'],
    ['123-01KQW4DF', ID, 'kitty/mission-01KQW4DF-01KQW4DF'],
    ['demo', ID, 'kitty/mission-demo-01KQW4DF'],
    ['034-demo', null, 'kitty/mission-034-demo'],
    ['demo-01KQW4DF', null, 'kitty/mission-demo-01KQW4DF'],
  ])('of %s with id %s is %s', (slug, id, branch) => {
    expect(missionBranch({ slug, id })).toBe(branch)
  })

  it('is refused for a mission without any identity', () => {
    expect(() => missionBranch({ slug: 'demo', id: null })).toThrow(
      expect.objectContaining({
        code: 'branch_identity_unresolved',
        data: { error_code: 'BRANCH_IDENTITY_UNRESOLVED', mission_slug: 'demo' },
      }),
    )
  })

  it('keeps a mid8 that is not the mission’s own', () => {
    expect(humanSlug('demo-01KQW4DG', ID)).toBe('demo-01KQW4DG')
    expect(humanSlug('034-demo-01KQW4DF', ID)).toBe('demo')
  })

  it('of a lane come from the directory name', () => {
    expect(laneBranch({ slug: '034-demo' }, 'lane-b')).toBe('kitty/mission-034-demo-lane-b')
  })
})

describe('lanes', () => {
  it('are lettered beyond z', () => {
    expect([0, 1, 25, 26, 27, 51, 52, 701, 702].map(laneId)).toEqual([
      'lane-a',
      'lane-b',
      'lane-z',
      'lane-aa',
      'lane-ab',
      'lane-az',
      'lane-ba',
      'lane-zz',
      'lane-aaa',
    ])
  })

  it('live below .worktrees of the project, planning in the project itself', () => {
    const project = { root: '/r/app', top: '/r', checkout: '/r', commonDir: '/r/.git', linked: false }
    expect(laneWorktree({ slug: 'demo' }, 'lane-a')).toBe('.worktrees/demo-lane-a')
    expect(laneDirectory(project, { slug: 'demo' }, 'lane-a')).toBe('/r/app/.worktrees/demo-lane-a')
    expect(laneDirectory(project, { slug: 'demo' }, 'lane-planning')).toBe('/r/app')
  })
})

import { describe, expect, it } from 'vitest'
import { contextPath, laneTestEnv, parseContext, printContext } from './context.ts'

const context = {
  wp_id: 'WP01',
  mission_slug: 'demo',
  worktree_path: '.worktrees/demo-lane-a',
  branch_name: 'kitty/mission-demo-lane-a',
  base_branch: 'kitty/mission-demo',
  base_commit: 'abc',
  dependencies: ['WP02'],
  created_at: '2026-01-01T00:00:00+00:00',
  created_by: 'implement-command-lane',
  vcs_backend: 'git',
  lane_id: 'lane-a',
  lane_wp_ids: ['WP01'],
  current_wp: 'WP01',
  lane_test_env: { SPEC_KITTY_TEST_DB_NAME: 'test_demo_lane_a' },
}

describe('a workspace context', () => {
  it('reads back what was printed', () => {
    const text = printContext({ slug: 'demo', id: null }, { lane_id: 'lane-a', wp_ids: ['WP01'] }, context)
    expect([parseContext('/r/demo-lane-a.json', text), Object.keys(JSON.parse(text))]).toEqual([
      context,
      Object.keys(context),
    ])
  })

  it('fills in what another edition left out', () => {
    const text =
      '{"wp_id": "WP01", "mission_slug": "demo", "dependencies": "WP02", "lane_test_env": {"A": 1, "B": "b"}}'
    expect(parseContext('/r/demo-lane-a.json', text)).toMatchObject({
      worktree_path: '.worktrees/demo-lane-a',
      lane_id: 'lane-a',
      base_branch: null,
      dependencies: [],
      lane_test_env: { B: 'b' },
    })
    expect(parseContext('/r/other.json', text)).toMatchObject({ lane_id: '' })
  })

  it('takes empty and foreign values for none', () => {
    const text = JSON.stringify({
      ...context,
      base_branch: '',
      created_by: 1,
      vcs_backend: 'jj',
      dependencies: ['WP02', 1],
      lane_test_env: ['a'],
    })
    expect(parseContext('/r/x.json', text)).toEqual({
      ...context,
      base_branch: null,
      created_by: '',
      vcs_backend: 'jj',
      lane_test_env: {},
    })
    const bare = parseContext('/r/demo.json-lane-a.json', '{"wp_id": "WP01", "mission_slug": "demo.json"}')
    expect([bare?.lane_id, bare?.worktree_path, bare?.vcs_backend, bare?.current_wp]).toEqual([
      'lane-a',
      '.worktrees/demo.json-lane-a',
      'git',
      null,
    ])
  })

  it.each([
    '',
    '[]',
    '{',
    '{"wp_id": "WP01"}',
    '{"mission_slug": "x"}',
    '{"wp_id": 1, "mission_slug": "x"}',
    '{"wp_id": "WP01", "mission_slug": 1}',
  ])('is not %j', text => {
    expect(parseContext('/r/x.json', text)).toBeUndefined()
  })

  it('is named after mission and lane', () => {
    expect(contextPath('/r', 'demo', 'lane-a')).toBe('/r/.kittify/workspaces/demo-lane-a.json')
    expect(laneTestEnv('a-b', 'lane-c')).toEqual({ SPEC_KITTY_TEST_DB_NAME: 'test_a_b_lane_c' })
  })
})

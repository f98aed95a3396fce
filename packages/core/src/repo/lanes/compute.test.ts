import { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { parse } from 'valibot'
import { describe, expect, it } from 'vitest'
import { computeLanes, type PackageScope } from './compute.ts'

const AT = '2026-01-01T00:00:00.000000+00:00'
const mission = {
  slug: 'demo-01KQW4DF',
  id: '01KQW4DF0000000000000000A1',
  branch: 'kitty/mission-demo-01KQW4DF',
  target: 'main',
}
const wp = (id: string, owned: string[], rest: Partial<PackageScope> = {}): PackageScope => ({
  id,
  owned,
  planning: false,
  dependencies: [],
  text: '',
  ...rest,
})
const compute = (...scopes: PackageScope[]) => computeLanes(mission, scopes, AT)
const shape = (...scopes: PackageScope[]) =>
  compute(...scopes).lanes.map(lane => [
    lane.lane_id,
    lane.wp_ids,
    lane.depends_on_lanes,
    lane.parallel_group,
  ])

describe('lanes', () => {
  it('of no work packages are none', () => {
    expect(compute()).toEqual({
      version: 1,
      mission_slug: mission.slug,
      mission_id: mission.id,
      mission_branch: mission.branch,
      target_branch: 'main',
      lanes: [],
      computed_at: AT,
      computed_from: 'dependency_graph+ownership',
      planning_artifact_wps: [],
    })
  })

  it('are one for each disjoint scope, ordered by depth and name', () => {
    expect(
      shape(
        wp('WP03', ['src/c/**']),
        wp('WP02', ['src/b/**'], { dependencies: ['WP01'] }),
        wp('WP01', ['src/a/**']),
      ),
    ).toEqual([
      ['lane-a', ['WP01'], [], 0],
      ['lane-c', ['WP03'], [], 0],
      ['lane-b', ['WP02'], ['lane-a'], 1],
    ])
  })

  it('join packages whose scopes meet, in the order of their dependencies, and say why', () => {
    const lanes = compute(
      wp('WP01', ['src/x/**'], { dependencies: ['WP02'] }),
      wp('WP02', ['src/x/y/**', 'docs/a.md']),
      wp('WP03', ['docs/**']),
      wp('WP04', ['lib/**']),
    )
    expect(lanes.lanes.map(lane => [lane.lane_id, lane.wp_ids, lane.write_scope])).toEqual([
      ['lane-a', ['WP02', 'WP01', 'WP03'], ['docs/**', 'docs/a.md', 'src/x/**', 'src/x/y/**']],
      ['lane-b', ['WP04'], ['lib/**']],
    ])
    expect(lanes.collapse_report).toEqual({
      events: [
        {
          wp_a: 'WP01',
          wp_b: 'WP02',
          rule: 'write_scope_overlap',
          evidence: "overlapping globs: 'src/x/**' vs 'src/x/y/**'; WP01 depends on WP02",
        },
        {
          wp_a: 'WP02',
          wp_b: 'WP03',
          rule: 'write_scope_overlap',
          evidence: "overlapping globs: 'docs/a.md' vs 'docs/**'",
        },
      ],
      total_merges: 2,
      independent_wps_collapsed: 1,
      by_rule: { write_scope_overlap: 2 },
    })
    expect(() => parse(LanesJson, lanes)).not.toThrow()
  })

  it('name the later package first in the evidence when it depends on the earlier one', () => {
    const events = compute(wp('WP01', ['src/**']), wp('WP02', ['src/a'], { dependencies: ['WP01'] }))
      .collapse_report?.events
    expect(events?.[0]?.evidence).toBe("overlapping globs: 'src/**' vs 'src/a'; WP02 depends on WP01")
  })

  it('put planning packages into one lane that can depend on code and be depended on', () => {
    const lanes = compute(
      wp('WP01', ['docs/**'], { planning: true }),
      wp('WP02', ['src/**'], { dependencies: ['WP01'] }),
      wp('WP03', ['notes.md'], { planning: true, dependencies: ['WP02'] }),
    )
    expect(lanes.planning_artifact_wps).toEqual(['WP01', 'WP03'])
    // The two lanes need each other: the cycle is cut, not reported.
    expect(lanes.lanes.map(lane => [lane.lane_id, lane.wp_ids, lane.depends_on_lanes])).toEqual([
      ['lane-planning', ['WP01', 'WP03'], ['lane-a']],
      ['lane-a', ['WP02'], ['lane-planning']],
    ])
    expect(lanes.lanes[0]?.predicted_surfaces).toEqual(['planning'])
  })

  it('measure depth along the longest way', () => {
    expect(
      shape(
        wp('WP01', ['a']),
        wp('WP02', ['b'], { dependencies: ['WP01'] }),
        wp('WP03', ['c'], { dependencies: ['WP01', 'WP02'] }),
      ).map(([lane, , , group]) => [lane, group]),
    ).toEqual([
      ['lane-a', 0],
      ['lane-b', 1],
      ['lane-c', 2],
    ])
  })

  const kept = (...lanes: [id: string, ...wpIds: string[]][]) => {
    const scopes = [wp('WP01', ['a']), wp('WP02', ['b']), wp('WP03', ['c']), wp('WP04', ['b'])]
    const holding = lanes.map(([id, ...wpIds]) => ({ id, wpIds }))
    return computeLanes(mission, scopes, AT, holding).lanes.map(lane => [lane.lane_id, lane.wp_ids])
  }

  it('that hold work stay with who did it, and nobody else gets their name', () => {
    expect(kept(['lane-b', 'WP03'], ['lane-a'])).toEqual([
      ['lane-b', ['WP03']],
      ['lane-c', ['WP01']],
      ['lane-d', ['WP02', 'WP04']],
    ])
    expect(kept(['lane-x', 'WP04', 'WP09'], ['lane-c', 'WP01'])).toEqual([
      ['lane-a', ['WP03']],
      ['lane-c', ['WP01']],
      ['lane-x', ['WP02', 'WP04']],
    ])
    expect(kept(['lane-b', 'WP01', 'WP03'])).toEqual([
      ['lane-a', ['WP02', 'WP04']],
      ['lane-b', ['WP01', 'WP03']],
    ])
  })

  it('of a package that was given up are joined by nobody', () => {
    expect(shape(wp('WP01', ['a'], { apart: true }), wp('WP02', ['a']), wp('WP03', ['a']))).toEqual([
      ['lane-a', ['WP02', 'WP03'], [], 0],
      ['lane-b', ['WP01'], [], 0],
    ])
  })

  it('count a pair once, and those apart that did not depend on each other', () => {
    const scopes = [
      wp('WP01', ['a']),
      wp('WP02', ['a'], { dependencies: ['WP01', 'WP77'] }),
      wp('WP03', ['a', 'b']),
      wp('WP04', ['b']),
    ]
    const { collapse_report: report, lanes } = compute(...scopes)
    expect([report?.total_merges, report?.independent_wps_collapsed, report?.by_rule]).toEqual([
      3,
      2,
      { write_scope_overlap: 3 },
    ])
    expect(lanes.map(lane => [lane.wp_ids, lane.depends_on_lanes])).toEqual([
      [['WP01', 'WP02', 'WP03', 'WP04'], []],
    ])
    const backward = compute(wp('WP01', ['a'], { dependencies: ['WP02'] }), wp('WP02', ['a']))
    expect(backward.collapse_report?.independent_wps_collapsed).toBe(0)
    expect(backward.lanes[0]?.wp_ids).toEqual(['WP02', 'WP01'])
  })

  it.each([
    ['app-shell', 'a sidebar'],
    ['artifact-rendering', 'render it'],
    ['legacy-cleanup', 'remove it'],
    ['tests', 'an integration test'],
    ['workspace', 'its workspace'],
  ])('speak of %s in %j', (surface, text) =>
    expect(compute(wp('WP01', ['a'], { text })).lanes[0]?.predicted_surfaces).toEqual([surface]),
  )

  it('name the surfaces that a text speaks of', () => {
    expect(
      compute(wp('WP01', ['a'], { text: 'A new Endpoint; sync the DASHBOARD' })).lanes[0]?.predicted_surfaces,
    ).toEqual(['api', 'dashboard', 'tracker-integration'])
  })

  it('go on with two letters after z', () => {
    const scopes = Array.from({ length: 28 }, (_, i) =>
      wp(`WP${String(i + 1).padStart(2, '0')}`, [`src/${i}/**`]),
    )
    const ids = compute(...scopes).lanes.map(lane => lane.lane_id)
    expect([ids.length, ids.includes('lane-aa'), ids.includes('lane-ab')]).toEqual([28, true, true])
  })

  it('use the slug where a mission has no id', () => {
    expect(computeLanes({ ...mission, id: null }, [], AT).mission_id).toBe(mission.slug)
  })
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import { parse } from 'valibot'
import { describe, expect, it } from 'vitest'
import { executionLane, parseLanes, printLanes, readLanes, requireLanes } from './manifest.ts'

const corpus = '../shared/conformance/corpus'
const lane = {
  lane_id: 'lane-a',
  wp_ids: ['WP01'],
  write_scope: ['src/a/**'],
  predicted_surfaces: [],
  depends_on_lanes: [],
  parallel_group: 0,
}
const base = {
  version: 1,
  mission_slug: 'demo',
  mission_id: 'ID',
  mission_branch: 'kitty/mission-demo',
  target_branch: 'main',
  lanes: [lane],
  computed_at: '2026-01-01T00:00:00.000000+00:00',
  computed_from: 'dependency_graph+ownership',
  planning_artifact_wps: [],
}
const files = (text: string | undefined) => ({
  files: {
    text: () => text,
    bytes: () => undefined,
    front: () => undefined,
    pieces: () => undefined,
    list: () => [],
    stat: () => undefined,
  },
})
const mission = { dir: '/r/kitty-specs/demo', slug: 'demo' }

describe('lanes.json', () => {
  it('is printed with its keys in order, unknown keys behind them', () => {
    const shuffled = { zeta: 1, ...Object.fromEntries(Object.entries(base).reverse()), version: 1 }
    const text = printLanes(parseLanes('lanes.json', JSON.stringify(shuffled)))
    expect(Object.keys(JSON.parse(text))).toEqual([...Object.keys(base), 'zeta'])
    expect(text).toBe(`${JSON.stringify({ ...base, zeta: 1 }, null, 2)}\n`)
  })

  it('is read tolerantly: feature_slug, missing id, unknown lane keys', () => {
    const { mission_slug: _, mission_id: __, ...rest } = base
    const text = JSON.stringify({
      ...rest,
      feature_slug: 'old',
      lanes: [{ ...lane, path_base: 'x', parallel_group: null }],
    })
    const read = parseLanes('lanes.json', text)
    expect(read).toMatchObject({ mission_slug: 'old', mission_id: 'old' })
    expect(read.lanes[0]).toMatchObject({ path_base: 'x', parallel_group: 0 })
    expect(() => parse(LanesJson, read)).not.toThrow()
  })

  it.each([
    ['{"version": 1,', /JSON/],
    ['[]', /not a JSON object/],
    [JSON.stringify({ ...base, version: 7 }), /version 7/],
    [JSON.stringify({ ...base, lanes: {} }), /"lanes"/],
    [JSON.stringify({ ...base, lanes: [{ wp_ids: [] }] }), /lane 1 has no "lane_id"/],
    [JSON.stringify({ ...base, lanes: [{ lane_id: 'lane-a' }] }), /"wp_ids" of lane-a/],
    [JSON.stringify({ ...base, mission_branch: 4 }), /"mission_branch"/],
    [JSON.stringify({ ...base, mission_branch: '-f' }), /"mission_branch" is no name of a branch/],
    [JSON.stringify({ ...base, target_branch: 'a b' }), /"target_branch" is no name of a branch/],
  ])('is refused when it cannot be understood: %s', (text, message) => {
    expect(() => parseLanes('lanes.json', text)).toThrow(
      expect.objectContaining({ code: 'file_malformed', message: expect.stringMatching(message) }),
    )
  })

  it('may be absent; a command that needs it names the remedy', () => {
    expect(readLanes(files(undefined), mission)).toBeUndefined()
    expect(() => requireLanes(files(undefined), mission)).toThrow(
      expect.objectContaining({
        code: 'tasks_not_finalized',
        hint: expect.stringContaining('finalize-tasks'),
      }),
    )
    expect(requireLanes(files(JSON.stringify(base)), mission).mission_branch).toBe('kitty/mission-demo')
  })

  it('tells the lane of a work package', () => {
    const lanes = parseLanes('lanes.json', JSON.stringify(base))
    expect(executionLane(lanes, 'WP01')?.lane_id).toBe('lane-a')
    expect(executionLane(lanes, 'WP02')).toBeUndefined()
  })

  it.skipIf(!existsSync(corpus))(
    'of the real missions survive reading and printing (needs ../shared)',
    () => {
      const texts = readdirSync(corpus)
        .map(name => `${corpus}/${name}/input/lanes.json`)
        .filter(existsSync)
        .map(path => readFileSync(path, 'utf8'))
      expect(texts.length).toBeGreaterThan(50)
      for (const text of texts) {
        const canonical = `${JSON.stringify(JSON.parse(text), null, 2)}\n`
        expect(printLanes(parseLanes('lanes.json', text))).toBe(
          text.includes('"planning_artifact_wps"')
            ? canonical
            : canonical.replace(/\n}\n$/, ',\n  "planning_artifact_wps": []\n}\n'),
        )
      }
    },
  )
})

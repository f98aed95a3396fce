import { MapRequirements } from '@spec-kitty/contracts/cli/map-requirements'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit()
})
afterEach(() => world.cleanup())

const run = async (...words: string[]) => {
  const { status, json } = await runCli(world, ['agent', 'tasks', 'map-requirements', ...words, '--json'])
  return { status, json: json as MapRequirements & { error: string; hint: string } }
}
const head = () => world.git('rev-parse', 'HEAD')
const wp = (id: string) => world.read(`${DIR}/tasks/${id}-demo.md`)

describe('map-requirements', () => {
  it('adds, replaces and counts, one commit each', async () => {
    const first = await run('--wp', 'wp01', '--refs', 'fr-001, NFR-001')
    expect(first.status).toBe(0)
    expect(v.parse(MapRequirements, first.json)).toMatchObject({
      mapped: { WP01: ['FR-001', 'NFR-001'] },
      coverage: { total_functional: 2, mapped_functional: 1, unmapped_functional: ['FR-002'] },
      committed: true,
      commit_sha: head(),
    })
    expect(wp('WP01')).toContain('requirement_refs:\n- FR-001\n- NFR-001\n---\n')
    expect((await run('--wp', 'WP01', '--refs', 'FR-002')).json.total_mappings).toEqual({
      WP01: ['FR-001', 'FR-002', 'NFR-001'],
    })
    const batch = await run('--batch', '{"WP01": ["FR-001"], "wp02": "FR-002"}', '--replace')
    expect(batch.json.total_mappings).toEqual({ WP01: ['FR-001'], WP02: ['FR-002'] })
    expect(world.git('log', '-1', '--format=%s')).toBe(
      `chore: Map requirements for WP01, WP02 on spec ${MISSION_SLUG}`,
    )
    expect(world.git('status', '--porcelain')).toBe('')
    const again = await run('--wp', 'WP01', '--refs', 'FR-001')
    expect(again.json).toMatchObject({ committed: false, commit_sha: null })
  })

  it('keeps tickets', async () => {
    const { json } = await run(
      '--wp',
      'WP01',
      '--tracker-ref',
      'A-1',
      '--tracker-ref',
      'A-2',
      '--no-auto-commit',
    )
    expect(json).toMatchObject({
      tracker_refs: { WP01: ['A-1', 'A-2'] },
      mapped: { WP01: [] },
      committed: false,
    })
    expect(wp('WP01')).toContain('tracker_refs:\n- A-1\n- A-2\n')
    expect(wp('WP01')).not.toContain('requirement_refs')
  })

  it.each<[string, string[], object]>([
    [
      'an unknown work package',
      ['--wp', 'WP09', '--refs', 'FR-001'],
      { error: 'Unknown WP IDs', unknown_wps: ['WP09'] },
    ],
    [
      'an unknown requirement',
      ['--wp', 'WP01', '--refs', 'FR-009'],
      { error: 'Invalid requirement refs', unknown_refs: ['FR-009'] },
    ],
    [
      'a malformed requirement',
      ['--wp', 'WP01', '--refs', 'bogus'],
      { error: 'Invalid requirement ref format', malformed_refs: ['BOGUS'] },
    ],
    ['nothing', [], { code: 'invalid_input' }],
    ['a work package alone', ['--wp', 'WP01'], { code: 'invalid_input' }],
    ['broken JSON', ['--batch', '{bad'], { code: 'invalid_input' }],
    ['JSON that is no object', ['--batch', '[]'], { error: '--batch is no JSON object' }],
    ['JSON without lists', ['--batch', '{"WP01": 1}'], { error: '--batch: WP01 has no list of ids' }],
    ['both forms', ['--batch', '{}', '--wp', 'WP01', '--refs', 'FR-001'], { code: 'invalid_input' }],
  ])('refuses %s before writing', async (_, words, expected) => {
    const before = head()
    const { status, json } = await run(...words)
    expect(status).toBe(1)
    expect(json).toMatchObject(expected)
    expect(head()).toBe(before)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('refuses references that the specification has lost, until they are replaced', async () => {
    await run('--wp', 'WP01', '--refs', 'FR-002')
    world.write(`${DIR}/spec.md`, world.read(`${DIR}/spec.md`).replace(/.*FR-002.*\n/, ''))
    world.commit()
    const { json } = await run('--wp', 'WP02', '--refs', 'FR-001')
    expect(json).toMatchObject({
      error: 'Stale or invalid refs in WP frontmatter',
      stale_refs: { WP01: ['FR-002'] },
    })
    expect(wp('WP02')).not.toContain('FR-001')
    expect((await run('--wp', 'WP01', '--refs', 'FR-001', '--replace')).status).toBe(0)
  })

  it('says what is left', async () => {
    const { stdout } = await runCli(world, [
      'agent',
      'tasks',
      'map-requirements',
      '--wp',
      'WP01',
      '--refs',
      'FR-001',
    ])
    expect(stdout).toBe('WP01: FR-001\n1 of 2 functional requirements mapped; without work package: FR-002\n')
  })
})

import { addMission, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { printRow } from '../log/log.ts'
import { reduceLog } from '../log/reduce.ts'
import {
  cyclePointer,
  cyclesByWp,
  isRejected,
  latestCycle,
  lostCycle,
  overrideCycle,
  printCycle,
} from './cycle.ts'

const NO_LOG = reduceLog('')
let world: World
let mission: { dir: string; slug: string }
beforeEach(() => {
  world = createWorld()
  mission = { dir: `${world.root}/${addMission(world)}`, slug: MISSION_SLUG }
})
afterEach(() => world.cleanup())

const NEW = {
  number: 1,
  missionSlug: MISSION_SLUG,
  wpId: 'WP01',
  verdict: 'rejected',
  reviewer: 'bob',
  at: '2026-02-03T04:05:06.123456+00:00',
  feedback: '**Issue 1**: wrong',
} as const
const put = (folder: string, number: number, text = printCycle({ ...NEW, number })) =>
  world.write(`${mission.dir}/tasks/${folder}/review-cycle-${number}.md`, text)

describe('a review cycle', () => {
  it('is printed as 3.2.0 writes it', () => {
    expect(printCycle(NEW)).toBe(`---
affected_files: []
cycle_number: 1
mission_slug: ${MISSION_SLUG}
reproduction_command:
reviewed_at: '2026-02-03T04:05:06Z'
reviewer_agent: bob
verdict: rejected
wp_id: WP01
---

**Issue 1**: wrong
`)
    expect(printCycle({ ...NEW, reviewer: 'a: b' })).toContain('reviewer_agent: "a: b"\n')
    expect(printCycle({ ...NEW, reviewer: 'null' })).toContain('reviewer_agent: "null"\n')
  })

  it('is found by number in every folder of the work package', async () => {
    put('WP01-demo', 2)
    put('WP01-demo', 10, printCycle({ ...NEW, verdict: 'approved' }))
    put('WP01-old-name', 1)
    put('WP010-other', 11)
    world.write(`${mission.dir}/tasks/WP01-demo/notes.md`, 'x')
    expect(
      cyclesByWp(world.ports, mission)
        .get('WP01')
        ?.map(cycle => cycle.number),
    ).toEqual([1, 2, 10])
    const latest = await latestCycle(world.ports, mission, 'WP01', NO_LOG)
    expect(latest).toMatchObject({
      number: 10,
      verdict: 'approved',
      reviewer: 'bob',
      feedback: '**Issue 1**: wrong',
      overridden: false,
    })
    expect(isRejected(latest)).toBe(false)
    expect(await latestCycle(world.ports, mission, 'WP02', NO_LOG)).toBeUndefined()
    expect(isRejected(undefined)).toBe(false)
  })

  it('stays rejected until it is put aside with name and reason', async () => {
    put('WP01-demo', 1)
    const rejected = await latestCycle(world.ports, mission, 'WP01', NO_LOG)
    expect(isRejected(rejected)).toBe(true)
    put(
      'WP01-demo',
      1,
      await overrideCycle(world.ports, rejected!, {
        at: NEW.at,
        actor: 'eve',
        wpId: 'WP01',
        reason: 'fixed: see PR',
      }),
    )
    const after = await latestCycle(world.ports, mission, 'WP01', NO_LOG)
    expect(after).toMatchObject({ verdict: 'rejected', overridden: true, feedback: rejected?.feedback })
    expect(after?.fields).toMatchObject({
      review_artifact_override_at: '2026-02-03T04:05:06Z',
      review_artifact_override_reason: 'fixed: see PR',
    })
    expect(isRejected(after)).toBe(false)
  })

  it('takes from the log the verdict that a later edition keeps there', async () => {
    put('WP01-demo', 1, '---\nwp_id: WP01\n---\n\nWords.\n')
    const event = (n: number, verdict: string, reference: string) =>
      printRow(
        eventRow('WP1', 'in_review', 'planned', n, { review_result: { reviewer: 'r', verdict, reference } }),
      )
    const read = (...rows: string[]) => latestCycle(world.ports, mission, 'WP01', reduceLog(rows.join('\n')))
    expect(await read(event(1, 'approved', 'x'))).toMatchObject({ verdict: 'approved', feedback: 'Words.' })
    const named = event(1, 'changes_requested', 'review-cycle://demo/WP01-demo/review-cycle-1.md')
    expect(await read(named, event(2, 'approved', 'x'))).toMatchObject({ verdict: 'rejected' })
    put('WP01-demo', 1)
    expect(await read(event(1, 'approved', 'x'))).toMatchObject({ verdict: 'rejected' })
  })

  it.each<[string, string, string]>([
    ['no verdict', '---\nwp_id: WP01\n---\n', 'it has no verdict'],
    ['another verdict', '---\nverdict: maybe\n---\n', 'its verdict is "maybe"'],
    ['no front matter', 'text', ':1: '],
  ])('is refused with %s', async (_, text, message) => {
    put('WP01-demo', 1, text)
    await expect(latestCycle(world.ports, mission, 'WP01', NO_LOG)).rejects.toMatchObject({
      code: 'file_malformed',
    })
    await expect(latestCycle(world.ports, mission, 'WP01', NO_LOG)).rejects.toThrow(message)
  })
})

describe('pointers', () => {
  const lost = (reference: string, verdict = 'changes_requested') =>
    lostCycle(world.ports, { ...mission, rel: 'kitty-specs/m' }, 'WP01', {
      verdicts: new Map([['1', [{ verdict, reference }]]]),
    })

  it('name a file, which may be gone', () => {
    const pointer = cyclePointer({ slug: 'm' }, 'WP01-x', 2)
    expect(pointer).toBe('review-cycle://m/WP01-x/review-cycle-2.md')
    put('WP01-x', 1)
    expect(lost(pointer)).toBe('kitty-specs/m/tasks/WP01-x/review-cycle-2.md')
    expect(lost(pointer, 'approved')).toBeUndefined()
    // The file of the package was renamed since.
    put('WP01-y', 2)
    expect(lost(pointer)).toBeUndefined()
  })

  it.each([
    'force-override',
    'review-cycle://m/../x.md',
    'review-cycle://m/a/..',
    'PR#1',
    'feedback://m/WP01/f.md',
  ])('%s names none', pointer => expect(lost(pointer)).toBeUndefined())
})

import { appendFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { addMission, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld } from '@spec-kitty/host/testing/world'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { printRow } from '../repo/log/log.ts'
import { reduceLog } from '../repo/log/reduce.ts'
import { missionAt } from '../repo/mission/handle.ts'
import { locateProject } from '../repo/project/locate.ts'
import { followLog, type LiveLog } from './live-log.ts'

const world = createWorld()
beforeAll(() => void addMission(world))
afterAll(world.cleanup)

const log = join(world.root, 'kitty-specs', MISSION_SLUG, 'status.events.jsonl')
const LANES = ['planned', 'claimed', 'in_progress', 'for_review', 'in_review', 'approved']

/** Rows as they come: mostly in order, sometimes late, told twice, or no moves at all. */
const row = fc
  .record({
    kind: fc.constantFrom('move', 'move', 'move', 'note', 'phase', 'retrospective'),
    wp: fc.constantFrom('WP01', 'WP02', 'wp2'),
    at: fc.integer({ min: 0, max: 59 }),
    id: fc.integer({ min: 0, max: 30 }),
    from: fc.constantFrom(...LANES),
    to: fc.constantFrom(...LANES),
    who: fc.constantFrom('claude', 'codex:gpt', 'user', { tool: 'cursor' }),
  })
  .map(({ kind, wp, at, id, from, to, who }): JsonObject => {
    const stamp = { at: `2026-01-01T00:00:${String(at).padStart(2, '0')}Z`, event_id: `01ID${id}` }
    if (kind === 'move') return eventRow(wp, from, to, 1, { ...stamp, actor: who })
    if (kind === 'phase') return { event_type: 'PlanStarted', ...stamp }
    if (kind === 'retrospective') return { event_name: 'retrospective.started', ...stamp }
    return { kind: 'annotation', wp_id: wp, ...stamp, delta: { subtasks: { T001: to } } }
  })

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('append' as const), rows: fc.array(row, { maxLength: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('open end' as const), rows: fc.tuple(row) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('rewrite' as const), rows: fc.array(row, { maxLength: 4 }) }),
  },
)

it('says what the whole log says, however it came to be', async () => {
  const project = locateProject(world.ports)
  const mission = missionAt(world.ports, project, MISSION_SLUG)
  const follow = (before?: LiveLog) => followLog(world.ports, project, mission, before)
  const told = ({ reduction, events, authors }: LiveLog) => structuredClone({ reduction, events, authors })
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 8 }), async steps => {
      writeFileSync(log, '')
      let before = await follow()
      for (const { do: what, rows } of steps) {
        const lines = rows.map(item => `${printRow(item)}\n`).join('')
        if (what === 'append') appendFileSync(log, lines)
        else if (what === 'open end') appendFileSync(log, `${lines.trimEnd()}\r\n${lines.trimEnd()}`)
        else {
          writeFileSync(`${log}.new`, lines)
          renameSync(`${log}.new`, log)
        }
        if (what === 'open end') {
          before = await follow(before)
          appendFileSync(log, '\n')
        }
        before = await follow(before)
        expect(told(before)).toEqual(told(await follow()))
        expect(before.reduction).toEqual(reduceLog(world.read(log)))
      }
    }),
    { numRuns: 150 },
  )
})

it('reads only what was added', async () => {
  const project = locateProject(world.ports)
  const mission = missionAt(world.ports, project, MISSION_SLUG)
  writeFileSync(log, `${printRow(eventRow('WP01', 'genesis', 'planned', 1))}\n`)
  const before = await followLog(world.ports, project, mission)
  const whole: string[] = []
  const files = { ...world.ports.files, text: (path: string) => void whole.push(path) }
  appendFileSync(log, `${printRow(eventRow('WP01', 'planned', 'claimed', 2))}\n`)
  const after = await followLog({ ...world.ports, files }, project, mission, before)
  expect([after.reduction.workPackages.get('WP01')?.lane, whole]).toEqual(['claimed', []])
})

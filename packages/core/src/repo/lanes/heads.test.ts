import { addMission, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { reduceLog } from '../log/reduce.ts'
import { resolveMission } from '../mission/handle.ts'
import { locateProject } from '../project/locate.ts'
import { arrivals, isAwaited, laneArrival } from './arrival.ts'
import { withHeads } from './heads.ts'

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit()
})
afterEach(() => world.cleanup())

const move = (wp: string, over = {}) => eventRow(wp, 'planned', 'claimed', 100, over)
function heads(...rows: ReturnType<typeof move>[]) {
  const project = locateProject(world.ports)
  return withHeads(world.ports, project, resolveMission(world.ports, project, undefined), rows).map(
    row => row.policy_metadata,
  )
}

it('a transition carries the commit of its lane, where that has a branch', () => {
  const sha = world.git('rev-parse', 'HEAD')
  expect(heads(move('WP01'), move('WP02'))).toEqual([
    move('WP01').policy_metadata,
    move('WP02').policy_metadata,
  ])
  world.git('branch', `kitty/mission-${MISSION_SLUG}-lane-a`)
  const [first, second, unknown] = heads(move('WP01'), move('WP02'), move('WP09'))
  expect([first, second, unknown]).toEqual([
    { lane_head: sha },
    move('WP02').policy_metadata,
    move('WP09').policy_metadata,
  ])
  expect(heads(move('WP01', { policy_metadata: { lane_head: 'mine', more: 1 } }))).toEqual([
    { lane_head: 'mine', more: 1 },
  ])
  expect(heads({ event_type: 'Note', wp_id: 'WP01' })).toEqual([undefined])
})

it('none where lanes.json says nothing, and none for planning work', () => {
  world.git('branch', `kitty/mission-${MISSION_SLUG}-lane-a`)
  const path = `kitty-specs/${MISSION_SLUG}/lanes.json`
  const text = world.read(path)
  world.write(path, text.replaceAll('"lane-a"', '"lane-planning"'))
  expect(heads(move('WP01'))).toEqual([move('WP01').policy_metadata])
  world.write(path, '{')
  expect(heads(move('WP01'))).toEqual([move('WP01').policy_metadata])
})

it('work is awaited from its beginning until it lands or is given up, and again when it is begun anew', () => {
  const rows: string[] = []
  const step = (wp: string, from: string, to: string, over = {}) => {
    const at = `2026-02-03T00:00:${String(rows.length).padStart(2, '0')}.000000+00:00`
    rows.push(JSON.stringify(eventRow(wp, from, to, 300 + rows.length, { at, ...over })))
    const log = `${rows.join('\n')}\n`
    const [arrived, reduction] = [arrivals(log), reduceLog(log)]
    const { awaited, landed } = laneArrival(['WP01', 'WP02'], arrived, reduction)
    return [isAwaited('WP01', arrived, reduction), isAwaited('WP02', arrived, reduction), awaited, landed]
  }
  const forced = { force: true, reason: 'r' }
  expect(step('WP01', 'genesis', 'planned')).toEqual([false, false, false, false])
  expect(step('WP01', 'planned', 'claimed')).toEqual([true, false, true, false])
  expect(step('WP01', 'claimed', 'planned', forced)).toEqual([true, false, true, false])
  expect(step('WP01', 'planned', 'done', { ...forced, actor: 'merge' })).toEqual([false, false, false, true])
  expect(step('WP01', 'done', 'in_progress', forced)).toEqual([false, false, false, true])
  expect(step('WP01', 'in_progress', 'for_review')).toEqual([true, false, true, false])
  expect(step('WP02', 'planned', 'claimed')).toEqual([true, true, true, false])
  expect(step('WP01', 'for_review', 'canceled', forced)).toEqual([false, true, true, false])
  expect(step('WP02', 'claimed', 'done', forced)).toEqual([false, false, false, true])
  expect(step('WP01', 'canceled', 'done', forced)).toEqual([false, false, false, true])
})

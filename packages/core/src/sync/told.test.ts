import { judgeEvent } from '@spec-kitty/contracts/wire/event'
import { expect, test } from 'vitest'
import {
  lifecycleRow,
  missionFact,
  phaseCompleted,
  phaseStarted,
  wpCreated,
} from '../repo/log/lifecycle-rows.ts'
import { historyAdded, missionClosed, toldOf, toldOfLanded } from '../repo/log/told.ts'
import { buildEvent, type EventSource } from './events.ts'

const mission = {
  slug: 'demo-01KQW4DF',
  id: '01KQW4DF0000000000000000A1',
  type: 'software-dev',
  number: null,
  rel: 'kitty-specs/demo',
}
const stamp = { id: '01KQW4DG000000000000000001', at: '2026-01-01T00:00:00.000000+00:00' }
const source: EventSource = {
  identity: {
    projectUuid: '0b1f4a8e-3c55-4d6b-9a63-2f9a0a1b2c3d',
    projectSlug: 'repo',
    buildId: '1b1f4a8e-3c55-4d6b-9a63-2f9a0a1b2c3d',
    nodeId: 'b805cd5cee74',
    repoSlug: null,
  },
  place: { branch: null, head: null },
}
const created = {
  ...{
    mission_id: mission.id,
    mission_slug: mission.slug,
    mission_number: null,
    mission_type: 'software-dev',
  },
  ...{ target_branch: 'main', wp_count: 0, friendly_name: 'Demo', purpose_tldr: 't', purpose_context: 'c' },
  ...{ created_at: stamp.at, unknown_key: 1 },
}

test.each([
  missionFact(mission.id, 'MissionCreated', () => created),
  phaseStarted(mission, 'Specify', 'me', 'spec.md'),
  phaseCompleted(mission, 'Plan', 'me', 'plan.md'),
  phaseCompleted(mission, 'Tasks', 'me', 'tasks.md', { wp_count: 2 }),
  wpCreated(mission, 'me', { id: 'WP01', title: 'One', path: 'tasks/WP01.md', dependencies: [] }),
])('a row of kind $type becomes one event that keeps to the contract', draft => {
  const facts = toldOf(mission, [lifecycleRow(draft, stamp)])
  expect(facts).toHaveLength(1)
  expect(facts[0]).toMatchObject({ event_id: stamp.id, at: stamp.at, event_type: draft.type })
  const event = buildEvent(facts[0]!, source, { id: 'x', at: 'x', lamport: 1 })
  expect(judgeEvent(event)).toMatchObject({ ok: true })
})

test('a landed mission is closed', () => {
  expect(missionClosed(mission, null)).toEqual([])
  const event = buildEvent(missionClosed(mission, 7)[0]!, source, { ...stamp, lamport: 1 })
  expect(judgeEvent(event)).toMatchObject({ ok: true })
})

test('a note in an activity log is told', () => {
  const event = buildEvent(historyAdded('WP01', 'it rained', 'bob'), source, { ...stamp, lamport: 1 })
  expect(judgeEvent(event)).toMatchObject({ ok: true })
})

test('of a merge that landed: the last row of each work package that it finished, if it did', () => {
  const row = (wp: string, to: string, id: string) =>
    JSON.stringify({
      event_id: id,
      wp_id: wp,
      from_lane: 'approved',
      to_lane: to,
      at: stamp.at,
      actor: 'a',
      force: false,
      execution_mode: 'worktree',
    })
  const log = [row('WP01', 'approved', '1'), row('WP01', 'done', '2'), row('WP02', 'planned', '3')].join('\n')
  const facts = toldOfLanded(mission, log, {
    done_work_packages: ['WP01', 'WP02', 'WP03'],
    mission_number: null,
  })
  expect(facts).toMatchObject([{ event_id: '2' }])
})

test('rows that are for the log alone are told to nobody', () => {
  expect(
    toldOf(mission, [
      { event_id: 'a', event_type: 'MissionReopened', aggregate_id: 'x', timestamp: stamp.at, payload: {} },
      { event_id: 'b', event_type: 'DecisionPointOpened', at: stamp.at, payload: {} },
      { event_id: 'c', event_type: 'SpecifyStarted', aggregate_id: 'x', payload: {} },
      { to_lane: 'planned' },
    ]),
  ).toEqual([])
})

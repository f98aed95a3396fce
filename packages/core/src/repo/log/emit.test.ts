import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { addMission, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { resolveMission } from '../mission/handle.ts'
import { locateProject } from '../project/locate.ts'
import { drawStamps, planAppend, readStatus, viewStatus } from './emit.ts'
import { printRow, readLog } from './log.ts'
import { laneOf } from './reduce.ts'
import { requireTransition, standing, type TransitionRequest } from './transition.ts'

let world: World
const LOG = `kitty-specs/${MISSION_SLUG}/status.events.jsonl`

beforeEach(() => {
  world = createWorld()
  addMission(world)
})
afterEach(() => world.cleanup())

async function facts() {
  const project = locateProject(world.ports)
  return readStatus(world.ports, project, resolveMission(world.ports, project, MISSION_SLUG))
}

async function planned(request: Partial<TransitionRequest> = {}) {
  const status = await facts()
  const [stamp] = drawStamps(world.ports, status, 1)
  const full = { wpId: 'WP01', to: 'claimed', actor: 'claude', ...request } as const
  const event = requireTransition(status.mission, standing(status.reduction, 'WP01'), full, stamp)
  return { status, event, append: planAppend(status, [event]) }
}

describe('appending events', () => {
  test('plans the line, the snapshot and what the server is told, and writes nothing', async () => {
    const before = world.read(LOG)
    const { event, append } = await planned()
    expect(append.changes).toEqual([
      { kind: 'append_events', path: `${world.root}/${LOG}`, lines: [printRow(event)] },
      { kind: 'write_file', path: append.paths[1], content: expect.stringContaining('"lane": "claimed"') },
    ])
    expect(append.told).toMatchObject([{ event_type: 'WPStatusChanged', aggregate_id: 'WP01' }])
    expect(laneOf(append.reduction, 'WP01')).toBe('claimed')
    expect(world.read(LOG)).toBe(before)
  })

  test('performed, the log and the snapshot agree, and a second reading plans no snapshot', async () => {
    const { append } = await planned()
    await world.ports.apply(append.changes)
    const after = await facts()
    expect(after.reduction).toEqual(append.reduction)
    expect(planAppend(after, []).changes).toEqual([])
  })

  test('an event is later than everything in the log, however far its clock was ahead', async () => {
    for (const at of ['2999-01-01T00:00:00.000000+00:00', '2999-01-01T00:00:09Z']) {
      appendEvents(world, [eventRow('WP02', 'planned', 'blocked', at.length, { at })])
      const { event, append } = await planned()
      expect(event.at > at).toBe(true)
      expect(laneOf(append.reduction, 'WP01')).toBe('claimed')
    }
    const stamps = drawStamps(world.ports, await facts(), 3)
    expect(stamps.map(stamp => stamp.at)).toEqual(stamps.map(stamp => stamp.at).toSorted())
    expect(new Set(stamps.map(stamp => stamp.id)).size).toBe(3)
  })

  test('refuses an event that a nonsense time stamp would leave without effect', async () => {
    appendEvents(world, [eventRow('WP01', 'planned', 'blocked', 50, { at: 'zzz' })])
    await expect(planned({ to: 'in_progress' })).rejects.toMatchObject({
      code: 'log_corrupt',
      message: expect.stringContaining('stamped zzz'),
    })
  })

  test('another work package moves on although one stamp is nonsense', async () => {
    appendEvents(world, [eventRow('WP02', 'planned', 'blocked', 50, { at: 'zzz' })])
    const { append } = await planned()
    expect(laneOf(append.reduction, 'WP01')).toBe('claimed')
    expect(laneOf(append.reduction, 'WP02')).toBe('blocked')
  })

  test('what names a machine or a person stays out, at any depth', async () => {
    const { append } = await planned({ policyMetadata: { agent: 'a', list: [{ hostname: 'h', ok: 1 }] } })
    const [first] = append.changes
    const line = first?.kind === 'append_events' ? first.lines[0] : ''
    expect(line).toContain('"policy_metadata": {"agent": "a", "list": [{"ok": 1}]}')
  })

  test('a missing last line feed is no reason to glue lines together', async () => {
    world.write(LOG, world.read(LOG).trimEnd())
    const { append } = await planned()
    await world.ports.apply(append.changes)
    expect((await facts()).reduction.eventCount).toBe(3)
  })

  test('rows that are no transitions change no lane and tell the server nothing', async () => {
    const status = await facts()
    const append = planAppend(status, [{ event_type: 'WPCreated', event_id: 'e', payload: {} }])
    expect(append.told).toEqual([])
    expect(append.reduction).toEqual(status.reduction)
  })
})

describe('a coordination mission of the Python edition', () => {
  const branch = `kitty/mission-${MISSION_SLUG}`
  const extra = `${printRow(eventRow('WP01', 'planned', 'claimed', 9))}\n`
  const view = async () => {
    const project = locateProject(world.ports)
    return viewStatus(world.ports, project, resolveMission(world.ports, project, MISSION_SLUG))
  }

  beforeEach(() => {
    world.cleanup()
    world = createWorld()
    addMission(world, { meta: { coordination_branch: branch } })
    world.commit('mission')
  })

  test('is read as the union of both logs: from the branch', async () => {
    world.git('switch', '-qc', branch)
    const own = world.read(LOG)
    world.write(LOG, own + extra)
    world.commit('claim')
    world.git('switch', '-q', 'main')
    world.write(
      LOG,
      `${own}{"event_id": "e", "event_type": "WPCreated", "timestamp": "2025-01-01T00:00:00Z"}\n`,
    )
    const { log, reduction } = await view()
    expect(laneOf(reduction, 'WP01')).toBe('claimed')
    expect(log.text).toContain('WPCreated')
    expect(readLog(log.text)).toHaveLength(4)
  })

  test('is read from the coordination worktree when there is one', async () => {
    world.git('worktree', 'add', '-q', '-b', branch, `.worktrees/${MISSION_SLUG}-coord`)
    world.write(`.worktrees/${MISSION_SLUG}-coord/${LOG}`, world.read(LOG) + extra)
    expect(laneOf((await view()).reduction, 'WP01')).toBe('claimed')
  })

  test('is read from the checkout alone when its branch is gone', async () => {
    expect(laneOf((await view()).reduction, 'WP01')).toBe('planned')
  })

  test('is not written to', async () => {
    await expect(facts()).rejects.toMatchObject({
      code: 'coordination_mission',
      hint: `spec-kitty migrate flatten --mission ${MISSION_SLUG}`,
    })
  })
})

test('a flat mission is read without a git process', async () => {
  const noGit = new Proxy(world.ports.git, {
    get: () => {
      throw new Error('git was asked')
    },
  })
  const project = locateProject(world.ports)
  const mission = resolveMission(world.ports, project, MISSION_SLUG)
  const { files, note } = world.ports
  const status = await viewStatus({ files, git: noGit, note }, project, mission)
  expect(status.log.exists).toBe(true)
})

test('a log that is shorter than its snapshot is told of', async () => {
  const project = locateProject(world.ports)
  const mission = resolveMission(world.ports, project, MISSION_SLUG)
  const notes: string[] = []
  const look = async () => {
    await viewStatus({ ...world.ports, note: line => notes.push(line) }, project, mission)
    return notes.splice(0)
  }
  world.write(`${mission.rel}/status.json`, '{"event_count": 900}')
  expect(await look()).toEqual([
    expect.stringMatching(/holds \d events, but status.json tells of 900.*no commit has them/),
  ])
  rmSync(join(world.root, mission.rel, 'status.events.jsonl'))
  expect(await look()).toEqual([expect.stringContaining('status.events.jsonl is gone')])
  world.write(`${mission.rel}/status.json`, '{"event_count": 0}')
  expect(await look()).toEqual([])
})

import { AgentStatusEmit } from '@spec-kitty/contracts/cli/status-emit'
import { addMission, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'
import { emitWords } from '../../../testing/words.ts'

const LOG = `kitty-specs/${MISSION_SLUG}/status.events.jsonl`
const STATUS = `kitty-specs/${MISSION_SLUG}/status.json`
const REVIEW = '{"review":{"reviewer":"bob","verdict":"approved","reference":"PR#1"}}'

let world: World
beforeEach(() => {
  world = createWorld({ branch: 'work' })
  addMission(world)
  world.commit('fixture')
})
afterEach(() => world.cleanup())

const emit = (wp: string, to: string, ...more: string[]) => runCli(world, emitWords(wp, to, ...more))
const events = () =>
  world
    .read(LOG)
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Record<string, unknown>)

describe('agent status emit', () => {
  test('walks the whole road, one event and one commit each', async () => {
    const road: [string, ...string[]][] = [
      ['claimed'],
      ['in_progress'],
      ['for_review', '--subtasks-complete'],
      ['in_review'],
      ['approved', '--evidence-json', REVIEW],
      ['done', '--evidence-json', REVIEW],
    ]
    for (const [to, ...more] of road) {
      const { status, stdout, json } = await emit('WP01', to, ...more)
      expect([status, stdout]).toEqual([0, expect.stringContaining(`"to_lane":"${to}"`)])
      expect(v.is(AgentStatusEmit, json)).toBe(true)
      expect(events().at(-1)).toMatchObject({ to_lane: to, event_id: (json as AgentStatusEmit).event_id })
      expect(world.git('log', '-1', '--format=%s')).toBe('chore(spec-kitty): status transition WP01')
      expect(world.git('show', '--name-only', '--format=', 'HEAD').split('\n')).toEqual([LOG, STATUS])
      expect(world.git('status', '--porcelain')).toBe('')
    }
    expect(JSON.parse(world.read(STATUS))).toMatchObject({ event_count: 8, summary: { done: 1, planned: 1 } })
  })

  test('says it in one line to a person', async () => {
    const words = [
      'agent',
      'status',
      'emit',
      'WP01',
      '--to',
      'claimed',
      '--actor',
      'a',
      '--mission',
      MISSION_SLUG,
    ]
    const { stdout, stderr } = await runCli(world, words)
    expect(stdout).toMatch(/^OK WP01: planned -> claimed \(event: \w{12}\.\.\.\)\n$/)
    expect(stderr).toBe('')
  })

  test('the alias doing is in_progress, and on work in progress nothing happens and it says so', async () => {
    await emit('WP01', 'claimed')
    expect((await emit('WP01', ' Doing ')).status).toBe(0)
    expect(events().at(-1)).toMatchObject({ to_lane: 'in_progress' })
    const before = world.read(LOG)
    expect((await emit('WP01', 'doing')).json).toMatchObject({ event_id: null, to_lane: 'in_progress' })
    const words = ['agent', 'status', 'emit', 'WP01', '--to', 'doing', '--actor', 'a']
    expect((await runCli(world, words)).stdout).toBe('WP01 is in in_progress already; nothing to do.\n')
    expect(await emit('WP01', 'in_progress')).toMatchObject({ status: 1 })
    expect(world.read(LOG)).toBe(before)
  })

  test.each([
    ['WP01', ['nonsense'], 'invalid_lane', 'Unknown lane: nonsense'],
    ['WP01', ['genesis', '--force', '--reason', 'x'], 'invalid_lane', 'Unknown lane: genesis'],
    ['WP01', ['done'], 'illegal_transition', 'planned -> done'],
    ['WP01', ['done', '--force'], 'guard_failed', 'Force transitions require actor and reason'],
    ['WP99', ['planned'], 'wp_not_found', "'WP99' not found"],
    ['bad id', ['planned'], 'wp_not_found', "'bad id' not found"],
    ['WP01', ['claimed', '--evidence-json', '{bad'], 'invalid_input', 'Invalid JSON in --evidence-json'],
    ['WP01', ['claimed', '--evidence-json', '[1]'], 'invalid_input', 'must be a JSON object, not [1]'],
  ])('refuses %s %s: %s', async (wp, words, code, message) => {
    const before = [world.read(LOG), world.git('rev-parse', 'HEAD')]
    const { status, json } = await emit(wp, words[0] ?? '', ...words.slice(1))
    expect(status).toBe(1)
    expect(json).toMatchObject({ code, error: expect.stringContaining(message), hint: expect.any(String) })
    expect([world.read(LOG), world.git('rev-parse', 'HEAD')]).toEqual(before)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  test('asks for ticked subtasks before review', async () => {
    appendEvents(world, [eventRow('WP01', 'planned', 'in_progress', 5)])
    expect((await emit('WP01', 'for_review')).json).toMatchObject({
      error: expect.stringContaining('completed subtasks'),
    })
    const tasks = `kitty-specs/${MISSION_SLUG}/tasks.md`
    world.write(
      tasks,
      world.read(tasks).replaceAll('- [ ] T011', '- [x] T011').replaceAll('- [ ] T012', '- [x] T012'),
    )
    expect((await emit('WP01', 'for_review')).status).toBe(0)
  })

  test('another person can claim the review, a third one cannot', async () => {
    appendEvents(world, [eventRow('WP01', 'in_progress', 'for_review', 5)])
    expect((await emit('WP01', 'in_review', '--actor', 'bob')).status).toBe(0)
    expect((await emit('WP01', 'in_review', '--actor', 'carol')).json).toMatchObject({
      error: 'WP already claimed for review by bob; cannot be claimed by carol',
    })
  })

  test('leaves files uncommitted when asked to, and refuses a protected branch before it writes', async () => {
    expect((await emit('WP01', 'claimed', '--no-auto-commit')).status).toBe(0)
    expect(world.git('status', '--porcelain')).toContain('status.json')
    world.commit('by hand')
    world.write('.kittify/config.yaml', 'protected_branches:\n- work\n')
    world.commit('protect')
    expect((await emit('WP01', 'in_progress')).json).toMatchObject({ code: 'protected_branch' })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  test('refuses a torn log with the line, and the remedy it names helps', async () => {
    const torn = `${world.read(LOG)}{"actor": "cla`
    world.write(LOG, torn)
    const { status, json } = await emit('WP01', 'claimed')
    expect(status).toBe(1)
    expect(json).toMatchObject({ code: 'log_corrupt', error: expect.stringContaining('line 3'), line: 3 })
    expect(world.read(LOG)).toBe(torn)
    const { hint, path } = json as { hint: string; path: string }
    expect(path).toBe(`${world.root}/${LOG}`)
    expect((await runCli(world, hint.split(' ').slice(1))).status).toBe(0)
    expect((await emit('WP01', 'claimed')).status).toBe(0)
  })

  test('refuses a coordination mission with the remedy, and makes nothing', async () => {
    addMission(world, { meta: { coordination_branch: 'kitty/mission-x' } })
    expect((await emit('WP01', 'claimed')).json).toMatchObject({ code: 'coordination_mission' })
    expect(world.exists('.worktrees')).toBe(false)
  })

  test('a mission without an id gets events without one', async () => {
    addMission(world, { slug: '034-legacy', id: null, number: 34 })
    const words = [
      'agent',
      'status',
      'emit',
      'WP01',
      '--to',
      'claimed',
      '--actor',
      'a',
      '--mission',
      '034',
      '--json',
    ]
    expect((await runCli(world, words)).status).toBe(0)
    const last = world.read('kitty-specs/034-legacy/status.events.jsonl').trimEnd().split('\n').at(-1) ?? ''
    expect(last).not.toContain('"mission_id"')
    expect(JSON.parse(last)).toMatchObject({ mission_slug: '034-legacy', to_lane: 'claimed' })
  })
})

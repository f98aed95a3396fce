/** What the log says beside the lanes, for the editions that read it there. */
import { isObject, parseObject } from '@spec-kitty/contracts/json'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`
let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit()
})
afterEach(() => world.cleanup())

const log = () => world.read(`${DIR}/status.events.jsonl`)
const rows = () =>
  log()
    .trimEnd()
    .split('\n')
    .map(line => parseObject(line) ?? {})
const deltas = () => rows().flatMap(({ delta }) => (isObject(delta) ? [delta] : []))
const board = () => world.read(`${DIR}/status.json`)

async function ok(...words: string[]): Promise<void> {
  const { status, stderr } = await runCli(world, words)
  expect(stderr + status).toMatch(/0$/)
}
const start = () => ok('agent', 'action', 'implement', 'WP01', '--agent', 'claude')
const tick = (...ids: string[]) => ok('agent', 'tasks', 'mark-status', ...ids, '--status', 'done')
const handOver = () => ok('agent', 'tasks', 'move-task', 'WP01', '--to', 'for_review')
const lane = () => ({ cwd: `${world.root}/.worktrees/${MISSION_SLUG}-lane-a` })

function work(): string {
  world.write(`.worktrees/${MISSION_SLUG}-lane-a/src/a.py`, 'A\n')
  world.git('-C', lane().cwd, 'add', '.')
  world.git('-C', lane().cwd, 'commit', '-qm', 'work')
  return world.git('-C', lane().cwd, 'rev-parse', 'HEAD').trim()
}

function feedback(): string {
  world.write('feedback.md', '# Feedback\n\nOnce more.\n')
  return `${world.root}/feedback.md`
}

it('names who claimed a package as its front matter does, and where its lane stood', async () => {
  await start()
  const [claimed, started] = rows().slice(-2)
  const tip = world.git('-C', lane().cwd, 'rev-parse', 'HEAD').trim()
  const said = {
    agent: 'claude',
    lane_head: tip,
    shell_pid: expect.any(Number),
    shell_pid_created_at: expect.any(String),
  }
  expect(claimed).toMatchObject({ to_lane: 'claimed', policy_metadata: said })
  expect(started).toMatchObject({ to_lane: 'in_progress', policy_metadata: said })
  expect(world.read(`${DIR}/tasks/WP01-demo.md`)).toContain(`shell_pid: "${process.pid}"`)
})

it('stamps every move with the lane, and says at the hand-over what is ticked', async () => {
  await start()
  const tip = work()
  await tick('T011', 'T012')
  expect(deltas()).toEqual([])
  await handOver()
  expect(rows().at(-1)).toMatchObject({ to_lane: 'for_review', policy_metadata: { lane_head: tip } })
  expect(deltas()).toEqual([{ subtasks: { T011: 'done', T012: 'done' } }])
  expect(board()).not.toContain('"subtasks"')
  await ok('agent', 'action', 'review', 'WP01', '--agent', 'bob')
  expect(deltas().at(-1)).toMatchObject({ agent: 'bob', role: 'reviewer' })
})

it.each([true, false])(
  'names in the front matter who has a package, and who had it last unless a later edition works here: %s',
  async shared => {
    if (shared) world.write('.kittify/config.yaml', 'ticks_in_log: true\n')
    world.commit('settings')
    const named = () => /^(?:agent|shell_pid): .*/m.test(world.read(`${DIR}/tasks/WP01-demo.md`))
    await start()
    work()
    await tick('T011', 'T012')
    expect(named()).toBe(true)
    await handOver()
    // 3.2.7 would take a name that the log no longer has for a claim, and write it there.
    expect(named()).toBe(!shared)
    await ok('agent', 'action', 'review', 'WP01', '--agent', 'bob')
    expect(world.read(`${DIR}/tasks/WP01-demo.md`)).toContain('agent: "bob"')
    await ok('agent', 'tasks', 'move-task', 'WP01', '--to', 'planned', '--review-feedback-file', feedback())
    expect(named()).toBe(!shared)
    await start()
    expect(deltas().at(-1)).toMatchObject({ agent: 'claude' })
    expect(world.read(`${DIR}/tasks/WP01-demo.md`)).toContain('agent: "claude"')
  },
)

it.each([
  ['metadata.yaml', 'spec_kitty:\n  version: 4.0.0rc7\n  schema_version: 3\n'],
  ['config.yaml', 'mission_type_activations:\n  - software-dev\n'],
  ['config.yaml', 'ticks_in_log: true\n'],
])('tells ticks where %s says that a later edition works here', async (name, text) => {
  world.write(`.kittify/${name}`, text)
  world.commit('shared')
  await start()
  expect(board()).toContain('"agent": "claude"')
  await tick('T011')
  expect(deltas()).toEqual([{ subtasks: { T011: 'done' } }])
  const before = log()
  await tick('T011')
  expect(log()).toBe(before)
  const validate = await runCli(world, ['agent', 'status', 'validate', '--json'])
  expect(validate.json).toMatchObject({ passed: true })
})

it('leaves the log of an unshared project alone at a tick', async () => {
  world.write('.kittify/metadata.yaml', 'spec_kitty:\n  version: 3.2.5\n  schema_version: 3\n')
  world.commit('unshared')
  await start()
  const before = log()
  await tick('T011')
  expect(log()).toBe(before)
})

it('knows by the log who built a package that front matter does not name', async () => {
  await start()
  work()
  const file = `${DIR}/tasks/WP01-demo.md`
  world.write(file, world.read(file).replace(/^agent: .*\n/m, ''))
  world.commit('as a later edition leaves it')
  await ok(
    'agent',
    'status',
    'emit',
    'WP01',
    '--to',
    'for_review',
    '--actor',
    'user',
    '--force',
    '--reason',
    'x',
  )
  const { json } = await runCli(world, ['next', '--agent', 'claude', '--json'])
  expect(json).toMatchObject({ reason: 'Only claude takes part, who built WP01 as well' })
})

it.each([true, false])(
  'says who has a package as the log does, where a later edition works: %s',
  async shared => {
    if (shared) world.write('.kittify/config.yaml', 'ticks_in_log: true\n')
    world.commit('settings')
    await start()
    const agent = async () => (await runCli(world, ['agent', 'tasks', 'status', '--json'])).json
    const told = (n: number, delta: object) => {
      const head = { actor: 'zed', at: `2030-01-01T00:00:0${n}Z`, event_id: `01KQW4DH000000000000000${n}00` }
      const row = { ...head, event_type: 'InnerStateChanged', kind: 'annotation', wp_id: 'WP01', delta }
      world.write(`${DIR}/status.events.jsonl`, `${log()}${JSON.stringify(row)}\n`)
    }
    told(1, { agent: 'zed:opus' })
    expect(await agent()).toMatchObject({ work_packages: [{ agent: shared ? 'zed' : 'claude' }, {}] })
    const blocked = [
      'agent',
      'tasks',
      'move-task',
      'WP01',
      '--to',
      'blocked',
      '--note',
      'x',
      '--json',
      '--agent',
    ]
    expect(await runCli(world, [...blocked, shared ? 'claude' : 'zed'])).toMatchObject({
      status: 1,
      json: {
        code: 'claimed_by_other',
        hint: expect.stringMatching(shared ? /^zed has it/ : /^claude has it/),
      },
    })
    told(2, { release_runtime_claim: true })
    expect(await agent()).toMatchObject({ work_packages: [{ agent: shared ? null : 'claude' }, {}] })
  },
)

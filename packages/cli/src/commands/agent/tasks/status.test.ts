import { BoardRow, TasksStatus } from '@spec-kitty/contracts/cli/tasks-status'
import { addMission, advance, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const run = (words: string[] = [], options = {}) =>
  runCli(world, ['agent', 'tasks', 'status', ...words], options)
async function board(...words: string[]): Promise<TasksStatus> {
  const { status, json } = await run([...words, '--json'])
  expect(status).toBe(0)
  return v.parse(TasksStatus, json)
}
const row = (result: TasksStatus, id: string) => result.work_packages.find(item => item.id === id)

/** Five work packages: WP01 done … WP05 claimed. */
function mixed(): void {
  const wps = ['WP01', 'WP02', 'WP03', 'WP04', 'WP05']
  addMission(world, { wps, events: false })
  world.write(`${DIR}/status.events.jsonl`, '')
  const lanes = ['done', 'approved', 'for_review', 'planned', 'claimed']
  appendEvents(
    world,
    lanes.map((lane, i) => eventRow(wps[i]!, 'genesis', lane, i + 1)),
  )
  world.commit()
}

describe('what people want to know', () => {
  it('has title and target, why a package stands where it stands, and the next command', async () => {
    mixed()
    const wp5 = `${DIR}/tasks/WP05-demo.md`
    const wp4 = `${DIR}/tasks/WP04-demo.md`
    const waiting = (text: string) => text.replace(/^dependencies:.*$/m, 'dependencies: [WP02, WP03]')
    world.write(wp4, waiting(world.read(wp4)))
    world.write(wp5, waiting(world.read(wp5)))
    appendEvents(world, [
      eventRow('WP05', 'claimed', 'blocked', 8, { reason: 'the vendor has to answer first' }),
      eventRow('WP02', 'approved', 'approved', 9, { actor: 'bob' }),
    ])
    world.write(
      `${DIR}/tasks/WP03-demo/review-cycle-1.md`,
      '---\nwp_id: WP03\ncycle_number: 1\nverdict: rejected\nreviewer_agent: bob\n---\n\nNo.\n',
    )
    const { stdout } = await run([], { columns: 160 })
    expect(stdout).toContain('sent back once')
    expect(stdout).toContain('→ main')
    expect(stdout).toContain('waits for WP03')
    expect(stdout).toContain('the vendor has to answer')
    expect(stdout).toContain('approved by bob')
    expect(stdout.trimEnd().split('\n').at(-1)).toBe(
      `  spec-kitty agent action review WP03 --agent NAME --mission ${MISSION_SLUG}`,
    )
    expect(row(await board(), 'WP04')).not.toHaveProperty('waits_for')
  })
})

describe('--json', () => {
  it('has the keys and numbers of 3.2.0', async () => {
    mixed()
    const result = await board()
    expect(result).toMatchObject({
      mission_slug: MISSION_SLUG,
      mission_number: null,
      mission_type: 'software-dev',
      total_wps: 5,
      by_lane: { done: 1, approved: 1, for_review: 1, planned: 1, claimed: 1 },
      progress_percentage: 49,
      weighted_percentage: 49,
      progress_semantics: 'weighted_readiness',
      done_count: 1,
      done_percentage: 20,
      stale_wps: 0,
      stale_verdicts: [],
      stalled_wps: [],
      auto_commit: true,
    })
    expect(row(result, 'WP01')).toEqual({
      id: 'WP01',
      title: 'Title WP01',
      lane: 'done',
      phase: null,
      file: 'WP01-demo.md',
      agent: null,
      agent_profile: null,
      shell_pid: null,
      execution_mode: 'code_change',
      workspace_kind: 'lane_workspace',
      subtasks: { done: 0, total: 2 },
    })
    expect(v.safeParse(BoardRow, row(result, 'WP01')).success).toBe(true)
  })

  it('is indented and writes nothing', async () => {
    mixed()
    const before = world.git('rev-parse', 'HEAD')
    expect((await run(['--json'])).stdout).toMatch(/^\{\n {2}"mission_slug"/)
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.git('rev-parse', 'HEAD')).toBe(before)
  })

  it('shows work packages without events as genesis, and a mission without any', async () => {
    addMission(world, { wps: ['WP01'], events: false })
    expect((await board()).by_lane).toEqual({ genesis: 1 })
    world.git('add', '-A')
    world.git('rm', '-rqf', `${DIR}/tasks`)
    expect(await board()).toMatchObject({ total_wps: 0, by_lane: {}, progress_percentage: 0 })
  })

  it('counts a subtask as done when tasks.md or the log says so', async () => {
    addMission(world, { tasksMd: '## WP01\n\n- [x] T011\n- [ ] T012\n- [ ] T013\n- [ ] no id\n' })
    appendEvents(world, [
      {
        kind: 'annotation',
        wp_id: 'WP01',
        event_id: 'x',
        at: '2026-01-01T00:00:09+00:00',
        actor: 'a',
        delta: { subtasks: { T012: 'done' } },
      },
      {
        kind: 'annotation',
        wp_id: 'WP02',
        event_id: 'y',
        at: '2026-01-01T00:00:09+00:00',
        actor: 'a',
        delta: { subtasks: { T021: 'pending' } },
      },
    ])
    const result = await board()
    expect(row(result, 'WP01')?.subtasks).toEqual({ done: 2, total: 3 })
    expect(row(result, 'WP02')?.subtasks).toEqual({ done: 0, total: 1 })
  })

  it('reads agents in every form', async () => {
    addMission(world, { wps: ['WP01', 'WP02', 'WP03'] })
    const agents = [
      'agent: claude:opus:x:y\nshell_pid: 12\nphase: 2',
      'agent: {tool: codex, model: m}',
      'agent:\n  tool: gemini\nagent_profile: "p"',
    ]
    for (const [i, text] of agents.entries()) {
      const path = `${DIR}/tasks/WP0${i + 1}-demo.md`
      world.write(path, world.read(path).replace('history: []', `${text}\nhistory: []`))
    }
    const result = await board()
    expect(result.work_packages.map(item => item.agent)).toEqual(['claude', 'codex', 'gemini'])
    expect(row(result, 'WP01')).toMatchObject({ shell_pid: '12', phase: '2' })
    expect(row(result, 'WP03')?.agent_profile).toBe('p')
  })
})

describe('what is stuck', () => {
  /** Fixture commits are dated 04:05:06, the clock of the world starts there. */
  function laneWorktree(): void {
    const path = `.worktrees/${MISSION_SLUG}-lane-a`
    world.write('.gitignore', '.worktrees/\n')
    world.commit()
    world.git('worktree', 'add', '-q', '-b', 'lane', path)
  }
  const started = (at: string, n = 9) =>
    appendEvents(world, [eventRow('WP01', 'claimed', 'in_progress', n, { at })])

  it('work without a commit for a while', async () => {
    addMission(world)
    started('2026-02-03T01:00:00.000000+00:00')
    expect(row(await board(), 'WP01')).toMatchObject({
      is_stale: false,
      minutes_since_commit: null,
      worktree_exists: false,
      stale: { status: 'unknown' },
    })
    laneWorktree()
    expect(row(await board(), 'WP01')).toMatchObject({
      is_stale: false,
      minutes_since_commit: 0,
      worktree_exists: true,
      stale: { status: 'fresh', threshold_minutes: 10 },
    })
    const log = `.git/worktrees/${MISSION_SLUG}-lane-a/logs/HEAD`
    world.write(log, world.read(log).replaceAll(/> \d+ /g, `> ${1_770_091_506 - 1800} `))
    const result = await board()
    expect(row(result, 'WP01')).toMatchObject({ is_stale: true, minutes_since_commit: 30 })
    expect(result.stale_wps).toBe(1)
    expect((await board('--stale-threshold', '60')).stale_wps).toBe(0)
    expect((await run()).stdout).toContain('No commit for a while: WP01')
    started('2026-02-03T04:04:00.000000+00:00', 10)
    expect((await board()).stale_wps).toBe(0)
  })

  it('a review that takes too long', async () => {
    addMission(world)
    appendEvents(world, [
      eventRow('WP01', 'for_review', 'in_review', 9, {
        at: '2026-02-03T03:00:00.000000+00:00',
        actor: 'bob',
      }),
    ])
    const result = await board()
    expect(result.stalled_wps).toEqual(['WP01'])
    expect(row(result, 'WP01')).toMatchObject({
      _stall_label: 'stalled 65m',
      review_stall: { minutes_in_review: 65, threshold_minutes: 30, reviewer: 'bob' },
    })
    world.write('.kittify/config.yaml', 'review:\n  stall_threshold_minutes: 90\n')
    expect((await board()).stalled_wps).toEqual([])
  })

  it('an approval over a rejected review', async () => {
    addMission(world)
    advance(world, 'WP01', 'approved', 10)
    const cycle = `${DIR}/tasks/WP01-demo/review-cycle-1.md`
    world.write(cycle, '---\nverdict: rejected\n---\n')
    const result = await board()
    expect(result.stale_verdicts).toEqual([
      { wp_id: 'WP01', lane: 'approved', verdict: 'rejected', artifact: 'review-cycle-1.md' },
    ])
    expect(row(result, 'WP01')).toMatchObject({
      _stale_verdict: 'rejected',
      stale_review_artifact: 'review-cycle-1.md',
    })
    world.write(cycle, '---\nverdict: approved\n---\n')
    expect((await board()).stale_verdicts).toEqual([])
    world.write(cycle, '---\nverdict: what\n---\n')
    expect((await run()).stderr).toContain('its verdict is "what"')
  })
})

describe('the text', () => {
  it('shows all nine lanes and fits 80 columns', async () => {
    const wps = Array.from({ length: 9 }, (_, i) => `WP0${i + 1}`)
    addMission(world, { wps, events: false })
    world.write(`${DIR}/status.events.jsonl`, '')
    const lanes = [
      'planned',
      'claimed',
      'in_progress',
      'for_review',
      'in_review',
      'approved',
      'done',
      'blocked',
      'canceled',
    ]
    appendEvents(
      world,
      lanes.map((lane, i) =>
        eventRow(wps[i]!, 'genesis', lane, i + 1, { at: '2026-02-03T04:05:06.000000+00:00' }),
      ),
    )
    for (const wp of wps) {
      const path = `${DIR}/tasks/${wp}-demo.md`
      world.write(
        path,
        world
          .read(path)
          .replace(`Title ${wp}`, 'A title that is 日本 long enough to be broken into two lines')
          .replace('history', 'agent: claude\nhistory'),
      )
    }
    for (const columns of [40, 80, 200]) {
      const { stdout } = await run([], { columns })
      for (const name of [
        'Planned',
        'Claimed',
        'In progress',
        'For review',
        'In review',
        'Approved',
        'Done',
        'Blocked',
        'Canceled',
      ])
        expect(stdout).toContain(`${name} (1)`)
      for (const lane of lanes) expect(stdout).toContain(`${lane} 1`)
      for (const line of stdout.split('\n').filter(text => !text.startsWith('  spec-kitty ')))
        expect([...line].length + (line.match(/[日本]/g)?.length ?? 0)).toBeLessThanOrEqual(columns)
    }
    const { stdout } = await run([], { columns: 80 })
    expect(stdout).toContain(`${MISSION_SLUG}  ████░░░░░░  38 %  1 of 9 done`)
    expect(stdout.match(/ {2}claude 0\/2/g)).toHaveLength(4)
    expect(stdout).not.toContain('\u001b')
    expect((await run([], { columns: 80, color: true })).stdout).toContain('\u001b[1m')
  })

  it('shortens a long lane without reading what it does not show', async () => {
    const wps = Array.from({ length: 30 }, (_, i) => `WP${String(i + 1).padStart(2, '0')}`)
    addMission(world, { wps })
    world.write(`${DIR}/tasks/WP30-demo.md`, 'unreadable')
    const { stdout, stderr } = await run()
    expect(stdout).toContain('Planned (30)')
    expect(stdout).toContain('… and 19 more')
    expect(stderr).toBe('')
    const json = await run(['--json'])
    expect(json.stderr).toContain('WP30-demo.md:1: the file does not begin with a front matter')
    expect((json.json as TasksStatus).work_packages[29]).toMatchObject({
      id: 'WP30',
      title: 'WP30',
      lane: 'planned',
    })
  })

  it('says what to do where there is nothing, or nothing finalized', async () => {
    addMission(world, { wps: [] })
    expect((await run()).stdout).toContain('No work packages yet.')
    addMission(world, { slug: 'bare', id: null, wps: ['WP01'], events: false })
    expect((await run(['--mission', 'bare'])).stdout).toContain(
      'Not finalized: WP01\n  spec-kitty agent mission finalize-tasks --mission bare\n',
    )
  })
})

it('refuses to show half a log', async () => {
  addMission(world)
  world.write(`${DIR}/status.events.jsonl`, '{"torn')
  expect(await run(['--json'])).toMatchObject({ status: 1, json: { code: 'log_corrupt' } })
})

it('goes on without lanes.json', async () => {
  addMission(world)
  appendEvents(world, [eventRow('WP01', 'claimed', 'in_progress', 9)])
  world.write(`${DIR}/lanes.json`, '{')
  expect((await run()).stderr).toContain('lanes.json')
})

import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import {
  MissionClose,
  MissionFollowUp,
  MissionInfo,
  MissionList,
  MissionReopen,
} from '@spec-kitty/contracts/cli/mission-summary'
import { addMission, advance, MISSION_ID, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'

let world: World
const dir = `kitty-specs/${MISSION_SLUG}`
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const mission = (...words: string[]) => runCli(world, ['mission', ...words, '--json'])
const meta = () => JSON.parse(world.read(`${dir}/meta.json`))
const rows = () =>
  world
    .read(`${dir}/status.events.jsonl`)
    .trimEnd()
    .split('\n')
    .map(row => JSON.parse(row))

describe('mission list', () => {
  it('says so when there are none', async () => {
    world.write('.kittify/config.yaml', '')
    expect((await mission('list')).json).toEqual([])
    expect((await runCli(world, ['mission', 'list'])).stdout).toContain('No missions yet')
  })

  it('tells the state of each, a broken one included', async () => {
    addMission(world)
    advance(world, 'WP01', 'done', 10)
    addMission(world, { slug: 'a-01KQW4DG', id: null, wps: [], events: false })
    addMission(world, {
      slug: 'b-01KQW4DH',
      meta: { merged_at: '2026-01-01T00:00:00Z', friendly_name: undefined },
    })
    addMission(world, { slug: 'c-01KQW4DJ', meta: { closed_at: '2026-01-01T00:00:00Z' } })
    addMission(world, { slug: 'd-01KQW4DK', meta: { accepted_at: '2026-01-01T00:00:00Z' } })
    addMission(world, { slug: 'e-01KQW4DM' })
    world.write('kitty-specs/e-01KQW4DM/status.events.jsonl', '{"torn')
    const list = parse(MissionList, (await mission('list')).json)
    expect(list.map(item => [item.mission_slug, item.state, item.done_wps, item.total_wps])).toEqual([
      ['a-01KQW4DG', 'planning', 0, 0],
      ['b-01KQW4DH', 'merged', 0, 2],
      ['c-01KQW4DJ', 'closed', 0, 2],
      ['d-01KQW4DK', 'accepted', 0, 2],
      [MISSION_SLUG, 'active', 1, 2],
      ['e-01KQW4DM', 'unreadable', 0, 0],
    ])
    expect((await runCli(world, ['mission', 'list'])).stdout).toMatch(
      /demo-feature-01KQW4DF {2}active {6}1\/2 done {4}Demo feature/,
    )
  })
})

describe('mission info and current', () => {
  it('show lanes and documents', async () => {
    addMission(world)
    const info = parse(MissionInfo, (await mission('info', 'demo-feature')).json)
    expect(info).toMatchObject({
      mission_id: MISSION_ID,
      by_lane: { planned: 2 },
      documents: ['plan.md', 'spec.md', 'tasks.md'],
      lanes: [
        { lane_id: 'lane-a', wp_ids: ['WP01'], branch: `kitty/mission-${MISSION_SLUG}-lane-a` },
        { lane_id: 'lane-b', wp_ids: ['WP02'] },
      ],
    })
    expect((await mission('current')).json).toEqual(info)
    expect((await runCli(world, ['mission', 'current'])).stdout).toContain('Work packages: planned 2')
  })

  it('need a handle where several are open', async () => {
    addMission(world)
    addMission(world, { slug: 'other-01KQW4DG' })
    expect((await mission('current')).json).toMatchObject({ code: 'mission_required' })
  })
})

describe('mission close', () => {
  it('refuses an unfinished mission and names the way to give it up', async () => {
    addMission(world)
    world.commit()
    expect((await mission('close')).json).toMatchObject({
      code: 'not_ready',
      open_wps: ['WP01', 'WP02'],
      hint: expect.stringContaining('--discard --force'),
    })
    expect((await mission('close', '--discard')).json).toMatchObject({ code: 'not_ready' })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('closes a finished one in one commit', async () => {
    addMission(world)
    advance(world, 'WP01', 'done', 10)
    advance(world, 'WP02', 'done', 20)
    world.commit()
    const closed = parse(MissionClose, (await mission('close')).json)
    expect(closed).toMatchObject({ discarded: false, removed_worktrees: [], removed_branches: {} })
    expect(meta().closed_at).toBe(closed.closed_at)
    expect([world.git('status', '--porcelain'), world.git('log', '-1', '--format=%s')]).toEqual([
      '',
      `Close ${MISSION_SLUG}`,
    ])
  })

  it('gives up an unfinished one without losing a commit or an edit', async () => {
    addMission(world)
    world.write('.gitignore', '.worktrees/\n')
    world.commit()
    const branch = (lane: string) => `kitty/mission-${MISSION_SLUG}-${lane}`
    const tree = (lane: string) => `.worktrees/${MISSION_SLUG}-${lane}`
    world.git('branch', `kitty/mission-${MISSION_SLUG}`)
    for (const lane of ['lane-a', 'lane-b'])
      world.git('worktree', 'add', '-q', '-b', branch(lane), tree(lane))
    world.write(`${tree('lane-a')}/a.txt`, 'a')
    world.gitAt(tree('lane-a'), 'add', '.')
    world.gitAt(tree('lane-a'), 'commit', '-qm', 'work')
    const work = world.git('rev-parse', branch('lane-a'))
    world.write(`${tree('lane-b')}/b.txt`, 'not committed')
    const run = await mission('close', '--discard', '--force')
    const closed = parse(MissionClose, run.json)
    expect(closed).toMatchObject({
      discarded: true,
      removed_worktrees: [tree('lane-a')],
      kept_worktrees: [tree('lane-b')],
    })
    const backup = closed.removed_branches[branch('lane-a')] ?? ''
    expect(world.git('rev-parse', backup)).toBe(work)
    expect(world.git('branch', '--list', 'kitty/*', '--format=%(refname:short)')).toBe(branch('lane-b'))
    expect([world.exists(tree('lane-a')), world.exists(`${tree('lane-b')}/b.txt`)]).toEqual([false, true])
    // Once more, with a branch that came back: its backup is there already.
    world.git('branch', branch('lane-a'), work)
    const again = await runCli(world, ['mission', 'close', '--mission', MISSION_SLUG, '--discard', '--force'])
    expect(again.stdout).toContain(`Removed branch ${branch('lane-a')}; kept as ${backup}.`)
    world.git('branch', branch('lane-a'), work)
    world.git('worktree', 'add', '-q', tree('lane-a'), branch('lane-a'))
    const third = await runCli(world, ['mission', 'close', '--mission', MISSION_SLUG, '--discard', '--force'])
    expect(meta().closed_at).toBe(closed.closed_at)
    expect(third.stdout).toContain(`Removed worktree ${tree('lane-a')}.`)
    expect(again.stdout).toContain(`Kept ${tree('lane-b')}: it has uncommitted work.`)
    // What lies in a folder without its `.git` cannot be told from work.
    rmSync(join(world.root, tree('lane-b'), '.git'))
    const last = await runCli(world, ['mission', 'close', '--mission', MISSION_SLUG, '--discard', '--force'])
    expect(last.stdout).toContain(`Kept ${tree('lane-b')}`)
    expect(world.exists(`${tree('lane-b')}/b.txt`)).toBe(true)
  })
})

describe('mission reopen', () => {
  it('takes back the merge and keeps the lanes', async () => {
    addMission(world, {
      meta: { merged_at: '2026-01-01T00:00:00Z', merged_by: 'x', baseline_merge_commit: 'abc', vcs: 'git' },
    })
    world.commit()
    const run = await mission('reopen', MISSION_SLUG, '--reason', 'it broke')
    expect(parse(MissionReopen, run.json)).toMatchObject({
      cleared_merge: true,
      reopened_by: 'Test User',
      reason: 'it broke',
    })
    expect(Object.keys(meta()).filter(key => /merge/.test(key))).toEqual([])
    expect(meta().vcs).toBe('git')
    expect(rows().at(-1)).toMatchObject({
      event_type: 'MissionReopened',
      aggregate_id: MISSION_ID,
      payload: { mission_slug: MISSION_SLUG, reason: 'it broke', cleared_merge: true },
    })
    expect(world.git('status', '--porcelain')).toBe('')
    const lifecycle = await runCli(world, ['agent', 'status', 'lifecycle', '--json'])
    expect(lifecycle.json).toMatchObject({ mission_slug: MISSION_SLUG })
  })

  it('says what to do next', async () => {
    addMission(world, { meta: { closed_at: '2026-01-01T00:00:00Z' } })
    world.commit()
    const run = await runCli(world, ['mission', 'reopen', MISSION_SLUG, '--reason', 'x'])
    expect(run.stdout).toBe(
      `Reopened ${MISSION_SLUG}.\nSee what is left: spec-kitty agent tasks status --mission ${MISSION_SLUG}\n`,
    )
  })

  it('prints a step that sends back what is done, as it stands', async () => {
    addMission(world)
    advance(world, 'WP01', 'done', 10)
    advance(world, 'WP02', 'done', 20)
    world.commit()
    const reason = "it's $(touch hostile) broken"
    const { next_step: step } = parse(
      MissionReopen,
      (await mission('reopen', MISSION_SLUG, '--reason', reason)).json,
    )
    const shell = `words() { printf '%s\\n' "$@"; }\n${step.slice(step.indexOf(': ') + 2).replace('spec-kitty', 'words')}`
    const words = execFileSync('sh', ['-c', shell], { cwd: world.root, encoding: 'utf8' })
      .trimEnd()
      .split('\n')
    const moved = await runCli(world, [...words, '--json'])
    expect(moved.json).toMatchObject({ task_id: 'WP01', new_lane: 'planned' })
    expect(world.read(`kitty-specs/${MISSION_SLUG}/tasks/WP01-demo/review-cycle-1.md`)).toContain(reason)
    expect(world.exists('hostile')).toBe(false)
  })

  it('leads away from a branch that takes no commits, and to the rework from there', async () => {
    addMission(world, {
      meta: { merged_at: '2026-01-01T00:00:00Z', home_branch: 'gone' },
      tasksMd: '# Tasks\n\n## WP01: one\n\n## WP02: two\n',
    })
    advance(world, 'WP01', 'done', 10)
    advance(world, 'WP02', 'done', 20)
    world.write('.kittify/config.yaml', 'agents:\n  available: [claude]\nprotected_branches: [main]\n')
    world.commit()
    const paste = async (text: string) => {
      for (const part of text.split(' && ')) {
        if (part.startsWith('git ')) execFileSync('sh', ['-c', part], { cwd: world.root, stdio: 'pipe' })
        else if (part.startsWith('spec-kitty ')) {
          const shell = `words() { printf '%s\\n' "$@"; }\n${part.replace('spec-kitty', 'words')}`
          const words = execFileSync('sh', ['-c', shell], { cwd: world.root, encoding: 'utf8' })
          const run = await runCli(world, [...words.trimEnd().split('\n'), '--json'])
          expect(run.status, run.stdout).toBe(0)
        }
      }
    }
    const refused = await mission('reopen', MISSION_SLUG, '--reason', "it's broken")
    expect(refused.json).toMatchObject({ code: 'protected_branch' })
    await paste((refused.json as { hint: string }).hint)
    expect(meta()).toMatchObject({ home_branch: `reopen-${MISSION_SLUG}`, target_branch: 'main' })
    const back = ['agent', 'tasks', 'move-task', 'WP01', '--to', 'planned', '--force', '--note', 'x']
    world.write('why.md', 'broken')
    expect((await runCli(world, [...back, '--review-feedback-file', 'why.md', '--json'])).status).toBe(0)
    const begun = await runCli(world, ['agent', 'action', 'implement', 'WP01', '--agent', 'claude', '--json'])
    expect(begun.status, begun.stdout).toBe(0)
    expect(world.git('log', '--format=%s', 'main')).toBe('fixture')
  })

  it.each(['--mission', '--feature'])('takes the mission by %s too, and only one', async flag => {
    addMission(world, { meta: { merged_at: '2026-01-01T00:00:00Z' } })
    world.commit()
    const both = await mission('reopen', 'other', flag, MISSION_SLUG, '--reason', 'x')
    expect(both.json).toMatchObject({ code: 'usage', error: 'Unexpected argument: other' })
    const noted = await mission('follow-up', flag, MISSION_SLUG, '--pr', '3')
    expect(noted.json).toMatchObject({ recorded: true })
    const opened = await mission('reopen', flag, MISSION_SLUG, '--reason', 'x')
    expect(opened.json).toMatchObject({ mission_slug: MISSION_SLUG, cleared_merge: true })
  })

  it('refuses a mission that is open, and a blank reason', async () => {
    addMission(world)
    world.commit()
    expect((await mission('reopen', MISSION_SLUG, '--reason', 'x')).json).toMatchObject({ code: 'not_ready' })
    expect((await mission('reopen', MISSION_SLUG, '--reason', ' ')).json).toMatchObject({
      code: 'invalid_input',
    })
  })
})

describe('mission follow-up', () => {
  const SHA = 'a'.repeat(40)

  it('records a commit or pull request once', async () => {
    addMission(world, { meta: { merged_at: '2026-01-01T00:00:00Z' } })
    world.commit()
    expect(
      parse(MissionFollowUp, (await mission('follow-up', MISSION_SLUG, '--commit', SHA)).json),
    ).toMatchObject({
      follow_up_type: 'commit',
      commit_sha: SHA,
      recorded: true,
    })
    expect((await mission('follow-up', MISSION_SLUG, '--commit', SHA)).json).toMatchObject({
      recorded: false,
    })
    expect((await runCli(world, ['mission', 'follow-up', MISSION_SLUG, '--pr', '12'])).stdout).toBe(
      `Recorded pull request 12 as a follow-up of ${MISSION_SLUG}.\n`,
    )
    expect(rows().filter(row => row.event_type === 'FollowUpRecorded')).toHaveLength(2)
  })

  it.each([[[]], [['--commit', 'abc']], [['--pr', '0']], [['--pr', '1', '--commit', SHA]]])(
    'refuses %j',
    async words => {
      addMission(world, { meta: { merged_at: '2026-01-01T00:00:00Z' } })
      expect((await mission('follow-up', MISSION_SLUG, ...words)).json).toMatchObject({
        code: 'invalid_input',
      })
    },
  )

  it('refuses an unfinished mission', async () => {
    addMission(world, { wps: [], events: false })
    expect((await mission('follow-up', MISSION_SLUG, '--pr', '1')).json).toMatchObject({ code: 'not_ready' })
  })
})

import { execSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { MoveTask } from '@spec-kitty/contracts/cli/move-task'
import type { MissionFixture } from '@spec-kitty/host/testing/mission'
import { addMission, advance, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`
const WP = `${DIR}/tasks/WP01-demo.md`
const LANE = `kitty/mission-${MISSION_SLUG}-lane-a`
const TICKED = '# Tasks\n\n## WP01: one\n\n- [x] T011 first\n\n## WP02: two\n\n- [ ] T021 second\n'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

function mission(fixture: MissionFixture = {}): void {
  addMission(world, fixture)
  world.commit()
}

/** WP01 in `lane`, its subtasks ticked, everything committed. */
function at(lane: Parameters<typeof advance>[2], fixture: MissionFixture = {}): void {
  addMission(world, { tasksMd: TICKED, ...fixture })
  advance(world, 'WP01', lane, 10)
  world.commit()
}

async function move(to: string, ...words: string[]) {
  const run = await runCli(world, ['agent', 'tasks', 'move-task', 'WP01', '--to', to, ...words, '--json'])
  return {
    ...run,
    json: run.json as Record<string, unknown> & {
      error: string
      blockers?: { message: string; hint: string }[]
    },
  }
}

interface Row {
  readonly [key: string]: unknown
}
const events = (): Row[] =>
  world
    .read(`${DIR}/status.events.jsonl`)
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Row)
const hops = (count: number) =>
  events()
    .slice(-count)
    .map(e => [e.from_lane, e.to_lane, e.actor, e.force])
const commits = () => Number(world.git('rev-list', '--count', 'HEAD'))
const clean = () => world.git('status', '--porcelain')
const lane = () => JSON.parse(world.read(`${DIR}/status.json`)).work_packages.WP01.lane

/** A lane worktree with one commit. */
function laneWorktree(): string {
  const path = `${world.root}/.worktrees/${MISSION_SLUG}-lane-a`
  world.write('.gitignore', '.worktrees/\n')
  world.commit()
  world.git('worktree', 'add', '-q', '-b', LANE, path)
  world.write(`${path}/src/wp01/a.ts`, 'x\n')
  world.gitAt(path, 'add', '-A')
  world.gitAt(path, 'commit', '-qm', 'work')
  return path
}

describe('forward', () => {
  it('passes every lane, writes the work package file, commits once', async () => {
    mission()
    const run = await move(
      'doing',
      '--agent',
      'claude',
      '--assignee',
      'bob',
      '--shell-pid',
      '123',
      '--note',
      'starting',
      '--tracker-ref',
      'ABC-1',
      '--tracker-ref',
      'ABC-2',
    )
    expect(run.status).toBe(0)
    v.parse(MoveTask, run.json)
    expect(run.json).toMatchObject({
      result: 'success',
      task_id: 'WP01',
      old_lane: 'planned',
      new_lane: 'in_progress',
      path: `${world.root}/${WP}`,
      event_id: events().at(-1)?.event_id,
    })
    expect(hops(2)).toEqual([
      ['planned', 'claimed', 'claude', false],
      ['claimed', 'in_progress', 'claude', false],
    ])
    expect(events().at(-1)?.reason).toBe('starting')
    const text = world.read(WP)
    for (const part of [
      '\nagent: "claude"\n',
      '\nassignee: "bob"\n',
      '\nshell_pid: "123"\n',
      '\ntracker_refs:\n- ABC-1\n- ABC-2\n',
      'Prompt created.\n- 2026-02-03T04:',
    ])
      expect(text).toContain(part)
    expect(text).toContain('Z – claude – shell_pid=123 – starting\n')
    expect(commits()).toBe(2)
    expect(clean()).toBe('')
    expect(world.git('log', '-1', '--format=%s')).toBe(
      `chore: Move WP01 to in_progress on spec ${MISSION_SLUG} [claude]`,
    )
    expect(world.git('show', '--name-only', '--format=', 'HEAD').split('\n')).toEqual([
      `${DIR}/status.events.jsonl`,
      `${DIR}/status.json`,
      WP,
    ])
  })

  it('gives the default reason, and the hand-over to the one who worked', async () => {
    at('in_progress')
    world.write(WP, world.read(WP).replace('history: []', 'agent: claude:opus:x:y\nhistory: []'))
    world.commit()
    expect((await move('for_review')).status).toBe(0)
    expect(events().at(-1)).toMatchObject({ actor: 'claude', reason: 'move-task: in_progress -> for_review' })
  })

  it('approves through in_review with evidence; done wants ancestry', async () => {
    at('for_review')
    expect((await move('approved', '--reviewer', 'rita', '--note', 'Review passed')).status).toBe(0)
    expect(hops(2)).toEqual([
      ['for_review', 'in_review', 'user', false],
      ['in_review', 'approved', 'user', false],
    ])
    expect(events().at(-1)?.evidence).toEqual({
      review: { reviewer: 'rita', verdict: 'approved', reference: 'Review passed' },
    })
    const refused = await move('done')
    expect(refused).toMatchObject({ status: 1, json: { code: 'guard_failed' } })
    expect(refused.json.error).toContain('ancestry')
    expect((await move('done', '--force', '--note', 'x')).status).toBe(1)
    expect((await move('done', '--done-override-reason', 'hotfix merged')).status).toBe(0)
    expect(lane()).toBe('done')
    expect(events().at(-1)?.reason).toContain('hotfix merged')
  })

  it("names git's user and an own reference where nothing is given", async () => {
    at('for_review')
    await move('approved')
    expect(events().at(-1)?.evidence).toEqual({
      review: { reviewer: 'Test User', verdict: 'approved', reference: 'auto-approval:WP01:20260203' },
    })
  })

  it('is done when the lane branch is merged, and refused while it is not', async () => {
    at('approved')
    world.commit()
    world.git('branch', LANE)
    expect((await move('done')).status).toBe(0)
    world.git('reset', '-q', '--hard', 'HEAD~1')
    world.git('switch', '-q', LANE)
    world.commit('beyond')
    world.git('switch', '-q', 'main')
    const refused = await move('done')
    expect(refused.json.error).toContain(`${LANE} is not merged into main`)
  })

  it('asks no ancestry of planning work', async () => {
    at('approved')
    world.write(WP, world.read(WP).replace('code_change', 'planning_artifact'))
    world.commit()
    expect((await move('done')).status).toBe(0)
    expect(events().at(-1)?.execution_mode).toBe('direct_repo')
  })

  it('goes beside the road in one step', async () => {
    at('in_review')
    expect((await move('blocked', '--note', 'waiting for the API')).status).toBe(0)
    expect(events().at(-1)).toMatchObject({
      from_lane: 'in_review',
      to_lane: 'blocked',
      force: false,
      review_ref: 'waiting for the API',
    })
    expect((await move('in_progress')).status).toBe(0)
    expect((await move('canceled')).status).toBe(0)
    expect((await move('planned', '--review-feedback-file', WP)).json).toMatchObject({
      code: 'illegal_transition',
    })
  })
})

describe('force', () => {
  it('goes in one step, also onto itself', async () => {
    mission()
    expect((await move('in_progress', '--force')).status).toBe(0)
    expect((await move('in_progress', '--force', '--note', 'again')).status).toBe(0)
    expect(
      events()
        .slice(-2)
        .map(e => [e.from_lane, e.reason, e.force]),
    ).toEqual([
      ['planned', 'Force move to in_progress', true],
      ['in_progress', 'again', true],
    ])
    expect((await move('in_progress')).json).toMatchObject({
      code: 'illegal_transition',
      error: 'Illegal transition: in_progress -> in_progress',
    })
  })

  it('takes over the work of another agent', async () => {
    mission()
    world.write(WP, world.read(WP).replace('history: []', 'agent: {tool: claude, model: x}\nhistory: []'))
    world.commit()
    expect((await move('doing', '--agent', 'other')).json).toMatchObject({
      code: 'claimed_by_other',
      error: "Agent mismatch: WP01 is assigned to 'claude', not 'other'. Use --force to override.",
    })
    expect((await move('claimed', '--agent', 'claude')).status).toBe(0)
    expect(world.read(WP)).toContain('agent: {tool: claude, model: x}\n')
    expect((await move('doing', '--agent', 'other', '--force')).status).toBe(0)
    expect(world.read(WP)).toContain('agent: other\n')
  })

  it('sends approved work back for whoever finds a fault; a review that waits is claimed first', async () => {
    const owned = (lane: 'approved' | 'for_review') => {
      at(lane)
      world.write(WP, world.read(WP).replace('history: []', 'agent: claude\nhistory: []'))
      world.write('fb.md', 'redo')
      world.commit()
    }
    owned('approved')
    expect((await move('done', '--agent', 'other')).json).toMatchObject({ code: 'claimed_by_other' })
    expect((await move('planned', '--review-feedback-file', 'fb.md', '--agent', 'other')).status).toBe(0)
    expect(events().at(-1)).toMatchObject({ from_lane: 'approved', to_lane: 'planned', actor: 'other' })
    const again = ['agent', 'action', 'implement', 'WP01', '--agent', 'claude', '--json']
    expect((await runCli(world, again)).status).toBe(0)
    world.cleanup()
    world = createWorld()
    owned('for_review')
    expect((await move('planned', '--review-feedback-file', 'fb.md', '--agent', 'other')).json).toMatchObject(
      {
        code: 'claimed_by_other',
        blockers: [{ hint: expect.stringMatching(/^spec-kitty agent action review WP01 --agent other /) }],
      },
    )
  })

  it('leaves a finished lane', async () => {
    at('done')
    world.write('fb.md', 'redo')
    expect((await move('planned', '--review-feedback-file', 'fb.md')).json).toMatchObject({
      code: 'illegal_transition',
    })
    expect((await move('planned', '--review-feedback-file', 'fb.md', '--force')).status).toBe(0)
  })

  it('records a self-approval', async () => {
    at('for_review')
    const fallback = [
      '--self-review-fallback',
      '--intended-reviewer',
      'rita',
      '--reviewer-failure-reason',
      'timeout',
    ]
    expect((await move('approved', ...fallback)).json.error).toBe('--self-review-fallback requires --force')
    expect((await move('planned', '--force', ...fallback)).json.error).toContain(
      'only for --to approved or done',
    )
    expect((await move('approved', '--force', ...fallback)).status).toBe(0)
    const [row, event] = events().slice(-2)
    expect(row).toMatchObject({
      event_type: 'ReviewerSelfApproval',
      aggregate_id: 'WP01',
      payload: {
        intended_reviewer: 'rita',
        failure_reason: 'timeout',
        fallback_approved: true,
        wp_id: 'WP01',
      },
    })
    expect(event).toMatchObject({ to_lane: 'approved', force: true })
  })
})

describe('a rejected review', () => {
  const FEEDBACK = '**Issue 1**: wrong value\n'
  const CYCLE = `${DIR}/tasks/WP01-demo/review-cycle-1.md`
  const POINTER = `review-cycle://${MISSION_SLUG}/WP01-demo/review-cycle-1.md`

  it('wants feedback, writes a cycle after all checks, and commits it', async () => {
    at('in_review')
    for (const [words, message] of [
      [[], 'requires review feedback.'],
      [['--force'], 'requires review feedback.'],
      [['--review-feedback-file', 'nowhere.md'], 'there is no file nowhere.md'],
    ] as const)
      expect((await move('planned', ...words)).json.error).toContain(message)
    world.write('../empty.md', ' \n')
    expect((await move('planned', '--review-feedback-file', '../empty.md')).json.error).toContain('is empty')
    expect(world.exists(CYCLE)).toBe(false)
    world.write('../fb.md', FEEDBACK)
    const run = await move('planned', '--review-feedback-file', '../fb.md')
    expect(run.json).toMatchObject({ new_lane: 'planned', review_feedback: POINTER })
    expect(world.read(CYCLE)).toMatch(
      /reviewer_agent: unknown\nverdict: rejected\nwp_id: WP01\n---\n\n\*\*Issue 1\*\*: wrong value\n$/,
    )
    expect(events().at(-1)).toMatchObject({
      from_lane: 'in_review',
      to_lane: 'planned',
      force: true,
      review_ref: POINTER,
      reason: `backward rewind: in_review -> planned: ${POINTER}`,
    })
    expect(clean()).toBe('')
  })

  async function rejectOnce(): Promise<void> {
    at('in_review')
    world.write('../fb.md', FEEDBACK)
    await move('planned', '--review-feedback-file', '../fb.md', '--reviewer', 'rita')
    appendEvents(world, [
      eventRow('WP01', 'planned', 'for_review', 1, {
        at: '2026-02-03T05:00:00.000000+00:00',
        event_id: '01KQW4DG000000000000000099',
      }),
    ])
    world.commit()
  }

  it('is cleared by a later approval, without an override', async () => {
    await rejectOnce()
    expect((await move('approved', '--reviewer', 'bob')).status).toBe(0)
    expect(world.read(CYCLE.replace('-1.md', '-2.md'))).toMatch(
      /cycle_number: 2\n[\s\S]*reviewer_agent: bob\nverdict: approved\n[\s\S]*Approved\.\n$/,
    )
    expect(world.read(CYCLE)).toContain('verdict: rejected')
    expect(clean()).toBe('')
  })

  it('can be put aside with a note', async () => {
    await rejectOnce()
    expect((await move('approved', '--skip-review-artifact-check')).json.error).toContain('requires --note')
    expect(
      (await move('approved', '--skip-review-artifact-check', '--note', 'fixed in round 2')).status,
    ).toBe(0)
    for (const line of [
      'review_artifact_override_actor: "operator"',
      'review_artifact_override_wp_id: "WP01"',
      'review_artifact_override_reason: "fixed in round 2"',
    ])
      expect(world.read(CYCLE)).toContain(line)
  })

  it('stops a work package that was approved past it', async () => {
    await rejectOnce()
    appendEvents(world, [
      eventRow('WP01', 'in_review', 'approved', 1, {
        at: '2026-02-03T06:00:00.000000+00:00',
        event_id: '01KQW4DG000000000000000098',
      }),
    ])
    world.commit()
    const run = await move('done', '--done-override-reason', 'x', '--force')
    expect(run.json.error).toContain(
      'has a rejected review artifact (review-cycle-1.md). Re-run with --skip-review-artifact-check --note "why"',
    )
    world.write(CYCLE, 'no front matter')
    expect((await move('done', '--done-override-reason', 'x')).json).toMatchObject({ code: 'file_malformed' })
  })

  it('is written for work sent back to in_progress, when feedback is given', async () => {
    at('in_review')
    world.write('../fb.md', FEEDBACK)
    expect(
      (await move('in_progress', '--review-feedback-file', '../fb.md', '--note', 'small fix')).json,
    ).toMatchObject({ review_feedback: POINTER })
    expect(events().at(-1)?.reason).toBe(`backward rewind: in_review -> in_progress: ${POINTER}: small fix`)
  })
})

describe('checks before review', () => {
  it('list unticked subtasks', async () => {
    mission()
    await move('doing')
    const run = await move('for_review')
    expect(run.json).toMatchObject({
      code: 'guard_failed',
      error: 'Cannot move WP01 to for_review - unchecked subtasks:\n  - [ ] T011 first\n  - [ ] T012 second',
    })
    expect(run.json.hint).toContain('mark-status T011 T012 --status done')
  })

  it('report all that is wrong at once', async () => {
    at('in_progress', { tasksMd: TICKED.replace('[x]', '[ ]') })
    world.write(`${DIR}/spec.md`, 'changed')
    world.write(`${DIR}/tasks/WP01-demo/notes.md`, 'ours')
    const run = await move('for_review')
    expect(run.json.blockers?.map(b => b.message)).toEqual([
      'Cannot move WP01 to for_review - unchecked subtasks:\n  - [ ] T011 first',
      `Cannot move WP01 to for_review - uncommitted planning files: ${DIR}/spec.md`,
    ])
    expect(events()).toHaveLength(4)
  })

  it('look at the lane worktree', async () => {
    at('in_progress')
    const path = laneWorktree()
    const blockers = async () =>
      ((await move('for_review')).json.blockers ?? []).map(b =>
        b.message.replace('Cannot move WP01 to for_review - ', ''),
      )
    world.write(`${path}/b.ts`, 'y')
    expect(await blockers()).toEqual([`uncommitted changes in ${path}: b.ts`])
    world.gitAt(path, 'add', '-A')
    world.gitAt(path, 'commit', '-qm', 'b')
    world.write(`${path}/.spec-kitty/review-lock.json`, '{"wp_id": "WP01"}')
    world.write('src/new.ts', 'z')
    world.commit()
    expect(await blockers()).toEqual([`${LANE} is behind main: src/new.ts`])
    world.gitAt(path, 'merge', '-q', 'main')
    world.write(`${path}/${DIR}/spec.md`, 'lane')
    world.write(`${path}/.kittify/charter/charter.md`, 'work of somebody')
    expect(await blockers()).toContain(
      `uncommitted changes in ${path}: ${DIR}/spec.md, .kittify/charter/charter.md`,
    )
    world.gitAt(path, 'add', '-A')
    world.gitAt(path, 'commit', '-qm', 'planning')
    expect(await blockers()).toEqual([`planning files were changed on ${LANE}: ${DIR}/spec.md`])
    world.gitAt(path, 'checkout', '-q', '--detach')
    expect((await blockers())[0]).toBe(`${path} is on a detached HEAD, not on ${LANE}`)
    world.gitAt(path, 'switch', '-q', '-c', 'elsewhere')
    expect((await blockers())[0]).toBe(`${path} is on branch elsewhere, not on ${LANE}`)
    world.write(`${world.root}/.git/worktrees/${MISSION_SLUG}-lane-a/MERGE_HEAD`, 'x')
    expect((await blockers())[0]).toBe(`a merge is in progress in ${path}`)
  })

  it('name remedies that work when they are pasted', async () => {
    at('in_progress', { tasksMd: TICKED.replace('[x]', '[ ]') })
    const path = laneWorktree()
    world.write(`${path}/${DIR}/spec.md`, 'changed on the lane')
    world.write(`${path}/${DIR}/new.md`, 'added on the lane')
    world.gitAt(path, 'add', '-A')
    world.gitAt(path, 'commit', '-qm', 'planning')
    world.gitAt(path, 'switch', '-q', '-c', 'elsewhere')
    world.gitAt(path, 'switch', '-q', LANE)
    world.gitAt(path, 'checkout', '-q', '--detach')
    world.write('src/new.ts', 'the base goes on')
    world.write(`${DIR}/plan.md`, 'so does the plan')
    world.commit()
    world.write(`${DIR}/spec.md`, 'edited')
    world.write(`${path}/b.ts`, 'uncommitted')
    const refused = await move('for_review')
    expect(refused.json.blockers).toHaveLength(6)
    for (let round = 0; round < 12; round++) {
      const [blocker] = (await move('for_review')).json.blockers ?? []
      if (blocker === undefined) break
      const step = blocker.hint.replace(/^Once they are done: /, '')
      if (step.startsWith('spec-kitty ')) await runCli(world, step.split(' ').slice(1))
      else execSync(step, { cwd: world.root, env: world.env, stdio: 'pipe' })
    }
    expect(lane()).toBe('for_review')
    expect(world.exists(`${path}/b.ts`)).toBe(true)
  })

  it('want a commit, and no more than that', async () => {
    at('in_progress')
    const path = laneWorktree()
    world.gitAt(path, 'reset', '-q', '--hard', 'HEAD~1')
    expect((await move('for_review')).json.error).toContain(`${LANE} has no commits beyond main`)
    world.commit('planning goes on')
    world.write(`${path}/a.ts`, 'x')
    world.gitAt(path, 'add', '-A')
    world.gitAt(path, 'commit', '-qm', 'work')
    world.write(
      WP,
      world
        .read(WP)
        .replace('history: []', `base_commit: ${world.gitAt(path, 'rev-parse', 'HEAD')}\nhistory: []`),
    )
    world.commit()
    expect((await move('for_review')).json.error).toContain('has no commits beyond')
    world.write(
      WP,
      world.read(WP).replace(/base_commit: .*/, `base_commit: ${world.gitAt(path, 'rev-parse', 'HEAD~1')}`),
    )
    world.commit()
    expect((await move('for_review')).status).toBe(0)
  })

  /** Begun, with one commit; answers the folder. */
  async function work(): Promise<string> {
    at('planned')
    world.write('.gitignore', '.worktrees/\n')
    world.commit()
    const begin = ['agent', 'action', 'implement', 'WP01', '--agent', 'claude', '--json']
    expect((await runCli(world, begin)).status).toBe(0)
    const path = `.worktrees/${MISSION_SLUG}-lane-a`
    world.write(`${path}/a.ts`, 'x')
    world.gitAt(path, 'add', '-A')
    world.gitAt(path, 'commit', '-qm', 'work')
    return path
  }

  it('know a folder that is no worktree, and lead to one', async () => {
    const path = await work()
    world.git('worktree', 'remove', path)
    world.write(`${path}/x`, 'precious')
    const refused = await move('for_review')
    expect(refused.json.error).toContain('is no worktree of this repository')
    for (const step of refused.json.blockers?.[0]?.hint.split(' && ') ?? []) {
      if (step.startsWith('spec-kitty ')) await runCli(world, step.split(' ').slice(1))
      else execSync(step, { cwd: world.root, env: world.env, stdio: 'pipe' })
    }
    expect((await move('for_review')).status).toBe(0)
    expect(world.read(`${path}.aside/x`)).toBe('precious')
  })

  it('know what was staged in a folder that is gone, and bring it back', async () => {
    const path = await work()
    world.write(`${path}/b.ts`, 'staged')
    world.gitAt(path, 'add', '-A')
    rmSync(join(world.root, path), { recursive: true })
    for (const what of ['is in no commit: b.ts', 'uncommitted changes']) {
      const [found] = (await move('for_review')).json.blockers ?? []
      expect(found?.message).toContain(what)
      execSync((found?.hint ?? '').replace('Bring it back, and commit it: ', ''), {
        cwd: world.root,
        env: world.env,
      })
    }
    expect((await move('for_review')).status).toBe(0)
    expect(world.gitAt(path, 'show', 'HEAD:b.ts')).toBe('staged')
  })

  it('hold a mission to its issue matrix', async () => {
    at('for_review', { spec: '# Spec\n\nFixes #12 and owner/repo#34.\n' })
    world.write(
      `${DIR}/issue-matrix.md`,
      '| Issue | Title | Verdict | Evidence ref |\n|--|--|--|--|\n| #12 | a | in-mission | WP01 |\n| #34 | b | TBD | |\n',
    )
    world.commit()
    expect((await move('approved')).json.error).toContain('does not settle #34')
    world.write(`${DIR}/issue-matrix.md`, world.read(`${DIR}/issue-matrix.md`).replace('TBD', 'fixed'))
    world.commit()
    expect((await move('approved')).status).toBe(0)
    expect((await move('done', '--done-override-reason', 'x')).json.error).toContain('does not settle #12')
  })
})

describe('refusals write nothing', () => {
  it.each<[string, string[], string]>([
    ['nope', [], "Invalid lane 'nope'. Expected one of planned, claimed, in_progress,"],
    ['genesis', [], "Invalid lane 'genesis'"],
  ])('lane %s', async (to, words, message) => {
    mission()
    expect(await move(to, ...words)).toMatchObject({ status: 1, json: { code: 'invalid_lane' } })
    expect((await move(to, ...words)).json.error).toContain(message)
    expect(clean()).toBe('')
  })

  it('an unknown work package, one without events, two files for one', async () => {
    mission()
    world.write(`${DIR}/tasks/WP03-x.md`, '---\nwork_package_id: WP03\ntitle: x\n---\n')
    world.write(`${DIR}/tasks/WP02-twin.md`, '---\nwork_package_id: WP02\n---\n')
    world.commit()
    const run = async (id: string) =>
      (await runCli(world, ['agent', 'tasks', 'move-task', id, '--to', 'doing', '--json'])).json
    expect(await run('WP09')).toMatchObject({
      code: 'wp_not_found',
      error: `Work package 'WP09' not found under ${DIR}/tasks.`,
      hint: 'There are: WP01, WP02, WP02, WP03',
    })
    expect(await run('WP03')).toMatchObject({ code: 'tasks_not_finalized' })
    expect(await run('WP02')).toMatchObject({
      code: 'file_malformed',
      error: 'Two files claim to be WP02: WP02-demo.md and WP02-twin.md',
    })
  })

  it('a work package that a circle of dependencies keeps from being finalized', async () => {
    mission({ events: false, deps: { WP01: ['WP02'], WP02: ['WP01'] } })
    const { json } = await move('doing')
    expect(json).toMatchObject({ code: 'tasks_not_finalized' })
    expect(json.error).toMatch(/dependencies go in a circle: WP0\d -> WP0\d/)
  })

  it('malformed front matter, by file and line', async () => {
    mission()
    world.write(WP, '---\ntitle: a: b: c\n---\n')
    expect((await move('doing')).json).toMatchObject({ code: 'file_malformed', line: 2 })
  })
})

it('leaves a CRLF file in CRLF, and adds the activity log where there is none', async () => {
  addMission(world, { eol: '\r\n' })
  world.write(WP, world.read(WP).replace(/\r\n## Activity Log[\s\S]*$/, ''))
  world.commit()
  await move('claimed')
  const text = world.read(WP)
  expect(text).not.toMatch(/[^\r]\n/)
  expect(text).toMatch(/Body\.\r\n\r\n## Activity Log\r\n\r\n- \S+Z – user – Moved to claimed\r\n$/)
})

it('leaves everything uncommitted when asked to', async () => {
  mission()
  expect((await move('claimed', '--no-auto-commit')).status).toBe(0)
  expect(commits()).toBe(1)
  expect(clean().split('\n')).toHaveLength(3)
})

it('says in words where the work package is now', async () => {
  at('in_review')
  const words = ['agent', 'tasks', 'move-task', 'WP01', '--to']
  expect((await runCli(world, [...words, 'approved'])).stdout).toBe(
    'Moved WP01 from in_review to approved.\n',
  )
  world.write('../fb.md', 'redo')
  const { stdout } = await runCli(world, [...words, 'planned', '--review-feedback-file', '../fb.md'])
  expect(stdout).toContain('Moved WP01 from approved to planned.\nFeedback: review-cycle://')
})

describe('independence of review', () => {
  const rule = (word: string) =>
    world.write('.kittify/config.yaml', `agents:\n  available: [claude]\nreview:\n  independence: ${word}\n`)
  const approve = (...words: string[]) => move('approved', '--force', '--note', 'read', ...words)
  const board = async () => runCli(world, ['agent', 'tasks', 'status', '--json'])

  it('marks and says an approval of one’s own work', async () => {
    at('for_review')
    const run = await approve('--agent', 'claude')
    expect(run.json).toMatchObject({ result: 'success', self_approved: true })
    expect(run.stderr).toContain('Note: WP01 is approved by claude, who built it as well')
    expect((await board()).json).toMatchObject({ work_packages: [{ self_approved: true }, {}] })
    expect((await runCli(world, ['status'])).stdout).toMatch(/ {2}self\b/)
  })

  it('says nothing of an approval by somebody else, or where nobody minds', async () => {
    at('for_review')
    const other = await approve('--agent', 'codex')
    expect([other.json.self_approved, other.stderr]).toEqual([undefined, ''])
    world.cleanup()
    world = createWorld()
    at('for_review')
    rule('off')
    const own = await approve('--agent', 'claude')
    expect([own.json.self_approved, own.stderr]).toEqual([undefined, ''])
    expect(JSON.stringify((await board()).json)).not.toContain('self_approved')
  })

  it('refuses it where independent reviews are required, by every road', async () => {
    at('for_review')
    rule('require')
    const words = ['agent', 'status', 'emit', 'WP01', '--to', 'approved', '--actor', 'claude', '--force']
    const emit = [
      ...words,
      '--reason',
      'x',
      '--evidence-json',
      '{"review":{"reviewer":"a","verdict":"approved","reference":"x"}}',
    ]
    for (const run of [
      await approve('--agent', 'claude'),
      await runCli(world, [...emit, '--json']),
      await runCli(world, ['agent', 'action', 'review', 'WP01', '--agent', 'claude', '--json']),
    ]) {
      expect([run.status, run.json]).toMatchObject([1, { code: 'guard_failed' }])
      expect(JSON.stringify(run.json)).not.toMatch(/--agent|to approved/)
    }
    expect(await approve('--agent', 'codex')).toMatchObject({ status: 0 })
  })

  it('gives a reviewer what others built', async () => {
    addMission(world, { tasksMd: TICKED })
    advance(world, 'WP01', 'for_review', 10)
    appendEvents(world, [
      eventRow('WP02', 'planned', 'claimed', 30, { actor: 'codex' }),
      eventRow('WP02', 'claimed', 'for_review', 31, { actor: 'codex' }),
    ])
    world.commit()
    world.git('branch', LANE)
    world.git('branch', LANE.replace(/a$/, 'b'))
    const review = (agent: string) => runCli(world, ['agent', 'action', 'review', '--agent', agent, '--json'])
    expect((await review('claude')).json).toMatchObject({ wp_id: 'WP02' })
    expect((await review('claude')).json).toMatchObject({
      code: 'not_ready',
      error: expect.stringContaining('somebody else'),
    })
    expect((await review('codex')).json).toMatchObject({ wp_id: 'WP01' })
  })
})

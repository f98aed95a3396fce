import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { AgentActionImplement } from '@spec-kitty/contracts/cli/agent-action-implement'
import { AgentActionReview } from '@spec-kitty/contracts/cli/agent-action-review'
import { addMission, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const PATH = `.worktrees/${MISSION_SLUG}-lane-a`
const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
let tick: number
beforeEach(() => {
  world = createWorld()
  tick = 0
  addMission(world)
  world.commit('mission')
})
afterEach(() => world.cleanup())

const implement = (...words: string[]): ReturnType<typeof runCli> =>
  runCli(world, ['agent', 'action', 'implement', ...words])
const review = (...words: string[]): ReturnType<typeof runCli> =>
  runCli(world, ['agent', 'action', 'review', ...words])

/** A later event than any the fixed clock gives. */
function move(from: string, to: string): void {
  tick += 1
  const at = `2027-01-01T00:00:${String(tick).padStart(2, '0')}.000000+00:00`
  appendEvents(world, [eventRow('WP01', from, to, 0, { at, event_id: `01KZ${tick}` })])
}

/** Implements WP01 with one commit and hands it over. */
async function handOver(): Promise<void> {
  await implement('WP01', '--agent', 'claude')
  world.write(`${PATH}/src/a.py`, 'A\n')
  world.gitAt(PATH, 'add', '-A')
  world.gitAt(PATH, 'commit', '-qm', 'work')
  move('in_progress', 'for_review')
  world.commit('for review')
}

describe('agent action implement', () => {
  it('prints a prompt with worktree, subtasks and the way back', async () => {
    const answer = await implement('WP01', '--agent', 'claude')
    expect(answer.status).toBe(0)
    expect(answer.stdout).toContain(`cd ${world.root}/${PATH}`)
    expect(answer.stdout).toContain('- T011 first\n- T012 second')
    expect(answer.stdout).toContain('- src/wp01/**')
    expect(answer.stdout).toContain(`mark-status T011 T012 --status done --mission ${MISSION_SLUG}`)
    expect(answer.stdout).toContain(`move-task WP01 --to for_review --mission ${MISSION_SLUG} --agent claude`)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('gives programs the same in one document', async () => {
    const answer = await implement('--agent', 'claude', '--json')
    const result = v.parse(v.strictObject(AgentActionImplement.entries), answer.json)
    expect(result).toMatchObject({
      wp_id: 'WP01',
      agent: 'claude',
      subtasks: ['T011', 'T012'],
      fix_mode: false,
    })
    expect(result.workspace_dir).toBe(`${world.root}/${PATH}`)
  })

  it('asks for the name of the agent', async () => {
    const answer = await implement('WP01', '--json')
    expect(answer).toMatchObject({ status: 2, json: { code: 'usage' } })
    expect(world.exists('.worktrees')).toBe(false)
  })

  it('brings the feedback of a rejected review', async () => {
    await handOver()
    world.write(`${DIR}/tasks/WP01-demo/review-cycle-2.md`, '---\nverdict: rejected\n---\n\nWrong sign.\n')
    world.write(`${DIR}/tasks/WP01-demo/review-cycle-1.md`, '---\nverdict: rejected\n---\n\nOld.\n')
    move('for_review', 'planned')
    world.commit('rejected')
    const answer = await implement('WP01', '--agent', 'claude')
    expect(answer.stdout).toContain('# Fix WP01')
    expect(answer.stdout).toContain('Wrong sign.')
    expect(answer.stdout).not.toContain('Old.')
  })

  it('says when the feedback of the last review is gone', async () => {
    await handOver()
    await review('WP01', '--agent', 'bob')
    world.write('feedback.md', 'Wrong sign.\n')
    await runCli(world, ['reject', 'WP01', '--agent', 'bob', '--feedback-file', 'feedback.md'])
    rmSync(join(world.root, DIR, 'tasks/WP01-demo/review-cycle-1.md'))
    world.commit('lost')
    const answer = await implement('WP01', '--agent', 'claude')
    expect(answer.stdout).toContain('WP01 was sent back with')
    expect(answer.stdout).toContain('which is gone')
  })
})

describe('agent action review', () => {
  it('claims the review in one commit and prints what a reviewer needs', async () => {
    await handOver()
    const before = Number(world.git('rev-list', '--count', 'HEAD'))
    const answer = await review('WP01', '--agent', 'bob')
    expect(answer.status).toBe(0)
    expect(answer.stdout).toContain('# Review WP01: Title WP01 (round 1)')
    expect(answer.stdout).toContain('- src/a.py')
    expect(Number(world.git('rev-list', '--count', 'HEAD'))).toBe(before + 1)
    expect(world.git('log', '-1', '--format=%s')).toBe('chore: Start WP01 review [bob]')
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.read(`${DIR}/tasks/WP01-demo.md`)).toContain('agent: "bob"')
    const log = world.read(`${DIR}/status.events.jsonl`).trim().split('\n').at(-1)
    expect(JSON.parse(log ?? '')).toMatchObject({
      from_lane: 'for_review',
      to_lane: 'in_review',
      actor: 'bob',
    })
  })

  it('gives a diff command that shows the change', async () => {
    await handOver()
    const answer = await review('--agent', 'bob', '--json')
    const result = v.parse(v.strictObject(AgentActionReview.entries), answer.json)
    expect(result).toMatchObject({
      wp_id: 'WP01',
      claimed: true,
      changed_files: ['src/a.py'],
      review_cycle: 1,
    })
    expect(world.git(...result.diff_command.split(' ').slice(1))).toContain('+A')
    expect(result.approve_command).toContain('--to approved')
  })

  it('repeats itself for the reviewer who has it and refuses another by name', async () => {
    await handOver()
    await review('WP01', '--agent', 'bob')
    const head = world.git('rev-parse', 'HEAD')
    expect((await review('WP01', '--agent', 'bob', '--json')).json).toMatchObject({ claimed: false })
    const other = await review('WP01', '--agent', 'eve', '--json')
    expect(other).toMatchObject({ status: 1, json: { code: 'claimed_by_other', reviewer: 'bob' } })
    expect((other.json as { error: string }).error).toBe(
      'WP01 already claimed for review by bob; cannot be claimed by eve',
    )
    expect(world.git('rev-parse', 'HEAD')).toBe(head)
  })

  it('completes a claim that was killed before it was recorded', async () => {
    await handOver()
    move('for_review', 'in_review')
    const log = `${DIR}/status.events.jsonl`
    world.write(
      log,
      world.read(log).replace(/"actor": "claude"(?=.*"to_lane": "in_review")/, '"actor": "bob"'),
    )
    expect((await review('WP01', '--agent', 'bob', '--json')).json).toMatchObject({ claimed: false })
    expect(world.read(`${DIR}/tasks/WP01-demo.md`)).toContain('agent: "bob"')
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('makes a worktree again that is gone', async () => {
    await handOver()
    world.git('clean', '-ffdxq', '.worktrees')
    await review('WP01', '--agent', 'bob')
    expect(world.read(`${PATH}/src/a.py`)).toBe('A\n')
  })

  it('refuses what does not wait for review', async () => {
    const answer = await review('WP01', '--agent', 'bob', '--json')
    expect(answer).toMatchObject({ status: 1, json: { code: 'illegal_transition', lane: 'planned' } })
    expect((await review('--agent', 'bob', '--json')).json).toMatchObject({ code: 'not_ready' })
    await implement('WP01', '--agent', 'claude')
    expect((await review('WP01', '--agent', 'bob')).stderr).toContain('--to for_review')
    expect((await review('WP01', '--json')).json).toMatchObject({ code: 'usage' })
  })

  it('reviews planning work in the checkout', async () => {
    const lanes = JSON.parse(world.read(`${DIR}/lanes.json`)) as { lanes: { lane_id: string }[] }
    lanes.lanes[0]!.lane_id = 'lane-planning'
    world.write(`${DIR}/lanes.json`, JSON.stringify(lanes))
    move('planned', 'for_review')
    world.commit('planning')
    expect((await review('WP01', '--agent', 'bob', '--json')).json).toMatchObject({
      lane_id: 'lane-planning',
      branch: 'main',
    })
  })
})

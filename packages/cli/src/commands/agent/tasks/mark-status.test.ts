import { MarkStatus } from '@spec-kitty/contracts/cli/mark-status'
import { addMission, advance, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`
const TASKS = `${DIR}/tasks.md`
const LOG = `${DIR}/status.events.jsonl`

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

function mission(tasksMd?: string): void {
  addMission(world, tasksMd === undefined ? {} : { tasksMd })
  world.commit()
}

async function mark(...words: string[]) {
  const run = await runCli(world, ['agent', 'tasks', 'mark-status', ...words, '--json'])
  return { ...run, json: run.json as MarkStatus & { error?: string; code?: string } }
}

const outcomes = ({ results }: MarkStatus) => results.map(r => [r.id, r.outcome, r.format])
const events = () =>
  world
    .read(LOG)
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
const commits = () => Number(world.git('rev-list', '--count', 'HEAD'))
const committed = () => world.git('show', '--name-only', '--format=', 'HEAD').split('\n')

describe('the named cases', () => {
  it('inline subtasks single', async () => {
    mission('# Tasks\n\n## WP01\n\nSubtasks: T001, T002\n')
    const log = world.read(LOG)
    const run = await mark('T001', '--status', 'done')
    expect(run.status).toBe(0)
    expect(outcomes(run.json)).toEqual([['T001', 'updated', 'inline_subtasks']])
    expect(world.read(TASKS)).toBe('# Tasks\n\n## WP01\n\nSubtasks: T001, T002\n- [x] T001\n')
    expect(world.read(LOG)).toBe(log)
    const again = await mark('T001', '--status', 'done')
    expect(outcomes(again.json)).toEqual([['T001', 'already_satisfied', 'checkbox']])
    const never = await mark('T002', '--status', 'pending')
    expect(outcomes(never.json)).toEqual([['T002', 'already_satisfied', 'inline_subtasks']])
  })

  it('inline subtasks multiple', async () => {
    mission('# Tasks\r\n\r\n## WP01\r\n\r\n**Subtasks:** T001, T002–T004\r\n\r\nEnd.')
    const run = await mark('T001', 'T003', 'T004', '--status', 'done')
    expect(outcomes(run.json)).toEqual(['T001', 'T003', 'T004'].map(id => [id, 'updated', 'inline_subtasks']))
    expect(world.read(TASKS)).toBe(
      '# Tasks\r\n\r\n## WP01\r\n\r\n**Subtasks:** T001, T002–T004\r\n- [x] T001\r\n- [x] T003\r\n- [x] T004\r\n\r\nEnd.',
    )
    expect(commits()).toBe(2)
  })

  it('wp id mark done', async () => {
    mission()
    advance(world, 'WP02', 'approved', 10)
    world.commit()
    const tasks = world.read(TASKS)
    const run = await mark('WP02', '--status', 'done')
    expect(run.status).toBe(0)
    expect(outcomes(run.json)).toEqual([['WP02', 'updated', 'wp_id']])
    expect(events().at(-1)).toMatchObject({
      wp_id: 'WP02',
      from_lane: 'approved',
      to_lane: 'done',
      force: false,
      evidence: { review: { reviewer: 'bob', reference: 'review:WP02' } },
    })
    expect(JSON.parse(world.read(`${DIR}/status.json`)).work_packages.WP02.lane).toBe('done')
    expect(world.read(TASKS)).toBe(tasks)
    expect(committed()).toEqual([`${DIR}/status.events.jsonl`, `${DIR}/status.json`])
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('wp id already done', async () => {
    mission()
    advance(world, 'WP02', 'done', 10)
    world.commit()
    const before = { log: world.read(LOG), commits: commits() }
    const run = await mark('WP02', '--status', 'done')
    expect(run.status).toBe(0)
    expect(outcomes(run.json)).toEqual([['WP02', 'already_satisfied', 'wp_id']])
    expect({ log: world.read(LOG), commits: commits() }).toEqual(before)
    expect(outcomes((await mark('WP01', '--status', 'pending')).json)).toEqual([
      ['WP01', 'already_satisfied', 'wp_id'],
    ])
  })

  it('unknown id not found', async () => {
    mission()
    const run = await mark('T999', 'nonsense!', 'WP77', '--status', 'done')
    expect(run.status).toBe(1)
    expect(outcomes(run.json)).toEqual([
      ['T999', 'not_found', null],
      ['nonsense!', 'not_found', null],
      ['WP77', 'not_found', 'wp_id'],
    ])
    expect(run.json.summary).toEqual({ updated: 0, already_satisfied: 0, not_found: 3 })
    expect(world.git('status', '--porcelain')).toBe('')
    expect(commits()).toBe(1)
  })

  it('mixed formats', async () => {
    mission(
      '# T\n\n## WP01\n\n- [ ] T001 a\n- [x] T005 b\n\n| ID | Status |\n|---|---|\n| T002 | [ ] |\n\nSubtasks: T003\n',
    )
    advance(world, 'WP01', 'approved', 10)
    world.commit()
    const run = await mark('T999', 'WP01', 'T003', 'T002', 'T001', 'T005', 'WP02', 'WP01', '--status', 'done')
    expect(run.status).toBe(0)
    expect(outcomes(run.json)).toEqual([
      ['T999', 'not_found', null],
      ['WP01', 'updated', 'wp_id'],
      ['T003', 'updated', 'inline_subtasks'],
      ['T002', 'updated', 'pipe_table'],
      ['T001', 'updated', 'checkbox'],
      ['T005', 'already_satisfied', 'checkbox'],
      ['WP02', 'not_found', 'wp_id'],
      ['WP01', 'already_satisfied', 'wp_id'],
    ])
    expect(run.json.summary).toEqual({ updated: 4, already_satisfied: 2, not_found: 2 })
    expect(world.read(TASKS)).toContain(
      '- [x] T001 a\n- [x] T005 b\n\n| ID | Status |\n|---|---|\n| T002 | [D] |\n\nSubtasks: T003\n- [x] T003\n',
    )
    expect(commits()).toBe(3)
    expect(world.git('log', '-1', '--format=%s')).toBe(
      `chore: Mark 4 subtasks as done on spec ${MISSION_SLUG}`,
    )
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('existing checkbox unchanged', async () => {
    const text =
      '# T\r\n\r\n- [X] T001 a\r\n* [ ] **T002** b\r\n1. [ ] T0021 c\r\n```\r\n- [ ] T002\r\n```\r\nlast'
    mission(text)
    expect(outcomes((await mark('T001', '--status', 'done')).json)).toEqual([
      ['T001', 'already_satisfied', 'checkbox'],
    ])
    expect(world.read(TASKS)).toBe(text)
    expect(outcomes((await mark('t002', '--status', 'done')).json)).toEqual([['T002', 'updated', 'checkbox']])
    expect(world.read(TASKS)).toBe(text.replace('* [ ]', '* [x]'))
    expect(world.git('log', '-1', '--format=%s')).toBe(`chore: Mark T002 as done on spec ${MISSION_SLUG}`)
    expect(committed()).toEqual([TASKS])
    expect(outcomes((await mark('T001', '--status', 'pending')).json)).toEqual([
      ['T001', 'updated', 'checkbox'],
    ])
    expect(world.read(TASKS)).toContain('- [ ] T001 a')
  })

  it('existing pipe table unchanged', async () => {
    const text =
      '# T\n\n| ID | Title | Status | Parallel |\n|--|--|--|--|\n| T001 | a | [D] | [P] |\n| T002 | b | [ ] | [P] |'
    mission(text)
    expect(outcomes((await mark('T001', '--status', 'done')).json)).toEqual([
      ['T001', 'already_satisfied', 'pipe_table'],
    ])
    expect(world.read(TASKS)).toBe(text)
    await mark('T002', '--status', 'done')
    expect(world.read(TASKS)).toBe(text.replace('| b | [ ] |', '| b | [D] |'))
  })
})

describe('the schema', () => {
  it.each<[string, string]>([
    ['updated', 'T011'],
    ['already_satisfied', 'T012'],
    ['not_found', 'T999'],
  ])('holds for %s and is closed', async (outcome, id) => {
    mission(`# T\n\n- [ ] T011\n- [x] T012\n`)
    const { json } = await mark(id, '--status', 'done')
    const parsed = v.parse(MarkStatus, json)
    expect(parsed.results[0]?.outcome).toBe(outcome)
    expect(Object.keys(json)).toEqual(['results', 'summary'])
    expect(v.safeParse(MarkStatus, { ...json, more: 1 }).success).toBe(false)
    expect(v.safeParse(MarkStatus, { ...json, results: [{ ...json.results[0], more: 1 }] }).success).toBe(
      false,
    )
  })
})

describe('tasks.md', () => {
  it('may carry a box in its Subtasks list', async () => {
    const text = '# T\n\n- **Subtasks**: - [x] T011 (WP03) · - [ ] T012 (WP03) | **Depends on**: WP02\n'
    mission(text)
    expect(outcomes((await mark('T012', 'T011', '--status', 'done')).json)).toEqual([
      ['T012', 'updated', 'inline_subtasks'],
      ['T011', 'already_satisfied', 'inline_subtasks'],
    ])
    expect(world.read(TASKS)).toBe(text.replace('[ ] T012', '[x] T012'))
  })

  it('may be named by a list that is wrapped', async () => {
    mission('# T\n\n## WP01\n\n**Subtasks**: T001,\nT002, [ ] T003\n\nEnd.\n')
    const run = await mark('T002', 'T003', '--status', 'done')
    expect(outcomes(run.json).map(([, outcome]) => outcome)).toEqual(['updated', 'updated'])
    const after = '# T\n\n## WP01\n\n**Subtasks**: T001,\nT002, [x] T003\n- [x] T002\n\nEnd.\n'
    expect(world.read(TASKS)).toBe(after)
  })

  it('is looked for in the package that is named, which may be the wrong one', async () => {
    mission('## WP01\n\n- [ ] T001 a\n\n## WP02\n\n- [ ] T002 b\n')
    const { json } = await mark('WP02/T001', '--status', 'done')
    expect(json.results[0]?.message).toBe('WP02 has no T001; it stands in WP01: WP01/T001.')
  })

  it('is not edited for a work package that an overview table lists', async () => {
    mission('# T\n\n| WP | Title | Depends on |\n|--|--|--|\n| WP01 | a | - |\n| WP02 | b | WP01 |\n')
    expect(outcomes((await mark('WP01', '--status', 'done')).json)).toEqual([['WP01', 'not_found', 'wp_id']])
    world.write(TASKS, '| WP | Status |\n|--|--|\n| WP01 | todo |\n')
    world.commit()
    expect(outcomes((await mark('WP01', '--status', 'done')).json)).toEqual([
      ['WP01', 'updated', 'pipe_table'],
    ])
  })

  it('ticks every row of one id', async () => {
    mission('- [ ] T001 in the summary\n\n## WP01\n\n- [ ] T001 in the section\n')
    await mark('T001', '--status', 'done')
    expect(world.read(TASKS)).toBe('- [x] T001 in the summary\n\n## WP01\n\n- [x] T001 in the section\n')
  })
})

describe('ids', () => {
  it('may be qualified by any name of this mission, and only of this one', async () => {
    addMission(world, { slug: 'other-01KQW4DG', id: '01KQW4DG0000000000000000B2' })
    mission()
    const ask = (id: string) => mark(id, '--status', 'done', '--mission', MISSION_SLUG)
    for (const qualifier of [MISSION_SLUG, 'demo-feature', '01KQW4DF', '01KQW4DF0000000000000000A1']) {
      expect((await ask(`${qualifier}/t011`)).json.results[0]?.id).toBe('T011')
    }
    for (const id of ['other-01KQW4DG/T011', 'nowhere:T011']) {
      const run = await ask(id)
      expect(run.status).toBe(1)
      expect(run.json.results[0]).toMatchObject({ id: 'T011', outcome: 'not_found', format: null })
      expect(run.json.results[0]?.message).toContain('does not name the mission')
    }
  })
})

describe('refusals write nothing', () => {
  it.each<[string, string[], number, string]>([
    [
      'an unknown state',
      ['T011', '--status', 'doing'],
      1,
      "Invalid status 'doing'. Must be 'done' or 'pending'.",
    ],
    ['no state', ['T011'], 2, 'status'],
    ['no ids', ['--status', 'done'], 2, ''],
  ])('%s', async (_, words, status, message) => {
    mission()
    const run = await mark(...words)
    expect(run.status).toBe(status)
    expect(run.json.error).toContain(message)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('no tasks.md', async () => {
    mission()
    world.git('rm', '-q', TASKS)
    world.commit()
    const run = await mark('T011', '--status', 'done')
    expect(run).toMatchObject({ status: 1, json: { code: 'tasks_missing' } })
    expect(run.json.error).toContain(`${DIR}/tasks.md`)
  })

  it('a protected branch, unless nothing is to be committed', async () => {
    mission()
    world.write('.kittify/config.yaml', 'protected_branches: [main]\n')
    world.commit()
    expect(await mark('T011', '--status', 'done')).toMatchObject({
      status: 1,
      json: { code: 'protected_branch' },
    })
    expect(world.read(TASKS)).not.toContain('[x]')
    expect((await mark('T011', '--status', 'done', '--no-auto-commit')).status).toBe(0)
    expect(world.read(TASKS)).toContain('[x]')
    expect(commits()).toBe(2)
  })

  it('a coordination mission', async () => {
    addMission(world, { meta: { coordination_branch: `kitty/mission-${MISSION_SLUG}` } })
    world.commit()
    expect(await mark('T011', '--status', 'done')).toMatchObject({
      status: 1,
      json: { code: 'coordination_mission' },
    })
  })

  it('a log that cannot be read, only when a work package is asked for', async () => {
    mission()
    world.write(LOG, `${world.read(LOG)}{"torn`)
    world.commit()
    expect(await mark('WP01', '--status', 'done')).toMatchObject({ status: 1, json: { code: 'log_corrupt' } })
    expect((await mark('T011', '--status', 'done')).status).toBe(0)
  })
})

describe('work packages', () => {
  it('take the approver from an approval without evidence', async () => {
    mission()
    appendEvents(world, [
      eventRow('WP01', 'in_review', 'approved', 10, { actor: 'carol' }),
      eventRow('WP02', 'in_review', 'approved', 11, { actor: { tool: 'claude' } }),
    ])
    world.commit()
    expect((await mark('WP01', 'WP02', '--status', 'done')).status).toBe(0)
    const [first, second] = events().slice(-2)
    expect(first.evidence.review).toEqual({
      reviewer: 'carol',
      verdict: 'approved',
      reference: 'event:01KQW4DG000000000000000010',
    })
    expect(second.evidence.review.reviewer).toBe('claude')
    expect(first.at < second.at).toBe(true)
  })

  it('are refused with the reason of the matrix', async () => {
    mission()
    const run = await mark('WP01', '--status', 'done')
    expect(run.json.results[0]?.message).toContain('Illegal transition: planned -> done')
  })
})

it('says what it did in words', async () => {
  mission()
  const run = await runCli(world, ['agent', 'tasks', 'mark-status', 'T011', 'T999', '--status', 'done'])
  expect(run.stdout).toBe(
    'Marked T011 as done (checkbox row updated).\nT999 was not found in any supported task format. There are: T011, T012, T021, T022.\n',
  )
})

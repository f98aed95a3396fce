import { DecisionClose, DecisionList, DecisionOpen, DecisionVerify } from '@spec-kitty/contracts/cli/decision'
import { DecisionIndex } from '@spec-kitty/contracts/files/decision'
import { addMission, MISSION_ID, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

let world: World
const dir = `kitty-specs/${MISSION_SLUG}`
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.commit()
})
afterEach(() => world.cleanup())

/** Without `--json`: these commands speak JSON always, on one line however narrow the terminal. */
const decision = (...words: string[]) => runCli(world, ['agent', 'decision', ...words], { columns: 40 })
const QUESTION = ['--flow', 'specify', '--input-key', 'auth', '--question', 'Which auth?', '--step-id', 'q1']
const open = async (...more: string[]) => {
  const run = await decision('open', ...QUESTION, '--options', '["a","b"]', '--actor', 'claude', ...more)
  expect(run.status, run.stdout).toBe(0)
  return parse(DecisionOpen, run.json)
}
const close = async (...words: string[]) => parse(DecisionClose, (await decision(...words)).json)
const refused = async (...words: string[]) => {
  const run = await decision(...words)
  expect([run.status, run.stderr]).toEqual([1, ''])
  return run.json as { code: string; details: Record<string, unknown>; error: string }
}
const index = () => parse(DecisionIndex, JSON.parse(world.read(`${dir}/decisions/index.json`)))
const events = () =>
  world
    .read(`${dir}/status.events.jsonl`)
    .trimEnd()
    .split('\n')
    .map(row => JSON.parse(row))
    .filter(row => String(row.event_type).startsWith('DecisionPoint'))

describe('decision open', () => {
  it('writes index, page and event in one commit', async () => {
    const result = await open()
    expect(result).toMatchObject({
      artifact_path: `${world.root}/${dir}/decisions/DM-${result.decision_id}.md`,
      contract: 'decision_open_v2',
      idempotent: false,
      recovery: { idempotency_key: { step_id: 'q1', slot_key: null, mission_id: MISSION_ID } },
    })
    expect(index().entries).toMatchObject([
      { status: 'open', options: ['a', 'b'], opened_by: 'claude', other_answer: false },
    ])
    const page = world.read(`${dir}/decisions/DM-${result.decision_id}.md`)
    expect(page).toMatch(/^# Decision Moment `\w{26}`\n\n- \*\*Mission:\*\* `demo-feature-01KQW4DF`\n/)
    expect(page).toContain(
      '## Options\n\n- a\n- b\n\n## Final answer\n\n_(none)_\n\n## Rationale\n\n_(none)_\n\n## Change log\n\n- `',
    )
    expect(events()).toMatchObject([
      { event_type: 'DecisionPointOpened', payload: { phase: 'SPECIFY', step_id: 'q1' } },
    ])
    expect([world.git('status', '--porcelain'), world.git('log', '-1', '--format=%s')]).toEqual([
      '',
      `Record decision auth for feature ${MISSION_SLUG}`,
    ])
  })

  it('finds the same question open, and tells the log what a crash kept from it', async () => {
    const first = await open()
    expect(await open()).toMatchObject({ decision_id: first.decision_id, idempotent: true })
    expect(events()).toHaveLength(1)
    const log = world.read(`${dir}/status.events.jsonl`).trimEnd().split('\n')
    world.write(`${dir}/status.events.jsonl`, `${log.slice(0, -1).join('\n')}\n`)
    expect(await open()).toMatchObject({ idempotent: true })
    expect(events()).toHaveLength(1)
  })

  it('only checks with --dry-run', async () => {
    expect(await open('--dry-run')).toMatchObject({ decision_id: 'DRY_RUN' })
    expect(world.exists(`${dir}/decisions`)).toBe(false)
  })

  it.each([
    ['a flow', ['--flow', 'x', '--step-id', 's'], 'invalid_input'],
    ['a place', ['--flow', 'plan'], 'DECISION_MISSING_STEP_OR_SLOT'],
    ['options', ['--flow', 'plan', '--slot-key', 's', '--options', '{}'], 'invalid_input'],
    ['options', ['--flow', 'plan', '--slot-key', 's', '--options', '[1'], 'invalid_input'],
  ])('needs %s', async (_, words, code) => {
    expect(await refused('open', '--input-key', 'k', '--question', 'q', ...words)).toMatchObject({ code })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it.each(['tasks', 'implement', 'review'])('records a question of %s as one of the plan', async flow => {
    const words = ['--flow', flow, '--input-key', 'k', '--question', 'q', '--step-id', 's']
    const run = await decision('open', ...words)
    expect(parse(DecisionOpen, run.json).recovery.idempotency_key.origin_flow).toBe('plan')
    expect(index().entries[0]?.origin_flow).toBe('plan')
  })

  it('refuses an index that cannot be read', async () => {
    for (const text of ['{', '{"entries": [1]}', '{"entries": [{}]}']) {
      world.write(`${dir}/decisions/index.json`, text)
      const run = await decision('open', ...QUESTION)
      expect([run.status, run.json]).toEqual([1, expect.objectContaining({ code: 'file_malformed' })])
    }
  })
})

describe('decision resolve, defer, cancel', () => {
  it('end a question once', async () => {
    const { decision_id: id } = await open()
    expect(await close('resolve', id, '--final-answer', 'zzz')).toMatchObject({
      status: 'resolved',
      idempotent: false,
    })
    expect(await close('resolve', id, '--final-answer', 'zzz')).toMatchObject({ idempotent: true })
    expect(await refused('resolve', id, '--final-answer', 'a')).toMatchObject({
      code: 'DECISION_TERMINAL_CONFLICT',
      details: { existing_status: 'resolved', requested_status: 'resolved' },
    })
    expect(await refused('open', ...QUESTION)).toMatchObject({
      code: 'DECISION_ALREADY_CLOSED',
      details: { decision_id: id },
    })
    expect(await refused('resolve', '01AAAAAAAAAAAAAAAAAAAAAAAA', '--final-answer', 'a')).toMatchObject({
      code: 'DECISION_NOT_FOUND',
    })
    expect(world.read(`${dir}/decisions/DM-${id}.md`)).toMatch(
      / — opened\n- `[^`]+` — resolved \(final_answer="zzz"\)\n$/,
    )
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('resolve a deferred one, with all that was said', async () => {
    const { decision_id: id } = await open()
    expect(await close('defer', id, '--rationale', 'later')).toMatchObject({ status: 'deferred' })
    expect(await refused('cancel', id, '--rationale', 'no')).toMatchObject({
      code: 'DECISION_TERMINAL_CONFLICT',
    })
    await close(
      'resolve',
      id,
      '--final-answer',
      'pg',
      '--rationale',
      'r',
      '--resolved-by',
      'bob',
      '--other-answer',
    )
    expect(index().entries[0]).toMatchObject({
      final_answer: 'pg',
      other_answer: true,
      rationale: 'r',
      resolved_by: 'bob',
    })
    expect(events().map(row => row.payload.terminal_outcome)).toEqual([undefined, 'deferred', 'resolved'])
  })

  it('cancel one by its slot', async () => {
    const run = await decision(
      'open',
      '--flow',
      'charter',
      '--input-key',
      'c',
      '--question',
      'C?',
      '--slot-key',
      'c1',
    )
    const { decision_id: id } = parse(DecisionOpen, run.json)
    expect(await close('cancel', id, '--rationale', 'no')).toMatchObject({ terminal_outcome: 'canceled' })
    expect(world.read(`${dir}/decisions/DM-${id}.md`)).toContain('- **Slot key:** `c1`')
  })
})

describe('decision list', () => {
  it('tells questions and answers, oldest first', async () => {
    const list = async (...words: string[]) => parse(DecisionList, (await decision('list', ...words)).json)
    expect(await list()).toMatchObject({ mission_id: MISSION_ID, count: 0, decisions: [] })
    const { decision_id: id } = await open()
    await decision('open', '--flow', 'plan', '--input-key', 'db', '--question', 'DB?', '--slot-key', 's')
    await close('resolve', id, '--final-answer', 'a')
    expect((await list()).decisions).toMatchObject([
      { decision_id: id, status: 'resolved', final_answer: 'a', options: ['a', 'b'] },
      { status: 'open', input_key: 'db' },
    ])
    expect(await list('--status', 'open')).toMatchObject({ count: 1, decisions: [{ question: 'DB?' }] })
    expect((await decision('list', '--status', 'nope')).status).toBe(2)
  })

  it('fills in what an entry does not say', async () => {
    const entry = { decision_id: 'D', input_key: 'k', origin_flow: 'plan', question: 'q', status: 'open' }
    world.write(`${dir}/decisions/index.json`, JSON.stringify({ version: 1, entries: [entry] }))
    const run = await decision('list')
    expect(parse(DecisionList, run.json).decisions).toMatchObject([{ ...entry, options: [], created_at: '' }])
  })
})

describe('decision verify', () => {
  const verify = async (...words: string[]) => {
    const run = await decision('verify', ...words)
    return { status: run.status, result: parse(DecisionVerify, run.json) }
  }

  it('is clean where markers and decisions fit', async () => {
    expect(await verify()).toMatchObject({ status: 0, result: { status: 'clean', marker_count: 0 } })
    const { decision_id: id } = await open()
    await close('defer', id, '--rationale', 'later')
    world.write(`${dir}/plan.md`, `# Plan\n\n[NEEDS CLARIFICATION: auth] <!-- decision_id: ${id} -->\n`)
    expect(await verify()).toMatchObject({
      status: 0,
      result: { deferred_count: 1, marker_count: 1, findings: [] },
    })
  })

  it('answers for a mission it does not know as a document too', async () => {
    for (const words of [['verify'], ['open', ...QUESTION], ['cancel', 'x', '--rationale', 'r']]) {
      const run = await decision(...words, '--mission', 'nope')
      expect([run.status, run.stderr, run.json]).toEqual([
        2,
        '',
        expect.objectContaining({ code: 'mission_not_found', handle: 'nope' }),
      ])
    }
  })

  it('finds what drifted apart', async () => {
    const { decision_id: id } = await open()
    world.write(
      `${dir}/plan.md`,
      `x\n\n[NEEDS CLARIFICATION: a] <!-- decision_id: ${id} -->\n[NEEDS CLARIFICATION] <!-- decision_id: NOPE -->\n`,
    )
    const other = await decision(
      'open',
      '--flow',
      'plan',
      '--input-key',
      'db',
      '--question',
      'DB?',
      '--slot-key',
      's',
    )
    await close('defer', parse(DecisionOpen, other.json).decision_id, '--rationale', 'later')
    const drift = await verify()
    expect(drift.status).toBe(1)
    expect(drift.result.findings.map(({ kind, location }) => [kind, location])).toEqual([
      ['DEFERRED_WITHOUT_MARKER', null],
      ['MARKER_WITHOUT_DECISION', 'plan.md:L4'],
      ['STALE_MARKER', 'plan.md:L3'],
    ])
    expect((await verify('--no-fail-on-stale')).status).toBe(0)
  })
})

/** The planning verbs: from nothing to finalized tasks by the API alone. */
import { addProject } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'
import { COMMANDS } from '../index.ts'

const POLICY = JSON.stringify({
  orchestrator_id: 'orch',
  orchestrator_version: '0.1.2',
  agent_family: 'claude',
  approval_mode: 'supervised',
  sandbox_mode: 'workspace_write',
  network_mode: 'none',
  dangerous_flags: [],
})
const READING = ['check-prerequisites', 'design-status']

let world: World
let slug: string
beforeEach(async () => {
  world = createWorld({ branch: 'work' })
  addProject(world)
  world.commit('project')
  slug = (await ok('specify', '--mission', 'calc', '--mission-type', 'software-dev')).mission_slug
})
afterEach(() => world.cleanup())

// biome-ignore lint/suspicious/noExplicitAny: each verb has data of its own, checked against its schema.
type Data = any

async function call(verb: string, words: readonly string[]) {
  const policy = READING.includes(verb) ? [] : ['--policy', POLICY]
  const run = await runCli(world, ['orchestrator-api', verb, ...words, ...policy])
  const { command } = (await COMMANDS[`orchestrator-api ${verb}`]?.load()) ?? expect.fail(verb)
  const answer = v.parse(command.result ?? expect.fail(verb), run.json) as Data
  expect([run.status, answer.command]).toEqual([answer.success ? 0 : 1, `orchestrator-api.${verb}`])
  return answer
}
async function ok(verb: string, ...words: string[]): Promise<Data> {
  const { error_code, data } = await call(verb, words)
  expect([error_code, data.message]).toEqual([null, undefined])
  return data
}
async function refused(verb: string, ...words: string[]): Promise<string> {
  return (await call(verb, words)).error_code
}
const on = () => ['--mission', slug]
const phase = async () => {
  const { current_phase, next_action } = await ok('design-status', ...on())
  return [current_phase, next_action]
}
const dir = () => `kitty-specs/${slug}`
const open = (...more: string[]) =>
  ok(
    'open-decision',
    ...on(),
    ...['--origin', 'plan', '--input-key', 'db', '--question', 'Which?', '--slot-key', 'plan.db'],
    ...['--actor', 'bot', ...more],
  )

it('goes from the specification to planned packages', async () => {
  expect(await phase()).toEqual(['specify', 'plan'])
  expect(await refused('plan', ...on())).toBe('SPEC_NOT_SUBSTANTIVE_OR_UNCOMMITTED')
  world.write(
    `${dir()}/spec.md`,
    '# Spec\n\n## Functional Requirements\n\n| ID | Requirement |\n|---|---|\n| FR-001 | The user adds two numbers. |\n',
  )
  world.commit('spec')
  expect(await ok('plan', ...on())).toMatchObject({ mission_slug: slug, spec_substantive: true })
  expect(await phase()).toEqual(['plan', 'tasks'])
  world.write(`${dir()}/plan.md`, '# Plan\n\nOne file.\n')
  world.write(`${dir()}/tasks.md`, '# Tasks\n\n## WP01: Add\n\n- [ ] T001 add\n')
  world.write(
    `${dir()}/tasks/WP01-add.md`,
    '---\nwork_package_id: WP01\ntitle: Add\ndependencies: []\nrequirement_refs: [FR-001]\nsubtasks: [T001]\nowned_files: [src/add/**]\ncreate_intent: [src/add/a.ts]\nauthoritative_surface: src/add/\nexecution_mode: code_change\n---\n\n# Add\n',
  )
  world.commit('tasks')
  expect(await ok('check-prerequisites', ...on(), '--include-tasks')).toMatchObject({ valid: true })
  expect(await ok('tasks', ...on())).toMatchObject({ planning_commit: { action: 'captured' } })
  expect(await phase()).toEqual(['tasks', 'check-prerequisites'])
  world.write('../report.md', '# Report\n\nNothing to say.\n')
  const report = [...on(), '--input-file', '../report.md']
  expect(await refused('record-analysis', ...report)).toBe('RECORD_ANALYSIS_VERDICT_UNRELIABLE')
  expect(await refused('record-analysis', ...on(), '--input-file', 'none')).toBe(
    'RECORD_ANALYSIS_INPUT_FILE_NOT_FOUND',
  )
  world.write('../report.md', '# Report\n\nVerdict: ready\n')
  expect(await ok('record-analysis', ...report)).toMatchObject({ verdict: 'ready' })
  expect(await phase()).toEqual(['analyze', null])
})

describe('decisions', () => {
  it('open once, close once, and hold the planning up', async () => {
    const { decision_id: id } = await open()
    expect(await open()).toMatchObject({ decision_id: id, idempotent: true, status: 'open' })
    expect(await phase()).toEqual(['specify', 'resolve-decision'])
    const about = [...on(), '--decision-id', id, '--actor', 'bot']
    expect(await refused('defer-decision', ...about, '--rationale', ' ')).toBe(
      'DECISION_MISSING_STEP_OR_SLOT',
    )
    const resolve = [...about, '--final-answer', 'SQLite', '--other-answer']
    expect(await ok('resolve-decision', ...resolve)).toMatchObject({ status: 'resolved', idempotent: false })
    expect(await ok('resolve-decision', ...resolve)).toMatchObject({ idempotent: true })
    expect(await refused('cancel-decision', ...about, '--rationale', 'x')).toBe('DECISION_TERMINAL_CONFLICT')
    const nobody = [...on(), '--decision-id', 'none', '--actor', 'bot', '--rationale', 'x']
    expect(await refused('cancel-decision', ...nobody)).toBe('DECISION_NOT_FOUND')
  })

  it('are answered through next', async () => {
    const say = ['--agent', 'bot', '--answer', 'SQLite', '--result']
    expect(await refused('answer-decision', ...on(), ...say, 'success')).toBe('NO_PENDING_DECISION')
    const { decision_id: id } = await open()
    expect(await refused('answer-decision', ...on(), ...say.slice(0, -1))).toBe('RESULT_REQUIRED')
    expect(await refused('answer-decision', ...on(), ...say, 'maybe')).toBe('INVALID_RESULT')
    const other = [...on(), ...say, 'success', '--decision-id', 'other']
    expect(await refused('answer-decision', ...other)).toBe('DECISION_NOT_PENDING')
    await open('--step-id', 'two')
    expect(await refused('answer-decision', ...on(), ...say, 'success')).toBe('AMBIGUOUS_PENDING_DECISION')
    const mine = [...on(), ...say, 'success', '--decision-id', id]
    const answered = await ok('answer-decision', ...mine)
    expect(answered).toMatchObject({ answered_decision_id: id, agent: 'bot' })
    expect(answered).not.toHaveProperty('answer')
  })
})

it.each([
  ['specify', ['--mission', 'x', '--mission-type', 'software-dev']],
  ['open-decision', ['--origin', 'specify', '--input-key', 'k', '--question', 'q', '--actor', 'a']],
  ['plan', []],
  ['tasks', []],
])('%s wants a policy', async (verb, words) => {
  const mission = verb === 'specify' ? [] : on()
  const run = await runCli(world, ['orchestrator-api', verb, ...mission, ...words])
  expect(run).toMatchObject({ status: 1, json: { error_code: 'POLICY_METADATA_REQUIRED' } })
})

it('refuses an origin and a topology that are not there, and a log that is shorter than its snapshot', async () => {
  const words = ['--input-key', 'k', '--question', 'q', '--actor', 'a', '--slot-key', 's']
  expect(await refused('open-decision', ...on(), '--origin', 'tasks', ...words)).toBe('INVALID_ORIGIN_FLOW')
  const coord = ['--mission', 'x', '--mission-type', 'software-dev', '--topology', 'coord']
  expect(await refused('specify', ...coord)).toBe('MISSION_CREATE_FAILED')
  world.write(`${dir()}/status.json`, '{"event_count": 0, "work_packages": {"WP01": {}}}')
  expect(await refused('design-status', ...on())).toBe('DESIGN_STATUS_EVENT_LOG_UNREADABLE')
})

it('refuses planning in the words of the contract, one for each verb', async () => {
  const made = (name: string, type: string) => refused('specify', '--mission', name, '--mission-type', type)
  expect(await made('Bad Name!', 'software-dev')).toBe('MISSION_CREATE_FAILED')
  expect(await made('other', 'weird')).toBe('MISSION_CREATE_FAILED')
  expect(await refused('plan', ...on())).toBe('SPEC_NOT_SUBSTANTIVE_OR_UNCOMMITTED')
  expect(await refused('tasks', ...on())).toBe('TASKS_FINALIZE_FAILED')
  const report = (path: string) => refused('record-analysis', ...on(), '--input-file', path)
  expect(await report('.')).toBe('RECORD_ANALYSIS_INPUT_FILE_NOT_FOUND')
  for (const verb of ['plan', 'tasks', 'check-prerequisites', 'design-status']) {
    expect(await refused(verb, '--mission', 'nope')).toBe('MISSION_NOT_FOUND')
  }
  const decision = ['--decision-id', '01KQW4DF0000000000000000A1', '--actor', 'a']
  const closing = {
    'resolve-decision': '--final-answer',
    'defer-decision': '--rationale',
    'cancel-decision': '--rationale',
  }
  for (const [verb, option] of Object.entries(closing)) {
    expect(await refused(verb, ...on(), ...decision, option, 'x')).toBe('DECISION_NOT_FOUND')
    expect(await refused(verb, '--mission', 'nope', ...decision, option, 'x')).toBe('MISSION_NOT_FOUND')
  }
})

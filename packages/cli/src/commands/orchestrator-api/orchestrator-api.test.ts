import * as contracts from '@spec-kitty/contracts/cli/orchestrator-api'
import { IGNORED, MISSION_BRANCH } from '@spec-kitty/host/testing/lanes'
import { addMission, MISSION_ID, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../../testing/run-cli.ts'
import { COMMANDS } from '../index.ts'

const POLICY = {
  orchestrator_id: 'orch',
  orchestrator_version: '0.1.2',
  agent_family: 'claude',
  approval_mode: 'supervised',
  sandbox_mode: 'workspace_write',
  network_mode: 'none',
  dangerous_flags: [] as unknown,
}
const policy = (more: object = {}): string[] => ['--policy', JSON.stringify({ ...POLICY, ...more })]
const on = (wp: string, actor = 'bot'): string[] => ['--mission', MISSION_SLUG, '--wp', wp, '--actor', actor]

interface Envelope {
  readonly command: string
  readonly success: boolean
  readonly error_code: string | null
  // biome-ignore lint/suspicious/noExplicitAny: each command has data of its own, checked against its schema.
  readonly data: any
}

let world: World
beforeEach(() => {
  world = createWorld({ branch: 'work' })
  world.write('.gitignore', IGNORED)
  addMission(world)
  world.commit('mission')
  world.git('branch', MISSION_BRANCH)
})
afterEach(() => world.cleanup())

/** Calls the API; checks the envelope against the schema its command declares, and the exit status. */
async function api(...words: string[]): Promise<Envelope> {
  const answer = await runCli(world, ['orchestrator-api', ...words])
  const envelope = answer.json as Envelope
  expect(answer.stdout.endsWith('}\n')).toBe(true)
  const usage = envelope.command === 'orchestrator-api.unknown'
  expect(answer.status).toBe(envelope.success ? 0 : usage ? 2 : 1)
  const entry = COMMANDS[`orchestrator-api ${words[0]}`]
  const schema =
    usage || entry === undefined ? contracts.OrchestratorFailure : (await entry.load()).command.result
  if (schema === undefined) throw new Error(`${words[0]} declares no result`)
  v.parse(schema, answer.json)
  return envelope
}

async function succeed(...words: string[]): Promise<Envelope['data']> {
  const envelope = await api(...words)
  expect(envelope).toMatchObject({ command: `orchestrator-api.${words[0]}`, success: true, error_code: null })
  return envelope.data
}

async function refuse(code: string, ...words: string[]): Promise<Envelope['data']> {
  const before = world.git('rev-parse', 'HEAD')
  const envelope = await api(...words)
  expect(envelope).toMatchObject({ success: false, error_code: code })
  expect(world.git('rev-parse', 'HEAD')).toBe(before)
  expect(world.git('status', '--porcelain')).toBe('')
  return envelope.data
}

/** WP01 begun and its code committed in its lane. */
async function build(wp: string): Promise<string> {
  const { workspace_path: path } = await succeed('start-implementation', ...on(wp), ...policy())
  world.write(`${path}/src/${wp.toLowerCase()}/a.txt`, 'A\n')
  world.gitAt(path, 'add', '-A')
  world.gitAt(path, 'commit', '-qm', `feat: ${wp}`)
  return path
}

async function approve(wp: string): Promise<void> {
  await build(wp)
  await succeed('transition', ...on(wp), '--to', 'for_review', '--subtasks-complete', ...policy())
  await succeed('start-review', ...on(wp, 'rev'), ...policy())
  const result = JSON.stringify({ reviewer: 'rev', verdict: 'approved', reference: 'PR#1' })
  await succeed(
    'transition',
    ...on(wp, 'rev'),
    '--to',
    'approved',
    '--review-result-json',
    result,
    ...policy(),
  )
}

describe('the envelope', () => {
  it('answers usage errors too, with exit 2', async () => {
    for (const words of [[], ['--bogus'], ['nope'], ['mission-state'], ['contract-version', '--json']]) {
      const { command, error_code, data } = await api(...words)
      expect([command, error_code]).toEqual(['orchestrator-api.unknown', 'USAGE_ERROR'])
      expect(data.message).not.toBe('')
    }
  })

  it('leaves help a page for people', async () => {
    const group = await runCli(world, ['orchestrator-api', '--help'])
    expect(group.stdout).toContain('orchestrator-api list-ready')
    const one = await runCli(world, ['orchestrator-api', 'transition', '--help'])
    expect(one.stdout).toContain('--review-result-json')
    expect(one.stdout).not.toContain('--json ')
  })

  it('answers outside a repository', async () => {
    const outside = await runCli({ ports: world.at(world.home) }, [
      'orchestrator-api',
      'list-ready',
      '--mission',
      'x',
    ])
    expect(outside).toMatchObject({ status: 1, json: { error_code: 'NOT_A_REPOSITORY', success: false } })
  })
})

describe('contract-version', () => {
  it('tells its version and refuses orchestrators that are too old', async () => {
    const data = { api_version: '1.5.0', min_supported_provider_version: '0.1.0' }
    expect(await succeed('contract-version')).toEqual(data)
    for (const fine of ['0.1.0', '9.9', '0.1.2-rc1', 'v1'])
      expect(await succeed('contract-version', '--provider-version', fine)).toEqual(data)
    for (const bad of ['0.0.9', 'abc', '']) {
      const mismatch = await refuse(
        'CONTRACT_VERSION_MISMATCH',
        'contract-version',
        '--provider-version',
        bad,
      )
      expect(mismatch.provider_version).toBe(bad)
    }
  })
})

describe('reading', () => {
  it('tells state and what is ready, by any handle', async () => {
    for (const handle of [MISSION_SLUG, MISSION_ID, MISSION_ID.slice(0, 8)]) {
      const state = await succeed('mission-state', '--mission', handle)
      expect(state).toMatchObject({
        mission_slug: MISSION_SLUG,
        mission_number: null,
        mission_type: 'software-dev',
      })
      expect(state.summary).toMatchObject({ planned: 2, done: 0, blocked: 0 })
      expect(Object.keys(state.summary)).toHaveLength(9)
      expect(state.work_packages).toEqual([
        { wp_id: 'WP01', lane: 'planned', dependencies: [], last_actor: 'finalize-tasks' },
        { wp_id: 'WP02', lane: 'planned', dependencies: ['WP01'], last_actor: 'finalize-tasks' },
      ])
    }
    const { ready_work_packages: ready } = await succeed('list-ready', '--mission', MISSION_SLUG)
    expect(ready).toEqual([{ wp_id: 'WP01', lane: 'planned', dependencies_satisfied: true }])
  })

  it('names the missions that a handle could mean', async () => {
    await refuse('MISSION_NOT_FOUND', 'mission-state', '--mission', 'nope')
    addMission(world, { slug: 'demo-feature-01KQW4XX', id: '01KQW4XX0000000000000000A1' })
    world.commit('second')
    const { candidates } = await refuse(
      'MISSION_AMBIGUOUS_SELECTOR',
      'list-ready',
      '--mission',
      'demo-feature',
    )
    expect(candidates).toHaveLength(2)
  })

  it('resolves a workspace before and after it is made, changing nothing', async () => {
    const words = ['resolve-workspace', '--mission', MISSION_SLUG, '--wp', 'WP01']
    const before = await succeed(...words)
    expect(before).toMatchObject({ lane_id: 'lane-a', execution_mode: 'worktree', exists: false })
    const path = await build('WP01')
    expect(await succeed(...words)).toEqual({ ...before, exists: true, workspace_path: path })
    expect(world.gitAt(path, 'symbolic-ref', '--short', 'HEAD')).toBe(before.branch)
    await refuse('WP_NOT_FOUND', ...words.slice(0, -1), 'WP99')
  })

  it('says when there are no lanes for a package yet', async () => {
    const lanes = `kitty-specs/${MISSION_SLUG}/lanes.json`
    const document = JSON.parse(world.read(lanes))
    world.write(lanes, JSON.stringify({ ...document, lanes: document.lanes.slice(0, 1) }))
    world.commit('one lane')
    await refuse('TASKS_NOT_FINALIZED', 'resolve-workspace', '--mission', MISSION_SLUG, '--wp', 'WP02')
  })
})

describe('policy', () => {
  const start = ['start-implementation', ...on('WP01')]

  it('is required where an agent run begins', async () => {
    await refuse('POLICY_METADATA_REQUIRED', ...start)
    await refuse('POLICY_METADATA_REQUIRED', 'start-review', ...on('WP01'))
    await refuse('POLICY_METADATA_REQUIRED', 'transition', ...on('WP01'), '--to', 'claimed')
    const free = await succeed('transition', ...on('WP01'), '--to', 'blocked', '--note', 'later')
    expect(free.policy_metadata_recorded).toBe(false)
  })

  it('is refused when it is incomplete, of the wrong kind, or holds a secret', async () => {
    const bad: readonly object[] = [
      { dangerous_flags: 'no' },
      { dangerous_flags: [1] },
      { orchestrator_id: 3 },
      { tool_restrictions: 1 },
      { agent_family: 'my-token' },
      { extra: { deep: ['password=1'] } },
    ]
    for (const more of bad) await refuse('POLICY_VALIDATION_FAILED', ...start, ...policy(more))
    for (const text of ['x', '[]', '{}']) await refuse('POLICY_VALIDATION_FAILED', ...start, '--policy', text)
  })

  it('is kept in every event', async () => {
    await build('WP01')
    const rows = world.read(`kitty-specs/${MISSION_SLUG}/status.events.jsonl`).trim().split('\n')
    const claimed = rows.map(row => JSON.parse(row)).filter(row => row.to_lane === 'in_progress')
    expect(claimed).toMatchObject([{ policy_metadata: { ...POLICY, tool_restrictions: null }, force: false }])
  })
})

describe('claims', () => {
  it('starts in the real worktree of the lane, and again for the same actor', async () => {
    const start = ['start-implementation', ...on('WP01'), ...policy()]
    const first = await succeed(...start)
    expect(first).toMatchObject({ from_lane: 'planned', to_lane: 'in_progress', no_op: false })
    expect(world.exists(`${first.workspace_path}/kitty-specs`)).toBe(true)
    expect(world.read(first.prompt_path)).toContain('work_package_id: WP01')
    expect(await succeed(...start)).toMatchObject({ from_lane: 'in_progress', no_op: true })
    const taken = await refuse(
      'WP_ALREADY_CLAIMED',
      'start-implementation',
      ...on('WP01', 'other'),
      ...policy(),
    )
    expect(taken).toMatchObject({ mission_slug: MISSION_SLUG, claimed_by: 'bot', requesting_actor: 'other' })
    expect(await succeed('transition', ...on('WP01'), '--to', 'doing', ...policy())).toMatchObject({
      to_lane: 'in_progress',
      policy_metadata_recorded: false,
    })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('refuses what is not there or not ready', async () => {
    await refuse('WP_NOT_FOUND', 'start-implementation', ...on('WP99'), ...policy())
    const open = await refuse(
      'DEPENDENCIES_NOT_SATISFIED',
      'start-implementation',
      ...on('WP02'),
      ...policy(),
    )
    expect(open.unsatisfied_dependencies).toEqual(['WP01'])
    const early = await refuse('TRANSITION_REJECTED', 'start-review', ...on('WP01'), ...policy())
    expect(early.message).toBe("WP WP01 is in 'planned', cannot start review")
  })

  it('lets one reviewer in', async () => {
    await build('WP01')
    await succeed('transition', ...on('WP01'), '--to', 'for_review', '--subtasks-complete', ...policy())
    const review = ['start-review', ...on('WP01', 'rev'), '--review-ref', 'r1', ...policy()]
    expect(await succeed(...review)).toMatchObject({
      from_lane: 'for_review',
      to_lane: 'in_review',
      no_op: false,
    })
    expect(await succeed(...review)).toMatchObject({ from_lane: 'in_review', no_op: true })
    const taken = await refuse('WP_ALREADY_CLAIMED', 'start-review', ...on('WP01', 'two'), ...policy())
    expect(taken.claimed_by).toBe('rev')
  })
})

describe('transition', () => {
  const move = (to: string, ...more: string[]): string[] => ['transition', ...on('WP01'), '--to', to, ...more]

  it('keeps its envelope for an unknown lane, an illegal one, and evidence that is none', async () => {
    await refuse('TRANSITION_REJECTED', ...move('nowhere'))
    await refuse('TRANSITION_REJECTED', ...move('done'))
    await refuse('WP_NOT_FOUND', 'transition', ...on('WP99'), '--to', 'blocked')
    for (const option of ['--evidence-json', '--review-result-json'])
      for (const text of ['{', '[]']) await refuse('USAGE_ERROR', ...move('done', option, text))
  })

  it('asks for ticks and for evidence of the work', async () => {
    await build('WP01')
    await refuse('TRANSITION_REJECTED', ...move('for_review', ...policy()))
    await refuse('TRANSITION_REJECTED', ...move('for_review', '--no-subtasks-complete', ...policy()))
    const hidden = ['--subtasks-complete', '--no-implementation-evidence-present']
    await refuse('TRANSITION_REJECTED', ...move('for_review', ...hidden, ...policy()))
    const data = await succeed(
      ...move('for_review', '--subtasks-complete', '--implementation-evidence-present', ...policy()),
    )
    expect(data).toMatchObject({
      from_lane: 'in_progress',
      to_lane: 'for_review',
      policy_metadata_recorded: true,
    })
  })

  it('takes the outcome of a review without force', async () => {
    await approve('WP01')
    const rejected = JSON.stringify({ reviewer: 'rev', verdict: 'changes_requested', reference: 'fb-1' })
    await succeed(...move('in_progress', '--review-ref', 'fb-0', ...policy()))
    await succeed(...move('for_review', '--subtasks-complete', ...policy()))
    await succeed('start-review', ...on('WP01', 'rev'), ...policy())
    await refuse('TRANSITION_REJECTED', ...move('approved', ...policy()))
    await succeed(...move('in_progress', '--review-result-json', rejected, ...policy()))
    const rows = world.read(`kitty-specs/${MISSION_SLUG}/status.events.jsonl`).trim().split('\n')
    expect(rows.filter(row => row.includes('"to_lane"')).every(row => row.includes('"force": false'))).toBe(
      true,
    )
    expect(JSON.parse(rows.at(-1) ?? '')).toMatchObject({ review_ref: 'fb-1', to_lane: 'in_progress' })
  })
})

describe('history, acceptance, merge', () => {
  it('adds to the activity log', async () => {
    const data = await succeed('append-history', ...on('WP01'), '--note', 'tests run')
    expect(data.history_entry_id).toMatch(/^hist-[0-9a-f]{32}$/)
    expect(world.read(`kitty-specs/${MISSION_SLUG}/tasks/WP01-demo.md`)).toContain('bot – tests run')
    expect(world.git('status', '--porcelain')).toBe('')
    await refuse('USAGE_ERROR', 'append-history', ...on('WP01'), '--note', '')
    await refuse('WP_NOT_FOUND', 'append-history', ...on('WP99'), '--note', 'x')
  })

  it('tells a failed commit of the history from other refusals', async () => {
    world.git('config', 'commit.gpgsign', 'true')
    world.git('config', 'gpg.program', 'false')
    const { error_code: code } = await api('append-history', ...on('WP01'), '--note', 'x')
    expect(code).toBe('HISTORY_COMMIT_FAILED')
  })

  it('leaves out no package whose file cannot be read', async () => {
    const path = `kitty-specs/${MISSION_SLUG}/tasks/WP02-demo.md`
    world.write(path, world.read(path).replace('title: ', 'title: a: '))
    world.commit('a title')
    const state = await succeed('mission-state', '--mission', MISSION_SLUG)
    expect(state.work_packages.map((wp: { wp_id: string }) => wp.wp_id)).toEqual(['WP01', 'WP02'])
    const words = ['accept-mission', '--mission', MISSION_SLUG, '--actor', 'bot']
    expect((await refuse('FILE_MALFORMED', ...words)).message).toContain(path)
  })

  it('names what is unfinished', async () => {
    const words = ['accept-mission', '--mission', MISSION_SLUG, '--actor', 'bot']
    expect(await refuse('MISSION_NOT_READY', ...words)).toMatchObject({ incomplete_wps: ['WP01', 'WP02'] })
    await succeed('transition', ...on('WP01'), '--to', 'canceled')
    expect((await succeed('list-ready', '--mission', MISSION_SLUG)).ready_work_packages).toEqual([])
    const waits = await refuse(
      'DEPENDENCIES_NOT_SATISFIED',
      'start-implementation',
      ...on('WP02'),
      ...policy(),
    )
    expect(waits.message).toContain('Take WP01 out of the dependencies of WP02')
    await succeed('transition', ...on('WP02'), '--to', 'canceled')
    const nothing = await refuse('MISSION_NOT_READY', ...words)
    expect(nothing).toMatchObject({ incomplete_wps: [], message: expect.stringContaining('no approved') })
  })

  it('refuses a merge with every blocker, and strategies it does not have', async () => {
    const unknown = await refuse(
      'UNSUPPORTED_STRATEGY',
      'merge-mission',
      '--mission',
      MISSION_SLUG,
      '--strategy',
      'zzz',
    )
    expect(unknown.supported).toEqual(['merge', 'rebase', 'squash'])
    const blocked = await refuse('PREFLIGHT_FAILED', 'merge-mission', '--mission', MISSION_SLUG)
    expect(blocked.target_branch).toBe('work')
    expect(blocked.errors.length).toBe(blocked.blockers.length)
  })

  it('fails the preflight of a mission without lanes', async () => {
    world.git('rm', '-q', `kitty-specs/${MISSION_SLUG}/lanes.json`)
    world.commit('no lanes')
    const { errors } = await refuse('PREFLIGHT_FAILED', 'merge-mission', '--mission', MISSION_SLUG)
    expect(errors).toHaveLength(1)
  })

  it('goes from planned to merged', async () => {
    await approve('WP01')
    await approve('WP02')
    const accepted = await succeed('accept-mission', '--mission', MISSION_SLUG, '--actor', 'bot')
    expect(accepted).toMatchObject({
      accepted: true,
      mode: 'auto',
      accepted_wps: ['WP01', 'WP02'],
      done_wps: [],
    })
    expect(accepted.warnings).toContainEqual(expect.stringMatching(/T011/))
    expect(world.read(`kitty-specs/${MISSION_SLUG}/meta.json`)).toContain('"acceptance_mode": "orchestrator"')
    const merged = await succeed('merge-mission', '--mission', MISSION_SLUG, '--target', 'work')
    expect(merged).toMatchObject({
      merged: true,
      mission_number: 1,
      strategy: 'merge',
      merged_wps: ['WP01', 'WP02'],
      worktree_removed: true,
    })
    expect(world.exists('src/wp01/a.txt') && world.exists('src/wp02/a.txt')).toBe(true)
    expect(world.git('status', '--porcelain')).toBe('')
    const { summary } = await succeed('mission-state', '--mission', MISSION_SLUG)
    expect(summary.done).toBe(2)
  })
})

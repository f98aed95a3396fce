import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Next } from '@spec-kitty/contracts/cli/next'
import {
  addMission,
  addProject,
  advance,
  appendEvents,
  eventRow,
  MISSION_SLUG,
} from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const PLAN = '## Technical Context\n\n**Language/Version**: Go 1.22\n**Storage**: files\n'
let world: World
beforeEach(() => {
  world = createWorld()
  addProject(world)
})
afterEach(() => world.cleanup())

const next = async (...words: string[]) => {
  const run = await runCli(world, ['next', '--json', ...words])
  return { status: run.status, ...parse(Next, run.json) }
}
const report = (result = 'success', agent = 'claude', ...words: string[]) =>
  next('--agent', agent, '--result', result, ...words)
const create = async (...words: string[]) => {
  const run = await runCli(world, ['agent', 'mission', 'create', 'demo', '--json', ...words])
  return `kitty-specs/${(run.json as { mission_slug: string }).mission_slug}`
}
const prompt = (file: string | null) => world.read(file ?? '')

describe('asking', () => {
  it('changes nothing and says what would come', async () => {
    addMission(world, { wps: ['WP01', 'WP02', 'WP03'] })
    world.commit()
    expect(await next()).toMatchObject({
      status: 0,
      kind: 'query',
      is_query: true,
      mission_state: 'implement',
      preview_step: 'implement',
      wp_id: 'WP01',
      action: null,
      prompt_file: null,
      run_id: null,
      progress: { total_wps: 3, planned_wps: 3, done_wps: 0, weighted_percentage: 0 },
    })
    expect([world.git('status', '--porcelain'), world.exists('.kittify/runtime')]).toEqual(['', false])
  })

  it('ends nothing while a package cannot be read, and names what nobody can wait for', async () => {
    const rel = addMission(world, { deps: { WP02: ['Setup'] } })
    expect((await next()).wp_id).toBe('WP01')
    advance(world, 'WP01', 'approved', 10)
    const setup = /^WP02 waits for Setup \(no work package\)\. .*: spec-kitty agent mission finalize-tasks/
    expect((await next()).reason).toMatch(setup)
    const path = `${rel}/tasks/WP02-demo.md`
    world.write(path, world.read(path).replace('title: ', 'title: a: '))
    const progress = { total_wps: 2, planned_wps: 1 }
    const illegible = {
      mission_state: 'implement',
      wp_id: null,
      progress,
      reason: expect.stringContaining(`${path}:`),
    }
    expect(await next()).toMatchObject(illegible)
    expect(await report()).toMatchObject({ ...illegible, status: 1, kind: 'blocked' })
    rmSync(join(world.root, path))
    const gone = 'WP02 is in lanes.json, but has no file tasks/WP02-….md'
    expect(await next()).toMatchObject({ progress, reason: expect.stringContaining(gone) })
    for (const words of [['board'], ['agent', 'tasks', 'list-tasks']])
      expect((await runCli(world, words)).stderr).toContain(gone)
  })

  it('honours dependencies', async () => {
    addMission(world, { wps: ['WP01', 'WP02', 'WP03'] })
    advance(world, 'WP01', 'in_progress', 10)
    expect((await next()).wp_id).toBe('WP03')
    advance(world, 'WP03', 'approved', 20)
    expect(await next()).toMatchObject({
      kind: 'query',
      mission_state: 'implement',
      reason: 'all_wps_in_progress: WP01',
    })
    appendEvents(world, [eventRow('WP01', 'in_progress', 'for_review', 40)])
    expect(await next()).toMatchObject({ mission_state: 'review', preview_step: 'review', wp_id: 'WP01' })
    appendEvents(world, [eventRow('WP01', 'for_review', 'in_review', 41)])
    expect(await next()).toMatchObject({ mission_state: 'blocked', reason: 'review in progress: WP01' })
    appendEvents(world, [eventRow('WP01', 'in_review', 'blocked', 42)])
    expect((await next()).reason).toMatch(/^blocked: WP01; WP02 waits for WP01\. When .* --to in_progress /)
  })

  it('does not take a canceled dependency for a satisfied one, and says how to go on', async () => {
    addMission(world, { wps: ['WP01', 'WP02'] })
    world.commit()
    appendEvents(world, [eventRow('WP01', 'planned', 'canceled', 10)])
    const { reason, wp_id } = await next()
    expect([reason, wp_id]).toEqual([
      `WP02 waits for WP01 (canceled). Take WP01 out of the dependencies of WP02 (its file and tasks.md), then: spec-kitty agent mission finalize-tasks --mission ${MISSION_SLUG}`,
      null,
    ])
    const file = `kitty-specs/${MISSION_SLUG}/tasks/WP02-demo.md`
    world.write(file, world.read(file).replace(/^dependencies:.*(?:\n- .*)*/m, 'dependencies: []'))
    const tasks = `kitty-specs/${MISSION_SLUG}/tasks.md`
    const refs = '$1\n\n**Requirement Refs**: FR-001, FR-002'
    const text = world.read(tasks).replace(/^\*\*Dependencies.*\n/m, '')
    world.write(tasks, text.replace(/^(## Work.*)$/gm, refs))
    const remedy = reason?.split('spec-kitty ').at(-1)?.split(' ') ?? []
    expect((await runCli(world, [...remedy, '--json'])).status).toBe(0)
    expect(await next()).toMatchObject({ wp_id: 'WP02', preview_step: 'implement' })
    const begun = await runCli(world, ['agent', 'action', 'implement', 'WP02', '--agent', 'a', '--json'])
    expect(begun.status).toBe(0)
  })

  it('goes from approved to accept, and to done', async () => {
    addMission(world, { wps: ['WP01'] })
    advance(world, 'WP01', 'approved', 10)
    expect(await next()).toMatchObject({
      mission_state: 'accept',
      reason: expect.stringContaining('not merged: WP01'),
    })
    advance(world, 'WP01', 'done', 20)
    expect(await next()).toMatchObject({
      mission_state: 'done',
      preview_step: null,
      progress: { done_wps: 1 },
    })
  })

  it('begins a fresh mission with a talk', async () => {
    await create()
    expect(await next()).toMatchObject({
      mission_state: 'not_started',
      preview_step: 'discovery',
      progress: null,
    })
    const text = await runCli(world, ['next'])
    expect(text.stdout).toMatch(
      /^\[QUERY — nothing was changed\]\nMission demo-\w+: not started\n {2}Next step: discovery\n {2}Run: spec-kitty next --agent NAME --result success --mission demo-\w+\n$/,
    )
  })

  it.each([
    [['--result', 'success'], /--agent is required/],
    [['--result', 'bogus', '--agent', 'a'], /bogus/],
    [['--answer', 'x', '--agent', 'a'], /--answer needs --result/],
    [['--decision-id', 'x'], /--decision-id needs --answer/],
  ])('refuses %j', async (words, message) => {
    addMission(world)
    const run = await runCli(world, ['next', '--json', ...words])
    expect([run.status, run.json]).toEqual([
      2,
      expect.objectContaining({ error: expect.stringMatching(message) }),
    ])
  })
})

describe('reporting', () => {
  it('walks a software mission from talk to merge, each step with a prompt', async () => {
    const dir = await create()
    expect(await report()).toMatchObject({
      status: 0,
      kind: 'step',
      step_id: 'discovery',
      action: 'discovery',
      guard_failures: [],
    })
    const specify = await report()
    expect(specify).toMatchObject({ step_id: 'specify', guard_failures: [] })
    expect(prompt(specify.prompt_file)).toContain('| FR-001 |')
    // Not written: the same step again, and what is missing.
    expect(await report()).toMatchObject({
      step_id: 'specify',
      guard_failures: ['Required artifact missing: spec.md'],
    })
    world.write(`${dir}/spec.md`, 'words\n')
    expect((await report()).guard_failures).toEqual(['spec.md states no functional requirement yet'])
    world.write(`${dir}/spec.md`, '- **FR-001**: adds\n')
    expect((await report()).step_id).toBe('plan')
    world.write(`${dir}/plan.md`, PLAN)
    expect((await report()).step_id).toBe('tasks')
    expect((await report()).guard_failures).toEqual([
      'There are no work packages: tasks.md and tasks/WP01-….md',
    ])
    world.write(`${dir}/tasks.md`, '## WP01\n\n**Requirement Refs**: FR-001\n')
    world.write(
      `${dir}/tasks/WP01-a.md`,
      '---\nwork_package_id: WP01\ntitle: A\nowned_files: [src/**]\n---\n\nBuild `src/a`.\n',
    )
    expect((await report()).guard_failures[0]).toMatch(/^The tasks are not finalized/)
    expect((await runCli(world, ['tasks'])).status).toBe(0)
    const implement = await report()
    expect(implement).toMatchObject({
      step_id: 'implement',
      wp_id: 'WP01',
      workspace_path: expect.stringMatching(/\.worktrees\/demo-\w+-lane-a$/),
    })
    const text = prompt(implement.prompt_file)
    expect(text).toMatch(/^# Implement WP01: A\n/)
    expect(text).toContain('spec-kitty agent action implement WP01 --agent claude')
    expect(text.length).toBeLessThan(6000)
    expect((await report()).guard_failures).toEqual(['WP01 is planned'])
    // Later than the first event, which finalize-tasks has just written.
    const move = (from: string, to: string, n: number, actor = 'claude') => {
      const row = eventRow('WP01', from, to, n, { actor, at: `2027-01-01T00:00:${n}.000000+00:00` })
      appendEvents(world, [row], dir.split('/')[1])
    }
    move('planned', 'in_progress', 10)
    move('in_progress', 'for_review', 11)
    const review = await report('success', 'bob')
    expect(review).toMatchObject({ step_id: 'review', action: 'review', wp_id: 'WP01' })
    expect(prompt(review.prompt_file)).toMatch(/--to approved .*--agent bob/)
    move('for_review', 'in_review', 30, 'bob')
    expect(await report('success', 'bob')).toMatchObject({
      step_id: 'review',
      guard_failures: ['WP01 is in_review'],
    })
    move('in_review', 'approved', 31, 'bob')
    const accept = await report()
    expect(accept).toMatchObject({
      kind: 'step',
      step_id: 'accept',
      wp_id: null,
      reason: expect.stringContaining('Accept and merge'),
    })
    expect(prompt(accept.prompt_file)).toContain('spec-kitty merge --dry-run')
    const meta = JSON.parse(world.read(`${dir}/meta.json`))
    world.write(`${dir}/meta.json`, JSON.stringify({ ...meta, merged_at: '2026-01-01T00:00:00Z' }))
    expect(await report()).toMatchObject({
      status: 0,
      kind: 'terminal',
      mission_state: 'done',
      reason: 'All mission steps completed',
    })
    expect(world.git('status', '--porcelain', '--', '.kittify/runtime')).toBe('')
  })

  it('gives an agent its own work first', async () => {
    addMission(world, { wps: ['WP01', 'WP02', 'WP03'] })
    advance(world, 'WP03', 'in_progress', 10)
    const file = `kitty-specs/${MISSION_SLUG}/tasks/WP03-demo.md`
    world.write(file, world.read(file).replace('---\n', '---\nagent: claude\n'))
    expect((await next('--agent', 'claude')).wp_id).toBe('WP03')
    expect((await next('--agent', 'bob')).wp_id).toBe('WP01')
    expect((await report('success', 'claude')).wp_id).toBe('WP03')
    expect((await report('success', 'bob')).wp_id).toBe('WP01')
  })

  it('remembers by agent what was given, and sends two agents to two packages', async () => {
    addMission(world, { wps: ['WP01', 'WP03', 'WP04'] })
    expect((await report('success', 'claude')).wp_id).toBe('WP01')
    expect((await report('success', 'codex')).wp_id).not.toBe('WP01')
    const failed = await report('failed', 'claude')
    expect(failed).toMatchObject({ kind: 'blocked', wp_id: 'WP01' })
    expect(failed.next_command).toMatch(/^spec-kitty next --agent claude --result success/)
    expect((await next('--agent', 'claude')).reason).toContain("Previous step 'implement' (WP01) failed")
    expect((await next('--agent', 'codex')).reason).toBeNull()
  })

  it('says what a second agent waits for when everything was given away, and for how long', async () => {
    addMission(world, { wps: ['WP01'] })
    world.commit()
    expect((await report('success', 'claude')).wp_id).toBe('WP01')
    const told = await report('success', 'codex')
    expect(told).toMatchObject({ status: 1, kind: 'blocked', wp_id: null })
    expect(told.reason).toMatch(
      /^WP01 was just given to claude, who has not begun it\. Ask again in a while; /,
    )
    expect((await next('--agent', 'codex')).reason).toBe(told.reason)
    // Whoever failed, or said nothing for long, holds nobody up.
    await report('failed', 'claude')
    expect((await next('--agent', 'codex')).wp_id).toBe('WP01')
    await report('success', 'claude')
    const memory = `.kittify/runtime/next/${MISSION_SLUG}.jsonl`
    world.write(memory, world.read(memory).replace(/"at": "\d{4}/g, '"at": "2001'))
    expect((await next('--agent', 'codex')).wp_id).toBe('WP01')
    const take = told.reason?.split('if it is to be yours: spec-kitty ').at(-1)?.split(' ') ?? []
    expect((await runCli(world, take)).status).toBe(0)
  })

  it('gives nobody its own package to approve while somebody else takes part', async () => {
    addMission(world, { wps: ['WP01'] })
    advance(world, 'WP01', 'for_review', 10)
    expect(await report('success', 'claude')).toMatchObject({
      kind: 'step',
      wp_id: 'WP01',
      reason: 'Only claude takes part, who built WP01 as well',
    })
    expect(await report('success', 'bob')).toMatchObject({ kind: 'step', step_id: 'review', wp_id: 'WP01' })
    const own = await report('success', 'claude')
    expect(own).toMatchObject({ status: 1, kind: 'blocked', wp_id: null })
    const sentence =
      'WP01 waits for a review by somebody else than claude, who built it; bob can. When nobody else comes: '
    expect(own.reason).toContain(`${sentence}spec-kitty agent action review WP01 --agent claude `)
    expect((await next('--agent', 'claude')).reason).toBe(own.reason)
  })

  it('records a failure and goes on afterwards', async () => {
    addMission(world)
    // Nothing was issued yet: there is nothing that could have failed.
    expect(await report('failed')).toMatchObject({ status: 0, kind: 'step', wp_id: 'WP01' })
    expect(await report('failed')).toMatchObject({
      status: 1,
      kind: 'blocked',
      step_id: 'implement',
      wp_id: 'WP01',
    })
    expect(await report('blocked')).toMatchObject({
      status: 1,
      reason: expect.stringContaining('is blocked'),
    })
    expect(await report()).toMatchObject({ status: 0, kind: 'step', wp_id: 'WP01' })
    expect(
      world.read(`.kittify/runtime/next/${MISSION_SLUG}.jsonl`).match(/"result": "failed"/g),
    ).toHaveLength(1)
  })

  it('is blocked with exit status 1 while others work on everything', async () => {
    addMission(world, { wps: ['WP01'] })
    advance(world, 'WP01', 'in_progress', 10)
    expect(await report('success', 'bob')).toMatchObject({
      status: 1,
      kind: 'blocked',
      reason: expect.stringMatching(
        /^all_wps_in_progress: WP01; if claude does not come back to WP01: spec-kitty .* --agent bob --force /,
      ),
    })
    const text = await runCli(world, ['next', '--agent', 'bob', '--result', 'success'])
    expect([text.status, text.stdout]).toEqual([
      1,
      expect.stringMatching(/^blocked: implement\n(?:.*\n)* {2}being worked on: WP01;/),
    ])
  })

  it('survives a memory that cannot be read', async () => {
    await create()
    await report()
    const [file] = world
      .git('ls-files', '--others', '--', '.kittify/runtime')
      .split('\n')
      .filter(name => name.endsWith('.jsonl'))
    world.write(file ?? '', 'torn\n[]\n')
    expect((await report()).step_id).toBe('discovery')
  })
})

describe('open decisions', () => {
  const ask = async (key: string) => {
    const run = await runCli(world, [
      ...[
        'agent',
        'decision',
        'open',
        '--flow',
        'plan',
        '--input-key',
        key,
        '--question',
        `${key}?`,
        '--slot-key',
        key,
      ],
      ...['--options', '["a","b"]'],
    ])
    return (run.json as { decision_id: string }).decision_id
  }

  it('are asked before anything is issued, and answered here', async () => {
    addMission(world)
    const id = await ask('db')
    expect(await report()).toMatchObject({
      status: 0,
      kind: 'decision_required',
      decision_id: id,
      input_key: 'db',
      question: 'db?',
      options: ['a', 'b'],
    })
    expect(await next('--agent', 'claude')).toMatchObject({
      kind: 'query',
      decision_id: id,
      next_command: expect.stringContaining('--answer'),
    })
    const text = await runCli(world, ['next', '--agent', 'a', '--result', 'success'])
    expect(text.stdout).toContain('decision_required: plan\n  db?\n')
    expect(await report('success', 'claude', '--answer', 'a')).toMatchObject({
      kind: 'step',
      answered: id,
      answer: 'a',
      wp_id: 'WP01',
    })
    expect(
      JSON.parse(world.read(`kitty-specs/${MISSION_SLUG}/decisions/index.json`)).entries[0],
    ).toMatchObject({
      status: 'resolved',
      final_answer: 'a',
      resolved_by: 'claude',
    })
  })

  it('need an id when there are several', async () => {
    addMission(world)
    const answer = (...words: string[]) =>
      runCli(world, ['next', '--json', '--agent', 'a', '--result', 'success', '--answer', 'x', ...words])
    expect((await answer()).json).toMatchObject({ error: 'No pending decisions to answer' })
    const [one, two] = [await ask('one'), await ask('two')]
    expect((await answer()).json).toMatchObject({ pending: [one, two] })
    expect((await answer('--decision-id', 'zzz')).json).toMatchObject({
      error: "Decision 'zzz' is not pending",
    })
    expect((await answer('--decision-id', two)).json).toMatchObject({
      kind: 'decision_required',
      decision_id: one,
      answered: two,
    })
  })
})

describe('missions without code', () => {
  it.each([
    ['plan', ['spec.md', 'research.md', 'plan.md', 'review.md']],
    ['research', ['spec.md', 'plan.md', 'source-register.csv', 'findings.md', 'report.md']],
    [
      'documentation',
      ['spec.md', 'gap-analysis.md', 'plan.md', '/docs/index.md', 'audit-report.md', 'release.md'],
    ],
  ])('of type %s come to their end', async (type, files) => {
    const dir = await create('--mission-type', type)
    for (const file of files) {
      const decision = await report()
      expect(decision.kind).toBe('step')
      expect(prompt(decision.prompt_file).length).toBeLessThan(6000)
      world.write(file.startsWith('/') ? file.slice(1) : `${dir}/${file}`, 'a b c\nb\nc\nd\n')
    }
    expect(await report()).toMatchObject({ step_id: 'accept' })
    expect((await runCli(world, ['mission', 'close'])).status).toBe(0)
    const mission = dir.split('/')[1] ?? ''
    expect(await report('success', 'claude', '--mission', mission)).toMatchObject({
      kind: 'terminal',
      mission_state: 'done',
    })
  })

  it('want three sources', async () => {
    const dir = await create('--mission-type', 'research')
    world.write(`${dir}/spec.md`, 'which one holds\n')
    world.write(`${dir}/plan.md`, 'look in journals\n')
    world.write(`${dir}/source-register.csv`, 'id,title\n1,"a\nb\nc"\n')
    await report()
    expect((await report()).guard_failures).toEqual([
      'source-register.csv registers 1 sources, at least 3 are needed',
    ])
  })

  it('of a type of the project walk its steps, in their order and with their words', async () => {
    world.write(
      '.kittify/missions/own/mission-runtime.yaml',
      'mission:\n  key: own\n  name: Own\nsteps:\n- id: second\n  title: Second\n  depends_on: [first]\n- id: first\n  title: First\n  prompt: Do it my way\n',
    )
    await create('--mission-type', 'own')
    expect((await next()).preview_step).toBe('first')
    expect(prompt((await report()).prompt_file)).toContain('Do it my way')
    expect((await report()).step_id).toBe('second')
    expect((await report()).step_id).toBe('accept')
    world.write('.kittify/missions/own/mission-runtime.yaml', 'steps: []\n')
    const broken = await runCli(world, ['next', '--json'])
    expect([broken.status, JSON.stringify(broken.json)]).toEqual([
      1,
      expect.stringContaining('names no steps that could be walked'),
    ])
  })
})

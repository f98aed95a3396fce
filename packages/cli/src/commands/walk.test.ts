/** Missions of every type, walked to their end by agents that do what is printed and nothing else. */
import { writeFileSync } from 'node:fs'
import { Next } from '@spec-kitty/contracts/cli/next'
import { MISSION_TYPES } from '@spec-kitty/core/repo/mission/types'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { parse } from 'valibot'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createObedient, type Obedient, type Writings } from '../testing/obedient.ts'
import { runCli } from '../testing/run-cli.ts'

const SPEC =
  '# Greeting\n\n### Functional\n\n| ID | Title | Requirement | Priority | Status |\n|---|---|---|---|---|\n| FR-001 | greet | Greets by name | High | proposed |\n'
const PLAN =
  '# Plan\n\n## Summary\n\nOne file each.\n\n## Technical Context\n\n**Language/Version**: text\n**Testing**: cat\n'
const PROSE = '# A title\n\nWhat was found out is written down here.\n'

const task = (id: string, first: string, depends: string): string =>
  `## ${id} - part ${id}\n\nRequirements: FR-001\n${depends}\n- [ ] ${first} write the file\n\n`
const wp = (id: string, subtask: string, dependencies: string): string =>
  `---\nwork_package_id: ${id}\ntitle: part ${id}\ndependencies: [${dependencies}]\nrequirement_refs: [FR-001]\nsubtasks: [${subtask}]\nexecution_mode: code_change\nowned_files: [src/${id}.txt]\ncreate_intent: [src/${id}.txt]\n---\n# ${id}\n\nWrite src/${id}.txt.\n`

const SOFTWARE: Writings = {
  specify: { 'spec.md': SPEC },
  plan: { 'plan.md': PLAN },
  tasks: {
    'tasks.md': `# Tasks\n\n${task('WP01', 'T001', '')}${task('WP02', 'T002', '\nDepends on WP01\n')}${task('WP03', 'T003', '')}`,
    'tasks/WP01-a.md': wp('WP01', 'T001', ''),
    'tasks/WP02-b.md': wp('WP02', 'T002', 'WP01'),
    'tasks/WP03-c.md': wp('WP03', 'T003', ''),
  },
  WP01: { 'src/WP01.txt': 'one\n' },
  WP02: { 'src/WP02.txt': 'two\n' },
  WP03: { 'src/WP03.txt': 'three\n' },
}

const SOURCES = `source_id,title,address\n${[1, 2, 3].map(n => `S${n},"Title, ${n}",a${n}\n`).join('')}`

/** Every document that the steps of a type name. */
function documents(id: string): Writings {
  const steps = MISSION_TYPES.find(type => type.id === id)?.steps ?? []
  return Object.fromEntries(
    steps.flatMap(({ id: step, artefact }) => {
      if (artefact === undefined) return []
      const path = artefact.startsWith('/') ? `${artefact}/page.md` : artefact
      return [[step, { [path]: artefact.endsWith('.csv') ? SOURCES : PROSE }]]
    }),
  )
}

const WRITINGS: Readonly<Record<string, Writings>> = {
  'software-dev': SOFTWARE,
  research: documents('research'),
  documentation: documents('documentation'),
  plan: documents('plan'),
}

let world: World
beforeEach(async () => {
  world = createWorld()
  world.write('README.md', '# Here\n')
  world.commit('begin')
  await runCli(world, ['init', '--ai', 'claude'])
})
afterEach(() => world.cleanup())

async function begin(type: string): Promise<string> {
  const made = await runCli(world, ['agent', 'mission', 'create', 'greet', '--mission-type', type, '--json'])
  return (made.json as { mission_slug: string }).mission_slug
}

/** Asks, and from then on runs only what was printed; agents take turns when one is blocked. */
async function walk(agents: readonly Obedient[], slug: string): Promise<readonly Next[]> {
  const way: Next[] = []
  const state = new Map<Obedient, Next>()
  for (const agent of agents)
    state.set(agent, await ask(agent, `spec-kitty next --agent NAME --mission ${slug} --json`))
  for (let turn = 0; turn < 80; turn++) {
    const agent = agents[turn % agents.length]
    const now = agent === undefined ? undefined : state.get(agent)
    if (agent === undefined || now === undefined) throw new Error('nobody works')
    if (now.kind === 'terminal') return way
    way.push(now)
    state.set(agent, now.kind === 'step' ? await agent.follow(now) : await goOn(agent, now))
  }
  throw new Error(
    `no end: ${way
      .slice(-6)
      .map(step => `${step.agent} ${step.kind} ${step.step_id} ${step.wp_id} ${step.reason}`)
      .join('\n')}`,
  )
}

async function goOn(agent: Obedient, now: Next): Promise<Next> {
  const command = now.next_command ?? ''
  expect(command, JSON.stringify(now)).not.toBe('')
  if (!command.startsWith('spec-kitty next')) {
    // Where to look while others work; then the same question again.
    await agent.obey(command)
    return await ask(
      agent,
      `spec-kitty next --agent NAME --result success --mission ${now.mission_slug} --json`,
    )
  }
  return await ask(agent, command)
}

const ask = async (agent: Obedient, command: string): Promise<Next> =>
  parse(Next, JSON.parse(await agent.obey(command)))

function actorsOf(slug: string, lane: string): Map<string, string> {
  const log = world.read(`kitty-specs/${slug}/status.events.jsonl`).trim().split('\n')
  const rows = log.map(line => JSON.parse(line) as Record<string, string>).filter(row => row.to_lane === lane)
  return new Map(rows.map(row => [row.wp_id ?? '', row.actor ?? '']))
}

describe.each(MISSION_TYPES.map(({ id }) => id))('a mission of type %s', type => {
  it.each([
    ['by its steps alone', 'plain'],
    ['with all that its pages offer beside', 'curious'],
  ] as const)('is walked to its end %s', async (_, manner) => {
    const slug = await begin(type)
    const agent = createObedient(world, 'claude', WRITINGS[type] ?? {}, manner)
    const way = await walk([agent], slug)
    const steps = [...new Set(way.flatMap(({ kind, step_id: step }) => (kind === 'step' ? [step] : [])))]
    const expected = MISSION_TYPES.find(({ id }) => id === type)?.steps.map(({ id }) => id)
    expect(steps).toEqual(expected)
    expect(world.git('status', '--porcelain')).toBe('')
    const meta = JSON.parse(world.read(`kitty-specs/${slug}/meta.json`)) as Record<string, string>
    expect([meta.baseline_merge_commit, meta.closed_at]).not.toEqual([undefined, undefined])
    if (type !== 'software-dev') return
    const built = ['WP01', 'WP02', 'WP03'].map(id => world.read(`src/${id}.txt`))
    expect(built).toEqual(
      ['one\n', 'two\n', 'three\n'].map(text => (manner === 'curious' ? `${text}mended\n` : text)),
    )
  })
})

describe('two agents', () => {
  it('share the work, and approve what the other has built', async () => {
    const slug = await begin('software-dev')
    const agents = ['claude', 'codex'].map(name => createObedient(world, name, SOFTWARE, 'among others'))
    await walk(agents, slug)
    const [built, approved] = [actorsOf(slug, 'for_review'), actorsOf(slug, 'approved')]
    expect(new Set([...built.values(), ...approved.values()])).toEqual(new Set(['claude', 'codex']))
    for (const [id, builder] of built) expect(approved.get(id), id).not.toBe(builder)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('and a third one share the work', async () => {
    const slug = await begin('software-dev')
    await walk(
      ['claude', 'codex', 'qwen'].map(name => createObedient(world, name, SOFTWARE, 'among others')),
      slug,
    )
    const [built, approved] = [actorsOf(slug, 'for_review'), actorsOf(slug, 'approved')]
    for (const [id, builder] of built) expect(approved.get(id), id).not.toBe(builder)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('are one too few when one of them is gone for good: the other goes on by what is printed', async () => {
    const slug = await begin('software-dev')
    const ask1 = `spec-kitty next --agent NAME --result success --mission ${slug} --json`
    const claude = createObedient(world, 'claude', SOFTWARE, 'plain')
    let now = await ask(claude, ask1)
    while (now.wp_id === null) now = await claude.follow(now)
    await claude.obey(`spec-kitty agent action implement ${now.wp_id} --agent claude --mission ${slug}`)
    const codex = createObedient(world, 'codex', SOFTWARE, 'plain')
    let step = await ask(codex, ask1)
    for (let turn = 0; turn < 40 && step.kind !== 'terminal'; turn++) {
      if (step.kind === 'step') step = await codex.follow(step)
      else {
        await codex.obey(waysOut(step))
        step = await ask(codex, ask1)
      }
    }
    expect(step.kind).toBe('terminal')
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('learn from next how a package that waits for somebody goes on', async () => {
    const slug = await begin('software-dev')
    const claude = createObedient(world, 'claude', SOFTWARE, 'plain')
    let now = await ask(claude, `spec-kitty next --agent NAME --result success --mission ${slug} --json`)
    while (now.wp_id === null) now = await claude.follow(now)
    const page = await claude.obey(
      `spec-kitty agent action implement ${now.wp_id} --agent claude --mission ${slug}`,
    )
    await claude.obey(/`(spec-kitty [^`]*--to blocked[^`]*)`/.exec(page)?.[1] ?? '')
    for (const id of ['WP02', 'WP03'])
      await claude.obey(`spec-kitty agent tasks move-task ${id} --to canceled --note no --mission ${slug}`)
    const stuck = await ask(claude, `spec-kitty next --agent claude --mission ${slug} --json`)
    await claude.obey(/spec-kitty agent tasks move-task .*/.exec(stuck.reason ?? '')?.[0] ?? 'false')
    expect(await ask(claude, now.next_command ?? '')).toMatchObject({ kind: 'step', wp_id: now.wp_id })
  })
})

/** The command that a blocked answer ends with. */
const waysOut = ({ reason }: Next): string =>
  /(?<=: )spec-kitty agent (?:tasks move-task|action review) .*$/.exec(reason ?? '')?.[0] ?? 'false'

describe('a mission', () => {
  it('goes on after two rejections of one package', async () => {
    const slug = await begin('software-dev')
    const claude = createObedient(world, 'claude', SOFTWARE, 'plain')
    let step = await ask(claude, `spec-kitty next --agent NAME --result success --mission ${slug} --json`)
    let rejected = 0
    for (let turn = 0; turn < 60 && step.kind !== 'terminal'; turn++) {
      const reject = rejected < 2 && step.action === 'review' && step.wp_id === 'WP01'
      if (!reject) step = await claude.follow(step)
      else {
        rejected++
        const page = await claude.obey(`spec-kitty agent action review WP01 --agent claude --mission ${slug}`)
        await claude.obey(/`(spec-kitty [^`\n]*--to planned[^`\n]*)`/.exec(page)?.[1] ?? 'false')
        step = await ask(claude, `spec-kitty next --agent NAME --result success --mission ${slug} --json`)
      }
    }
    expect([step.kind, rejected, world.read('src/WP01.txt')]).toEqual([
      'terminal',
      2,
      'one\nmended\nmended\n',
    ])
  })

  it('is opened again after the merge, and merged again', async () => {
    const slug = await begin('software-dev')
    const claude = createObedient(world, 'claude', SOFTWARE, 'plain')
    await walk([claude], slug)
    await claude.obey(`spec-kitty mission reopen ${slug} --reason "it says nothing"`)
    const open = await ask(claude, `spec-kitty next --agent NAME --mission ${slug} --json`)
    await claude.obey(waysOut(open))
    await walk([claude], slug)
    expect(world.read('src/WP01.txt')).toBe('one\nmended\n')
    expect(world.git('status', '--porcelain')).toBe('')
  })

  it('of a type of the project is walked by the steps that it has', async () => {
    const steps =
      '  - id: think\n    title: Think\n  - id: draft\n    title: Draft\n    depends_on: [think]\n'
    world.write(
      '.kittify/missions/letter/mission-runtime.yaml',
      `mission:\n  key: letter\n  name: Letter\nsteps:\n${steps}`,
    )
    world.commit('a type')
    const slug = await begin('letter')
    const claude = createObedient(world, 'claude', { draft: { 'draft.md': PROSE } }, 'plain')
    const way = await walk([claude], slug)
    expect(way.flatMap(({ kind, step_id: step }) => (kind === 'step' ? [step] : []))).toEqual([
      'think',
      'draft',
      'accept',
    ])
  })
})

describe('a quick mission', () => {
  it.each([
    ['in the checkout', []],
    ['in a worktree', ['--worktree']],
  ])('is merged by the steps that it prints: %s', async (_, words) => {
    const bob = createObedient(world, 'bob', {}, 'plain')
    const made = await runCli(world, ['quick', 'Greet the "reader"', ...words, '--json'])
    const { next, workspace_path: home } = made.json as { next: string[]; workspace_path: string }
    writeFileSync(`${home}/greeting.txt`, 'hello\n')
    for (const step of next) await bob.obey(step, ['greeting.txt'])
    expect(world.read('greeting.txt')).toBe('hello\n')
    expect(world.git('branch', '--format=%(refname:short)')).toBe('main')
  })

  it('is merged twice where main takes no commits', async () => {
    const path = '.kittify/config.yaml'
    world.write(path, `${world.read(path)}protected_branches: [main]\n`)
    world.commit('protect main')
    const bob = createObedient(world, 'bob', {}, 'plain')
    for (const name of ['one.txt', 'two.txt']) {
      const made = await runCli(world, ['quick', `Write ${name}`, '--json'])
      const { next, workspace_path: home } = made.json as { next: string[]; workspace_path: string }
      writeFileSync(`${home}/${name}`, 'hello\n')
      for (const step of next) await bob.obey(step, [name])
    }
    expect([world.read('one.txt'), world.read('two.txt')]).toEqual(['hello\n', 'hello\n'])
  })
})

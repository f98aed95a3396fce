/**
 * Every word walks: what a page prints runs in some state of a mission, and what an answer prints runs where it was
 * printed. `npm run walk` looks in every state, `npm test` in some.
 */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isArray, isObject, type Json } from '@spec-kitty/contracts/json'
import { AGENTS } from '@spec-kitty/core/project/agents'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { split } from '../testing/obedient.ts'
import { commandsAmong, commandsIn, keep } from '../testing/printed.ts'
import { runCli } from '../testing/run-cli.ts'
import { COMMANDS } from './index.ts'

const ALL = process.env.SK_WALK === 'all'
const SPEC =
  '# Greeting\n\n### Functional\n\n| ID | Title | Requirement | Priority | Status |\n|---|---|---|---|---|\n| FR-001 | greet | Greets by name | High | proposed |\n'
const PLAN =
  '# Plan\n\n## Summary\n\nOne file each.\n\n## Technical Context\n\n**Language/Version**: text\n**Testing**: cat\n'
const TASKS = ['WP01', 'WP02']
  .map((id, i) => `## ${id} - part ${id}\n\nRequirements: FR-001\n\n- [ ] T00${i + 1} write the file\n`)
  .join('\n')
const packageText = (id: string, task: string): string =>
  `---\nwork_package_id: ${id}\ntitle: part ${id}\ndependencies: []\nrequirement_refs: [FR-001]\nsubtasks: [${task}]\nexecution_mode: code_change\nowned_files: [src/${id}.txt]\ncreate_intent: [src/${id}.txt]\n---\n# ${id}\n\nWrite it.\n`

let world: World
let slug = ''
let feedback = ''
beforeEach(async () => {
  slug = ''
  world = createWorld()
  world.write('README.md', '# Here\n')
  world.commit('begin')
  feedback = join(world.dir, 'feedback.md')
  writeFileSync(feedback, 'src/a.txt:1 says nothing; it must say what it is for.\n')
})
afterEach(() => world.cleanup())

const run = (...words: string[]) => runCli(world, words)
async function done(...words: string[]) {
  const answer = await run(...words)
  if (answer.status !== 0) throw new Error(`${words.join(' ')}\n${answer.stdout}${answer.stderr}`)
  return answer
}

const move = (id: string, to: string, ...more: string[]) =>
  done('agent', 'tasks', 'move-task', id, '--to', to, '--mission', slug, ...more)

async function build(id: string, task: string): Promise<void> {
  await done('agent', 'action', 'implement', id, '--agent', 'claude', '--mission', slug)
  const lane = id === 'WP01' ? 'lane-a' : 'lane-b'
  const home = join(world.root, '.worktrees', `${slug}-${lane}`)
  world.write(join(home, `src/${id}.txt`), 'text\n')
  world.gitAt(home, 'add', '--', `src/${id}.txt`)
  world.gitAt(home, 'commit', '-q', '-m', id)
  await done('agent', 'tasks', 'mark-status', task, '--status', 'done', '--mission', slug)
}

async function approve(id: string): Promise<void> {
  await done('agent', 'action', 'review', id, '--agent', 'codex', '--mission', slug)
  await move(id, 'approved', '--agent', 'codex', '--note', 'looked at it')
}

/** One after the other; each begins where the one before it ended. */
const STATES: readonly (readonly [name: string, go: () => Promise<unknown>])[] = [
  ['set up', () => done('init', '--ai', 'agents-md')],
  ['with rules', () => done('charter', 'interview', '--defaults')],
  [
    'made',
    async () => {
      const made = await done('agent', 'mission', 'create', 'greet', '--json')
      slug = (made.json as { mission_slug: string }).mission_slug
    },
  ],
  ['specified', async () => world.write(`kitty-specs/${slug}/spec.md`, SPEC)],
  [
    'planned',
    async () => {
      // Makes plan.md, and says that it is still empty.
      await run('agent', 'mission', 'setup-plan', '--mission', slug)
      world.write(`kitty-specs/${slug}/plan.md`, PLAN)
      await done('agent', 'mission', 'setup-plan', '--mission', slug)
    },
  ],
  [
    'cut',
    async () => {
      world.write(`kitty-specs/${slug}/tasks.md`, `# Tasks\n\n${TASKS}`)
      world.write(`kitty-specs/${slug}/tasks/WP01-a.md`, packageText('WP01', 'T001'))
      world.write(`kitty-specs/${slug}/tasks/WP02-b.md`, packageText('WP02', 'T002'))
    },
  ],
  ['finalized', () => done('agent', 'mission', 'finalize-tasks', '--mission', slug)],
  ['built by one of several agents', () => build('WP01', 'T001')],
  ['handed in', () => move('WP01', 'for_review', '--agent', 'claude', '--note', 'built')],
  ['under review', () => done('agent', 'action', 'review', 'WP01', '--agent', 'bob', '--mission', slug)],
  [
    'approved',
    async () => {
      await move('WP01', 'approved', '--agent', 'bob', '--note', 'looked at it')
      await build('WP02', 'T002')
      await move('WP02', 'for_review', '--agent', 'claude', '--note', 'built')
      await approve('WP02')
    },
  ],
  ['accepted', () => done('accept', '--mission', slug)],
  ['merged', () => done('merge', '--yes', '--mission', slug)],
  [
    'beside a small change',
    async () => {
      const made = await done('quick', 'mend the greeting', '--agent', 'claude', '--json')
      slug = (made.json as { mission_slug: string }).mission_slug
    },
  ],
  ['promoted', () => done('promote', '--mission', slug)],
  [
    'opened again',
    async () => {
      world.git('switch', '-q', 'main')
      slug = 'greet'
      await done('mission', 'reopen', slug, '--reason', 'it says nothing')
    },
  ],
  [
    'where main takes no commits',
    async () => {
      const path = '.kittify/config.yaml'
      world.write(path, `${world.read(path)}protected_branches: [main]\n`)
      world.commit('protect main')
    },
  ],
]

const VALUES: readonly (readonly [RegExp, () => string])[] = [
  [/<handle>|HANDLE\b|<mission>/g, () => slug],
  [/<your (?:own )?key[^>]*>|<key>(?= --result)|\bNAME\b/g, () => 'claude'],
  [/<file>|\bfeedback\.md\b|\bFILE\b/g, () => feedback],
  [/<kebab-case-name>|\bmy-feature\b/g, () => `wish-${slug.length}`],
  [/(?<=--pr )N\b/g, () => '12'],
  [/\bFILES\b/g, () => 'README.md'],
  [/<[^>]*>|…/g, () => 'words'],
]

const filled = (command: string): string =>
  VALUES.reduce((text, [pattern, value]) => text.replace(pattern, value), command)

/** What git says to a command that is wrong in itself, wherever it is run. */
const NO_GIT =
  /usage: git|not a git command|unknown (?:option|switch)|ambiguous argument|did not match any|not a valid|no such|does not exist/i

/** Runs a command line as a shell would; answers what went wrong. */
async function attempt(command: string): Promise<string | undefined> {
  for (const [program, ...words] of split(filled(command))) {
    if (program === 'git') {
      const { status, stderr } = spawnSync('git', words, {
        cwd: world.root,
        env: world.env,
        encoding: 'utf8',
      })
      if (status !== 0) return `${NO_GIT.test(stderr) ? 'not git: ' : ''}exit ${status}: ${stderr}`
      continue
    }
    if (program !== 'spec-kitty') return `not ours: ${program}`
    const answer = await run(...words)
    if (answer.status !== 0) return `exit ${answer.status}: ${answer.stdout}${answer.stderr}`.trim()
  }
  return undefined
}

/* ------------------------------------------------------------------- pages */

/** What not to do; what is of use in the middle of a merge that stopped; what talks with a person. */
const NO_ORDERS =
  /^git (?:clean|reset|merge -X|branch …)$|^spec-kitty (?:merge --(?:abort|resume)|charter interview)$/

async function printedPages(): Promise<ReadonlySet<string>> {
  await done('init', '--ai', AGENTS.map(agent => agent.key).join(','), '--commit')
  const files = world.git('ls-files', '-z').split('\0').filter(Boolean)
  const topics = (await done('instructions', '--json')).json as {
    topics: readonly { name: string }[] | readonly string[]
  }
  const pages = files.map(path => world.read(path))
  for (const topic of topics.topics) {
    const name = typeof topic === 'string' ? topic : topic.name
    pages.push((await done('instructions', name)).stdout)
  }
  const commands = pages.flatMap(commandsIn).filter(command => !NO_ORDERS.test(command))
  return new Set(
    commands.map(command => command.replace(/--agent [a-z]+$|--agent [a-z]+(?= )/, '--agent claude')),
  )
}

describe('pages', () => {
  it('hand no words of the user to a shell', async () => {
    for (const command of await printedPages()) expect(command).not.toMatch(/ARGUMENTS|\{\{|user's words/)
  })

  it('print what runs in some state of a mission', async () => {
    const pending = new Map([...(await printedPages())].map(command => [command, '']))
    expect(pending.size).toBeGreaterThan(30)
    world.cleanup()
    world = createWorld()
    world.write('README.md', '# Here\n')
    world.commit('begin')
    feedback = join(world.dir, 'feedback.md')
    for (const [name, go] of STATES) {
      if (pending.size === 0) break
      await go()
      writeFileSync(feedback, 'src/a.txt:1 says nothing; it must say what it is for.\n')
      const kept = keep(world)
      for (const command of pending.keys()) {
        const problem = await attempt(command)
        if (problem === undefined) pending.delete(command)
        else pending.set(command, `${name}: ${problem.slice(0, 300)}`)
        if (problem === undefined) kept.restore()
      }
      kept.drop()
    }
    expect(Object.fromEntries(pending)).toEqual({})
  })
})

/* ----------------------------------------------------------------- answers */

/** Not asked: what stays, what talks to servers, what takes the project away. */
const NOT_ASKED =
  /^(?:dashboard|serve|sync|auth|tour|completion|orchestrator-api|uninstall|trust|import|schema|init|log)\b/
const SAMPLES: Readonly<Record<string, () => string>> = {
  handle: () => slug || 'greet',
  wpId: () => 'WP01',
  id: () => 'WP01',
  title: () => 'a wish',
  name: () => 'wish',
}
const REQUIRED: Readonly<Record<string, string>> = {
  to: 'blocked',
  status: 'done',
  actor: 'claude',
  note: 'n',
  flow: 'plan',
}

/** One line for every command, with whatever it must be given. */
async function questions(): Promise<readonly string[][]> {
  const lines: string[][] = []
  for (const [path, { load }] of Object.entries(COMMANDS)) {
    if (NOT_ASKED.test(path)) continue
    const { command } = await load()
    const args = Object.entries(command.args).filter(([, spec]) => spec.required)
    const flags = Object.entries(command.flags).filter(([, flag]) => flag.required === true)
    lines.push([
      ...path.split(' '),
      ...args.map(([name]) => (SAMPLES[name] ?? (() => 'T001'))()),
      ...flags.flatMap(([name]) => [
        `--${name.replace(/[A-Z]/g, sign => `-${sign.toLowerCase()}`)}`,
        REQUIRED[name] ?? 'words',
      ]),
      ...(command.alwaysJson ? [] : ['--json']),
    ])
  }
  return lines
}

/** Every sentence of an answer that may lead somewhere. */
function sentences(value: Json, key = ''): readonly string[] {
  if (typeof value === 'string')
    return /hint|next|remed|recommended|reason|fix|way_out|command/.test(key) ? [value] : []
  if (isArray(value)) return value.flatMap(item => sentences(item, key))
  return isObject(value) ? Object.entries(value).flatMap(([name, item]) => sentences(item, name || key)) : []
}

describe('answers', () => {
  it('print what can be run where it was printed', async () => {
    const wrong: string[] = []
    const last = STATES.findIndex(([name]) => name === 'handed in')
    for (const [at, [name, go]] of (ALL ? STATES : STATES.slice(0, last + 1)).entries()) {
      await go()
      if (!ALL && at < last) continue
      const kept = keep(world)
      const tried = new Set<string>()
      for (const words of await questions()) {
        const answer = await run(...words)
        const printed = sentences(JSON.parse(answer.stdout || 'null') as Json).flatMap(commandsAmong)
        // Right here: a step that follows what was done stands on it.
        for (const command of printed) {
          if (answer.status !== 0 && tried.has(command)) continue
          tried.add(command)
          const problem = await attempt(command)
          // A second refusal may be right: it has a hint of its own, which is looked at as well.
          if (problem !== undefined && /exit 2|Internal error|not ours|not git/.test(problem))
            wrong.push(`${name}: ${command} (of: ${words.join(' ')})\n  ${problem.slice(0, 300)}`)
          if (problem === undefined && answer.status !== 0) kept.restore()
        }
        kept.restore()
      }
      expect(tried.size, name).toBeGreaterThan(3)
      kept.drop()
    }
    expect(wrong).toEqual([])
  })
})

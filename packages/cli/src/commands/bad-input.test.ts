/** Every command against input it cannot work with: one JSON document, a documented status, nothing written. */
import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addMission } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Command, FlagSpec } from '../command.ts'
import { type CliResult, runCli } from '../testing/run-cli.ts'
import { COMMANDS } from './index.ts'

const PATHS = Object.keys(COMMANDS)

/** What the orchestrator says about itself. */
const POLICY = JSON.stringify({
  orchestrator_id: 'o',
  orchestrator_version: '1',
  agent_family: 'claude',
  approval_mode: 'supervised',
  sandbox_mode: 'workspace_write',
  network_mode: 'open',
  dangerous_flags: [],
})

async function load(path: string): Promise<Command> {
  const command = (await COMMANDS[path]?.load())?.command
  if (command === undefined) throw new Error(`no command ${path}`)
  return command
}

function sampleOf(flag: FlagSpec): readonly string[] {
  if (flag.kind === 'toggle') return []
  if (flag.kind === 'choice') return [flag.choices[0] ?? '']
  return [flag.kind === 'count' ? '1' : 'x']
}

/** What is judged before the place: words that pass. */
const WORDS: Readonly<Record<string, string>> = {
  'agent action implement': 'WP01 --agent claude',
  'agent action review': 'WP01 --agent claude',
  'agent config add': 'claude',
  'agent config remove': 'claude',
  'agent config set': 'auto_commit true',
  'agent context resolve': '--action implement',
  'agent mission create': 'some-name',
  'agent status emit': 'WP01 --to claimed --actor a',
  'agent tasks map-requirements': '--wp WP01 --refs FR-001',
  'agent tasks mark-status': 'T001 --status done',
  'agent tasks move-task': 'WP01 --to claimed',
  'charter context': '--action plan',
  'charter interview': '--defaults',
  'mission follow-up': 'nope --pr 1',
  'mission reopen': 'nope --reason x',
  start: 'WP01 --agent claude',
  'orchestrator-api answer-decision': '--result success',
  'orchestrator-api open-decision': '--origin plan --step-id s',
  'orchestrator-api start-implementation': `--wp WP01 --actor a --policy ${POLICY}`,
  'orchestrator-api start-review': `--wp WP01 --actor a --policy ${POLICY}`,
}

/** Verbs that tell the policy they act under; without it that is what is judged first. */
const UNDER_POLICY = /^orchestrator-api (?:\w+-decision|plan|record-analysis|specify|tasks)$/

/** The shortest complete command line. */
function wordsOf(path: string, command: Command, more: readonly string[]): readonly string[] {
  const given =
    WORDS[path]?.split(' ') ?? Object.values(command.args).flatMap(spec => (spec.required ? ['WP01'] : []))
  const options = Object.entries(command.flags)
    .filter(([name, flag]) => flag.required && ![...given, ...more].includes(optionOf(name)))
    .flatMap(([name, flag]) => [optionOf(name), ...sampleOf(flag)])
  const policy = UNDER_POLICY.test(path) ? ['--policy', POLICY] : []
  return [
    ...path.split(' '),
    ...given,
    ...options,
    ...policy,
    ...more,
    ...(command.alwaysJson ? [] : ['--json']),
  ]
}

function optionOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`
}

/** Every name, kind and byte below a directory. */
function digest(directory: string): string {
  const hash = createHash('sha256')
  const visit = (path: string): void => {
    const stat = lstatSync(path)
    hash.update(`${path}\0${stat.mode}\0`)
    if (stat.isDirectory()) for (const name of readdirSync(path).sort()) visit(join(path, name))
    else if (stat.isFile()) hash.update(readFileSync(path))
  }
  visit(directory)
  return hash.digest('hex')
}

/** Code of a refusal in either form; undefined for an answer. Throws when stdout is not exactly one document. */
function codeOf(answer: CliResult): string | undefined {
  const document = answer.json as { readonly code?: string; readonly error_code?: string | null }
  return (document.code ?? document.error_code ?? undefined)?.toLowerCase()
}

/** Runs a command where it cannot work; answers status and code after the promises of every refusal. */
async function refuse(world: World, path: string, more: readonly string[] = []) {
  const before = digest(world.dir)
  const command = await load(path)
  const words = wordsOf(path, command, more)
  const answer = await runCli(world, words)
  expect(answer.stderr, words.join(' ')).toBe('')
  expect(digest(world.dir), `${words.join(' ')} wrote something`).toBe(before)
  const code = codeOf(answer)
  if (!JSON_ONLY.test(path)) {
    const plain = await runCli(world, words.slice(0, -1))
    expect(plain).toMatchObject({ status: answer.status, stdout: '' })
    expect(plain.stderr).toMatch(/^Error: \S/)
    expect(plain.stderr).not.toMatch(/^\s+at /m)
    const { error, hint } = answer.json as { readonly error: string; readonly hint?: string }
    expect(hint, `${error}: no remedy`).toBeTruthy()
    expect(plain.stderr).toContain(hint)
  }
  return { status: answer.status, code }
}

/** Their answers, and refusals, are documents with and without `--json`; `dashboard` would start a server without it. */
const JSON_ONLY = /^(?:orchestrator-api|agent decision) |^dashboard$/

/** They work in any directory, or judge something else first. */
const ANYWHERE =
  /^(auth .*|completion|docs|init|instructions|mission-type .*|orchestrator-api contract-version|schema|serve.*|session-start|sync (?!opt-).*|tour)$/

/** They tell or set something about a repository that has no project. */
const WITHOUT_PROJECT =
  /^(agent config .*|agent mission branch-context|charter (preflight|status|sync|interview|context)|config|context .*|doctor .*|mission list|safe-commit|sync opt-.*|trust|where)$/

const places: { outside?: World; bare?: World; project?: World } = {}
const place = (name: keyof typeof places): World => {
  const world = places[name]
  if (world === undefined) throw new Error(`no world ${name}`)
  return world
}
beforeAll(() => {
  places.outside = createWorld({ git: false })
  places.bare = createWorld()
  places.project = createWorld()
  addMission(places.project)
  places.project.commit()
})
afterAll(() => {
  for (const world of Object.values(places)) world.cleanup()
})

describe('outside of a repository', () => {
  it.each(PATHS.filter(path => !ANYWHERE.test(path)))('%s', async path => {
    expect(await refuse(place('outside'), path)).toEqual({ status: 1, code: 'not_a_repository' })
  })
})

describe('in a repository without a project', () => {
  it.each(PATHS.filter(path => !ANYWHERE.test(path) && !WITHOUT_PROJECT.test(path)))('%s', async path => {
    const { status, code } = await refuse(place('bare'), path)
    expect(code).toMatch(/^(no_project|mission_required|mission_not_found)$/)
    expect(status).toBe(code === 'mission_not_found' ? 2 : 1)
  })
})

/** Their `--mission` is a kind of mission, or changes nothing. */
const OTHER_MISSION = /^(charter .*|config|dashboard|orchestrator-api specify|sync backfill)$/

describe('with an unknown mission', async () => {
  const commands = await Promise.all(PATHS.map(async path => [path, await load(path)] as const))
  const named = commands
    .filter(([path, command]) => 'mission' in command.flags && !OTHER_MISSION.test(path))
    .map(([path]) => path)

  it.each(named)('%s', async path => {
    const { status, code } = await refuse(place('project'), path, ['--mission', 'nope'])
    // The orchestrator's contract knows one status for it; so does 3.2.0 in validate-encoding.
    if (path === 'validate-encoding') expect({ status, code }).toEqual({ status: 1, code: 'invalid_input' })
    else
      expect({ status, code }).toEqual({
        status: path.startsWith('orchestrator-api') ? 1 : 2,
        code: 'mission_not_found',
      })
  })
})

describe('with an unknown option', () => {
  it.each(PATHS)('%s', async path => {
    const { status, code } = await refuse(place('project'), path, ['--no-such-option'])
    expect(status).toBe(2)
    expect(code).toMatch(/^usage/)
  })
})

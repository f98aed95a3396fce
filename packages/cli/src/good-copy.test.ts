/** A file that is as broken in the last commit as on disk: the remedy names a commit where it can be read. */
import { spawnSync } from 'node:child_process'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCli } from './testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

interface Case {
  readonly file: string
  /** A copy that can be read. */
  readonly good?: string
  readonly run: readonly string[]
  /** Where the answer has the remedy. */
  readonly remedy: (answer: unknown) => unknown
}

const hint = (answer: unknown) => (answer as { hint: string }).hint
const fixOf = (code: string) => (answer: unknown) =>
  (
    answer as { findings: { code?: string; category?: string; fix?: string; recommended_action?: string }[] }
  ).findings
    .filter(found => (found.code ?? found.category) === code)
    .map(found => found.fix ?? found.recommended_action)[0]

const CASES: Readonly<Record<string, Case>> = {
  'meta.json': { file: `${DIR}/meta.json`, run: ['agent', 'tasks', 'status'], remedy: hint },
  'meta.json, by doctor': { file: `${DIR}/meta.json`, run: ['doctor'], remedy: fixOf('meta_malformed') },
  'meta.json, by its identity': {
    file: `${DIR}/meta.json`,
    run: ['doctor', 'identity'],
    remedy: fixOf('meta_malformed'),
  },
  'the event log': {
    file: `${DIR}/status.events.jsonl`,
    run: ['agent', 'status', 'doctor'],
    remedy: fixOf('log_corrupt'),
  },
  'the index of decisions': {
    file: `${DIR}/decisions/index.json`,
    good: '{"version": 1, "mission_id": null, "entries": []}\n',
    run: ['agent', 'decision', 'list'],
    remedy: hint,
  },
  'the acceptance matrix': {
    file: `${DIR}/acceptance-matrix.json`,
    good: '{}\n',
    run: ['accept'],
    remedy: hint,
  },
  'the manifest': {
    file: '.kittify/manifest.json',
    good: '{}\n',
    run: ['doctor'],
    remedy: fixOf('manifest_malformed'),
  },
}

/** The command in a sentence. */
const commandIn = (sentence: unknown) => /(?:git -C|mv) .*/.exec(String(sentence))?.[0] ?? ''

const paste = (command: string) =>
  spawnSync('sh', ['-c', command], { cwd: world.root, env: world.env }).status

test.each(Object.entries(CASES))('%s', async (_, { file, good, run, remedy }) => {
  addMission(world)
  await runCli(world, ['agent', 'status', 'materialize'])
  if (good !== undefined) world.write(file, good)
  world.commit('good')
  const [whole, sha] = [world.read(file), world.git('rev-parse', 'HEAD')]
  for (const broken of ['{ no\n', 'what is this\n']) {
    world.write(file, broken + whole)
    world.commit('broken')
  }
  const { json } = await runCli(world, [
    ...run,
    '--json',
    ...(run[0] === 'doctor' ? [] : ['--mission', MISSION_SLUG]),
  ])
  const command = commandIn(remedy(json))
  expect(command, JSON.stringify(json)).toBe(`git -C ${world.root} checkout ${sha} -- ${file}`)
  expect(paste(command)).toBe(0)
  expect(world.read(file)).toBe(whole)
})

test('a meta.json that was never whole is set aside, and made', async () => {
  addMission(world)
  world.write(`${DIR}/meta.json`, '{ no\n')
  world.commit('broken from the start')
  const status = async () =>
    await runCli(world, ['agent', 'tasks', 'status', '--json', '--mission', MISSION_SLUG])
  const said = hint((await status()).json)
  expect(said).toContain('No commit has a copy')
  const [aside = '', made = ''] = commandIn(said).split(' && ')
  expect(paste(aside)).toBe(0)
  await runCli(world, made.split(' ').slice(1))
  expect((await status()).status).toBe(0)
  expect(world.read(`${DIR}/meta.json.broken`)).toBe('{ no\n')
})

test('a log that is shorter in the last commit too than status.json tells', async () => {
  addMission(world)
  await runCli(world, ['agent', 'status', 'materialize'])
  world.commit('whole')
  const [log, sha] = [world.read(`${DIR}/status.events.jsonl`), world.git('rev-parse', 'HEAD')]
  world.write(`${DIR}/status.events.jsonl`, '')
  world.commit('emptied')
  const { stderr } = await runCli(world, ['agent', 'tasks', 'status', '--mission', MISSION_SLUG])
  expect(stderr).toContain(sha)
  expect(paste(commandIn(stderr.replaceAll(/\s+/g, ' ')))).toBe(0)
  expect(world.read(`${DIR}/status.events.jsonl`)).toBe(log)
})

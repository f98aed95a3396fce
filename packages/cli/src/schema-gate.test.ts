import { addMission } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from './testing/run-cli.ts'

let w: World
beforeEach(() => {
  w = createWorld()
  addMission(w)
})
afterEach(() => w.cleanup())

const metadata = (text: string) => w.write('.kittify/metadata.yaml', text)

it.each([
  ['schema 2', 'spec_kitty:\n  schema_version: 2\n', 4, 'schema_too_old', 'it has schema 2'],
  ['no schema', 'spec_kitty:\n  version: 0.9.0\n', 4, 'schema_too_old', 'names no schema'],
  ['no YAML', '\t{{{', 4, 'schema_too_old', 'names no schema'],
  ['schema 99', "spec_kitty:\n  schema_version: '99' # new\n", 5, 'schema_too_new', 'schema 99'],
])('refuses a project with %s, with one document', async (_, text, status, code, words) => {
  metadata(text)
  const before = w.git('status', '--porcelain')
  const answer = await runCli(w, ['agent', 'tasks', 'mark-status', 'T011', '--status', 'done', '--json'])
  expect(answer).toMatchObject({ status, stderr: '', json: { code, error: expect.stringContaining(words) } })
  expect(answer.json).toHaveProperty('hint')
  expect(w.git('status', '--porcelain')).toBe(before)
})

it('works with schema 3 and without the file', async () => {
  metadata('spec_kitty:\n  version: 3.2.7\n  "schema_version": 3\n')
  expect(await runCli(w, ['agent', 'tasks', 'list-tasks', '--json'])).toMatchObject({ status: 0 })
  w.git('init', '-q', 'fresh')
  w.write('fresh/kitty-specs/x/meta.json', '{}')
  expect(await runCli(w, ['mission', 'list'], { cwd: `${w.root}/fresh` })).toMatchObject({ status: 0 })
})

it('lets the reading commands of the Python edition pass, and those that look after the project', async () => {
  metadata('spec_kitty:\n  schema_version: 2\n')
  for (const words of [
    ['agent', 'tasks', 'status'],
    ['agent', 'mission', 'branch-context'],
    ['init', '--ai', 'claude'],
  ])
    expect(await runCli(w, words), words.join(' ')).toMatchObject({ status: 0 })
})

it('has no say outside a repository', async () => {
  const plain = createWorld({ git: false })
  try {
    expect(await runCli(plain, ['mission-type', 'list'])).toMatchObject({ status: 0 })
  } finally {
    plain.cleanup()
  }
})

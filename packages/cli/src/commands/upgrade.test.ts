import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { Upgrade } from '@spec-kitty/contracts/cli/upgrade'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

const COMMAND = '.claude/commands/spec-kitty.plan.md'
const META = `kitty-specs/${MISSION_SLUG}/meta.json`

let w: World
beforeEach(async () => {
  w = createWorld()
  await runCli(w, ['init', '--ai', 'claude'])
})
afterEach(() => w.cleanup())

async function upgrade(...words: string[]): Promise<Upgrade> {
  const answer = await runCli(w, ['upgrade', ...words, '--json'])
  expect(answer).toMatchObject({ status: 0, stderr: '' })
  return v.parse(Upgrade, answer.json)
}

/** An older project: a file and the driver missing, a line of git's files gone, a mission without an id. */
function age(): void {
  addMission(w, { id: null })
  rmSync(join(w.root, COMMAND))
  w.write('.gitattributes', '')
  w.git('config', '--remove-section', 'merge.spec-kitty-event-log')
  w.commit()
}

it('has nothing to do in a current project', async () => {
  expect(await upgrade()).toMatchObject({
    status: 'up_to_date',
    migrations_applied: [],
    auto_committed: false,
  })
  expect((await runCli(w, ['upgrade'])).stdout).toBe('Everything is up to date.\n')
})

it('lists with --dry-run what it then does, and commits nothing unasked', async () => {
  age()
  const head = w.git('rev-parse', 'HEAD')
  const planned = await upgrade('--dry-run')
  expect(planned.status).toBe('pending')
  expect(planned.migrations.map(item => item.status)).toEqual(['pending', 'pending', 'pending', 'pending'])
  expect(w.git('status', '--porcelain')).toBe('')
  const done = await upgrade('--yes')
  expect(done.status).toBe('success')
  expect(done.migrations.map(item => item.files)).toEqual(planned.migrations.map(item => item.files))
  expect(done.migrations_applied).toEqual(['git-files', 'merge-driver', 'agent-files', 'mission-ids'])
  expect(w.exists(COMMAND)).toBe(true)
  expect(JSON.parse(w.read(META)).mission_id).toMatch(/^[0-9A-Z]{26}$/)
  expect(w.git('rev-parse', 'HEAD')).toBe(head)
  expect(await upgrade()).toMatchObject({ status: 'up_to_date' })
})

it('commits exactly what it wrote when asked', async () => {
  age()
  w.write('mine.txt', 'mine')
  const result = await upgrade('--commit')
  expect(result.auto_committed).toBe(true)
  expect(w.git('show', '--name-only', '--format=').split('\n')).toEqual(result.auto_commit_paths.toSorted())
  expect(w.git('status', '--porcelain')).toBe('?? mine.txt')
})

it('keeps what somebody edited and says so', async () => {
  age()
  w.write('.claude/commands/spec-kitty.merge.md', 'mine')
  w.write('kitty-specs/broken/meta.json', '{')
  const answer = await runCli(w, ['upgrade'])
  expect(answer.stdout).toContain('Kept, because somebody edited it: .claude/commands/spec-kitty.merge.md')
  expect(answer.stdout).toContain('kitty-specs/broken/meta.json: meta.json is not a JSON object')
  expect(answer.stdout).toContain('Nothing was committed; --commit does that.')
  expect(w.read('.claude/commands/spec-kitty.merge.md')).toBe('mine')
})

it.each([
  [1, 4, 'schema_too_old'],
  [7, 5, 'schema_too_new'],
])('refuses schema %i with exit %i and writes nothing', async (schema, status, code) => {
  age()
  w.write('.kittify/metadata.yaml', `spec_kitty:\n  schema_version: ${schema}\n`)
  w.commit()
  expect(await runCli(w, ['upgrade', '--json'])).toMatchObject({ status, json: { code } })
  expect(w.git('status', '--porcelain')).toBe('')
})

it('refuses to commit on a protected branch before it writes', async () => {
  age()
  w.write('.kittify/config.yaml', `${w.read('.kittify/config.yaml')}protected_branches:\n- main\n`)
  w.commit()
  expect(await runCli(w, ['upgrade', '--commit', '--json'])).toMatchObject({
    status: 1,
    json: { code: 'protected_branch' },
  })
  expect(w.git('status', '--porcelain')).toBe('')
})

it('sets up a project of the Python edition, which has no manifest', async () => {
  rmSync(join(w.root, '.kittify/manifest.json'))
  const result = await upgrade()
  expect(result.current_version).toBe('none')
  expect(result.migrations_applied).toEqual(['agent-files'])
  expect(w.exists('.kittify/manifest.json')).toBe(true)
})

import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { COMMANDS, HIDDEN } from './commands/index.ts'
import { runCli } from './testing/run-cli.ts'

const PLAN = '# Plan\n\n## Technical Context\n\n**Language/Version**: Python 3.11\n**Testing**: pytest\n'

let world: World
beforeEach(() => {
  world = createWorld()
  addMission(world, { tasksMd: '# Tasks\n\n- [ ] T001 First\n', plan: PLAN })
  world.commit()
})
afterEach(() => world.cleanup())

const on = ['--mission', MISSION_SLUG]

it.each([
  ['agent tasks mark-status T001 --status done', 'write_file commit'],
  ['agent tasks move-task WP01 --to claimed', 'write_file append_events write_file commit'],
  ['agent tasks add-history WP01 --note hello', 'write_file commit'],
  ['agent mission setup-plan', 'append_events write_file commit'],
  ['mission close --discard --force', 'write_file commit'],
])('%s --dry-run changes nothing and plans: %s', async (line, kinds) => {
  const before = digest(world.dir)
  const words = [...line.split(' '), ...on, '--dry-run']
  const { json, status } = await runCli(world, [...words, '--json'])
  expect(status).toBe(0)
  expect(json).toMatchObject({ dry_run: true })
  const { plan } = json as { readonly plan: readonly { readonly kind: string }[] }
  expect(plan.map(step => step.kind).join(' ')).toBe(kinds)
  const { stdout } = await runCli(world, words)
  expect(stdout).toMatch(/^Dry run: /)
  expect(digest(world.dir), 'nothing was written').toBe(before)
})

it('says in words what it would do, and what it would say', async () => {
  const words = ['agent', 'tasks', 'mark-status', 'T001', '--status', 'done', '--dry-run']
  expect((await runCli(world, words)).stdout).toBe(
    `Dry run: nothing was changed. The command would
  write kitty-specs/${MISSION_SLUG}/tasks.md
  commit 1 file: chore: Mark T001 as done on spec ${MISSION_SLUG}
and say
  Marked T001 as done (checkbox row updated).
`,
  )
})

it('goes on from what it has not written: quick makes a mission and begins it', async () => {
  const { json } = await runCli(world, ['quick', 'fix the typo', '--dry-run', '--json'])
  expect(json).toMatchObject({ branch: expect.stringMatching(/^kitty\/mission-fix-the-typo-/) })
  const { plan } = json as { readonly plan: readonly { readonly kind: string }[] }
  expect(plan.filter(step => step.kind === 'commit')).toHaveLength(2)
})

it('every command either cannot write or has --dry-run', async () => {
  for (const [path, { load }] of Object.entries({ ...COMMANDS, ...HIDDEN })) {
    const { command } = await load()
    const commits = 'autoCommit' in command.flags
    expect(!commits || 'dryRun' in command.flags, path).toBe(true)
  }
})

function digest(directory: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(directory).sort()) {
    const path = join(directory, name)
    const kind = lstatSync(path)
    hash.update(name)
    if (kind.isDirectory()) hash.update(digest(path))
    else hash.update(kind.isSymbolicLink() ? readlinkSync(path) : readFileSync(path))
  }
  return hash.digest('hex')
}

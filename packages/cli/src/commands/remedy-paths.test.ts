import { execFileSync } from 'node:child_process'
import { addMission, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from '../testing/run-cli.ts'

/** A path that falls apart, and more, wherever a remedy forgets to quote it. */
let world: World
beforeEach(() => {
  world = createWorld({ name: "it's my $repo" })
})
afterEach(() => world.cleanup())

interface Refusal {
  readonly hint: string
  readonly blockers: readonly { readonly code: string; readonly remediation: string }[]
}

async function run(...words: string[]): Promise<{ readonly status: number; readonly json: Refusal }> {
  const { status, json } = await runCli(world, [...words, '--json'])
  return { status, json: json as Refusal }
}

const paste = (command: string): string =>
  execFileSync('sh', ['-c', command], {
    cwd: world.dir,
    env: world.env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })

it('names remedies that can be pasted when the repository lies in a directory with spaces', async () => {
  expect((await run('init', '--ai', 'claude')).status).toBe(0)
  expect((await run('agent', 'mission', 'create', 'other')).status).toBe(0)
  addMission(world, { deps: {}, wps: ['WP01'], tasksMd: '# Tasks\n\n## WP01: one\n\n- [x] T011 first\n' })
  world.write('my notes.txt', '1\n')
  world.commit()
  const wp = ['WP01', '--mission', MISSION_SLUG]
  expect((await run('agent', 'action', 'implement', ...wp, '--agent', 'claude')).status).toBe(0)
  const lane = `.worktrees/${MISSION_SLUG}-lane-a`

  world.write(`${lane}/new code.ts`, 'export const a = 1\n')
  const uncommitted = await run('agent', 'tasks', 'move-task', ...wp, '--to', 'for_review')
  expect(uncommitted.status).toBe(1)
  paste(uncommitted.json.hint)
  expect(world.gitAt(lane, 'status', '--porcelain')).toBe('')
  expect((await run('agent', 'tasks', 'move-task', ...wp, '--to', 'for_review')).status).toBe(0)

  world.write('my notes.txt', '2\n')
  const dirty = await run('merge', '--dry-run', '--mission', MISSION_SLUG)
  const blocker = dirty.json.blockers.find(({ code }) => code === 'dirty_worktree')
  paste(blocker?.remediation ?? '')
  expect(world.read('my notes.txt')).toBe('1\n')

  const inLane = await runCli(world, ['agent', 'mission', 'create', 'third', '--json'], {
    cwd: `${world.root}/${lane}`,
  })
  expect(paste(`${(inLane.json as Refusal).hint} && pwd`).trim()).toBe(world.root)
})

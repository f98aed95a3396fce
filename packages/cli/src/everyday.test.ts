/** The everyday words: short names of long commands, help and version. */
import { addMission, advance } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from './testing/run-cli.ts'
import { VERSION } from './version.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const run = (...words: string[]) => runCli(world, words)
const TICKED = '# Tasks\n\n## WP01: one\n\n- [x] T011 first\n'

/** WP01 in `lane`, committed. */
function at(lane: Parameters<typeof advance>[2], tasksMd = TICKED): void {
  addMission(world, { tasksMd })
  advance(world, 'WP01', lane, 10)
  world.commit()
}

it.each(['status', 'board'])('%s is the board', async word => {
  at('planned')
  const long = await run('agent', 'tasks', 'status', '--json')
  expect(await run(word, '--json')).toEqual(long)
})

it('start claims like agent action implement', async () => {
  at('planned')
  const { json, status } = await run('start', 'WP01', '--agent', 'claude', '--json')
  expect(status).toBe(0)
  expect(json).toMatchObject({ wp_id: 'WP01' })
})

it('submit hands over, and names what stands against it', async () => {
  at('in_progress', TICKED.replace('[x]', '[ ]'))
  const { json, status } = await run('submit', 'WP01', '--json')
  expect(status).toBe(1)
  expect(json).toMatchObject({ code: 'guard_failed' })
  expect((await run('submit', 'WP01', '--force', '--note', 'by hand', '--json')).json).toMatchObject({
    new_lane: 'for_review',
  })
})

it('approve approves', async () => {
  at('in_review')
  expect((await run('approve', 'WP01', '--reviewer', 'bob', '--json')).json).toMatchObject({
    new_lane: 'approved',
  })
})

it('reject sends back with feedback, and not without', async () => {
  at('in_review')
  expect((await run('reject', 'WP01', '--json')).json).toMatchObject({ code: 'guard_failed' })
  world.write('feedback.md', 'Say what happens to an empty cart.\n')
  expect((await run('reject', 'WP01', '--feedback-file', 'feedback.md', '--json')).json).toMatchObject({
    new_lane: 'planned',
  })
})

it('show and log tell of a rejected package: state, who, feedback, history', async () => {
  at('in_review')
  world.write('feedback.md', 'Say what happens to an empty cart.\n')
  await run('reject', 'WP01', '--feedback-file', 'feedback.md', '--agent', 'bob')
  const { json, status } = await run('show', 'wp01', '--json')
  expect(status).toBe(0)
  expect(json).toMatchObject({
    wp_id: 'WP01',
    lane: 'planned',
    waits_for: [],
    reviews: [{ number: 1, verdict: 'rejected', feedback: expect.stringContaining('empty cart') }],
  })
  const { stdout } = await run('show', 'WP01')
  expect(stdout).toContain('Say what happens to an empty cart.')
  expect(stdout).toMatch(/WP01 in review → planned, by bob/)
  expect((await run('log', 'WP01')).stdout.trimEnd().split('\n').at(-1)).toMatch(/WP01 in review → planned/)
  expect((await run('log', 'WP99', '--json')).json).toMatchObject({ code: 'wp_not_found' })
})

it('what is settled cannot be given', async () => {
  at('in_review')
  const { status, stderr } = await run('approve', 'WP01', '--to', 'done')
  expect(status).toBe(2)
  expect(stderr).toContain('No such option: --to')
})

it('help shows a page, version the version', async () => {
  expect((await run('help', 'merge')).stdout).toBe((await run('merge', '--help')).stdout)
  expect((await run('help')).stdout).toBe((await run('--help')).stdout)
  expect((await run('help', 'nonsense')).status).toBe(2)
  expect((await run('version', '--json')).json).toEqual({ version: VERSION })
  expect((await run('version')).stdout).toBe(`spec-kitty ${VERSION}\n`)
})

it('docs lists the pages that came along, and prints one by any of its names', async () => {
  const { stdout } = await run('docs')
  expect(stdout).toMatch(/^ {2}two-agents +Two agents at the same time$/m)
  const page = await run('docs', 'two-agents')
  expect(page.stdout).toMatch(/^# Two agents at the same time\n/)
  expect((await run('docs', 'how-to/two-agents.md')).stdout).toBe(page.stdout)
  expect((await run('docs', 'two-agent')).stderr).toContain('spec-kitty docs two-agents')
  expect((await run('docs', '../../package.json')).status).toBe(1)
})

it.each([60, 80, 120])('the page of the whole program fits a terminal of %i columns', async columns => {
  const lines = (await runCli(world, ['--help'], { columns })).stdout.split('\n')
  expect(lines.length - 1).toBeLessThanOrEqual(columns < 80 ? 60 : 40)
  expect(lines.filter(line => line.length > columns)).toEqual([])
})

it('an option that is misspelt gets a suggestion in the spelling of the help', async () => {
  expect((await run('merge', '--dryrun')).stderr).toMatch(/--dryrun, did you mean --dry-run\?/)
})

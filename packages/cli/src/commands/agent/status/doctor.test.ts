import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { AgentStatusDoctor } from '@spec-kitty/contracts/cli/status-doctor'
import { addMission, advance, appendEvents, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runCli } from '../../../testing/run-cli.ts'

const DIR = `kitty-specs/${MISSION_SLUG}`
const LOG = `${DIR}/status.events.jsonl`
let world: World
beforeEach(async () => {
  world = createWorld()
  addMission(world)
  await runCli(world, ['agent', 'status', 'materialize'])
  world.commit('fixture')
})
afterEach(() => world.cleanup())

async function doctor(...more: string[]) {
  const result = await runCli(world, ['agent', 'status', 'doctor', '--json', ...more])
  expect(v.is(AgentStatusDoctor, result.json)).toBe(true)
  return { status: result.status, ...(result.json as AgentStatusDoctor) }
}
const append = (text: string) => appendFileSync(join(world.root, LOG), text)

describe('agent status doctor', () => {
  test('finds nothing in a healthy mission, and writes nothing', async () => {
    expect(await doctor()).toMatchObject({ status: 0, healthy: true, findings: [], fixed: [], backup: null })
    expect(await doctor('--fix')).toMatchObject({ status: 0, fixed: [], backup: null })
    expect(world.git('status', '--porcelain')).toBe('')
    expect(world.git('rev-list', '--count', 'HEAD')).toBe('1')
  })

  test('a package file that cannot be read is not healthy, with --fix neither', async () => {
    world.write(`${DIR}/tasks/WP01-demo.md`, '---\ntitle: [\n---\n')
    const unread = { category: 'wp_malformed', severity: 'error', wp_id: 'WP01' }
    for (const words of [[], ['--fix']])
      expect(await doctor(...words)).toMatchObject({ status: 1, healthy: false, findings: [unread] })
  })

  test('a torn last line: found, mended, committed, the old log kept, and the next command works', async () => {
    const healthy = world.read(LOG)
    append('{"actor": "cla')
    const found = await doctor()
    expect(found).toMatchObject({
      status: 1,
      findings: [{ severity: 'error', category: 'log_corrupt', message: expect.stringContaining('line 3') }],
    })
    // The remedy that the finding names is the one that helps.
    const words = (found.findings[0]?.recommended_action ?? '').split(' ').slice(1)
    const fixed = (await runCli(world, [...words, '--json'])).json as AgentStatusDoctor
    expect(fixed).toMatchObject({
      healthy: true,
      fixed: [expect.stringContaining('Removed the torn line 3')],
      backup: expect.stringContaining('spec-kitty-backups'),
    })
    expect(world.read(LOG)).toBe(healthy)
    expect(world.read(fixed.backup ?? '')).toBe(`${healthy}{"actor": "cla`)
    expect(world.git('status', '--porcelain')).toBe('')
    const emit = ['agent', 'status', 'emit', 'WP01', '--to', 'claimed', '--actor', 'a', '--json']
    expect((await runCli(world, emit)).status).toBe(0)
  })

  test('conflict markers: both sides stay, the snapshot follows, in one commit', async () => {
    const row = (wp: string, n: number) => `${JSON.stringify(eventRow(wp, 'planned', 'blocked', n))}\n`
    append(`<<<<<<< HEAD\n${row('WP01', 7)}=======\n${row('WP02', 8)}>>>>>>> topic\n`)
    expect(await doctor('--fix')).toMatchObject({ status: 0, healthy: true, fixed: expect.any(Array) })
    expect(JSON.parse(world.read(`${DIR}/status.json`))).toMatchObject({
      event_count: 4,
      summary: { blocked: 2 },
    })
    expect(world.git('log', '-1', '--format=%s')).toBe(`chore(spec-kitty): repair status of ${MISSION_SLUG}`)
    expect(world.git('status', '--porcelain')).toBe('')
  })

  test('in the middle of a merge the mended log is left for the commit that ends it', async () => {
    world.git('switch', '-qc', 'topic')
    append(`${JSON.stringify(eventRow('WP01', 'planned', 'blocked', 7))}\n`)
    world.commit('theirs')
    world.git('switch', '-q', 'main')
    append(`${JSON.stringify(eventRow('WP02', 'planned', 'blocked', 8))}\n`)
    world.commit('ours')
    expect(() => world.git('merge', '-q', 'topic')).toThrow()
    const { healthy, fixed } = await doctor('--fix')
    expect([healthy, fixed.at(-1)]).toEqual([
      true,
      `Left for your open merge or rebase to commit: git add ${DIR}`,
    ])
    world.git('add', DIR)
    world.git('commit', '-qm', 'merged')
    expect(JSON.parse(world.read(`${DIR}/status.json`))).toMatchObject({ summary: { blocked: 2 } })
    expect(world.git('status', '--porcelain')).toBe('')
  })

  test('a missing last line feed is a finding, and mended', async () => {
    world.write(LOG, world.read(LOG).trimEnd())
    expect((await doctor()).findings).toMatchObject([{ category: 'log_unterminated' }])
    expect(await doctor('--fix')).toMatchObject({ healthy: true })
    expect(world.read(LOG).endsWith('\n')).toBe(true)
  })

  test('what nobody can mend for sure stays as it is', async () => {
    const text = `what is this\n${world.read(LOG)}`
    world.write(LOG, text)
    const { status, findings, backup } = await doctor('--fix')
    expect([status, backup]).toEqual([1, null])
    expect(findings[0]?.recommended_action).toContain(' checkout HEAD -- ')
    expect(world.read(LOG)).toBe(text)
  })

  test('drift of snapshot and derived views, each with a remedy that works', async () => {
    await runCli(world, ['materialize'])
    appendEvents(world, [eventRow('WP01', 'planned', 'claimed', 9, { at: '2026-02-03T00:00:00Z' })])
    const { findings } = await doctor()
    expect(new Set(findings.map(finding => finding.category))).toEqual(
      new Set(['materialization_drift', 'derived_view_drift']),
    )
    for (const { recommended_action: action } of findings) await runCli(world, action.split(' ').slice(1))
    expect(await doctor()).toMatchObject({ healthy: true })
  })

  test('stale claims by age, orphan worktrees, work packages without events, self-approvals', async () => {
    appendEvents(world, [eventRow('WP01', 'planned', 'claimed', 9)])
    world.write(`${DIR}/tasks/WP03-new.md`, '---\nwork_package_id: WP03\n---\n')
    append(
      '{"event_id": "s", "event_type": "ReviewerSelfApproval", "payload": {"wp_id": "WP02", "failure_reason": "away"}}\n',
    )
    await runCli(world, ['agent', 'status', 'materialize'])
    const { findings } = await doctor()
    expect(findings.map(({ category, wp_id, severity }) => [category, wp_id, severity])).toEqual([
      ['stale_claim', 'WP01', 'warning'],
      ['uninitialized_status', 'WP03', 'warning'],
      ['review_independence', 'WP02', 'info'],
    ])
    expect((await doctor('--stale-claimed-days', '60')).findings).toHaveLength(2)
  })

  test('a worktree that outlives its mission is told, information alone is healthy', async () => {
    advance(world, 'WP01', 'done', 10)
    advance(world, 'WP02', 'done', 30)
    world.write(`.worktrees/${MISSION_SLUG}-lane-a/x`, '')
    await runCli(world, ['agent', 'status', 'materialize'])
    expect((await doctor()).findings).toMatchObject([{ category: 'orphan_workspace' }])
  })

  test('speaks to a person', async () => {
    append('{"torn')
    const { stdout } = await runCli(world, ['agent', 'status', 'doctor', '--fix'])
    expect(stdout).toContain(`${MISSION_SLUG}: healthy`)
    expect(stdout).toContain('fixed Removed the torn line 3')
    expect(stdout).toContain('The log as it was: ')
    appendEvents(world, [eventRow('WP01', 'planned', 'in_progress', 9)])
    expect((await runCli(world, ['agent', 'status', 'doctor'])).stdout).toContain(
      'warning Materialization drift',
    )
  })
})

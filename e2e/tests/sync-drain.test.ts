/** A queue of 100,000 events: it drains in bounded memory, goes on after kill -9, and the server has each event once. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { PROGRAM } from '../support/repository.ts'
import { createSyncWorld, type SyncWorld } from '../support/sync-world.ts'

const EVENTS = 100_000
const KILLS = 4
const MOST_MIB = 150

let world: SyncWorld | undefined
afterEach(() => world?.cleanup())

/** One row of the spool, as `core/link/spool.ts` writes it. */
function row(n: number): string {
  const id = `01KQW4DG${String(n).padStart(18, '0')}`
  const payload = {
    ...{ mission_slug: 'demo-feature-01KQW4DF', wp_id: 'WP01', from_lane: 'planned', to_lane: 'claimed' },
    ...{
      actor: 'claude',
      execution_mode: 'worktree',
      force: false,
      reason: null,
      review_ref: null,
      evidence: null,
    },
  }
  const event = {
    ...{ event_id: id, event_type: 'WPStatusChanged', aggregate_id: 'WP01', aggregate_type: 'WorkPackage' },
    ...{ schema_version: '3.0.0', build_id: 'b', payload, node_id: 'b805cd5cee74', lamport_clock: n },
    ...{ causation_id: null, correlation_id: id, timestamp: '2026-01-01T00:00:00.000000+00:00' },
    ...{ project_uuid: '0b1f4a8e-3c55-4d6b-9a63-2f9a0a1b2c3d', project_slug: 'r', repo_slug: null },
    ...{ git_branch: 'work', head_commit_sha: 'a'.repeat(40) },
  }
  return JSON.stringify({ scope: null, tries: 0, event, seq: n })
}

it(`${EVENTS} events in less than ${MOST_MIB} MiB, killed ${KILLS} times`, { timeout: 600_000 }, async () => {
  world = await createSyncWorld(['WP01'])
  expect(await world.login()).toMatchObject({ status: 0 })
  const { repository, proxy } = world
  const home = join(repository.dir, 'home/.spec-kitty')
  mkdirSync(join(home, 'sync'), { recursive: true, mode: 0o700 })
  const rows = Array.from({ length: EVENTS }, (_, index) => row(index + 1))
  const spool = join(home, 'sync/spool.jsonl')
  writeFileSync(spool, `{"spool":"01KQW4DF00000000000000000S","seq":0}\n${rows.join('\n')}\n`, {
    mode: 0o600,
  })

  // Each run writes its peak memory when it ends by itself.
  const peak = join(repository.dir, 'peak')
  const hook = join(repository.dir, 'peak.cjs')
  writeFileSync(
    hook,
    `process.on('exit', () => require('node:fs').writeFileSync(${JSON.stringify(peak)}, String(process.resourceUsage().maxRSS)))`,
  )
  const env = {
    ...repository.env,
    SPEC_KITTY_ENABLE_SAAS_SYNC: '1',
    SPEC_KITTY_SAAS_URL: proxy.url,
  }
  const start = (): ChildProcess =>
    spawn(process.execPath, ['--require', hook, PROGRAM, 'sync', 'now', '--json'], {
      cwd: repository.root,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const batches = () =>
    proxy.requests.filter(request => request.path.startsWith('/api/v1/events/batch')).length

  for (let kill = 1; kill <= KILLS; kill++) {
    const before = batches()
    const child = start()
    const exit = once(child, 'exit')
    while (batches() < before + 3 * kill && child.exitCode === null)
      await new Promise(wake => setTimeout(wake, 5))
    // Somewhere between a batch and its settlement.
    await new Promise(wake => setTimeout(wake, Math.random() * 40))
    child.kill('SIGKILL')
    expect((await exit)[1]).toBe('SIGKILL')
  }
  rmSync(peak, { force: true })
  const last = start()
  let stdout = ''
  last.stdout?.on('data', chunk => {
    stdout += String(chunk)
  })
  await once(last, 'close')
  const account = JSON.parse(stdout)
  expect(account).toMatchObject({ remaining: 0, trouble: null, summary: { failed: 0, pending: 0 } })
  expect(Number(readFileSync(peak, 'utf8')) / 1024).toBeLessThan(MOST_MIB)
  expect(existsSync(spool)).toBe(false)
  const ids = (await world.stored()).map(event => String(event.event_id))
  expect([ids.length, new Set(ids).size]).toEqual([EVENTS, EVENTS])
})

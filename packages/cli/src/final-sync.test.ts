import { existsSync } from 'node:fs'
import type { Session } from '@spec-kitty/contracts/dashboard/session'
import { syncPaths } from '@spec-kitty/core/link/paths'
import { locateProject } from '@spec-kitty/core/repo/project/locate'
import { startHere } from '@spec-kitty/dashboard/run'
import { createPorts } from '@spec-kitty/host/ports'
import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createFinalSync } from './final-sync.ts'
import {
  createSyncWorld,
  expireAccess,
  login,
  type RunOptions,
  type SyncResult,
  type SyncWorld,
} from './testing/sync-world.ts'
import { emitWords } from './testing/words.ts'

const BATCH = '/api/v1/events/batch/'

let sync: SyncWorld
beforeEach(async () => {
  sync = await createSyncWorld()
})
afterEach(() => sync.cleanup())

const emit = (how: RunOptions = {}, wp = 'WP01', to = 'claimed', ...more: string[]) =>
  sync.run(emitWords(wp, to, ...more), how)

/** A local success: exit 0, one JSON document on stdout, and this code exactly once on stderr and nothing else. */
function expectSuccessWith(result: SyncResult, code: string): void {
  expect(result.status).toBe(0)
  expect(result.stdout.trimEnd().split('\n')).toHaveLength(1)
  expect(result.json).toMatchObject({ wp_id: expect.any(String), to_lane: expect.any(String) })
  expect(result.codes).toEqual([code])
  expect(Math.max(0, ...result.budgets)).toBeLessThanOrEqual(5_000)
  expect(result.stderr.trimEnd().split('\n')).toHaveLength(1)
}

const batches = () => sync.proxy.requests.filter(request => request.path === BATCH)
const holdLock = (path: string) => createPorts({ env: {} }).locks.acquire(path, 0)

describe('a local success stays one', () => {
  test('lock held during successful transition', async () => {
    const lock = await holdLock(syncPaths(sync.home).drainLock)
    const result = await emit()
    lock.release()
    expectSuccessWith(result, 'sync.final_sync_lock_unavailable')
    expect(batches()).toEqual([])
  })

  test('auth refresh contention', async () => {
    const lock = await holdLock(syncPaths(sync.home).refreshLock)
    await expireAccess(sync)
    const result = await emit()
    lock.release()
    expectSuccessWith(result, 'sync.auth_refresh_in_progress')
  })

  test('websocket offline', async () => {
    await sync.proxy.set({ kind: 'refuse' })
    const result = await emit()
    expectSuccessWith(result, 'sync.websocket_offline')
    expect(result.stderr).not.toContain('Connection failed')
  })

  test('event loop unavailable', async () => {
    await sync.proxy.set({ kind: 'hang' }, { path: BATCH })
    const result = await emit()
    expectSuccessWith(result, 'sync.event_loop_unavailable')
    expect(batches()).toHaveLength(1)
  })

  test('server auth failure', async () => {
    await sync.proxy.set({ kind: 'status', status: 401 }, { path: BATCH })
    const result = await emit()
    expectSuccessWith(result, 'sync.server_auth_failure')
    // Once, a refresh, once more.
    expect(batches()).toHaveLength(2)
    expect(result.stderr).not.toMatch(/ERROR|\bat .*:\d+/)
    expect(result.stderr).not.toContain('\u001b')
  })

  test('deduplication', async () => {
    await sync.proxy.set({ kind: 'status', status: 500 })
    for (const wp of ['WP01', 'WP02']) {
      const before = batches().length
      const result = await emit({ fast: true }, wp)
      expectSuccessWith(result, 'sync.server_auth_failure')
      expect(batches().length - before).toBe(3)
    }
  })

  test('mission create under sync trouble keeps stdout valid JSON and stderr to one diagnostic', async () => {
    await sync.proxy.set({ kind: 'status', status: 503 })
    const words = ['agent', 'mission', 'create', 'another', '--friendly-name', 'A', '--purpose-tldr', 't']
    const result = await sync.run([...words, '--purpose-context', 'c', '--json'], { fast: true })
    expect(result.status).toBe(0)
    expect(result.json).toMatchObject({ result: 'success' })
    expect(result.codes).toEqual(['sync.server_auth_failure'])
    await sync.proxy.clear()
    const again = await sync.run(['sync', 'now', '--json'])
    expect(again.json).toMatchObject({ failures: [], remaining: 0, trouble: null })
    const created = (await sync.received()).filter(event => event.event_type === 'MissionCreated')
    expect(created).toHaveLength(1)
  })
})

describe('when the server is well', () => {
  test('one command, one batch, nothing on stderr; the build is registered once, the clock goes on', async () => {
    const first = await emit()
    expect([first.status, first.stderr]).toEqual([0, ''])
    expect(batches()).toHaveLength(1)
    const events = await sync.received()
    expect(events.map(event => event.event_type).slice(0, 2)).toEqual(['BuildRegistered', 'WPStatusChanged'])
    expect(events.map(event => event.lamport_clock)).toEqual(events.map((_, index) => index + 1))
    const log = sync.world.read(`kitty-specs/${MISSION_SLUG}/status.events.jsonl`)
    expect(log).toContain(events[1]?.event_id)
    await emit({}, 'WP02')
    const types = (await sync.received()).map(event => event.event_type)
    expect(types.filter(type => type === 'BuildRegistered')).toHaveLength(1)
    expect(types.filter(type => type === 'WPStatusChanged')).toHaveLength(2)
    expect(existsSync(syncPaths(sync.home).spool)).toBe(false)
  })

  test('success on the third attempt prints nothing', async () => {
    await sync.proxy.set({ kind: 'status', status: 503 }, { times: 2 })
    const result = await emit({ fast: true })
    expect([result.status, result.stderr]).toEqual([0, ''])
    expect((await sync.received()).length).toBeGreaterThan(0)
  })

  test('a 401 is healed by one refresh', async () => {
    await sync.proxy.set({ kind: 'status', status: 401 }, { path: BATCH, times: 1 })
    const result = await emit()
    expect([result.status, result.stderr]).toEqual([0, ''])
    const grants = sync.proxy.requests.filter(
      ({ path, body }) => path === '/oauth/token' && /refresh_token/.test(String(body)),
    )
    expect(grants).toHaveLength(1)
  })

  test('Retry-After within the time is honoured, beyond it is not waited for', async () => {
    await sync.proxy.set(
      { kind: 'status', status: 429, headers: { 'retry-after': '2' } },
      { path: BATCH, times: 1 },
    )
    const slow = await emit()
    expect(slow.stderr).toBe('')
    expect(slow.ms).toBeGreaterThan(2000)
    await sync.proxy.set({ kind: 'status', status: 429, headers: { 'retry-after': '30' } }, { path: BATCH })
    const quick = await emit({}, 'WP02')
    expect(quick.codes).toEqual(['sync.server_auth_failure'])
    // Far below the thirty seconds that the server asks for.
    expect(quick.ms).toBeLessThan(25_000)
  })
})

describe('around it', () => {
  test('sync off: no request, no file, nothing on stderr', async () => {
    const before = sync.proxy.requests.length
    const result = await emit({ env: { SPEC_KITTY_ENABLE_SAAS_SYNC: '0' } })
    expect([result.status, result.stderr]).toEqual([0, ''])
    expect(sync.proxy.requests).toHaveLength(before)
    expect(existsSync(`${sync.home}/sync`)).toBe(false)
    expect(existsSync(`${sync.world.root}/.git/spec-kitty/identity.json`)).toBe(false)
  })

  test('nobody logged in: one line, no request, the event waits for the next login', async () => {
    await sync.run(['auth', 'logout', '--json'])
    const before = sync.proxy.requests.length
    expectSuccessWith(await emit(), 'sync.server_auth_failure')
    expect(sync.proxy.requests).toHaveLength(before)
    await login(sync)
    expect((await sync.run(['sync', 'now', '--json'])).json).toMatchObject({
      remaining: 0,
      summary: { failed: 0 },
    })
  })

  test('a spool that cannot be written is one line, and the command still succeeds', async () => {
    sync.world.write(`${sync.home}/sync`, 'a file where the directory should be')
    expectSuccessWith(await emit(), 'sync.final_sync_lock_unavailable')
  })

  test('a session that others can read is not used', async () => {
    const { chmodSync } = await import('node:fs')
    chmodSync(`${sync.home}/auth/session.json`, 0o644)
    const result = await emit()
    expectSuccessWith(result, 'sync.server_auth_failure')
    expect(result.stderr).toContain('can be read by others')
  })

  test('without facts nothing happens', async () => {
    const idle = createFinalSync(sync.ports(), () => {
      throw new Error('no line is expected')
    })
    await idle.tell([])
    await idle.finish()
  })
})

test('who stays sends after each act, and has nothing to send where nothing was done', async () => {
  const ports = sync.ports()
  const project = locateProject(ports)
  const final = createFinalSync(ports, line => expect(line).toBe(''))
  const sent: Promise<void>[] = []
  const program = { version: '1', web: sync.world.dir, self: [] }
  const { answer, close } = await startHere({ ...ports, tell: final.tell }, project, {}, program, {
    stop: () => {},
    acted: () => void sent.push(final.finish()),
  })
  const { port, url } = answer as { port: number; url: string }
  const entered = await fetch(url, { redirect: 'manual' })
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? ''
  const session = (await (
    await fetch(new URL('/api/v2/session', url), { headers: { cookie } })
  ).json()) as Session
  const act = (wp: string, to: string) =>
    fetch(`http://127.0.0.1:${port}/api/v2/packages/${MISSION_SLUG}/${wp}/move`, {
      method: 'POST',
      headers: {
        cookie,
        'content-type': 'application/json',
        'x-spec-kitty-token': session.request_token ?? '',
      },
      body: JSON.stringify({ to, note: 'not now', force: true }),
    })
  for (const wp of ['WP01', 'WP02']) {
    expect((await act(wp, 'blocked')).status).toBe(200)
    await Promise.all(sent)
  }
  expect(batches().length).toBe(2)
  expect((await sync.received()).map(event => event.aggregate_id)).toEqual(
    expect.arrayContaining(['WP01', 'WP02']),
  )
  await final.finish()
  expect(batches().length).toBe(2)
  await close()
})

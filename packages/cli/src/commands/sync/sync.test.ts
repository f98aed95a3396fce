import { existsSync, readFileSync } from 'node:fs'
import { SyncBackfill, SyncNow, SyncWatch } from '@spec-kitty/contracts/cli/sync-now'
import { SyncOpt, SyncRoutes, SyncServer, SyncShare } from '@spec-kitty/contracts/cli/sync-routes'
import { SyncDiagnose, SyncDoctor, SyncStatus } from '@spec-kitty/contracts/cli/sync-status'
import { syncPaths } from '@spec-kitty/core/link/paths'
import { appendRows, type NewRow } from '@spec-kitty/core/link/spool'
import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import type { GenericSchema, InferOutput } from 'valibot'
import * as v from 'valibot'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createSyncWorld, login, type RunOptions, type SyncWorld } from '../../testing/sync-world.ts'
import { emitWords } from '../../testing/words.ts'

const BATCH = '/api/v1/events/batch/'
const DOCUMENT = '/api/dossier/push-content/'

let sync: SyncWorld
beforeEach(async () => {
  sync = await createSyncWorld()
})
afterEach(() => sync.cleanup())

const run = (words: string, how: RunOptions = {}) =>
  sync.run(['sync', ...words.split(' ')], { fast: true, ...how })
async function json<S extends GenericSchema>(schema: S, words: string, how: RunOptions = {}) {
  const result = await run(`${words} --json`, how)
  return {
    status: result.status,
    stderr: result.stderr,
    result: v.parse(schema, result.json) as InferOutput<S>,
  }
}
const now = (words = '') => json(SyncNow, `now${words === '' ? '' : ` ${words}`}`)
const refusal = async (words: string, how: RunOptions = {}) => {
  const result = await run(`${words} --json`, how)
  return { status: result.status, ...(result.json as { code: string; error: string }) }
}
/** A lane change while the server is out of reach: it waits. */
async function offline(wp = 'WP01', to = 'claimed'): Promise<void> {
  await sync.proxy.set({ kind: 'refuse' })
  const words = emitWords(wp, to)
  const result = await sync.run(words, { fast: true })
  expect([result.status, result.codes]).toEqual([0, ['sync.websocket_offline']])
  await sync.proxy.clear()
}
/** Puts events of our own making into the spool. */
async function put(...rows: NewRow[]): Promise<void> {
  const ports = sync.ports()
  appendRows({ ports, sync: await ports.sync() }, rows, Number.POSITIVE_INFINITY)
}
let counter = 0
function event(more: object = {}): NewRow['event'] & object {
  const id = `01KQW4DG${String(++counter).padStart(18, '0')}`
  return {
    ...{ event_id: id, event_type: 'BuildRegistered', aggregate_id: 'b', aggregate_type: 'Build' },
    ...{ schema_version: '3.0.0', build_id: 'b', payload: {}, node_id: 'n', lamport_clock: counter },
    ...{ causation_id: null, correlation_id: id, timestamp: '2026-01-01T00:00:00.000000+00:00' },
    ...{ project_uuid: '0b1f4a8e-3c55-4d6b-9a63-2f9a0a1b2c3d', project_slug: 'r', repo_slug: null },
    ...more,
  }
}
const row = (more: object = {}, of: Partial<NewRow> = {}): NewRow => ({
  scope: null,
  tries: 0,
  event: event(more),
  ...of,
})

describe('sync now', () => {
  test('an empty queue', async () => {
    expect((await run('now')).stdout).toBe('Queue is empty, nothing to sync.\n')
    expect(await now()).toMatchObject({ status: 0, result: { remaining: 0, summary: { total_events: 0 } } })
  })

  test('sends what waited, counts what the server acknowledged, uploads documents', async () => {
    await offline()
    const { status, result } = await now()
    expect(status).toBe(0)
    const events = await sync.received()
    expect(result.summary.synced).toBe(events.length)
    expect(result).toMatchObject({
      remaining: 0,
      trouble: null,
      failures: [],
      summary: { duplicates: 0, failed: 0 },
    })
    const documents = sync.proxy.requests.filter(request => request.path === DOCUMENT)
    expect([result.documents, documents.length]).toEqual([5, 5])
    expect(JSON.parse(String(documents[0]?.body))).toMatchObject({
      artifact_path: 'plan.md',
      content_body: '# Plan\n',
    })
  })

  test('an answer that never arrived is told as duplicate', async () => {
    await offline()
    await sync.proxy.set({ kind: 'cut' }, { path: BATCH })
    expect((await now()).result.trouble?.code).toBe('sync.websocket_offline')
    await sync.proxy.clear()
    const { result } = await now()
    expect(result.summary).toMatchObject({ synced: 0, failed: 0 })
    expect(result.summary.duplicates).toBe((await sync.received()).length)
  })

  test('refused events: exit 1, a report, five times, then the dead-letter file, and back on demand', async () => {
    await put(row({ schema_version: '999.0.0' }), row())
    const first = await run('now --report out/report.json')
    expect([first.status, first.stdout]).toEqual([
      1,
      expect.stringMatching(/Failed: 1\n {2}schema_mismatch: 1 {2}-- Run/),
    ])
    const report = JSON.parse(sync.world.read('out/report.json'))
    expect(report).toMatchObject({
      summary: { synced: 1, failed: 1 },
      failures: [{ category: 'schema_mismatch' }],
    })
    expect((await run('status')).stdout).toContain('refused 1 waiting event')
    for (let tries = 2; tries <= 4; tries++)
      expect((await now()).result).toMatchObject({ remaining: 1, dead_letters: 0 })
    expect((await now('--no-strict')).status).toBe(1)
    expect((await now()).status).toBe(0)
    const diagnosed = await json(SyncDiagnose, 'diagnose')
    expect(diagnosed).toMatchObject({
      status: 1,
      result: {
        dead_letters: 1,
        events: [{ state: 'dead_letter', tries: 5, server_error: expect.stringContaining('schema_version') }],
      },
    })
    expect((await run('diagnose')).stdout).toContain('sync now --retry-dead')
    expect((await now('--retry-dead')).result).toMatchObject({ remaining: 1, summary: { failed: 1 } })
  })

  test('--no-strict is content when something was taken', async () => {
    await put(row({ schema_version: '1.0.0' }), row())
    expect((await now('--no-strict')).status).toBe(0)
  })

  test('queued at the server is pending, not a failure', async () => {
    await put(row())
    await sync.proxy.set({
      kind: 'rewrite',
      change: answer => ({
        results: (answer as { results: object[] }).results.map(each => ({ ...each, status: 'queued' })),
      }),
    })
    expect(await now()).toMatchObject({
      status: 0,
      result: { remaining: 1, summary: { pending: 1, failed: 0 } },
    })
    expect((await run('now')).stdout).toContain('Pending at the server: 1')
  })

  test('an event that the answer forgets waits', async () => {
    await put(row(), row())
    await sync.proxy.set({
      kind: 'rewrite',
      change: answer => ({ results: (answer as { results: object[] }).results.slice(1) }),
    })
    expect((await now()).result).toMatchObject({ remaining: 1, summary: { synced: 1, pending: 1 } })
  })

  test('a 400 that names an event costs only that one; one that names none is narrowed down', async () => {
    const bad = row()
    await put(row(), bad, row())
    const details = [{ event_id: bad.event?.event_id, detail: 'invalid field' }]
    await sync.proxy.set(
      { kind: 'status', status: 400, body: { error: 'bad', details } },
      { path: BATCH, times: 1 },
    )
    expect((await now()).result.summary).toMatchObject({ synced: 2, failed: 1 })
    await put(row())
    await sync.proxy.set({ kind: 'status', status: 400, body: { error: 'bad' } }, { path: BATCH })
    expect((await now()).result).toMatchObject({ remaining: 2, summary: { failed: 2 } })
  })

  test('a batch that is too large is sent in halves, an event that is too large is refused', async () => {
    await put(row(), row(), row())
    await sync.proxy.set(
      { kind: 'status', status: 413, body: { error: 'sync_batch_too_large' } },
      { path: BATCH, times: 1 },
    )
    expect((await now()).result.summary).toMatchObject({ synced: 3, failed: 0 })
    await put(row())
    await sync.proxy.set({ kind: 'status', status: 413 }, { path: BATCH })
    expect((await now()).result.failures).toMatchObject([{ category: 'oversized_event' }])
  })

  test('rows of another login are set aside, and sent when that login is back', async () => {
    const scope = { server: sync.proxy.url, email: 'bob@example.com' }
    await put(row({}, { scope }), row())
    expect((await now()).result).toMatchObject({ remaining: 0, parked: 1, summary: { synced: 1 } })
    expect((await json(SyncStatus, 'status')).result.parked).toBe(1)
    const { email } = (await sync.run(['auth', 'whoami', '--json'])).json as { email: string }
    const file = syncPaths(sync.home).parked
    sync.world.write(file, readFileSync(file, 'utf8').replace('bob@example.com', email))
    expect((await now()).result).toMatchObject({ parked: 0, summary: { synced: 1 } })
    expect(existsSync(file)).toBe(false)
  })

  test('more than the limit: the oldest overflow with a note, and are sent all the same', async () => {
    sync.world.write(`${sync.home}/config.toml`, '[sync]\nmax_queue_size = 3\n')
    await sync.proxy.set({ kind: 'refuse' })
    const words = emitWords('WP01', 'claimed')
    const result = await sync.run(words, { fast: true })
    expect(result.stderr).toContain('The sync queue is full (3 rows): the oldest')
    await sync.proxy.clear()
    const { overflow } = (await json(SyncStatus, 'status')).result
    expect(overflow).toBeGreaterThan(0)
    expect((await now()).result).toMatchObject({ remaining: 0, trouble: null })
    expect((await json(SyncStatus, 'status')).result.overflow).toBe(0)
    const types = (await sync.received()).map(each => each.event_type)
    expect(types).toContain('WPStatusChanged')
    expect(types).toContain('BuildRegistered')
  })

  test('a broken line in the spool is kept aside and stops nothing', async () => {
    await put(row())
    const { spool, deadLetter } = syncPaths(sync.home)
    sync.world.write(spool, `${readFileSync(spool, 'utf8')}no json\n`)
    await put(row())
    expect((await now()).result).toMatchObject({ remaining: 0, summary: { synced: 2 } })
    expect(readFileSync(deadLetter, 'utf8')).toBe('{"broken":"no json"}\n')
  })

  test('documents: gone, changed, refused for good, not yet indexed', async () => {
    await offline()
    const paths = `${sync.world.root}/kitty-specs/${MISSION_SLUG}`
    sync.world.write(`${paths}/plan.md`, '# Other\n')
    await sync.proxy.set({ kind: 'status', status: 403 }, { path: DOCUMENT, times: 1 })
    await sync.proxy.add(
      { kind: 'status', status: 404, body: { error: 'index_entry_not_found' } },
      { path: DOCUMENT, times: 1 },
    )
    expect((await now()).result).toMatchObject({ documents: 2, remaining: 1, dead_letters: 1, trouble: null })
    await sync.proxy.set({ kind: 'status', status: 500 }, { path: DOCUMENT })
    expect((await now()).result).toMatchObject({
      remaining: 1,
      trouble: { code: 'sync.server_auth_failure' },
    })
    await sync.proxy.clear()
    expect((await now()).result).toMatchObject({ documents: 1, remaining: 0 })
  })

  test('switched off, without login, server or team: refused, nothing sent', async () => {
    await put(row())
    const off = { env: { SPEC_KITTY_ENABLE_SAAS_SYNC: '' } }
    expect(await refusal('now', off)).toMatchObject({ status: 1, code: 'sync_disabled' })
    expect(await refusal('now', { env: { SPEC_KITTY_SAAS_URL: '' } })).toMatchObject({
      status: 1,
      code: 'sync_failed',
    })
    const elsewhere = { env: { SPEC_KITTY_SAAS_URL: 'https://other.example' } }
    expect(await refusal('now', elsewhere)).toMatchObject({ status: 1, code: 'not_logged_in', queued: 1 })
    await sync.run(['auth', 'logout', '--json'])
    expect(await refusal('now')).toMatchObject({ status: 1, code: 'not_logged_in' })
  })

  test('a login without private team keeps everything', async () => {
    const { secrets } = await sync.ports().sync()
    secrets.write(JSON.stringify({ ...JSON.parse(secrets.read() ?? '{}'), teams: [] }))
    await put(row())
    await sync.proxy.set(
      { kind: 'rewrite', change: answer => ({ ...(answer as object), teams: [] }) },
      { path: '/api/v1/me' },
    )
    expect((await now()).result).toMatchObject({
      remaining: 1,
      trouble: { message: expect.stringContaining('no private team') },
    })
    await sync.proxy.clear()
    expect((await now()).result).toMatchObject({ remaining: 0 })
  })

  test('a login that the server ended is forgotten', async () => {
    await put(row())
    await sync.proxy.set({ kind: 'status', status: 401 }, { path: BATCH })
    await sync.proxy.add(
      { kind: 'status', status: 400, body: { error: 'invalid_grant' } },
      { path: '/oauth/token' },
    )
    expect((await now()).result.trouble?.message).toContain('ended this login')
    expect((await sync.run(['auth', 'status', '--json'])).json).toMatchObject({ authenticated: false })
  })

  test('a refresh that another process has just made is no failure', async () => {
    await put(row())
    await sync.proxy.set({ kind: 'status', status: 401 }, { path: BATCH })
    const body = { error: 'refresh_replay_benign_retry', retry_after: 1 }
    await sync.proxy.add({ kind: 'status', status: 409, body }, { path: '/oauth/token' })
    expect((await now()).result).toMatchObject({
      remaining: 1,
      trouble: { code: 'sync.auth_refresh_in_progress' },
    })
  })
})

describe('settings', () => {
  test('server', async () => {
    const none = { env: { SPEC_KITTY_SAAS_URL: '' } }
    expect((await run('server', none)).stdout).toBe('No sync server is configured.\n')
    expect((await json(SyncServer, 'server https://kitty.example/', none)).result).toEqual({
      server: 'https://kitty.example',
      source: 'configuration',
      changed: true,
    })
    expect((await json(SyncServer, 'server')).result).toMatchObject({
      server: sync.proxy.url,
      source: 'environment',
    })
    expect((await run('server', none)).stdout).toBe('Sync server: https://kitty.example (configuration)\n')
    expect(await refusal('server http://kitty.example')).toMatchObject({ code: 'invalid_input' })
  })

  test('opt-out takes what waits out of the queue and stops new events, opt-in turns it back', async () => {
    await put(row())
    await offline()
    const out = await json(SyncOpt, 'opt-out')
    expect(out.result).toMatchObject({ enabled: false, changed: true, private_data_deleted: null })
    expect(out.result.removed).toBeGreaterThan(1)
    expect((await json(SyncStatus, 'status')).result.active_queue).toMatchObject({
      event_count: 1,
      body_upload_count: 0,
    })
    const before = sync.proxy.requests.length
    const words = emitWords('WP02', 'claimed')
    expect((await sync.run(words)).stderr).toBe('')
    expect(sync.proxy.requests).toHaveLength(before)
    expect((await json(SyncOpt, 'opt-in --checkout-only')).result).toMatchObject({
      enabled: true,
      changed: true,
    })
    expect((await run('opt-in')).stdout).toContain('are sent already')
    expect((await run('opt-out --checkout-only')).stdout).toContain('Taken out of the queue: 0.')
  })

  test('of a repository with a remote, for all its checkouts; the server forgets when it is told to', async () => {
    sync.world.git('remote', 'add', 'origin', 'https://git.example/o/r.git')
    await offline()
    await now()
    expect(await refusal('opt-out --delete-private-data')).toMatchObject({ status: 2, code: 'usage' })
    expect((await json(SyncOpt, 'opt-out --delete-private-data --yes')).result).toMatchObject({
      enabled: false,
      repo_slug: 'o/r',
      private_data_deleted: true,
    })
    expect(await sync.received()).toEqual([])
    expect(sync.world.read(`${sync.home}/config.toml`)).toBe('[sync.repo_defaults."o/r"]\nenabled = false\n')
    await sync.proxy.set({ kind: 'status', status: 403 })
    expect(await refusal('opt-out --delete-private-data --yes')).toMatchObject({ code: 'sync_failed' })
  })

  test('routes and shares', async () => {
    await sync.server.addUser('bob', ['platform'])
    await login(sync, '--force')
    expect((await json(SyncRoutes, 'routes')).result).toMatchObject({
      enabled: true,
      team: 'private-alice',
      shares: [],
    })
    expect(await refusal('share platform')).toMatchObject({
      code: 'sync_failed',
      error: expect.stringContaining('403'),
    })
    await sync.proxy.set({ kind: 'status', status: 201, body: { state: 'pending' } })
    expect((await json(SyncShare, 'share platform')).result).toEqual({ team: 'platform', state: 'pending' })
    expect((await run('unshare platform')).stdout).toBe('platform: pending\n')
    await sync.proxy.set({
      kind: 'status',
      status: 200,
      body: [{ destination_team_slug: 'platform', state: 'active' }],
    })
    expect((await run('routes')).stdout).toContain('Shared:   platform (active)')
    await sync.proxy.set({ kind: 'garbage' })
    expect(await refusal('routes')).toMatchObject({ code: 'sync_failed' })
    await sync.run(['auth', 'logout', '--json'])
    expect((await json(SyncRoutes, 'routes')).result).toMatchObject({ user: null, team: null })
    expect(await refusal('share platform')).toMatchObject({ code: 'not_logged_in' })
  })
})

test('status and doctor tell the truth about a broken set-up', async () => {
  expect((await json(SyncStatus, 'status --check')).status).toBe(0)
  expect((await json(SyncDoctor, 'doctor')).status).toBe(0)
  expect((await run('doctor')).stdout).toBe('Sync is in order.\n')
  const off = { env: { SPEC_KITTY_ENABLE_SAAS_SYNC: '0', SPEC_KITTY_SAAS_URL: 'http://bad.example' } }
  const broken = await json(SyncStatus, 'status --check', off)
  expect(broken).toMatchObject({ status: 1, result: { ok: false, exit_code: 1, enabled: false } })
  expect(broken.result.problems).toHaveLength(2)
  expect((await json(SyncStatus, 'status', off)).status).toBe(0)
  expect((await json(SyncDoctor, 'doctor', off)).status).toBe(1)
  await sync.run(['auth', 'logout', '--json'])
  expect((await run('doctor')).stdout).toContain('Nobody is logged in')
  sync.world.write(`${sync.home}/auth/session.json`, 'x')
  expect((await run('status')).stdout).toContain('can be read by others')
})

test('one list of checks: what auth doctor finds, sync status, sync doctor and doctor say too, once', async () => {
  const { secrets } = await sync.ports().sync()
  const session = JSON.parse(secrets.read() ?? '{}')
  secrets.write(JSON.stringify({ ...session, refresh_token_expires_at: '2020-01-01T00:00:00Z' }))
  const status = (await json(SyncStatus, 'status')).result
  expect(status).toMatchObject({
    ok: false,
    findings: [{ id: 'F-011' }],
    problems: ['The login has expired'],
  })
  const { auth, findings } = (await json(SyncDoctor, 'doctor')).result
  expect(auth.findings.filter(({ id }) => id === 'F-011')).toHaveLength(1)
  expect(findings.filter(({ id }) => id === 'F-011')).toHaveLength(1)
  const all = (await sync.run(['doctor', 'sync', '--json'], { fast: true })).json
  expect(all).toMatchObject({
    findings: [{ message: 'The login has expired', fix: 'spec-kitty auth login --force' }],
  })
})

test('diagnose finds nothing in an empty queue and in good events', async () => {
  expect((await run('diagnose')).stdout).toBe('No pending events in queue.\n')
  await put(row())
  expect((await json(SyncDiagnose, 'diagnose')).status).toBe(0)
  await put(row({ event_type: 'Odd' }))
  expect((await run('diagnose')).stdout).toMatch(/waiting, refused 0 times\)\n {2}event_type: unknown "Odd"/)
})

describe('sync watch', () => {
  test('sends what is queued, keeps the realtime channel, answers with one document', async () => {
    await put(row())
    const { status, stderr, result } = await json(SyncWatch, 'watch --seconds 1 --every 1')
    expect([status, stderr]).toEqual([0, ''])
    expect(result).toMatchObject({ synced: 1, failed: 0, remaining: 0, connected: true })
    expect(sync.proxy.requests.some(request => request.method === 'UPGRADE')).toBe(true)
  })

  test('without the realtime channel it says so once and goes on sending', async () => {
    await put(row())
    await sync.proxy.set({ kind: 'status', status: 500 }, { path: '/api/v1/ws-token' })
    const result = await run('watch --seconds 1 --every 1')
    expect([result.status, result.codes]).toEqual([0, ['sync.websocket_offline']])
    expect(result.stdout).toContain('Synced: 1')
  })
})

test('a server that was out of reach is looked for briefly until it is back', async () => {
  const pauses = async (wp: string, to: string) => {
    let count = 0
    const how = { fast: true, onSleep: async () => void count++ }
    const { status, codes, budgets } = await sync.run(emitWords(wp, to), how)
    return { status, codes, count, brief: Math.max(...budgets) <= 300 }
  }
  const away = { status: 0, codes: ['sync.websocket_offline'] }
  await sync.proxy.set({ kind: 'refuse' })
  expect(await pauses('WP01', 'claimed')).toMatchObject({ ...away, count: 2 })
  expect(await pauses('WP01', 'in_progress')).toEqual({ ...away, count: 0, brief: true })
  await sync.proxy.clear()
  await sync.proxy.set({ kind: 'hang' }, { path: BATCH })
  expect(await pauses('WP01', 'blocked')).toEqual({ ...away, count: 0, brief: true })
  await sync.proxy.clear()
  expect(await pauses('WP01', 'in_progress')).toMatchObject({ status: 0, codes: [] })
  expect(existsSync(syncPaths(sync.home).reach)).toBe(false)
  expect((await sync.received()).filter(each => each.event_type === 'WPStatusChanged')).toHaveLength(4)
})

test('backfill tells what never reached the queue, and nothing twice', async () => {
  const off = { env: { SPEC_KITTY_ENABLE_SAAS_SYNC: '0' } }
  for (const to of ['claimed', 'in_progress']) await sync.run(emitWords('WP01', to), off)
  const first = await json(SyncBackfill, 'backfill')
  expect(first).toMatchObject({ status: 0, result: { missions: 1, sent: { remaining: 0 } } })
  const moves = (await sync.received()).filter(each => each.event_type === 'WPStatusChanged')
  expect(moves.length).toBeGreaterThanOrEqual(2)
  const again = await json(SyncBackfill, `backfill --mission ${MISSION_SLUG}`)
  expect(again.result.sent.summary).toMatchObject({ synced: 0, duplicates: first.result.events })
  expect((await sync.received()).filter(each => each.event_type === 'WPStatusChanged')).toEqual(moves)
  expect(await refusal('backfill --mission nowhere')).toMatchObject({ code: 'mission_not_found' })
})

/**
 * The fault matrix: whatever goes wrong with sync, the command's own outcome stands, stderr has one line per code,
 * no event is lost, and none is counted twice. Over sockets, against the real server behind the fault proxy.
 */
import { existsSync, readFileSync } from 'node:fs'
import { syncPaths } from '@spec-kitty/core/link/paths'
import { createPorts } from '@spec-kitty/host/ports'
import { putFiles } from '@spec-kitty/host/testing/lanes'
import { MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import type { Fault } from '@spec-kitty/server/testing/fault-proxy'
import { describe, expect, test } from 'vitest'
import { createSyncWorld, expireAccess, type RunOptions, type SyncWorld } from './testing/sync-world.ts'

const BATCH = '/api/v1/events/batch/'
const MISSION = ['--mission', MISSION_SLUG, '--json']

/** Command → words, and the event types that the server must have once each afterwards. */
const COMMANDS: Readonly<
  Record<string, { readonly words: readonly string[]; readonly events: Readonly<Record<string, number>> }>
> = {
  'move-task': {
    words: ['agent', 'tasks', 'move-task', 'WP01', '--to', 'claimed', '--agent', 'claude', ...MISSION],
    events: { WPStatusChanged: 1 },
  },
  'mission create': {
    words: [
      ...['agent', 'mission', 'create', 'another', '--friendly-name', 'A', '--purpose-tldr', 't'],
      ...['--purpose-context', 'c', '--json'],
    ],
    events: { MissionCreated: 1, SpecifyStarted: 1 },
  },
  merge: { words: ['merge', ...MISSION], events: { WPStatusChanged: 2, MissionClosed: 1 } },
  'sync now': { words: ['sync', 'now', '--json'], events: { WPStatusChanged: 1 } },
}

interface Trouble {
  /** Makes it go wrong; answers how it is put right. */
  readonly break: (sync: SyncWorld) => Promise<() => Promise<void> | void>
  /** The one code that a local command prints; null where nothing failed. */
  readonly code: string | null
  readonly env?: (sync: SyncWorld) => Record<string, string>
}

const proxied = (fault: Fault, code: string | null, path = BATCH): Trouble => ({
  code,
  break: async ({ proxy }) => {
    await proxy.set(fault, { path })
    return () => proxy.clear()
  },
})
const status = (code: number) => proxied({ kind: 'status', status: code }, 'sync.server_auth_failure')

const TROUBLES: Readonly<Record<string, Trouble>> = {
  'lock held': {
    code: 'sync.final_sync_lock_unavailable',
    break: async sync =>
      (await createPorts({ env: {} }).locks.acquire(syncPaths(sync.home).drainLock, 0)).release,
  },
  'refresh held': {
    code: 'sync.auth_refresh_in_progress',
    break: async sync => {
      await expireAccess(sync)
      return (await createPorts({ env: {} }).locks.acquire(syncPaths(sync.home).refreshLock, 0)).release
    },
  },
  refused: proxied({ kind: 'refuse' }, 'sync.websocket_offline'),
  reset: proxied({ kind: 'reset' }, 'sync.websocket_offline'),
  DNS: elsewhere(() => 'https://spec-kitty.invalid', 'sync.websocket_offline'),
  TLS: elsewhere(({ proxy }) => proxy.url.replace('http:', 'https:'), 'sync.websocket_offline'),
  hang: proxied({ kind: 'hang' }, 'sync.event_loop_unavailable'),
  401: status(401),
  403: status(403),
  400: status(400),
  413: status(413),
  429: status(429),
  500: status(500),
  503: status(503),
  'partial results': proxied(
    {
      kind: 'rewrite',
      change: answer => ({ results: (answer as { results: unknown[] }).results.slice(0, 1) }),
    },
    null,
  ),
  'garbage body': proxied({ kind: 'garbage' }, 'sync.server_auth_failure'),
  'killed in mid-drain': proxied({ kind: 'cut' }, 'sync.websocket_offline'),
}

/** All commands end by the same drain: one that ends and one that drains meet every trouble, the others one. */
const EVERY: ReadonlySet<string> = new Set(['move-task', 'sync now'])

const CELLS = Object.entries(TROUBLES).flatMap(([name, trouble]) =>
  Object.entries(COMMANDS)
    .filter(([command]) => EVERY.has(command) || name === '503')
    .map(([command, { words, events }]) => ({ name, command, trouble, words, events })),
)

describe('fault matrix', () => {
  test.concurrent.each(CELLS)('$name × $command', async ({ command, trouble, words, events }) => {
    const sync = await createSyncWorld({ ready: command === 'merge' })
    try {
      if (command === 'sync now') await queueOne(sync)
      const mend = await trouble.break(sync)
      // `sync now` has patience: here as much as the end of another command.
      const limit = command === 'sync now' ? { limitMs: 2_000 } : {}
      const how: RunOptions = { env: trouble.env?.(sync) ?? {}, fast: true, ...limit }
      const result = await sync.run(words, how)
      await mend()
      if (command === 'sync now') expectTruth(result.json, result.status)
      else {
        expect([result.status, result.codes]).toEqual([0, trouble.code === null ? [] : [trouble.code]])
        expect(result.stderr.split('\n').filter(line => line !== '')).toHaveLength(result.codes.length)
        expect(result.json).toBeTypeOf('object')
        expect(result.budgets).toEqual([5_000])
      }
      await expectDelivered(sync, events)
    } finally {
      await sync.cleanup()
    }
  })
})

/** Another address for the same server: one that does not answer. */
function elsewhere(address: (sync: SyncWorld) => string, code: string): Trouble {
  const swap = async (sync: SyncWorld, from: string, to: string) => {
    const { issuer, spool } = syncPaths(sync.home)
    const { store } = await sync.ports().sync()
    for (const path of [issuer, spool].filter(existsSync))
      store.replace(path, readFileSync(path, 'utf8').replaceAll(from, to))
  }
  return {
    code,
    env: sync => ({ SPEC_KITTY_SAAS_URL: address(sync) }),
    break: async sync => {
      await swap(sync, sync.proxy.url, address(sync))
      return () => swap(sync, address(sync), sync.proxy.url)
    },
  }
}

/** One lane change that waits. */
async function queueOne(sync: SyncWorld): Promise<void> {
  await sync.proxy.set({ kind: 'refuse' })
  const words = ['agent', 'status', 'emit', 'WP01', '--to', 'claimed', '--actor', 'claude', ...MISSION]
  expect((await sync.run(words, { fast: true })).status).toBe(0)
  await sync.proxy.clear()
}

/** Status 0 says that the server has everything or will say so itself; anything else is status 1 with the reason. */
function expectTruth(document: unknown, exit: number): void {
  const { trouble, summary } = document as { trouble: unknown; summary: { failed: number } }
  expect(exit).toBe(trouble === null && summary.failed === 0 ? 0 : 1)
}

async function expectDelivered(sync: SyncWorld, wanted: Readonly<Record<string, number>>): Promise<void> {
  for (let round = 0; round < 3; round++) {
    const { json } = await sync.run(['sync', 'now', '--json'], { fast: true })
    if ((json as { remaining: number }).remaining === 0) break
  }
  const events = await sync.received()
  const count = (type: string) => events.filter(event => event.event_type === type).length
  expect(Object.fromEntries(Object.keys(wanted).map(type => [type, count(type)]))).toEqual(wanted)
  expect(count('BuildRegistered')).toBe(1)
  expect(new Set(events.map(event => event.event_id)).size).toBe(events.length)
}

test('a merge that was interrupted tells the server when it is resumed', async () => {
  const sync = await createSyncWorld({ ready: true })
  try {
    const { world } = sync
    const bare = `${world.dir}/origin.git`
    world.git('init', '-q', '--bare', bare)
    world.git('remote', 'add', 'origin', bare)
    world.git('push', '-q', 'origin', 'main')
    putFiles(bare, { 'hooks/pre-receive': { run: '#!/bin/sh\nexit 1\n' } })
    expect((await sync.run(['merge', '--push', ...MISSION])).status).toBe(1)
    expect(await sync.received()).toEqual([])
    putFiles(bare, { 'hooks/pre-receive': null })
    const resumed = await sync.run(['merge', '--resume', ...MISSION])
    expect([resumed.status, resumed.stderr]).toEqual([0, ''])
    await expectDelivered(sync, { WPStatusChanged: 2, MissionClosed: 1 })
  } finally {
    await sync.cleanup()
  }
})

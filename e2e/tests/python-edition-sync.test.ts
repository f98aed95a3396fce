import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonEdition, SLUG } from '../support/mission-repository.ts'
import { createSyncWorld, type SyncWorld, type WireEvent } from '../support/sync-world.ts'

// The unmodified Python edition 3.2.0 against our server, over a socket.
const python = pythonEdition()

describe.skipIf(python.program === undefined)(
  `the Python edition syncs with our server ${python.reason}`,
  () => {
    let world: SyncWorld
    const run = (...words: string[]) => world.run(words, python.program)
    const emit = (wp: string, to: string, ...more: string[]) =>
      run(
        'agent',
        'status',
        'emit',
        wp,
        '--to',
        to,
        '--actor',
        'claude',
        '--mission',
        SLUG,
        '--json',
        ...more,
      )
    const transitions = (events: readonly WireEvent[]): readonly string[] =>
      events
        .filter(event => event.event_type === 'WPStatusChanged')
        .map(event => `${event.payload.wp_id} ${event.payload.to_lane}`)

    beforeAll(async () => {
      world = await createSyncWorld(['WP01', 'WP02'])
    })
    afterAll(() => world.cleanup())

    test('logs in', async () => {
      const login = await world.login(python.program)
      expect(login.stdout).toContain('Authenticated as alice@localhost')
      expect(login.stdout).toContain('Private Teamspace')
      expect(login.status).toBe(0)
    })

    test('creates a mission', async () => {
      const words = ['--friendly-name', 'Second', '--purpose-tldr', 't', '--purpose-context', 'c']
      const { status, stderr } = await run('agent', 'mission', 'create', 'second-one', ...words, '--json')
      expect(status, stderr).toBe(0)
      const types = (await world.stored()).map(event => event.event_type)
      expect(types).toEqual(expect.arrayContaining(['BuildRegistered', 'MissionCreated', 'SpecifyStarted']))
    })

    test('moves work packages', async () => {
      expect((await emit('WP01', 'claimed')).status).toBe(0)
      expect((await emit('WP01', 'in_progress')).status).toBe(0)
      expect(transitions(await world.stored())).toEqual(['WP01 claimed', 'WP01 in_progress'])
    })

    test('goes offline and loses nothing', async () => {
      await world.proxy.set({ kind: 'refuse' })
      const { status, stdout } = await emit('WP02', 'blocked', '--reason', 'offline')
      expect(status).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ wp_id: 'WP02', to_lane: 'blocked' })
      expect(transitions(await world.stored())).not.toContain('WP02 blocked')
      await world.proxy.clear()
    })

    test('replays, and nothing is counted twice', async () => {
      const { status, stdout } = await run('sync', 'now')
      expect(stdout).toMatch(/Synced: \d+\s+Duplicates: \d+\s+Errors: 0/)
      expect(status).toBe(0)
      const stored = await world.stored()
      expect(transitions(stored)).toEqual(['WP01 claimed', 'WP01 in_progress', 'WP02 blocked'])
      expect(new Set(stored.map(event => event.event_id)).size).toBe(stored.length)
      const again = await run('sync', 'now')
      expect(again.stdout).toContain('Queue is empty')
    })

    test('keeps the time of the event, and no private word about the machine', async () => {
      const sent = new Map(world.sent().map(event => [event.event_id, event]))
      for (const event of await world.stored()) {
        expect(event.timestamp).toBe(sent.get(event.event_id)?.timestamp ?? event.timestamp)
        if (event.event_type === 'BuildRegistered') expect(event.payload).not.toHaveProperty('machine_name')
      }
    })

    test('shares its repository with a team', async () => {
      expect((await run('sync', 'share', 'platform')).stdout).toContain('platform')
      expect((await run('sync', 'routes')).stdout).toMatch(/platform.*active.*1/)
      expect((await run('sync', 'unshare', 'platform')).stdout).toContain('Stopped sharing')
      expect((await run('sync', 'routes')).stdout).not.toMatch(/platform.*active/)
    })

    test('a session of either edition serves the other: ours is logged in', async () => {
      const { status, stdout } = await world.run(['auth', 'whoami', '--json'])
      expect(status).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({ email: 'alice@localhost' })
    })

    test('logs out', async () => {
      const { status, stdout } = await run('auth', 'logout')
      expect(stdout).toContain('Server revocation confirmed')
      expect(status).toBe(0)
    })
  },
  300_000,
)

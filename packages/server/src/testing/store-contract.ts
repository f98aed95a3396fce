/** What every store must do, whatever database is behind it. Call with a way to open a fresh one. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewEvent, Session, Store, User } from '../sync/store.ts'

const ALICE: User = { id: 'u-1', name: 'alice', email: 'alice@localhost', passwordHash: 'x' }
const OWN = { team: 'private-alice', title: 'Alice', role: 'owner', private: true } as const
const SHARED = { team: 'platform', title: 'Platform', role: 'member', private: false } as const
const SESSION: Session = { id: 's-1', user: 'u-1', refreshHash: 'r1', generation: 1, expiresAt: 1000 }

function event(id: string, lane?: string, at = '2026-01-01T00:00:00.000000+00:00'): NewEvent {
  const wp = { project_uuid: 'p1', mission_slug: 'm', wp_id: 'WP01', lane: lane ?? '', updated_at: at }
  return {
    id,
    type: 'WPStatusChanged',
    project: 'p1',
    timestamp: at,
    body: JSON.stringify({ id }),
    ...(lane === undefined ? {} : { workPackage: wp }),
  }
}

export function storeContract(name: string, open: () => Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    describe('users', () => {
      test('are found by name and id, with the private team first', async () => {
        expect(await store.addUser(ALICE, [SHARED, OWN])).toBe(true)
        expect(await store.userByName('alice')).toEqual(ALICE)
        expect(await store.userById('u-1')).toEqual(ALICE)
        expect(await store.memberships('u-1')).toEqual([OWN, SHARED])
        expect(await store.teamExists('platform')).toBe(true)
      })
      test('a taken name adds nothing', async () => {
        await store.addUser(ALICE, [OWN])
        expect(await store.addUser({ ...ALICE, id: 'u-2' }, [SHARED])).toBe(false)
        expect(await store.userById('u-2')).toBeUndefined()
        expect(await store.teamExists('platform')).toBe(false)
      })
      test('unknown', async () => {
        expect(await store.userByName('nobody')).toBeUndefined()
        expect(await store.memberships('nobody')).toEqual([])
      })
    })

    describe('grants', () => {
      const grant = {
        kind: 'device',
        hash: 'h',
        expiresAt: 100,
        session: null,
        data: { a: 1, b: 'x' },
      } as const
      test('are read until they expire, by kind', async () => {
        await store.putGrant(grant)
        expect(await store.grant('device', 'h', 99)).toEqual(grant)
        expect(await store.grant('device', 'h', 100)).toBeUndefined()
        expect(await store.grant('code', 'h', 99)).toBeUndefined()
      })
      test('are replaced', async () => {
        await store.putGrant(grant)
        await store.putGrant({ ...grant, data: { a: 2 } })
        expect((await store.grant('device', 'h', 1))?.data).toEqual({ a: 2 })
      })
      test('are taken once', async () => {
        await store.putGrant(grant)
        const taken = await Promise.all([1, 2, 3].map(() => store.takeGrant('device', 'h', 1)))
        expect(taken.filter(each => each !== undefined)).toEqual([grant])
        expect(await store.takeGrant('device', 'h', 1)).toBeUndefined()
      })
      test('an expired one cannot be taken', async () => {
        await store.putGrant(grant)
        expect(await store.takeGrant('device', 'h', 100)).toBeUndefined()
      })
    })

    describe('sessions', () => {
      const turn = (oldHash: string, newHash: string, now: number) =>
        store.rotate({ oldHash, newHash, now, expiresAt: 5000, graceMs: 60 })
      beforeEach(async () => {
        await store.addUser(ALICE, [OWN])
        await store.addSession(SESSION)
      })
      test('are found until they expire', async () => {
        expect(await store.session('s-1', 999)).toEqual(SESSION)
        expect(await store.session('s-1', 1000)).toBeUndefined()
      })
      test('a rotation counts and prolongs', async () => {
        const session = { ...SESSION, refreshHash: 'r2', generation: 2, expiresAt: 5000 }
        expect(await turn('r1', 'r2', 10)).toEqual({ kind: 'rotated', session })
        expect(await store.sessionByRefresh('r1')).toEqual(session)
        expect(await store.sessionByRefresh('r2')).toEqual(session)
      })
      test('of two rotations at once one wins, the other is a replay', async () => {
        const both = await Promise.all([turn('r1', 'r2', 10), turn('r1', 'r3', 10)])
        expect(both.map(each => each.kind)).toEqual(['rotated', 'replayed'])
      })
      test('the token before, later, ends the session with its grants', async () => {
        await store.putGrant({ kind: 'access', hash: 'a', expiresAt: 9000, session: 's-1', data: {} })
        await turn('r1', 'r2', 10)
        expect(await turn('r1', 'r3', 71)).toEqual({ kind: 'reused', session: 's-1' })
        expect(await store.grant('access', 'a', 1)).toBeUndefined()
        expect(await turn('r2', 'r4', 72)).toEqual({ kind: 'unknown' })
      })
      test('unknown and expired tokens', async () => {
        expect(await turn('zzz', 'r2', 10)).toEqual({ kind: 'unknown' })
        expect(await turn('r1', 'r2', 1000)).toEqual({ kind: 'unknown' })
      })
      test('purge removes what has expired and nothing else', async () => {
        await store.putGrant({ kind: 'ws', hash: 'w', expiresAt: 2000, session: 's-1', data: {} })
        await store.purge(999)
        expect(await store.session('s-1', 0)).toBeDefined()
        await store.purge(1000)
        expect(await store.session('s-1', 0)).toBeUndefined()
        expect(await store.grant('ws', 'w', 0)).toBeDefined()
        await store.purge(2000)
        expect(await store.grant('ws', 'w', 0)).toBeUndefined()
      })
    })

    describe('events', () => {
      const at = '2026-02-01T00:00:00.000000+00:00'
      test('are taken once per team, in order of receipt', async () => {
        expect(await store.ingest('t', [event('b'), event('a'), event('b')], at)).toEqual([true, true, false])
        expect(await store.ingest('t', [event('a'), event('c')], at)).toEqual([false, true])
        expect(await store.ingest('other', [event('a')], at)).toEqual([true])
        const rows = await store.events('t', 0, 10)
        expect(rows.map(row => JSON.parse(row.body).id)).toEqual(['b', 'a', 'c'])
        expect(rows[0]?.receivedAt).toBe(at)
        expect((await store.events('t', rows[0]?.seq ?? 0, 1)).map(row => JSON.parse(row.body).id)).toEqual([
          'a',
        ])
      })
      test('nothing at all', async () => {
        expect(await store.ingest('t', [], at)).toEqual([])
        expect(await store.events('t', 0, 10)).toEqual([])
      })
      test('the latest transition decides, whatever order they come in', async () => {
        await store.ingest('t', [event('2', 'claimed', '2026-01-02T00:00:00.000000+00:00')], at)
        await store.ingest('t', [event('1', 'planned', '2026-01-01T00:00:00.000000+00:00')], at)
        expect((await store.workPackages('t')).map(wp => wp.lane)).toEqual(['claimed'])
        await store.ingest('t', [event('3', 'blocked', '2026-01-02T00:00:00.000000+00:00')], at)
        expect((await store.workPackages('t')).map(wp => wp.lane)).toEqual(['blocked'])
        expect(await store.workPackages('other')).toEqual([])
      })
      test('documents are new when their hash is', async () => {
        const document = { project: 'p1', key: 'k', hash: 'h', content: 'c' }
        expect(await store.putDocument('t', document, at)).toBe(true)
        expect(await store.putDocument('t', document, at)).toBe(false)
        expect(await store.putDocument('t', { ...document, hash: 'h2' }, at)).toBe(true)
        expect(await store.putDocument('other', document, at)).toBe(true)
      })
    })

    describe('shares', () => {
      const share = { source: 'private-alice', project: 'p1', destination: 'platform' }
      beforeEach(async () => {
        await store.ingest('private-alice', [event('1', 'claimed'), { ...event('2'), project: 'p2' }], 'now')
      })
      test('show one project to another team until they are removed', async () => {
        await store.addShare(share)
        await store.addShare(share)
        expect(await store.shares('private-alice')).toEqual([share])
        expect(await store.shares('private-alice', 'p2')).toEqual([])
        expect(await store.sharers('p1', 'platform')).toBe(1)
        expect(await store.sharers('p2', 'platform')).toBe(0)
        expect((await store.events('platform', 0, 10)).map(row => JSON.parse(row.body).id)).toEqual(['1'])
        expect(await store.workPackages('platform')).toHaveLength(1)
        expect(await store.removeShare(share)).toBe(true)
        expect(await store.removeShare(share)).toBe(false)
        expect(await store.events('platform', 0, 10)).toEqual([])
        expect(await store.workPackages('platform')).toEqual([])
      })
      test('forgetting a project leaves the others', async () => {
        await store.addShare(share)
        expect(await store.forget('private-alice', 'p1')).toBe(1)
        expect(await store.workPackages('private-alice')).toEqual([])
        expect(await store.shares('private-alice')).toEqual([])
        expect(await store.events('private-alice', 0, 10)).toHaveLength(1)
      })
    })
  })
}

/** What every store must do, whatever database is behind it. Call with a way to open a fresh one. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type NewEvent, packBatch } from '../store/batch.ts'
import type { News, Session, Store, User } from '../store/store.ts'

const ALICE: User = {
  id: 'u-1',
  name: 'alice',
  email: 'alice@localhost',
  passwordHash: 'x',
  disabledAt: null,
}
const BOB: User = { ...ALICE, id: 'u-2', name: 'bob', email: 'bob@localhost' }
const OWN = { team: 'private-alice', title: 'Alice', role: 'owner', private: true } as const
const BOBS = { ...OWN, team: 'private-bob', title: 'Bob' }
const SHARED = { team: 'platform', title: 'Platform', role: 'member', private: false } as const
const SESSION: Session = {
  id: 's-1',
  user: 'u-1',
  generation: 1,
  createdAt: 0,
  expiresAt: 1000,
  endsAt: 8000,
}
const PAGE = { rows: 100, bytes: 1_000_000 }
const AT = '2026-02-01T00:00:00.000000+00:00'

function event(id: string, lane?: string, at = '2026-01-01T00:00:00.000000+00:00', wp = 'WP01'): NewEvent {
  const row = { project_uuid: 'p1', mission_slug: 'm', wp_id: wp, lane: lane ?? '', updated_at: at }
  return {
    id,
    type: 'WPStatusChanged',
    project: 'p1',
    timestamp: at,
    body: JSON.stringify({ id }),
    ...(lane === undefined ? {} : { workPackage: row }),
  }
}

/** `open` makes an empty store; `again` another door to the same database, where several may be open. */
export function storeContract(name: string, open: () => Promise<Store>, again?: () => Promise<Store>): void {
  describe(`store contract: ${name}`, () => {
    let store: Store
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())

    const take = async (team: string, events: readonly NewEvent[], at = AT, user?: string) => {
      const sender = user === undefined ? null : { user, session: 's-1' }
      const taken = await store.ingest(team, packBatch(events, at), at, sender)
      return taken.kind === 'taken' ? taken.fresh : taken
    }
    const ids = async (team: string, after = 0, page = PAGE): Promise<readonly string[]> =>
      (await store.events(team, after, page)).map(row => row.id)
    const board = async (team: string, rows = 100): Promise<readonly string[]> => {
      const all: string[] = []
      for (let at: Parameters<Store['snapshot']>[1] = null; ; ) {
        const page = await store.snapshot(team, at, rows)
        all.push(...page.workPackages.map(wp => `${wp.project_uuid} ${wp.wp_id} ${wp.lane}`))
        if (page.next === undefined) return all
        at = page.next
      }
    }

    describe('users', () => {
      test('are found by name, id and subject', async () => {
        expect(await store.addUser(ALICE, [SHARED, OWN])).toBe(true)
        expect(await store.addUser(BOB, [BOBS])).toBe(true)
        expect(await store.userByName('alice')).toEqual(ALICE)
        expect(await store.userById('u-1')).toEqual(ALICE)
        expect(await store.setSubject('u-1', 'issuer subject')).toBe(true)
        expect(await store.setSubject('u-2', 'issuer subject')).toBe(false)
        expect((await store.userBySubject('issuer subject'))?.id).toBe('u-1')
        expect(await store.userByName('nobody')).toBeUndefined()
      })
      test('a taken name, and a taken private team, add nothing', async () => {
        await store.addUser(ALICE, [OWN])
        expect(await store.addUser({ ...ALICE, id: 'u-2' }, [SHARED])).toBe(false)
        expect(await store.addUser(BOB, [OWN])).toBe(false)
        expect(await store.userById('u-2')).toBeUndefined()
        expect((await store.teams()).map(({ team }) => team)).toEqual(['private-alice'])
      })
      test('are listed with teams, sessions and what they sent', async () => {
        await store.addUser(ALICE, [SHARED, OWN])
        await store.addSession(SESSION, 'r1', '')
        await take('platform', [event('1')], AT, 'u-1')
        const size = event('1').body.length
        expect(await store.users()).toEqual([
          { ...ALICE, teams: [OWN, SHARED], sessions: 1, events: 1, bytes: size },
        ])
      })
      test.each(['disable', 'password', 'remove'] as const)('%s ends the sessions', async how => {
        await store.addUser(ALICE, [OWN])
        await store.addSession(SESSION, 'r1', '')
        if (how === 'disable') await store.setDisabled('u-1', 'now')
        else if (how === 'password') await store.setPassword('u-1', 'y')
        else await store.removeUser('u-1')
        expect(await store.sessions(null, 0)).toEqual([])
        expect(await store.sessionOf('r1')).toBeUndefined()
        expect((await store.userById('u-1'))?.disabledAt).toBe(
          how === 'remove' ? undefined : how === 'disable' ? 'now' : null,
        )
      })
    })

    describe('teams', () => {
      test('have members with roles, come and go', async () => {
        await store.addUser(ALICE, [OWN])
        expect(await store.addTeam('platform', 'Platform')).toBe(true)
        expect(await store.addTeam('platform', 'Platform')).toBe(false)
        await store.setMember('platform', 'u-1', 'member')
        await store.setMember('platform', 'u-1', 'owner')
        await take('platform', [event('1', 'claimed'), event('2')])
        const listed = (await store.teams()).find(({ team }) => team === 'platform')
        expect(listed).toMatchObject({ members: [{ name: 'alice', role: 'owner' }], events: 2 })
        await store.setMember('platform', 'u-1', null)
        expect((await store.users())[0]?.teams).toEqual([OWN])
        expect(await store.removeTeam('platform', 1)).toBe(false)
        expect(await store.removeTeam('platform', 10)).toBe(true)
        expect(await ids('platform')).toEqual([])
        expect(await board('platform')).toEqual([])
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
      test('are read until they expire, by kind, and replaced', async () => {
        await store.putGrants([grant])
        expect(await store.grant('device', 'h', 99)).toEqual(grant)
        expect(await store.grant('device', 'h', 100)).toBeUndefined()
        expect(await store.grant('code', 'h', 99)).toBeUndefined()
        await store.putGrants([{ ...grant, data: { a: 2 } }])
        expect((await store.grant('device', 'h', 1))?.data).toEqual({ a: 2 })
      })
      test('are taken once, and not when expired', async () => {
        await store.putGrants([grant, { ...grant, kind: 'code' }])
        const taken = await Promise.all([1, 2, 3].map(() => store.takeGrant('device', 'h', 1)))
        expect(taken.filter(each => each !== undefined)).toEqual([grant])
        expect(await store.takeGrant('code', 'h', 100)).toBeUndefined()
      })
    })

    describe('sessions', () => {
      const turn = (oldHash: string, newHash: string, now = 10) =>
        store.rotate({ oldHash, newHash, now, lifetimeMs: 5000 })
      beforeEach(async () => {
        await store.addUser(ALICE, [SHARED, OWN])
        await store.addSession(SESSION, 'r1', '127.0.0.1')
      })
      test('are known by their tokens, while they live', async () => {
        const access = { kind: 'access', hash: 'a', expiresAt: 500, session: 's-1', data: {} } as const
        await store.putGrants([access])
        expect(await store.principal('a', 1)).toEqual({ user: ALICE, session: 's-1', teams: [OWN, SHARED] })
        expect(await store.principal('a', 500)).toBeUndefined()
        expect(await store.principal('r1', 1)).toBeUndefined()
        expect(await store.sessionOf('a')).toBe('s-1')
        expect(await store.sessionOf('r1')).toBe('s-1')
        expect(await store.sessions('u-1', 1)).toEqual([
          { ...SESSION, name: 'alice', address: '127.0.0.1', lastUsedAt: 0 },
        ])
        expect(await store.sessions('u-2', 1)).toEqual([])
        expect(await store.liveSessions(['s-1', 's-2'], 999)).toEqual(['s-1'])
        expect(await store.liveSessions(['s-1'], 1000)).toEqual([])
        expect(await store.endSession('s-1')).toBe(true)
        expect(await store.endSession('s-1')).toBe(false)
        expect(await store.principal('a', 1)).toBeUndefined()
        expect(await store.grant('access', 'a', 1)).toBeUndefined()
      })
      test('go on with each rotation, never beyond their end', async () => {
        expect(await turn('r1', 'r2')).toEqual({
          kind: 'rotated',
          session: { ...SESSION, generation: 2, expiresAt: 5010 },
        })
        expect(await turn('r2', 'r3', 4000)).toMatchObject({ session: { generation: 3, expiresAt: 8000 } })
        expect(await turn('r3', 'r4', 8000)).toEqual({ kind: 'unknown' })
        expect(await turn('zzz', 'r5')).toEqual({ kind: 'unknown' })
      })
      test('an answer that was lost is given again, as often as it takes', async () => {
        await turn('r1', 'r2')
        expect(await turn('r1', 'r3')).toMatchObject({ kind: 'rotated', session: { generation: 2 } })
        expect(await turn('r1', 'r4')).toMatchObject({ kind: 'rotated', session: { generation: 2 } })
        expect(await turn('r4', 'r5')).toMatchObject({ kind: 'rotated', session: { generation: 3 } })
      })
      test('a token whose successor was used ends the session, however old it is', async () => {
        for (let i = 1; i < 20; i++) expect((await turn(`r${i}`, `r${i + 1}`)).kind).toBe('rotated')
        expect(await turn('r1', 'x')).toEqual({ kind: 'reused', session: 's-1' })
        expect(await turn('r20', 'y')).toEqual({ kind: 'unknown' })
      })
      test('two who hold answers to one token cannot both go on', async () => {
        await turn('r1', 'mine')
        await turn('r1', 'thief')
        expect(await turn('mine', 'z')).toEqual({ kind: 'reused', session: 's-1' })
      })
      test('one token shown many times at once leaves one way on', async () => {
        const turns = await Promise.all(Array.from({ length: 8 }, (_, i) => turn('r1', `n${i}`)))
        expect(turns.every(each => each.kind === 'rotated' && each.session.generation === 2)).toBe(true)
        const kinds = []
        for (let i = 7; i >= 0; i--) kinds.push((await turn(`n${i}`, `m${i}`)).kind)
        expect(kinds.filter(kind => kind === 'rotated').length).toBeLessThanOrEqual(1)
      })
      test('all of a user end at once', async () => {
        await store.addSession({ ...SESSION, id: 's-2' }, 'q1', '')
        expect(await store.endSessions('u-1')).toBe(2)
        expect(await store.sessions(null, 0)).toEqual([])
      })
      test('purge removes what has expired and nothing else', async () => {
        await store.putGrants([{ kind: 'ws', hash: 'w', expiresAt: 2000, session: 's-1', data: {} }])
        await store.purge(999)
        expect(await store.sessionOf('r1')).toBe('s-1')
        await store.purge(1000)
        expect(await store.sessionOf('r1')).toBeUndefined()
        expect(await store.grant('ws', 'w', 0)).toBeDefined()
        await store.purge(2000)
        expect(await store.grant('ws', 'w', 0)).toBeUndefined()
      })
    })

    describe('events', () => {
      test('are taken once per team, in order of receipt, with their sender', async () => {
        await store.addUser(ALICE, [OWN])
        expect(await take('t', [event('b'), event('a'), event('b')], AT, 'u-1')).toEqual([true, true, false])
        expect(await take('t', [event('a'), event('c')])).toEqual([false, true])
        expect(await take('other', [event('a')])).toEqual([true])
        const rows = await store.events('t', 0, PAGE)
        expect(rows.map(({ id, sender, receivedAt }) => [id, sender, receivedAt])).toEqual([
          ['b', 'alice', AT],
          ['a', 'alice', AT],
          ['c', null, AT],
        ])
        expect(await ids('t', rows[0]?.seq, { ...PAGE, rows: 1 })).toEqual(['a'])
        expect(await store.head()).toBeGreaterThan(rows[2]?.seq ?? 0)
      })
      test('nothing at all', async () => {
        expect(await take('t', [])).toEqual([])
        expect(await ids('t')).toEqual([])
        expect(await store.head()).toBe(0)
        expect(await store.touched(0)).toEqual({ head: 0, teams: [] })
      })
      test('odd characters stay as they are', async () => {
        const odd = { ...event('1'), body: JSON.stringify({ text: `\u0000\ud800'"\\ \u2028 é 🐈` }) }
        await take('t', [odd])
        expect((await store.events('t', 0, PAGE))[0]?.body).toBe(odd.body)
        expect(await take('t', [event('2', 'claimed', AT, 'WP\u0000\ud800🐈')])).toEqual([true])
        expect(await board('t')).toEqual(['p1 WP\ufffd\ufffd🐈 claimed'])
      })
      test('a page ends by bytes, but is never empty', async () => {
        await take(
          't',
          ['1', '2', '3'].map(id => ({ ...event(id), body: `"${'é'.repeat(500)}"` })),
        )
        expect(await ids('t', 0, { rows: 10, bytes: 2100 })).toEqual(['1', '2'])
        expect(await ids('t', 0, { rows: 10, bytes: 1 })).toEqual(['1'])
      })
      test('the latest transition decides, whatever order they come in', async () => {
        await take('t', [event('2', 'claimed', '2026-01-02T00:00:00.000000+00:00')])
        await take('t', [event('1', 'planned', '2026-01-01T00:00:00.000000+00:00')])
        expect(await board('t')).toEqual(['p1 WP01 claimed'])
        await take('t', [event('3', 'blocked', '2026-01-02T00:00:00.000000+00:00')])
        expect(await board('t')).toEqual(['p1 WP01 blocked'])
        expect(await board('other')).toEqual([])
      })
      test('a clock that is ahead pins no lane', async () => {
        await take('t', [event('1', 'claimed', '2033-01-01T00:00:00.000000+00:00')])
        await take('t', [event('2', 'in_progress', AT)], '2026-02-01T00:00:01.000000+00:00')
        await take(
          't',
          [event('3', 'for_review', '2026-02-01T00:00:01.500000+00:00')],
          '2026-02-01T00:00:02.000000+00:00',
        )
        expect(await board('t')).toEqual(['p1 WP01 for_review'])
      })
      test('the board comes in pages of any size', async () => {
        const wps = Array.from({ length: 23 }, (_, i) => `WP${String(i).padStart(2, '0')}`)
        await take(
          't',
          wps.map(wp => event(wp, 'claimed', AT, wp)),
        )
        for (const rows of [1, 2, 7, 100])
          expect(await board('t', rows)).toEqual(wps.map(wp => `p1 ${wp} claimed`))
      })
      test('a batch that the database refuses takes nothing of the others asked with it', async () => {
        const bad = [event('1', 'claimed'), { ...event('2'), type: null as unknown as string }]
        const batches = [[event('a')], [event('b')], bad, [event('c'), event('d')]]
        const outcomes = await Promise.allSettled(batches.map(batch => take('t', batch)))
        expect(outcomes.map(({ status }) => status)).toEqual([
          ...['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
        ])
        expect((await ids('t')).toSorted()).toEqual(['a', 'b', 'c', 'd'])
        expect(await board('t')).toEqual([])
      })
      test('batches that wait together are taken as if one came after the other', async () => {
        await store.addTeam('t', 'T')
        await store.addTeam('u', 'U')
        const batches = [
          ['t', [event('1', 'claimed', AT, 'WP01'), event('2')]],
          ['u', [event('1', 'blocked', AT, 'WP01')]],
          ['t', [event('2'), event('3', 'blocked', AT, 'WP01')]],
          ['u', []],
          ['t', Array.from({ length: 200 }, (_, i) => event(`many-${i}`))],
          ['t', [event('4'), event('4')]],
        ] as const
        const whole = { rows: 1000, bytes: 1e9 }
        const send = () =>
          Promise.all(batches.map(([team, events]) => store.ingest(team, packBatch(events, AT), AT, null)))
        const taken = await send()
        const fresh = taken.map(each => ('fresh' in each ? each.fresh.filter(Boolean).length : each))
        expect(fresh).toEqual([2, 1, 1, 0, 200, 1])
        expect(await ids('t', 0, whole)).toEqual([
          '1',
          '2',
          '3',
          ...Array.from({ length: 200 }, (_, i) => `many-${i}`),
          '4',
        ])
        const seqs = (await store.events('t', 0, whole)).map(({ seq }) => seq)
        const last = [1, 2, 202, 203].map(at => seqs[at])
        expect(
          taken.flatMap((each, i) => ('seq' in each && [0, 2, 4, 5].includes(i) ? [each.seq] : [])),
        ).toEqual(last)
        expect(await board('t')).toEqual(['p1 WP01 blocked'])
        expect((await store.teams()).map(({ team, events }) => [team, events])).toEqual([
          ['t', 204],
          ['u', 1],
        ])
        const again = (await send()).flatMap(each => ('fresh' in each ? each.fresh : []))
        expect(again).toEqual(new Array(207).fill(false))
        expect((await store.teams())[0]).toMatchObject({ team: 't', events: 204 })
      })
      test('of a batch that is known in part, only the rest counts', async () => {
        await store.addTeam('t', 'T')
        await take('t', [event('1', 'claimed', AT, 'WP01')])
        const again = [event('1', 'blocked', AT, 'WP01'), event('2', 'claimed', AT, 'WP02'), event('2')]
        expect(await take('t', again)).toEqual([false, true, false])
        expect(await board('t')).toEqual(['p1 WP01 claimed', 'p1 WP02 claimed'])
        const bytes = event('1').body.length + event('2').body.length
        expect(await store.teams()).toMatchObject([{ team: 't', events: 2, bytes }])
      })
      test('documents are new when their hash is', async () => {
        const document = { project: 'p1', key: 'k', hash: 'h', content: 'c' }
        const put = async (team: string, hash: string) =>
          (await store.putDocument(team, { ...document, hash }, AT, null)).kind
        expect([await put('t', 'h'), await put('t', 'h')]).toEqual(['stored', 'known'])
        expect([await put('t', 'h2'), await put('other', 'h')]).toEqual(['stored', 'stored'])
      })
    })

    describe('shares', () => {
      const share = { source: 'private-alice', project: 'p1', destination: 'platform' }
      beforeEach(async () => {
        await take('private-alice', [event('1', 'claimed'), { ...event('2'), project: 'p2' }])
      })
      test('show one project to another team until they are removed', async () => {
        await store.addShare(share)
        await store.addShare(share)
        expect(await store.shares('private-alice')).toEqual([{ ...share, sharers: 1 }])
        expect(await store.shares('private-alice', 'p2')).toEqual([])
        expect(await ids('platform')).toEqual(['1'])
        expect(await board('platform')).toEqual(['p1 WP01 claimed'])
        expect((await store.touched(0)).teams.toSorted()).toEqual(['platform', 'private-alice'])
        expect(await store.removeShare(share)).toBe(true)
        expect(await store.removeShare(share)).toBe(false)
        expect(await ids('platform')).toEqual([])
        expect(await board('platform')).toEqual([])
      })
      test('of several members show each event and each package once, the latest', async () => {
        await store.addShare(share)
        await store.addShare({ ...share, source: 'private-bob' })
        const later = '2026-01-05T00:00:00.000000+00:00'
        await take('private-bob', [event('1', 'claimed'), event('3', 'in_progress', later)])
        await take('platform', [event('3', 'in_progress', later), event('4', 'claimed', later, 'WP02')])
        expect(await ids('platform')).toEqual(['1', '3', '4'])
        for (const rows of [2, 3, 100])
          expect(await board('platform', rows)).toEqual(['p1 WP01 in_progress', 'p1 WP02 claimed'])
      })
      test('many sources are read to the end, in order', async () => {
        const wanted: string[] = []
        for (let round = 0; round < 30; round++)
          for (const source of ['a', 'b', 'c']) {
            await store.addShare({ source, project: 'p1', destination: 'platform' })
            if (round % 3 === 0 || source !== 'b') {
              wanted.push(`${source}${round}`)
              await take(source, [event(`${source}${round}`)])
            }
          }
        const seen: string[] = []
        for (let after = 0; ; ) {
          const rows = await store.events('platform', after, { rows: 7, bytes: 1e6 })
          if (rows.length === 0) break
          seen.push(...rows.map(({ id }) => id))
          after = rows.at(-1)?.seq ?? after
        }
        expect(seen).toEqual(wanted)
      })
      test('forgetting a project leaves the others', async () => {
        await store.addShare(share)
        expect(await store.forget('private-alice', 'p1')).toBe(1)
        expect(await board('private-alice')).toEqual([])
        expect(await store.shares('private-alice')).toEqual([])
        expect(await ids('private-alice')).toEqual(['2'])
      })
    })

    describe('limits', () => {
      test('so many uses in so much time, counted at once', async () => {
        const use = (now = 0) =>
          store.reserve(
            [
              { key: 'a', limit: 3, windowMs: 100 },
              { key: 'b', limit: 9, windowMs: 100 },
            ],
            now,
          )
        const uses = await Promise.all(Array.from({ length: 6 }, () => use()))
        expect(uses.filter(each => each)).toHaveLength(3)
        expect(await store.isCounted('a', 99)).toBe(true)
        expect(await store.isCounted('a', 100)).toBe(false)
        await store.release([], ['a'])
        expect([await use(), await use()]).toEqual([true, false])
        expect(await use(100)).toBe(true)
        await store.release(['a'], [])
        expect(await store.isCounted('a', 0)).toBe(false)
      })
      const none = { maxEvents: null, maxBytes: null, keepDays: null }
      test('of events and bytes, for all and for one', async () => {
        await store.setLimits({ ...none, owner: 'team:*', maxEvents: 2 })
        await store.setLimits({ ...none, owner: 'user:u-1', maxBytes: 25 })
        expect(await take('t', [event('1'), event('2')])).toEqual([true, true])
        const over = { kind: 'over_quota', owner: 'team:t', what: 'events', limit: 2 }
        expect(await take('t', [event('3')])).toEqual(over)
        expect(await take('u', [event('1'), event('2')], AT, 'u-1')).toEqual([true, true])
        await store.setLimits({ ...none, owner: 'team:u', maxEvents: 100 })
        expect(await take('u', [event('3')], AT, 'u-1')).toMatchObject({ owner: 'user:u-1', what: 'bytes' })
        expect(await store.limits()).toHaveLength(3)
        await store.forget('t', 'p1')
        expect(await take('t', [event('3')])).toEqual([true])
        await store.setLimits({ ...none, owner: 'user:u-1' })
        expect(await take('u', [event('3')], AT, 'u-1')).toEqual([true])
      })
      test('of several that wait together, each for itself', async () => {
        await store.setLimits({ ...none, owner: 'team:*', maxEvents: 3 })
        const over = { kind: 'over_quota', owner: 'team:t', what: 'events', limit: 3 }
        const batches = [['1', '2'], ['2', '3'], ['4'], ['5']].map(names => names.map(name => event(name)))
        const taken = await Promise.all(batches.map(batch => take('t', batch)))
        expect(taken).toEqual([[true, true], over, [true], over])
      })
      test('of bytes count documents too, until they are replaced or forgotten', async () => {
        await store.addUser(ALICE, [OWN])
        const sender = { user: 'u-1', session: 's-1' }
        const put = (hash: string, size: number, key = 'k') =>
          store.putDocument(OWN.team, { project: 'p1', key, hash, content: 'é'.repeat(size) }, AT, sender)
        const bytes = async () => [(await store.teams())[0]?.bytes, (await store.users())[0]?.bytes]
        await store.setLimits({ ...none, owner: 'user:*', maxBytes: 100 })
        expect(await put('h1', 40)).toEqual({ kind: 'stored' })
        expect(await bytes()).toEqual([80, 80])
        expect(await put('h2', 45)).toEqual({ kind: 'stored' })
        expect(await bytes()).toEqual([90, 90])
        const over = { kind: 'over_quota', owner: 'user:u-1', what: 'bytes', limit: 100 }
        expect(await put('h3', 10, 'other')).toEqual(over)
        expect(await put('h3', 60)).toEqual(over)
        expect(await put('h4', 5)).toEqual({ kind: 'stored' })
        expect(await put('h3', 10, 'other')).toEqual({ kind: 'stored' })
        expect(await bytes()).toEqual([30, 30])
        await store.forget(OWN.team, 'p1')
        expect(await bytes()).toEqual([0, 0])
      })
      test('of time: older events go, a few at a time', async () => {
        await store.addTeam('t', 'T')
        await store.addTeam('u', 'U')
        const old = ['1', '2', '3'].map(id => event(id))
        for (const team of ['t', 'u']) await take(team, old, '2026-01-01T00:00:00.000000+00:00')
        await take('t', [event('4')], '2026-02-01T00:00:00.000000+00:00')
        const now = Date.parse('2026-02-02T00:00:00Z')
        expect(await store.prune(now, 10)).toBe(0)
        await store.setLimits({ ...none, owner: 'team:t', keepDays: 10 })
        expect([await store.prune(now, 2), await store.prune(now, 2)]).toEqual([2, 1])
        expect(await ids('t')).toEqual(['4'])
        expect(await ids('u')).toHaveLength(3)
      })
    })

    test('the audit, newest first', async () => {
      const entry = { at: AT, actor: 'alice', action: 'login', subject: 's', address: 'here' }
      await store.note(entry)
      await store.note({ ...entry, actor: 'bob', action: 'share' })
      expect((await store.audit({ most: 10 })).map(({ actor }) => actor)).toEqual(['bob', 'alice'])
      expect(await store.audit({ actor: 'alice', most: 10 })).toEqual([entry])
      expect(await store.audit({ action: 'share', most: 10 })).toHaveLength(1)
      expect(await store.audit({ most: 1 })).toHaveLength(1)
    })

    test('news of events and of sessions', async () => {
      const heard: News[] = []
      const stop = store.subscribe(news => void heard.push(news))
      await take('t', [event('1')])
      await take('t', [event('1')])
      await expect.poll(() => heard).toEqual([{ seq: await store.head() }])
      await store.endSession('s')
      await expect.poll(() => heard).toHaveLength(2)
      stop()
    })

    test.runIf(again !== undefined)('a follower never skips what is committed late', async () => {
      const doors = await Promise.all([1, 2, 3].map(async () => (await again?.()) as Store))
      try {
        const seen: string[] = []
        let last = 0
        let writing = true
        const follow = async (): Promise<void> => {
          for (;;) {
            const over = !writing
            const rows = await store.events('t', last, PAGE)
            for (const { id, seq } of rows) {
              seen.push(id)
              last = seq
            }
            if (over && rows.length === 0) return
          }
        }
        const follower = follow()
        await Promise.all(
          doors.map(async (door, d) => {
            for (let i = 0; i < 60; i++)
              await door.ingest('t', packBatch([event(`${d}-${i}-a`), event(`${d}-${i}-b`)], AT), AT, null)
          }),
        )
        writing = false
        await follower
        expect(new Set(seen).size).toBe(360)
        expect(seen).toHaveLength(360)
      } finally {
        await Promise.all(doors.map(door => door.close()))
      }
    })

    test.runIf(again !== undefined)('two servers purge and take at once, each thing once', async () => {
      const other = (await again?.()) as Store
      try {
        const grant = { kind: 'code', hash: 'h', expiresAt: 100, session: null, data: {} } as const
        await store.putGrants([grant])
        const taken = await Promise.all(
          [store, other, store, other].map(door => door.takeGrant('code', 'h', 1)),
        )
        expect(taken.filter(each => each !== undefined)).toHaveLength(1)
        await Promise.all([store, other, store, other].map(door => door.purge(1000)))
        const heard: News[] = []
        other.subscribe(news => void heard.push(news))
        await take('t', [event('1')])
        await expect.poll(() => heard).toEqual([{ seq: await store.head() }])
      } finally {
        await other.close()
      }
    })
  })
}

import connect from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { skip, startPostgres, type TestPostgres } from '../testing/postgres.ts'
import { storeContract } from '../testing/store-contract.ts'
import { packBatch } from './batch.ts'
import { ADDED } from './ingest.ts'
import { openPostgresStore } from './postgres.ts'

const event = (id: string) => ({ id, type: 'x', project: 'p', timestamp: 'now', body: '{}' })

describe.skipIf(skip !== false)(skip === false ? 'PostgreSQL' : `PostgreSQL (skipped: ${skip})`, () => {
  let postgres: TestPostgres
  let url = ''
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(() => postgres.cleanup())

  storeContract(
    'postgres',
    () => {
      url = postgres.fresh()
      return openPostgresStore(url)
    },
    () => openPostgresStore(url),
  )

  test('two servers that start at once make the schema once', async () => {
    const fresh = postgres.fresh()
    const stores = await Promise.all([1, 2, 3].map(() => openPostgresStore(fresh)))
    expect(await stores[0]?.addTeam('t', 'T')).toBe(true)
    expect((await stores[1]?.teams())?.length).toBe(1)
    for (const store of stores) await store.close()
  })

  test('a database that goes away is told as that, comes back by itself, and has lost nothing', async () => {
    const store = await openPostgresStore(postgres.fresh())
    const other = await openPostgresStore(url)
    const heard: unknown[] = []
    store.subscribe(news => void heard.push(news))
    await store.ingest('t', packBatch([event('1')], 'now'), 'now', null)
    postgres.stop()
    await expect(store.head()).rejects.toMatchObject({ code: 'io_failed', trouble: 'away' })
    postgres.start()
    await expect.poll(() => store.head().catch(() => 0), { timeout: 15_000 }).toBe(1)
    heard.length = 0
    await store.ingest('t', packBatch([event('2')], 'now'), 'now', null)
    const last = await store.head()
    expect(last).toBeGreaterThan(1)
    await expect.poll(() => heard, { timeout: 15_000 }).toContainEqual({ seq: last })
    await store.close()
    await other.close()
  })

  test('what an intake added is found by its number, however many events there are', async () => {
    url = postgres.fresh()
    const store = await openPostgresStore(url)
    for (let i = 0; i < 5; i++) {
      const events = Array.from({ length: 1000 }, (_, n) => event(`${i}-${n}`))
      await store.ingest('t', packBatch(events, 'now'), 'now', null)
    }
    const sql = connect(url, { max: 1 })
    await sql.unsafe('ANALYZE events; SET plan_cache_mode = force_generic_plan')
    await sql.unsafe(`PREPARE added (BIGINT, BIGINT) AS ${ADDED}`)
    const plan = await sql.unsafe('EXPLAIN EXECUTE added (5000, 9007199254740991)')
    expect(JSON.stringify(plan)).toMatch(/Index/)
    await sql.end()
    await store.close()
  })

  test('no database at all is a refusal with a remedy', async () => {
    await expect(openPostgresStore('postgres://sk@127.0.0.1:1/x')).rejects.toMatchObject({
      code: 'io_failed',
      trouble: 'away',
    })
  })
})

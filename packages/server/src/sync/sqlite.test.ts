import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { storeContract } from '../testing/store-contract.ts'
import { openSqliteStore } from './sqlite.ts'
import { openDatabase } from './sqlite-database.ts'

const directory = mkdtempSync(join(tmpdir(), 'spec-kitty-sqlite-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let count = 0
const path = (): string => join(directory, `${++count}.db`)

storeContract('sqlite', () => openSqliteStore(path()))

test('what was acknowledged is there after opening again', async () => {
  const file = path()
  const first = await openSqliteStore(file)
  await first.ingest('t', [{ id: '1', type: 'x', project: 'p', timestamp: 'now', body: '{}' }], 'now')
  await first.close()
  const second = await openSqliteStore(file)
  expect(await second.events('t', 0, 10)).toHaveLength(1)
  await second.close()
})

test('only the owner can read the file', async () => {
  const file = path()
  const store = await openSqliteStore(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(`${file}-wal`).mode & 0o777).toBe(0o600)
  await store.close()
})

test('a file of a newer server is refused', async () => {
  const file = path()
  const queries = await openDatabase(file)
  queries.run('PRAGMA user_version = 99')
  queries.close()
  await expect(openSqliteStore(file)).rejects.toMatchObject({ code: 'schema_too_new' })
})

test('a transaction that throws leaves nothing', async () => {
  const queries = await openDatabase(path())
  const insert = () => queries.run("INSERT INTO teams (id, title, private) VALUES ('a', 'A', 0)")
  expect(() =>
    queries.atomic(() => {
      insert()
      throw new Error('no')
    }),
  ).toThrow('no')
  expect(queries.one('SELECT * FROM teams')).toBeUndefined()
  queries.close()
})

test('20,000 events go in at thousands a second, in batches of 1,000', async () => {
  const store = await openSqliteStore(path())
  const started = performance.now()
  for (let batch = 0; batch < 20; batch++) {
    const events = Array.from({ length: 1000 }, (_, i) => ({
      id: `${batch}-${i}`,
      type: 'HistoryAdded',
      project: 'p',
      timestamp: 'now',
      body: JSON.stringify({ text: 'x'.repeat(800) }),
    }))
    await store.ingest('t', events, 'now')
  }
  expect(20_000 / ((performance.now() - started) / 1000)).toBeGreaterThan(2000)
  await store.close()
})

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { storeContract } from '../testing/store-contract.ts'
import { packBatch } from './batch.ts'
import { OWN, SHARED } from './events.ts'
import { PAGE } from './snapshot.ts'
import { openSqliteStore } from './sqlite.ts'
import { openDatabase } from './sqlite-database.ts'
import { MIGRATIONS } from './sqlite-schema.ts'

const directory = mkdtempSync(join(tmpdir(), 'spec-kitty-sqlite-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
let count = 0
const path = (): string => join(directory, `${++count}.db`)
const event = (id: string, text = '') => ({
  id,
  type: 'x',
  project: 'p',
  timestamp: 'now',
  body: JSON.stringify({ text }),
})
const EVERYTHING = { rows: 1000, bytes: 1e9 }

storeContract('sqlite', () => openSqliteStore(path()))

test('what was acknowledged is there after opening again', async () => {
  const file = path()
  const first = await openSqliteStore(file)
  await first.ingest('t', packBatch([event('1')], 'now'), 'now', null)
  await first.close()
  await expect(first.head()).rejects.toMatchObject({ code: 'io_failed' })
  const second = await openSqliteStore(file)
  expect(await second.events('t', 0, EVERYTHING)).toHaveLength(1)
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
  const db = await openDatabase(file)
  db.exec('PRAGMA user_version = 99')
  db.close()
  await expect(openSqliteStore(file)).rejects.toMatchObject({ code: 'schema_too_new' })
})

test.each([
  ['a damaged file', (file: string) => writeFileSync(file, 'x'.repeat(8192)), 'damaged'],
  ['a directory', (file: string) => mkdirSync(file), 'unusable'],
])('%s is told as what it is', async (_, spoil, trouble) => {
  const file = path()
  spoil(file)
  await expect(openSqliteStore(file)).rejects.toMatchObject({
    code: 'io_failed',
    trouble,
    message: expect.stringContaining(file),
  })
})

test('every step of the schema leads on from the file of the first server', async () => {
  const file = path()
  await makeFirst(file)
  const store = await openSqliteStore(file)
  const rows = await store.events('private-alice', 0, EVERYTHING)
  expect(rows.map(({ seq, id, sender, body }) => [seq, id, sender, body])).toEqual([[7, 'e1', null, '"é"']])
  expect((await store.snapshot('private-alice', null, 10)).workPackages).toHaveLength(1)
  expect(await store.users()).toMatchObject([{ name: 'alice', sessions: 1, disabledAt: null }])
  expect(await store.teams()).toMatchObject([{ team: 'private-alice', events: 1, bytes: 8 }])
  expect(await store.users()).toMatchObject([{ name: 'alice', events: 0, bytes: 4 }])
  const turn = (oldHash: string, newHash: string) =>
    store.rotate({ oldHash, newHash, now: 2, lifetimeMs: 10 })
  expect(await turn('before', 'next')).toMatchObject({ kind: 'rotated', session: { generation: 5 } })
  expect(await turn('next', 'after')).toMatchObject({ kind: 'rotated', session: { generation: 6 } })
  expect(await turn('current', 'x')).toMatchObject({ kind: 'reused' })
  await store.ingest('private-alice', packBatch([event('e2')], 'now'), 'now', null)
  expect(await store.head()).toBe(8)
  await store.close()
})

/** A database as the first server left it. */
async function makeFirst(file: string): Promise<void> {
  const [first] = MIGRATIONS
  const { default: Sqlite } = (await import('libsql')) as unknown as {
    default: new (path: string) => { exec(sql: string): void; close(): void }
  }
  const db = new Sqlite(file)
  db.exec(`${first};
    INSERT INTO users VALUES ('u', 'alice', 'a@x', 'h');
    INSERT INTO teams VALUES ('private-alice', 'Alice', 1);
    INSERT INTO members VALUES ('private-alice', 'u', 'owner');
    INSERT INTO sessions VALUES ('s', 'u', 'current', 'before', 1, 5, 7776000000);
    INSERT INTO events VALUES (7, 'private-alice', 'e1', 'x', 'p', 'now', 'now', '"é"');
    INSERT INTO documents VALUES ('private-alice', 'p', 'k', 'h', 'déf', 'now');
    INSERT INTO work_packages VALUES ('private-alice', 'p', 'm', 'WP01', 'claimed', 'now', 'e1');
    PRAGMA user_version = 1`)
  db.close()
}

test('reads of one team look at no other: every one has its index', async () => {
  const db = await openDatabase(path())
  const plan = (sql: string): string =>
    db
      .all(`EXPLAIN QUERY PLAN ${sql.replace(/\$\d/g, "'1'")}`, [])
      .map(row => String(row.detail))
      .join('\n')
  for (const [sql, index] of [
    [OWN, 'events_by_seq (team=? AND seq>?)'],
    [SHARED, 'events_by_project (team=? AND project=? AND seq>?)'],
    [PAGE, 'work_packages_by_project (project=? AND (mission,wp)>(?,?))'],
  ] as const) {
    expect(plan(sql)).toContain(index)
    expect(plan(sql)).not.toMatch(/SCAN (?!s\b)|TEMP B-TREE/)
  }
  db.close()
})

test('a command beside the server is noticed', async () => {
  const file = path()
  const server = await openSqliteStore(file)
  const heard: unknown[] = []
  server.subscribe(news => void heard.push(news))
  const command = await openSqliteStore(file)
  await command.endSessions('nobody')
  await command.addTeam('t', 'T')
  await command.close()
  await expect.poll(() => heard, { timeout: 5000 }).toContainEqual({ sessions: true })
  await server.close()
})

test('what was forgotten is not left in the file', async () => {
  const file = path()
  const store = await openSqliteStore(file)
  const marker = 'PRIVATE-MARKER-OF-ALICE'
  await store.ingest(
    't',
    packBatch(
      Array.from({ length: 40 }, (_, i) => event(String(i), marker.repeat(i + 1))),
      'now',
    ),
    'now',
    null,
  )
  await store.forget('t', 'p')
  for (const part of ['', '-wal']) expect(readFileSync(file + part, 'latin1')).not.toContain(marker)
  await store.close()
  expect(readFileSync(file, 'latin1')).not.toContain(marker)
})

test('20,000 events go in at thousands a second, in batches of 1,000', async () => {
  const store = await openSqliteStore(path())
  const started = performance.now()
  for (let batch = 0; batch < 20; batch++) {
    const events = Array.from({ length: 1000 }, (_, i) => event(`${batch}-${i}`, 'x'.repeat(800)))
    await store.ingest('t', packBatch(events, 'now'), 'now', null)
  }
  expect(20_000 / ((performance.now() - started) / 1000)).toBeGreaterThan(2000)
  await store.close()
})

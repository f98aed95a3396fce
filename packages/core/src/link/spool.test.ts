import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { syncPaths } from './paths.ts'
import {
  appendRows,
  belongs,
  bringBack,
  compact,
  countWaiting,
  type NewRow,
  parseRow,
  readCursor,
  readRows,
  type SpoolDoor,
  settle,
  withSpool,
} from './spool.ts'

const FREE = Number.POSITIVE_INFINITY
let world: World
let door: SpoolDoor
beforeEach(async () => {
  world = createWorld({ git: false })
  door = { ports: world.ports, sync: await world.ports.sync() }
})
afterEach(() => world.cleanup())

const row = (id: string, more: Partial<NewRow> = {}): NewRow => ({
  scope: null,
  tries: 0,
  event: { event_id: id },
  ...more,
})
const put = (...ids: string[]) =>
  appendRows(
    door,
    ids.map(id => row(id)),
    FREE,
  )
const waiting = () => {
  const cursor = readCursor(door)
  return cursor === undefined ? [] : readRows(door, cursor.offset, 1000, 1_000_000).rows
}
const ids = () => waiting().map(({ row: { event } }) => event?.event_id)
const paths = () => syncPaths(door.sync.home)
/** Settles the first `count` rows. */
const take = (count: number) => {
  const last = waiting()[count - 1]
  settle(door, readCursor(door)?.spool ?? '', last?.end ?? 0, last?.row.seq ?? 0)
}

test('rows wait in order, are settled from the front, and an empty spool leaves no file', () => {
  expect([countWaiting(door), readCursor(door)]).toEqual([0, undefined])
  put('a', 'b')
  put('c')
  expect([ids(), countWaiting(door)]).toEqual([['a', 'b', 'c'], 3])
  take(2)
  expect([ids(), countWaiting(door)]).toEqual([['c'], 1])
  put('d')
  expect([ids(), countWaiting(door)]).toEqual([['c', 'd'], 2])
  take(2)
  expect([existsSync(paths().spool), existsSync(paths().cursor), countWaiting(door)]).toEqual([
    false,
    false,
    0,
  ])
  put('e')
  expect([ids(), countWaiting(door)]).toEqual([['e'], 1])
})

test('files are for their owner only', () => {
  put('a', 'b')
  take(1)
  for (const path of [paths().spool, paths().cursor]) expect(statSync(path).mode & 0o777).toBe(0o600)
  expect(statSync(`${door.sync.home}/sync`).mode & 0o777).toBe(0o700)
})

describe('after a crash', () => {
  test('a torn last line is closed by the next append and swallows nothing', () => {
    put('a')
    appendFileSync(paths().spool, '{"seq":2,"scope":null,"ev')
    put('b')
    const cursor = readCursor(door)
    const read = readRows(door, cursor?.offset ?? 0, 10, 10_000)
    expect(read.rows.map(({ row: { event } }) => event?.event_id)).toEqual(['a', 'b'])
    expect(read.broken).toEqual(['{"seq":2,"scope":null,"ev'])
  })

  test('a cursor of another spool is not believed', () => {
    put('a', 'b')
    door.sync.store.replace(paths().cursor, JSON.stringify({ spool: 'other', offset: 9999, seq: 99 }))
    expect([ids(), countWaiting(door)]).toEqual([['a', 'b'], 2])
    door.sync.store.replace(paths().cursor, 'garbage')
    expect(ids()).toEqual(['a', 'b'])
  })

  test('a cursor never goes back, and one of a spool that is gone is not moved', () => {
    put('a', 'b', 'c')
    const spool = readCursor(door)?.spool ?? ''
    const first = waiting()[0]
    take(2)
    settle(door, spool, first?.end ?? 0, 1)
    settle(door, 'other', 99_999, 9)
    expect(ids()).toEqual(['c'])
  })
})

test('at the limit the oldest give way to the overflow file, and come back', () => {
  expect(
    appendRows(
      door,
      ['a', 'b', 'c'].map(id => row(id)),
      3,
    ),
  ).toBe(0)
  expect(
    appendRows(
      door,
      ['d', 'e'].map(id => row(id)),
      3,
    ),
  ).toBe(2)
  expect([ids(), countWaiting(door)]).toEqual([['c', 'd', 'e'], 3])
  const overflow = readFileSync(paths().overflow, 'utf8').trimEnd().split('\n')
  expect(overflow.map(line => parseRow(line)?.event?.event_id)).toEqual(['a', 'b'])
  const back = ({ seq: _, ...rest }: { seq: number } & NewRow) => rest
  expect(bringBack(door, paths().overflow, 1, back)).toBe(1)
  expect([ids(), existsSync(paths().overflow)]).toEqual([['c', 'd', 'e', 'a'], true])
  expect(bringBack(door, paths().overflow, 5, back)).toBe(1)
  expect([ids(), existsSync(paths().overflow), bringBack(door, paths().overflow, 5, back)]).toEqual([
    ['c', 'd', 'e', 'a', 'b'],
    false,
    0,
  ])
})

test('the settled part of a large file is dropped, the rest and its count stay', () => {
  const large = (id: string) => row(id, { event: { event_id: id, pad: 'x'.repeat(450_000) } })
  const names = Array.from({ length: 12 }, (_, index) => `e${index}`)
  for (const name of names) appendRows(door, [large(name)], FREE)
  for (let i = 0; i < 10; i++) take(1)
  const before = statSync(paths().spool).size
  compact(door)
  expect(statSync(paths().spool).size).toBeLessThan(before / 4)
  expect([ids(), countWaiting(door)]).toEqual([['e10', 'e11'], 2])
  compact(door)
  put('last')
  expect([ids(), countWaiting(door)]).toEqual([['e10', 'e11', 'last'], 3])
})

test('one line longer than the block is still one row', () => {
  appendRows(door, [row('big', { event: { event_id: 'big', pad: 'y'.repeat(600_000) } }), row('next')], FREE)
  const cursor = readCursor(door)
  expect(
    readRows(door, cursor?.offset ?? 0, 10, 1000).rows.map(({ row: { event } }) => event?.event_id)[0],
  ).toBe('big')
  expect(countWaiting(door)).toBe(2)
})

test('a row belongs to its login, or to whoever logs in next', () => {
  const scope = { server: 's', email: 'e' }
  expect(
    [null, scope, { server: 's', email: 'other' }, { server: 'x', email: 'e' }].map(each =>
      belongs({ scope: each }, scope),
    ),
  ).toEqual([true, true, false, false])
})

test.each(['', '[]', '{"seq":1}', '{"seq":"1","event":{}}', '{"seq":1,"event":[]}', 'x'])(
  '%s is no row',
  text => {
    expect(parseRow(text)).toBeUndefined()
  },
)

test('all processes of a user take turns', async () => {
  const order: string[] = []
  const other: SpoolDoor = { ports: world.at('.'), sync: door.sync }
  await Promise.all([withSpool(door, () => order.push('one')), withSpool(other, () => order.push('two'))])
  expect(new Set(order)).toEqual(new Set(['one', 'two']))
})

describe('what does not fit its file is not believed, and no row is lost', () => {
  test.each([
    ['zeros over the first line', (text: string) => `\0\0\0\0${text.slice(4)}`],
    ['no first line', (text: string) => text.slice(text.indexOf('\n') + 1)],
    ['a first line without a name', (text: string) => text.replace(/^.*/, '{"spool":"","seq":0}')],
    ['a first line that ran into a row', (text: string) => text.replace('\n', '')],
  ])('%s', (name, damage) => {
    put('a', 'b', 'c')
    writeFileSync(paths().spool, damage(readFileSync(paths().spool, 'utf8')))
    const rest = name.includes('ran into') ? ['b', 'c'] : ['a', 'b', 'c']
    expect([ids(), countWaiting(door)]).toEqual([rest, rest.length])
    put('d')
    expect([ids(), countWaiting(door)]).toEqual([[...rest, 'd'], rest.length + 1])
    if (rest.length < 3) expect(readFileSync(paths().deadLetter, 'utf8')).toContain('\\"a\\"')
    expect(existsSync(`${paths().spool}.new`)).toBe(false)
  })

  test.each([3, 1_000_000, -1, 0, 1.5])('a cursor at %s', offset => {
    put('a', 'b')
    take(1)
    const cursor = JSON.parse(readFileSync(paths().cursor, 'utf8'))
    writeFileSync(paths().cursor, JSON.stringify({ ...cursor, offset }))
    put('c')
    expect([ids(), countWaiting(door)]).toEqual([['a', 'b', 'c'], 3])
  })
})

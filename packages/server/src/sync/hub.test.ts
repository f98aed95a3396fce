import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { packBatch } from '../store/batch.ts'
import { openSqliteStore } from '../store/sqlite.ts'
import { createHub, eventFrame, type Listener } from './hub.ts'

test.each([
  ['short', 10, 2],
  ['of 126 bytes and more', 200, 4],
  ['of 64 KiB and more', 70_000, 10],
])('a frame %s says how long it is', (_, size, head) => {
  const body = JSON.stringify('é'.repeat(size / 2))
  const frame = Buffer.from(eventFrame(7, body))
  const message = frame.subarray(head)
  const said = head === 2 ? frame[1] : head === 4 ? frame.readUInt16BE(2) : Number(frame.readBigUInt64BE(2))
  expect([frame[0], said]).toEqual([0x81, message.length])
  expect(message.toString()).toBe(`{"type":"event","seq":7,"event":${body}}`)
})

test('a page goes to all who listen as one piece; who is further on or sent an event itself gets the rest', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'spec-kitty-hub-'))
  const store = await openSqliteStore(join(directory, 'sync.db'))
  const hub = createHub({ store, now: () => 0, fault: error => expect(error).toBeUndefined() })
  const heard: Uint8Array[] = []
  const listener = (at: number, own: readonly string[] = [], team = 't'): Listener => ({
    ...{ team, session: 's', at, own: new Set(own), close: () => {} },
    send: frames => void heard.push(frames),
  })
  for (const each of [listener(0), listener(0), listener(1), listener(0, ['b']), listener(3)]) hub.join(each)
  hub.join(listener(0, [], 'elsewhere'))
  const events = ['a', 'b', 'c'].map(id => ({
    ...{ id, type: 'x', project: 'p', timestamp: 'now', body: JSON.stringify(id) },
  }))
  await store.ingest('t', packBatch(events, 'now'), 'now', null)
  await expect.poll(() => heard).toHaveLength(4)
  expect(heard[0]).toBe(heard[1])
  const ids = heard.map(frames =>
    [
      ...Buffer.from(frames)
        .toString()
        .matchAll(/"event":"(\w)"/g),
    ].map(found => found[1]),
  )
  expect(ids).toEqual([
    ['a', 'b', 'c'],
    ['a', 'b', 'c'],
    ['b', 'c'],
    ['a', 'c'],
  ])
  hub.close()
  await store.close()
  rmSync(directory, { recursive: true, force: true })
})

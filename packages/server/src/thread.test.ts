import { expect, test } from 'vitest'
import { packBatch } from './store/batch.ts'
import { handedOver } from './thread.ts'

const batch = (id: string) =>
  packBatch([{ id, type: 't', project: 'p', timestamp: '', body: 'x'.repeat(20_000) }], '')

test('every batch of a bundle is handed over, and every part of a body; what is small or shared is copied', () => {
  const batches = ['1', '2', '3', '4', '5'].map(batch)
  const requests = batches.map((each, id) => ({ id, name: 'ingest', args: ['team', each, 'now', null] }))
  expect(handedOver(requests)).toEqual(batches.map(({ bytes }) => bytes.buffer))
  const parts = [new Uint8Array(65_536), new Uint8Array(30_000), new Uint8Array(100)]
  const judge = { id: 1, name: 'judge', args: [[...parts, Buffer.from(new ArrayBuffer(65_536), 1)], 'team'] }
  expect(handedOver([judge, judge])).toEqual(
    [...parts.slice(0, 2), ...parts.slice(0, 2)].map(part => part.buffer),
  )
  expect(handedOver([{ id: 2, value: { batch: batches[0] } }])).toEqual([batches[0]?.bytes.buffer])
})

import { expect, it } from 'vitest'
import { startSeen } from './seen.ts'

it('knows every id that came by, and takes none of 200,000 for another', () => {
  const seen = startSeen()
  const ids = Array.from({ length: 200_000 }, (_, i) => `01KQW4DG${String(i * 7919).padStart(18, '0')}`)
  expect(ids.filter(id => !seen.add(id))).toEqual([])
  expect(ids.filter(id => seen.add(id))).toEqual([])
  expect([seen.add(''), seen.add('é'), seen.add('')]).toEqual([true, true, false])
})

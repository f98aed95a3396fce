import { expect, it } from 'vitest'
import { duration } from './duration.ts'

it('says minutes as people do', () => {
  expect([0, 119, 120, 2849, 2880, 20_000].map(duration)).toEqual(['0m', '119m', '2h', '47h', '2d', '14d'])
})

/**
 * A mission whose every step is by another edition, as a seed picks them: `npm run interop -- --random 10 --seed 1`
 * (SK_WALKS, SK_SEED), two or three minutes each, which is the Python editions' own time.
 */
import { describe, expect, test } from 'vitest'
import { walkEditions } from '../support/edition-walk.ts'
import { EDITIONS, EditionRunner, missing } from '../support/editions.ts'

const walks = Number(process.env.SK_WALKS ?? 0)
const first = Number(process.env.SK_SEED ?? 1)

describe.runIf(walks > 0)('from hand to hand', () => {
  const seeds = Array.from({ length: walks }, (_, i) => first + i)
  test.for(seeds)('seed %i', { timeout: 7_200_000 }, (seed, context) => {
    // The Python editions are not on every machine: the reason names how to get them.
    const reason = EDITIONS.map(missing).find(text => text !== undefined)
    if (reason !== undefined) context.skip(reason)
    const editions = new EditionRunner()
    try {
      expect(() => walkEditions(seed, editions, console.log)).not.toThrow()
    } finally {
      editions.stop()
    }
  })
})

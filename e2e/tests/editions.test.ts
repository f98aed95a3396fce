/**
 * Missions that change hands between editions. Five chains here, all 36 with `npm run interop` (SK_CHAINS=all): they
 * take half an hour, which is the Python editions' own time.
 */
import { describe, expect, test } from 'vitest'
import { Chain, STAGES } from '../support/chain.ts'
import { EDITIONS, type Edition, missing } from '../support/editions.ts'

const LIMIT = 7_200_000
const judges = EDITIONS.filter(edition => missing(edition) === undefined)

/** The stages from `start` on. */
function walk(chain: Chain, by: Edition, start: number, end: number): void {
  for (const stage of STAGES.slice(start, end)) chain.stage(stage, by, judges)
}

describe.runIf(process.env.SK_CHAINS === 'all')('all chains', () => {
  for (const first of EDITIONS) {
    test(`from ${first}`, { timeout: LIMIT }, context => {
      // The Python editions are not on every machine: the reason names how to get them.
      const reason = EDITIONS.map(missing).find(text => text !== undefined)
      if (reason !== undefined) context.skip(reason)
      const chain = new Chain()
      const failed: string[] = []
      try {
        for (let point = 1; point < STAGES.length; point++) {
          walk(chain, first, point - 1, point)
          chain.save(`at-${point}`)
          // Handed over to itself, a mission goes one and the same way from each point: the last one tells of all.
          for (const second of EDITIONS.filter(other => other !== first || point === STAGES.length - 1)) {
            const name = `${first} until ${STAGES[point - 1]}, then ${second}`
            try {
              walk(chain, second, point, STAGES.length)
              console.log(`ok ${name}`)
            } catch (error) {
              failed.push(`${name}: ${String(error)}`)
              console.log(`FAILED ${name}: ${String(error)}`)
            }
            chain.restore(`at-${point}`)
          }
        }
      } finally {
        chain.cleanup()
      }
      expect(failed).toEqual([])
    })
  }
})

test('ours by a pull request, and every edition looks', { timeout: LIMIT }, context => {
  // Without all of them there is nobody to look.
  const reason = EDITIONS.map(missing).find(text => text !== undefined)
  if (reason !== undefined) context.skip(reason)
  const chain = new Chain({ home: 'calc-home' })
  try {
    expect(() => walk(chain, 'ours', 0, 4)).not.toThrow()
    expect(() => chain.landByForge(judges)).not.toThrow()
  } finally {
    chain.cleanup()
  }
})

describe.skipIf(process.env.SK_CHAINS === 'all')('five chains', () => {
  test.for<[Edition, number, Edition]>([
    ['ours', 1, '3.2.7'],
    ['ours', 3, '4.0'],
    ['3.2.7', 2, 'ours'],
    ['4.0', 3, 'ours'],
    ['ours', 4, '3.2.7'],
  ])('%s for %i stages, then %s', { timeout: LIMIT }, ([first, point, second], context) => {
    // As above: without the editions there is nothing to walk.
    const reason = missing(first) ?? missing(second)
    if (reason !== undefined) context.skip(reason)
    const chain = new Chain()
    try {
      // A stage throws what an edition said when it refused, or when a judge finds the log wrong.
      walk(chain, first, 0, point)
      walk(chain, second, point, STAGES.length)
      expect(chain.slug).not.toBe('')
    } finally {
      chain.cleanup()
    }
  })
})

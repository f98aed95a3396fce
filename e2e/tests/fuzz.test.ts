/** A few random walks of a team over product and git; `npm run fuzz` takes as many as wanted. */
import { expect, test } from 'vitest'
import { walk } from '../fuzz/walk.ts'

/** Fixed, and short: what fails here fails for everybody. */
const FIRST = 7000
const WALKS = 20

test(`no promise is broken in ${WALKS} walks`, { timeout: 600_000 }, async () => {
  const seeds = Array.from({ length: WALKS }, (_, i) => FIRST + i)
  for (const seed of seeds) {
    const { violations, script } = await walk({ seed, most: 16 })
    expect(violations, script).toEqual([])
  }
})

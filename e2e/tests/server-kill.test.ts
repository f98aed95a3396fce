/** Two servers on one PostgreSQL, each killed in the middle: nothing lost, nothing doubled, nothing skipped by a follower. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { skip, startPostgres } from '@spec-kitty/server/testing/postgres'
import { expect, it } from 'vitest'

const SCRIPT = join(import.meta.dirname, '../../scripts/server/kill.mjs')
const EVENTS = 2000

it.skipIf(skip !== false)(
  `${EVENTS} events through servers that are killed${skip === false ? '' : ` (skipped: ${skip})`}`,
  { timeout: 240_000 },
  async () => {
    const postgres = await startPostgres()
    try {
      const words = [SCRIPT, postgres.fresh(), String(EVENTS)]
      const { stdout } = await promisify(execFile)(process.execPath, words)
      const { unanswered, ...outcome } = JSON.parse(stdout)
      expect(outcome).toEqual({ events: EVENTS, lost: 0, doubled: 0, skipped: 0, told_twice: 0 })
      // Somebody was in the middle of something.
      expect(unanswered).toBeGreaterThan(0)
    } finally {
      postgres.cleanup()
    }
  },
)

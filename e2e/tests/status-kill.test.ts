/** Writers killed at random moments: the log always parses, and the next command works. */
import { once } from 'node:events'
import { afterEach, expect, it } from 'vitest'
import { createMissionRepository, type MissionRepository, SLUG } from '../support/mission-repository.ts'

let repository: MissionRepository | undefined
afterEach(() => repository?.cleanup())

const WRITES = 200
const emit = (to: string) => [
  'agent',
  'status',
  'emit',
  'WP01',
  '--to',
  to,
  '--actor',
  'a',
  '--mission',
  SLUG,
  '--json',
]
const lane = (repo: MissionRepository) => repo.rows().at(-1)?.to_lane
const other = (repo: MissionRepository) => (lane(repo) === 'blocked' ? 'in_progress' : 'blocked')

it(`kill -9 at random moments of ${WRITES} writes`, { timeout: 600_000 }, async () => {
  const repo = createMissionRepository(['WP01'])
  repository = repo
  const begun = performance.now()
  expect(repo.run(emit('blocked')).status).toBe(0)
  const whole = performance.now() - begun
  let interrupted = 0
  for (let write = 0; write < WRITES; write++) {
    const before = repo.rows().length
    const child = repo.start(emit(other(repo)))
    const exit = once(child, 'exit') as Promise<[number | null, string | null]>
    const timer = setTimeout(() => child.kill('SIGKILL'), Math.random() * whole * 1.2)
    const [, signal] = await exit
    clearTimeout(timer)
    if (signal === 'SIGKILL') interrupted += 1
    // Every line is whole, and there is at most the one more that was being written.
    expect(repo.rows().length - before).toBeLessThanOrEqual(1)
    if (write % 20 !== 19) continue
    const next = repo.run(emit(other(repo)))
    expect([next.status, next.stdout]).toEqual([0, expect.stringContaining('"event_id":"0')])
    expect(repo.run(['agent', 'status', 'validate', '--mission', SLUG, '--json']).status).toBe(0)
    expect(repo.git('status', '--porcelain', '--', 'kitty-specs')).toBe('')
  }
  expect(interrupted).toBeGreaterThan(WRITES / 4)
})

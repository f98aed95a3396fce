/** git calls our merge driver by its name when two branches have both written to an event log. */
import { appendFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { createMissionRepository, type MissionRepository } from '../support/mission-repository.ts'
import { PROGRAM } from '../support/repository.ts'

let repository: MissionRepository | undefined
afterEach(() => repository?.cleanup())

/** A repository with the driver registered as `init` does, our program on PATH. */
function prepared(): MissionRepository {
  const base = createMissionRepository(['WP01'])
  repository = base
  writeFileSync(
    join(base.root, '.gitattributes'),
    'kitty-specs/**/status.events.jsonl merge=spec-kitty-event-log\n',
  )
  base.git(
    'config',
    'merge.spec-kitty-event-log.driver',
    `PATH="${dirname(PROGRAM)}:$PATH" spec-kitty merge-driver-event-log %O %A %B`,
  )
  base.git('add', '-A')
  base.git('commit', '-qm', 'attributes')
  return base
}

function write(repo: MissionRepository, branch: string, id: string, at: string): void {
  repo.git('switch', '-q', branch)
  const row = { ...repo.rows()[0], event_id: id, at, from_lane: 'planned', to_lane: 'blocked' }
  appendFileSync(repo.file('status.events.jsonl'), `${JSON.stringify(row)}\n`)
  repo.git('commit', '-qam', branch)
}

const ids = (repo: MissionRepository) => repo.rows().map(row => row.event_id.slice(-2))

it('unites the rows of both sides, by time', () => {
  const repo = prepared()
  repo.git('branch', 'topic')
  write(repo, 'work', '01KQW4DH000000000000000009', '2026-01-03T00:00:00Z')
  write(repo, 'topic', '01KQW4DH000000000000000005', '2026-01-02T00:00:00Z')
  repo.git('merge', '-q', '--no-edit', 'work')
  expect(ids(repo)).toEqual(['00', '05', '09'])
  expect(repo.git('status', '--porcelain')).toBe('')
})

it('leaves the conflict to a person where one id stands for two events', () => {
  const repo = prepared()
  repo.git('branch', 'topic')
  write(repo, 'work', '01KQW4DH000000000000000009', '2026-01-03T00:00:00Z')
  write(repo, 'topic', '01KQW4DH000000000000000009', '2026-01-02T00:00:00Z')
  expect(() => repo.git('merge', '-q', '--no-edit', 'work')).toThrow(
    'Conflicting payloads found for event_id',
  )
  expect(repo.git('status', '--porcelain')).toContain('UU kitty-specs')
})

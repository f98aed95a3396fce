import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { eventRow } from '@spec-kitty/host/testing/mission'
import { describe, expect, test } from 'vitest'
import { type LogText, printRow } from '../repo/log/log.ts'
import { reduceLog } from '../repo/log/reduce.ts'
import { printSnapshot, snapshotOf } from '../repo/log/snapshot.ts'
import { judgeLog, snapshotDrift } from './validate.ts'

const logOf = (...rows: JsonObject[]) => rows.map(row => `${printRow(row)}\n`).join('')
/** A log in pieces of two lines each. */
const inPieces = (text: string): LogText => text.match(/(?:.*\n){1,2}|.+$/g) ?? []
const judge = (...rows: JsonObject[]) => judgeLog(logOf(...rows), ['WP01', 'WP02'], null)
const planned = eventRow('WP01', 'genesis', 'planned', 1)
const ID = '01KQW4DG000000000000000002'

describe('errors', () => {
  test.each([
    ['illegal transition planned -> done', { to_lane: 'done', evidence: {} }],
    ['done without evidence (not forced)', { from_lane: 'approved', to_lane: 'done' }],
    ['force=true without reason', { force: true, reason: ' ' }],
    [
      'for_review -> in_progress without review_ref',
      { from_lane: 'for_review', to_lane: 'in_progress', force: true, reason: 'r' },
    ],
    ['at is not an ISO time stamp', { at: 'yesterday' }],
    ['execution_mode is neither worktree nor direct_repo', { execution_mode: 'code_change' }],
    ['force is not true or false', { force: 'yes', reason: 'r' }],
    ['to_lane is not a lane that can be entered', { from_lane: 'claimed', to_lane: 'doing' }],
    ['actor is empty', { actor: '' }],
    ['reason is not valid', { reason: 5 }],
  ])('%s', (message, over) => {
    const { errors } = judge(planned, { ...eventRow('WP01', 'planned', 'claimed', 2), ...over })
    expect(errors).toContainEqual(expect.stringContaining(`Event ${ID}: ${message}`))
  })

  test('an id that is no id', () => {
    const { errors } = judge({ ...planned, event_id: 'e1' })
    expect(errors).toEqual(['Event e1: event_id is neither a ULID nor a UUID'])
  })

  test('a legal log has none, by force neither', () => {
    const forced = eventRow('WP01', 'done', 'planned', 3, { force: true, reason: 'r' })
    const { errors } = judge(planned, eventRow('WP01', 'planned', 'claimed', 2), forced)
    expect(errors).toEqual([])
  })
})

test('warnings: another event under the same id, a gap, another mission; a work package without a file', () => {
  const rows = [planned, { ...planned, to_lane: 'canceled' }, eventRow('WP07', 'planned', 'claimed', 4)]
  const foreign = eventRow('WP001', 'planned', 'canceled', 5, { mission_id: 'OTHER' })
  const { errors, warnings, unowned } = judgeLog(
    logOf(...rows, foreign),
    ['WP01'],
    '01KQW4DF0000000000000000A1',
  )
  expect(judgeLog(inPieces(logOf(...rows, foreign)), ['WP01'], '01KQW4DF0000000000000000A1')).toEqual({
    errors,
    warnings,
    unowned,
  })
  expect(errors).toEqual([])
  expect(warnings).toEqual([
    `Event ${planned.event_id}: line 2 says something else than its first line, and is ignored`,
    `Event ${planned.event_id}: leaves genesis, but WP01 was in planned`,
    `Event ${foreign.event_id}: belongs to mission OTHER, not to 01KQW4DF0000000000000000A1`,
  ])
  expect(unowned).toEqual(['WP07'])
})

describe('drift of status.json', () => {
  const identity = { slug: 'demo', number: null, type: 'software-dev' }
  const text = logOf(planned)
  const bytes = printSnapshot(snapshotOf(reduceLog(text), identity))
  const drift = (snapshot: string | undefined) => snapshotDrift(text, snapshot, identity)

  test('none where it is what the log says, or where there is nothing to say', () => {
    expect(drift(bytes)).toEqual([])
    expect(snapshotDrift('', undefined, identity)).toEqual([])
  })

  test('each difference is named', () => {
    expect(drift(undefined)).toEqual(['status.json is missing'])
    expect(drift('{')).toEqual(['status.json is not a JSON object'])
    expect(drift(bytes.replace('"lane": "planned"', '"lane": "done"'))).toEqual([
      'WP01 lane=done in status.json but reducer says lane=planned',
    ])
    expect(drift(bytes.replace('"event_count": 1', '"event_count": 7'))).toEqual([
      'event_count=7 in status.json but reducer says 1',
    ])
    expect(drift(bytes.replace('"blocked": 0', '"blocked": 3'))).toEqual([
      expect.stringContaining('summary={'),
    ])
    const other = JSON.parse(bytes) as JsonObject
    expect(drift(JSON.stringify({ ...other, work_packages: { WP02: {} } }))).toEqual([
      'WP02 is in status.json but not in the log',
      'WP01 is missing in status.json',
    ])
  })
})

/** Figures of the Python edition's own validator over its real missions: illegal edges and schema findings. */
const RECORDED: Record<string, number> = {
  '037-mission-dsl-foundation': 4,
  '045-mission-handoff-package-version-matrix': 6 + 7,
  '054-state-architecture-cleanup-phase-2': 8,
  '058-mission-template-repository-refactor': 6,
  '080-wpstate-lane-consumer-strangler-fig-phase-2': 2,
  '051-canonical-state-authority-single-metadata-writer': 0,
}
const CORPUS = join(import.meta.dirname, '../../../../../shared/conformance/corpus')

describe.skipIf(!existsSync(CORPUS))(
  'real missions (skipped: ../shared/conformance/corpus is absent)',
  () => {
    test.each(Object.entries(RECORDED))('%s has %i errors', (mission, count) => {
      const text = readFileSync(join(CORPUS, mission, 'input/status.events.jsonl'), 'utf8')
      expect(judgeLog(text, [], null).errors).toHaveLength(count)
    })
  },
)

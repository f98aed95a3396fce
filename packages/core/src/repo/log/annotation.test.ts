import { eventRow } from '@spec-kitty/host/testing/mission'
import { expect, test } from 'vitest'
import { annotationRows, holderNews, holderOf, tickNews } from './annotation.ts'
import { printRow } from './log.ts'
import { reduceLog } from './reduce.ts'
import { snapshotOf, styleOf } from './snapshot.ts'

const owner = { slug: 'demo', id: null, number: null, type: 'software-dev' }
const stamp = { id: '01KQW4DG000000000000000009', at: '2026-01-01T00:00:09.000000+00:00' }
const claim = eventRow('WP01', 'planned', 'claimed', 2, {
  policy_metadata: { agent: 'claude', shell_pid: 7, lane_head: 'abc' },
})
const log = (...rows: object[]) => reduceLog(rows.map(row => `${printRow({ ...row })}\n`).join(''))
const told = (delta: object) =>
  annotationRows(owner, 'WP01', 'claude', { ...delta }, stamp)[0] ?? expect.fail('no row')

test('an annotation names itself for both readers, and moves nothing', () => {
  const row = told({ subtasks: { T001: 'done' } })
  expect(row).toMatchObject({ kind: 'annotation', event_type: 'InnerStateChanged', wp_id: 'WP01' })
  expect(log(claim, row)).toMatchObject({ eventCount: 1, lastEventId: claim.event_id })
  expect(annotationRows(owner, 'WP01', 'claude', {}, stamp)).toEqual([])
})

test('the holder is told where the front matter names another than the log', () => {
  const fields = { agent: 'claude', shell_pid: '7' }
  expect(holderOf({ agent: { tool: 'x' }, shell_pid: 'seven' })).toEqual({})
  expect(holderNews(log(claim), [], { id: 'WP01', fields })).toEqual({})
  expect(holderNews(log(claim), [], { id: 'WP01', fields: { ...fields, agent: 'bob' } })).toEqual({
    agent: 'bob',
    shell_pid: 7,
  })
})

test('a tick is told once, and taken back', () => {
  const tasks = (done: boolean) => [
    { id: 'T001', done },
    { id: undefined, done },
  ]
  const ticked = { subtasks: { T001: 'done' } }
  expect(tickNews(log(claim), 'WP01', tasks(true))).toEqual(ticked)
  expect(tickNews(log(claim, told(ticked)), 'WP01', tasks(true))).toEqual({})
  expect(tickNews(log(claim, told(ticked)), 'WP01', tasks(false))).toEqual({ subtasks: { T001: 'planned' } })
  expect(tickNews(log(claim, told({ subtasks: { T001: 'skipped' } })), 'WP01', tasks(true))).toEqual({})
})

test('the snapshot of later editions has what claims, verdicts and annotations say', () => {
  const reduction = log(
    claim,
    eventRow('WP01', 'claimed', 'in_progress', 3),
    eventRow('WP01', 'in_review', 'approved', 4, {
      review_result: { reviewer: 'bob', verdict: 'approved', reference: 'r', feedback_path: null },
    }),
    eventRow('WP02', 'planned', 'canceled', 5, { reason: 'not needed' }),
    eventRow('WP03', 'in_review', 'planned', 6),
    told({ agent: 'bob', role: 'reviewer', note: 'fine', tracker_refs: ['#1', '#1'] }),
  )
  const of = (schemaVersion?: number) =>
    snapshotOf(reduction, owner, { for: 'later', schemaVersion }).work_packages
  expect(of().WP01).toMatchObject({
    agent: 'bob',
    notes: ['fine'],
    review_result: { reviewer: 'bob', verdict: 'approved', reference: 'r' },
    role: 'reviewer',
    shell_pid: 7,
    tracker_refs: ['#1'],
  })
  expect(of().WP01).not.toHaveProperty('implementer_of_record')
  expect(of(2).WP01).toMatchObject({ implementer_of_record: 'claude' })
  expect(of().WP02).toMatchObject({ cancellation_reason: 'not needed', reason_source: 'operator' })
  expect(of().WP03).toMatchObject({ review_result: null })
  expect(snapshotOf(reduction, owner).work_packages.WP01).not.toHaveProperty('agent')
})

test('a snapshot says whose it is', () => {
  expect(styleOf(undefined)).toEqual({ for: '3.2.0' })
  expect(styleOf('{\n  "schema_version": 2\n}')).toEqual({ for: 'later', schemaVersion: 2 })
  expect(styleOf('{\n  "work_packages": {\n    "WP01": {\n      "agent": "x"\n    }\n  }\n}')).toEqual({
    for: 'later',
    schemaVersion: undefined,
  })
})

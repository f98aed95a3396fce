import { SnapshotSchema } from '@spec-kitty/contracts/files/status'
import { eventRow } from '@spec-kitty/host/testing/mission'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { printRow } from './log.ts'
import { reduceLog } from './reduce.ts'
import { missionNumber, printSnapshot, retrospectiveOf, snapshotOf } from './snapshot.ts'

const demo = { slug: 'demo-feature-01KQW4DF', number: null, type: 'software-dev' }

describe('status.json', () => {
  test('has exactly these bytes', () => {
    const text = `${printRow(eventRow('WP01', 'genesis', 'planned', 1, { actor: 'Zoë' }))}\n`
    expect(printSnapshot(snapshotOf(reduceLog(text), demo))).toBe(`{
  "event_count": 1,
  "last_event_id": "01KQW4DG000000000000000001",
  "materialized_at": "2026-01-01T00:00:01.000000+00:00",
  "mission_number": "",
  "mission_slug": "demo-feature-01KQW4DF",
  "mission_type": "software-dev",
  "summary": {
    "approved": 0,
    "blocked": 0,
    "canceled": 0,
    "claimed": 0,
    "done": 0,
    "for_review": 0,
    "in_progress": 0,
    "in_review": 0,
    "planned": 1
  },
  "work_packages": {
    "WP01": {
      "actor": "Zoë",
      "force_count": 0,
      "lane": "planned",
      "last_event_id": "01KQW4DG000000000000000001",
      "last_transition_at": "2026-01-01T00:00:01.000000+00:00"
    }
  }
}
`)
  })

  test('an empty log still names the mission', () => {
    const snapshot = snapshotOf(reduceLog(''), demo)
    expect(snapshot).toMatchObject({ mission_slug: demo.slug, materialized_at: '', last_event_id: null })
    expect(v.is(SnapshotSchema, snapshot)).toBe(true)
  })

  test('a lane that is not displayed is not counted', () => {
    const text = `${printRow(eventRow('WP01', 'planned', 'genesis', 1))}\n`
    expect(Object.values(snapshotOf(reduceLog(text), demo).summary)).toEqual(Array(9).fill(0))
  })

  test.each([
    ['034-legacy', 7, '7'],
    ['034-legacy', null, '34'],
    ['legacy', null, ''],
  ])('the number of %s with %s in meta.json is "%s"', (slug, number, expected) => {
    expect(missionNumber({ slug, number, type: 'x' })).toBe(expected)
  })
})

describe('the retrospective block', () => {
  const row = (word: string, n: number, payload = {}) => ({
    event_name: `retrospective.${word}`,
    event_id: `r${n}`,
    at: `2026-01-01T00:00:0${n}Z`,
    payload,
  })

  test('is absent where no row asks for it', () => {
    expect(retrospectiveOf([])).toBeUndefined()
  })

  test('counts proposals; pending is what is left, never negative', () => {
    const rows = [row('proposal.generated', 1), row('proposal.generated', 2), row('proposal.applied', 3)]
    expect(retrospectiveOf(rows)).toEqual({
      status: 'pending',
      mode: null,
      record_path: null,
      proposals_total: 2,
      proposals_applied: 1,
      proposals_rejected: 0,
      proposals_pending: 1,
    })
    expect(retrospectiveOf([row('proposal.rejected', 1)])).toMatchObject({ proposals_pending: 0 })
  })

  test('takes its state from the latest outcome, in whatever order the rows are', () => {
    const rows = [
      row('completed', 5, { mode: 'auto', record_path: 'r.yaml' }),
      row('failed', 2),
      row('skipped', 3),
    ]
    expect(retrospectiveOf(rows)).toMatchObject({ status: 'completed', mode: 'auto', record_path: 'r.yaml' })
    const text = `${printRow(row('skipped', 1))}\n`
    const snapshot = snapshotOf(reduceLog(text), demo)
    expect(snapshot.retrospective).toMatchObject({ status: 'skipped' })
    expect(v.is(SnapshotSchema, snapshot)).toBe(true)
  })
})

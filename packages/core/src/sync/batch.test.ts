import { expect, test } from 'vitest'
import { batchBody, categoryOf, foldDetails, foldResults, limitsOf, remedyOf, SAFE_LIMITS } from './batch.ts'

test('limits are the server’s within ours', () => {
  expect(limitsOf(undefined)).toEqual(SAFE_LIMITS)
  expect(limitsOf({ max_events_per_batch: 10, max_decompressed_bytes_per_batch: 1000 })).toEqual({
    events: 10,
    bytes: 900,
  })
  expect(limitsOf({ max_events_per_batch: 1e9, max_decompressed_bytes_per_batch: 1e9 })).toEqual({
    events: 1000,
    bytes: 524_288,
  })
  expect(limitsOf({ max_events_per_batch: 0, max_decompressed_bytes_per_batch: 'x' })).toEqual(SAFE_LIMITS)
})

test('the team is filled in when a batch is made', () => {
  expect(JSON.parse(batchBody([{ event_id: 'a' }, { event_id: 'b', team_slug: 'old' }], 't'))).toEqual({
    events: [
      { event_id: 'a', team_slug: 't' },
      { event_id: 'b', team_slug: 't' },
    ],
  })
})

test('per-event results', () => {
  const results = ['success', 'accepted', 'warning', 'duplicate', 'queued', 'pending'].map(status => ({
    event_id: status,
    status,
  }))
  const folded = foldResults({
    results: [
      ...results,
      { event_id: 'bad', status: 'rejected', error_message: '\u001b[31mno' },
      { event_id: 'odd' },
      7,
    ],
  })
  expect([...(folded ?? [])].map(([id, { state }]) => [id, state])).toEqual([
    ['success', 'accepted'],
    ['accepted', 'accepted'],
    ['warning', 'accepted'],
    ['duplicate', 'duplicate'],
    ['queued', 'pending'],
    ['pending', 'pending'],
    ['bad', 'rejected'],
    ['odd', 'rejected'],
  ])
  expect(folded?.get('bad')).toEqual({ state: 'rejected', error: 'no' })
  expect(foldResults({ ok: true })).toBeUndefined()
  expect(foldResults(undefined)).toBeUndefined()
})

test('a 400 names its events in a list or in text', () => {
  const details = [{ event_id: 'a', detail: 'bad' }, { event_id: 'b', reason: 'worse' }, 'x']
  expect(foldDetails({ details })).toEqual(
    new Map([
      ['a', { state: 'rejected', error: 'bad' }],
      ['b', { state: 'rejected', error: 'worse' }],
    ]),
  )
  expect(foldDetails({ details: JSON.stringify(details) }).size).toBe(2)
  expect([foldDetails({ details: 'oops' }).size, foldDetails({}).size, foldDetails(undefined).size]).toEqual([
    0, 0, 0,
  ])
})

test.each([
  ['batch too large', 'oversized_batch'],
  ['event too large', 'oversized_event'],
  ['rate limit hit', 'throttled'],
  ['invalid field: x', 'schema_mismatch'],
  ['token expired', 'auth_expired'],
  ['please log in', 'unauthenticated'],
  ['no Private Teamspace', 'direct_ingress_missing_private_team'],
  ['network unreachable', 'retryable_transport'],
  ['server on fire', 'server_error'],
  ['hm', 'unknown'],
])('%s is %s', (error, category) => {
  expect(categoryOf(error)).toBe(category)
})

test('categories that the user can mend say how', () => {
  expect([remedyOf('schema_mismatch'), remedyOf('unknown')]).toEqual([
    expect.stringContaining('sync diagnose'),
    '',
  ])
})

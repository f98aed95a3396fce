import { describe, expect, it } from 'vitest'
import {
  matrixIssues,
  parseMatrix,
  printMatrix,
  verdictOf,
  withApprovals,
  withInvariants,
  withVerdict,
} from './matrix.ts'

const pending = {
  criterion_id: 'FR-001',
  proof_type: 'automated_test',
  evidence: '',
  pass_fail: 'pending',
  odd: 1,
}
const approval = { text: 'WP01 approved by bob (r:1)', reviewer: 'bob', at: '2026-01-01T00:00:00+00:00' }
const approvals = new Map([['FR-001', approval]])

describe('verdictOf', () => {
  it.each([
    [{}, 'pending'],
    [{ criteria: [{ pass_fail: 'pass' }] }, 'pass'],
    [{ criteria: [{ pass_fail: 'pass' }, { pass_fail: 'pending' }] }, 'pending'],
    [{ criteria: [{ pass_fail: 'fail' }, { pass_fail: 'pending' }] }, 'fail'],
    [{ criteria: [{ pass_fail: 'maybe' }] }, 'fail'],
    [{ negative_invariants: [{ result: 'confirmed_absent' }] }, 'pass'],
    [{ negative_invariants: [{ result: 'still_present' }] }, 'fail'],
    [{ negative_invariants: [{ result: 'verification_error' }] }, 'fail'],
  ])('%j is %s', (matrix, verdict) => {
    expect(verdictOf(matrix)).toBe(verdict)
  })
})

describe('withApprovals', () => {
  it('takes an approval as the evidence of an untouched criterion and keeps unknown keys', () => {
    const [item] = withApprovals({ criteria: [pending] }, approvals).criteria as [typeof pending]
    expect(item).toEqual({
      ...pending,
      proof_type: 'code_review',
      evidence: approval.text,
      pass_fail: 'pass',
      verified_by: 'bob',
      verified_at: approval.at,
    })
  })

  it.each([
    ['a person began to fill it in', { ...pending, evidence: 'see log' }],
    ['it failed', { ...pending, pass_fail: 'fail' }],
    ['a person is to try it', { ...pending, proof_type: 'manual_qa' }],
    ['no approved package covers it', { ...pending, criterion_id: 'FR-002' }],
  ])('leaves a criterion alone when %s', (_, item) => {
    expect(withApprovals({ criteria: [item] }, approvals).criteria).toEqual([item])
  })
})

describe('matrixIssues', () => {
  it('names every criterion and invariant that does not pass', () => {
    const issues = matrixIssues({
      criteria: [
        { criterion_id: 'FR-001', pass_fail: 'pending' },
        { criterion_id: 'FR-002', pass_fail: 'fail', notes: 'slow' },
        { criterion_id: 'FR-003', pass_fail: 'yes' },
        {
          criterion_id: 'FR-004',
          pass_fail: 'pass',
          proof_type: 'manual_qa',
          evidence: 'tried',
          verified_by: ' ',
        },
        { criterion_id: 'FR-005', pass_fail: 'pass' },
      ],
      negative_invariants: [
        { invariant_id: 'NI-1', result: 'still_present', evidence: 'a.py:1' },
        { invariant_id: 'NI-2', result: 'confirmed_absent' },
      ],
    })
    expect(issues).toEqual([
      'Acceptance matrix: FR-001 is pending',
      'Acceptance matrix: FR-002 failed: slow',
      "Acceptance matrix: FR-003 has pass_fail 'yes', expected pass, fail or pending",
      'Evidence: FR-004 is manual_qa and lacks verified_at, verified_by',
      'Acceptance matrix: invariant NI-1 is still_present: a.py:1',
    ])
  })

  it('asks nothing of an empty matrix', () => {
    expect(matrixIssues({ criteria: [], negative_invariants: [] })).toEqual([])
  })
})

describe('the file', () => {
  it('keeps its key order and refuses what is no object', () => {
    const text = '{\n  "z": 1,\n  "criteria": []\n}\n'
    expect(printMatrix(parseMatrix('m.json', text))).toBe(text)
    expect(() => parseMatrix('m.json', '[]')).toThrow('Cannot read m.json: it is not a JSON object')
    expect(() => parseMatrix('m.json', '{')).toThrow('Cannot read m.json: ')
  })

  it('records invariants by position and the derived verdict only when it differs', () => {
    const matrix = {
      overall_verdict: 'pending',
      negative_invariants: [{ invariant_id: 'N', result: 'pending' }],
    }
    expect(withInvariants(matrix, [])).toBe(matrix)
    const checked = withInvariants(matrix, [{ result: 'confirmed_absent', evidence: 'no match' }])
    expect(checked.negative_invariants).toEqual([
      { invariant_id: 'N', result: 'confirmed_absent', evidence: 'no match' },
    ])
    expect(withVerdict(checked).overall_verdict).toBe('pass')
    expect(withVerdict(matrix)).toBe(matrix)
  })
})

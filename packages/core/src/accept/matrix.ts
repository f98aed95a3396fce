/**
 * acceptance-matrix.json (docs/merge.md): verdict, missing evidence, and the evidence that approved
 * work packages are (ADR 0012). Unknown keys survive every rewrite.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import {
  isArray,
  isObject,
  type Json,
  type JsonObject,
  parseJson,
  printOrdered,
} from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'

export type Verdict = 'pass' | 'fail' | 'pending'

/** What an approval says about a requirement. */
export interface Approval {
  /** `WP01 approved by bob (review:WP01)`. */
  readonly text: string
  readonly reviewer: string
  readonly at: string
}

/** How a negative invariant came out when it was checked. */
export interface InvariantResult {
  readonly result: 'confirmed_absent' | 'still_present' | 'verification_error'
  readonly evidence: string
}

/** Throws `file_malformed` naming the file. */
export function parseMatrix(path: string, text: string): JsonObject {
  let cause: unknown
  try {
    const value: unknown = parseJson(text)
    if (isObject(value)) return value
  } catch (problem) {
    cause = problem
  }
  const reason = cause instanceof Error ? cause.message : 'it is not a JSON object'
  throw new KittyError('file_malformed', `Cannot read ${path}: ${reason}`, {
    hint: sh`Mend it, or look for its last good version: git log -- ${path}`,
    data: { path },
    restore: {
      path,
      read: text => parseMatrix(path, text),
      otherwise: sh`mv ${path} ${`${path}.broken`}`,
    },
    cause,
  })
}

export function printMatrix(matrix: JsonObject): string {
  return printOrdered(matrix)
}

export function criteria(matrix: JsonObject): readonly JsonObject[] {
  return objects(matrix.criteria)
}

export function negativeInvariants(matrix: JsonObject): readonly JsonObject[] {
  return objects(matrix.negative_invariants)
}

/** Empty: pending; anything failed or unknown: fail; anything pending: pending; else pass. */
export function verdictOf(matrix: JsonObject): Verdict {
  const marks = [
    ...criteria(matrix).map(item => CRITERION_MARKS[String(item.pass_fail)] ?? 'fail'),
    ...negativeInvariants(matrix).map(item => INVARIANT_MARKS[String(item.result)] ?? 'fail'),
  ]
  if (marks.includes('fail')) return 'fail'
  return marks.length === 0 || marks.includes('pending') ? 'pending' : 'pass'
}

const CRITERION_MARKS: Readonly<Record<string, Verdict>> = { pass: 'pass', fail: 'fail', pending: 'pending' }
const INVARIANT_MARKS: Readonly<Record<string, Verdict>> = {
  confirmed_absent: 'pass',
  still_present: 'fail',
  verification_error: 'fail',
  pending: 'pending',
}

/**
 * Untouched pending criteria whose requirement every covering work package has approval for become `pass`,
 * with the approvals as evidence. What a person wrote, and `manual_qa`, is left alone.
 */
export function withApprovals(matrix: JsonObject, approvals: ReadonlyMap<string, Approval>): JsonObject {
  const filled = criteria(matrix).map(item => {
    const approval = approvals.get(String(item.criterion_id).toUpperCase())
    return approval !== undefined && isUntouched(item) ? approved(item, approval) : item
  })
  return { ...matrix, criteria: filled }
}

function isUntouched(item: JsonObject): boolean {
  const proof = item.proof_type ?? 'automated_test'
  return (
    item.pass_fail === 'pending' &&
    blank(item.evidence) &&
    (proof === 'automated_test' || proof === 'code_review')
  )
}

function approved(item: JsonObject, approval: Approval): JsonObject {
  return {
    ...item,
    // Nobody ran a test for this criterion as far as we know; a reviewer looked at the code.
    proof_type: 'code_review',
    evidence: approval.text,
    pass_fail: 'pass',
    verified_by: approval.reviewer,
    verified_at: approval.at,
  }
}

/** The matrix with the outcomes of its negative invariants, by their position. */
export function withInvariants(
  matrix: JsonObject,
  results: readonly (InvariantResult | undefined)[],
): JsonObject {
  if (results.length === 0) return matrix
  const checked = negativeInvariants(matrix).map((item, i) => ({ ...item, ...results[i] }))
  return { ...matrix, negative_invariants: checked }
}

/** The matrix with its derived verdict; the same object when that is what it says already. */
export function withVerdict(matrix: JsonObject): JsonObject {
  const verdict = verdictOf(matrix)
  return matrix.overall_verdict === verdict ? matrix : { ...matrix, overall_verdict: verdict }
}

/** What keeps the matrix from passing, one line each. Empty when its verdict is pass. */
export function matrixIssues(matrix: JsonObject): readonly string[] {
  const items = criteria(matrix)
  if (items.length === 0 && negativeInvariants(matrix).length === 0) return []
  const issues = items.flatMap(criterionIssues)
  return [...issues, ...negativeInvariants(matrix).flatMap(invariantIssues)]
}

function criterionIssues(item: JsonObject): readonly string[] {
  const id = String(item.criterion_id)
  if (item.pass_fail === 'pending') return [`Acceptance matrix: ${id} is pending`]
  if (item.pass_fail === 'fail')
    return [`Acceptance matrix: ${id} failed${blank(item.notes) ? '' : `: ${String(item.notes)}`}`]
  if (item.pass_fail !== 'pass') {
    return [
      `Acceptance matrix: ${id} has pass_fail '${String(item.pass_fail)}', expected pass, fail or pending`,
    ]
  }
  if (item.proof_type !== 'manual_qa') return []
  const absent = ['evidence', 'verified_at', 'verified_by'].filter(key => blank(item[key]))
  return absent.length === 0 ? [] : [`Evidence: ${id} is manual_qa and lacks ${absent.join(', ')}`]
}

function invariantIssues(item: JsonObject): readonly string[] {
  const mark = INVARIANT_MARKS[String(item.result)]
  if (mark === 'pass') return []
  const detail = blank(item.evidence) ? '' : `: ${String(item.evidence)}`
  return [`Acceptance matrix: invariant ${String(item.invariant_id)} is ${String(item.result)}${detail}`]
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

function blank(value: Json | undefined): boolean {
  return (
    value === undefined ||
    value === null ||
    value === '' ||
    (typeof value === 'string' && value.trim() === '')
  )
}

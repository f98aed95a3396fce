/** Every refusal is met, and every remedy that it names is run as pasted; afterwards the refusal is gone. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERROR_CODES } from '@spec-kitty/contracts/errors'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ACCEPT_ROWS, BLOCKED_ELSEWHERE, MERGE_ROWS } from '../support/blockers.ts'
import { FINALIZE_ROWS, IMPLEMENT_ROWS, MOVE_ROWS } from '../support/gates.ts'
import { ELSEWHERE, ERROR_ROWS } from '../support/refusals.ts'
import { commandIn, digest, documentOf, hintOf, problemIn, type Row, type } from '../support/remedy.ts'

const ROOT = join(import.meta.dirname, '../..')

let w: World
beforeEach(() => {
  w = createWorld()
})
afterEach(() => w.cleanup())

const title = ({ code, about }: Row): string => (about === undefined ? code : `${code}: ${about}`)
const cases = (rows: readonly Row[]) => rows.map(row => [title(row), row] as const)

const met = new Set<string>()

/** The refused answer with `--json`, after the promises of every refusal. */
function refused(row: Row) {
  const before = digest(w)
  const answer = type(w, `${row.run} --json`, row)
  const document = documentOf(answer)
  const problem = problemIn(document, row)
  expect(problem, answer.stdout + answer.stderr).toBeDefined()
  if (row.list === undefined) {
    expect(answer.status).toBe(ERROR_CODES[row.code as keyof typeof ERROR_CODES])
    expect(answer.stderr).not.toMatch(/^(Error:|\s+at )/m)
  } else {
    expect(answer.status).toBe(1)
  }
  // Once for each code: the form of a refusal does not hang on its case.
  const first = !met.has(row.code)
  met.add(row.code)
  if (first && row.list === undefined && row.shows === undefined && !WRITES.has(row.code)) {
    const plain = type(w, row.run, row)
    expect(plain).toMatchObject({ status: answer.status, stdout: '' })
    expect(plain.stderr).toMatch(/^Error: \S/)
    expect(plain.stderr).toContain(hintOf(document))
    expect(plain.stderr).not.toMatch(/^\s+at /m)
  }
  if (!WRITES.has(row.code)) expect(digest(w), 'nothing written').toBe(before)
  return problem ?? {}
}

/** The refusal is itself about something that was begun. */
const WRITES = new Set([
  'setup_failed',
  'tour_failed',
  'file_changed',
  'sync_failed',
  'target_refresh_failed',
])

function check(row: Row): void {
  row.arrange(w)
  const problem = refused(row)
  const hint = hintOf(problem)
  expect(hint, JSON.stringify(problem)).not.toBe('')
  expect(hint, 'a shell takes <word> for a file to read').not.toMatch(/<\w/)
  if (row.says !== undefined) expect(problem.error).toMatch(row.says)
  if (row.none !== undefined) return
  row.byHand?.(w)
  const remedy = row.remedy?.(hint, w) ?? commandIn(hint)
  if (row.byHand === undefined) expect(remedy, hint).toBeDefined()
  const chosen = Object.entries(row.fill ?? {})
  const pasted = chosen.reduce((text, [word, choice]) => text.replaceAll(word, choice), remedy ?? ':')
  const again = row.instead ? '' : `\n${row.run} --json`
  const answer = type(
    w,
    `{ ${pasted}\n} > ../pasted 2>&1 || { echo REMEDY FAILED; cat ../pasted; exit 99; }${again}`,
    row,
  )
  expect(answer.stdout, pasted).not.toContain('REMEDY FAILED')
  if (!row.instead) expect(problemIn(documentOf(answer), row), `${pasted}\n${answer.stdout}`).toBeUndefined()
}

describe('error codes', () => {
  it('all are met: a row for each, and no row for a word that is none', () => {
    const rows = new Set([...ERROR_ROWS, ...ELSEWHERE].map(({ code }) => code))
    expect(rows).toEqual(new Set(Object.keys(ERROR_CODES)))
  })

  it.each(ELSEWHERE.map(({ code, test }) => [code, test]))('%s is met in %s', (code, test) => {
    expect(readFileSync(join(ROOT, test), 'utf8')).toContain(`'${code}'`)
  })

  it.each(cases(ERROR_ROWS))('%s', (_, row) => check(row))
})

/** The words that a source file gives to its findings. */
function wordsIn(path: string, pattern: RegExp): readonly string[] {
  const text = readFileSync(join(ROOT, 'packages/core/src', path), 'utf8')
  return [...new Set([...text.matchAll(pattern)].map(([, word]) => word ?? ''))]
}

describe('blockers of a merge', () => {
  it('all are met', () => {
    const words = [
      ...['rules', 'checkout-rules', 'target-rules', 'lane-rules'].flatMap(name =>
        wordsIn(`merge/${name}.ts`, /blocker\(\s*(?:diverged \? )?'(\w+)'/g),
      ),
      'target_behind_remote',
      ...wordsIn('repo/project/committer.ts', /\bcode: '(\w+)',/g),
      ...wordsIn('repo/review/consistency.ts', /diagnostic_code: '(\w+)',/g),
    ]
    const rows = [...MERGE_ROWS, ...BLOCKED_ELSEWHERE]
    expect(new Set(rows.map(({ code }) => code))).toEqual(new Set(words))
  })

  it.each(BLOCKED_ELSEWHERE.map(({ code, test }) => [code, test]))('%s is met in %s', (code, test) => {
    expect(readFileSync(join(ROOT, test), 'utf8')).toContain(`'${code}'`)
  })

  it.each(cases(MERGE_ROWS))('%s', (_, row) => check(row))
})

describe('problems that finalize-tasks finds', () => {
  it('all are met', () => {
    const files = [
      'mission/finalize-plan',
      ...['ownership', 'requirements', 'task-graph'].map(name => `repo/tasks/${name}`),
    ]
    const words = files.flatMap(name => wordsIn(`${name}.ts`, /\bcode: '(\w+)',/g))
    expect(new Set(FINALIZE_ROWS.map(({ code }) => code))).toEqual(new Set(words))
  })

  it.each(cases(FINALIZE_ROWS))('%s', (_, row) => check(row))
})

describe('failed checks of an acceptance', () => {
  it.each(cases(ACCEPT_ROWS))('%s', (_, row) => check(row))
})

describe('guards of a move', () => {
  it.each(cases(MOVE_ROWS))('%s', (_, row) => check(row))
})

describe('gates of implement', () => {
  it.each(cases(IMPLEMENT_ROWS))('%s', (_, row) => check(row))
})

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { type Line, readPatch, sideBySide } from './hunks.ts'

const scratch = mkdtempSync(join(tmpdir(), 'spec-kitty-hunks-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

/** What git says from the first hunk on, with all the lines between. */
function diff(before: readonly string[], after: readonly string[]): string {
  const [a, b] = [join(scratch, 'a'), join(scratch, 'b')]
  writeFileSync(a, before.map(line => `${line}\n`).join(''))
  writeFileSync(b, after.map(line => `${line}\n`).join(''))
  try {
    return execFileSync('git', ['diff', '--no-index', '-U999', a, b], { encoding: 'utf8' })
  } catch (error) {
    const { stdout } = error as { stdout: string }
    return stdout.slice(stdout.indexOf('@@'))
  }
}

const texts = (lines: readonly (Line | undefined)[], side: 'old' | 'new'): readonly string[] =>
  lines.flatMap(line => (line === undefined || line[side] === undefined ? [] : [line.text]))

it('gives both files back, numbered, in one column and in two', () => {
  const line = fc.constantFrom('a', 'b', '', '-- x', '++ y', '@@ -1 +1 @@', '\\ no', ' indented')
  const file = fc.array(line, { maxLength: 12 })
  fc.assert(
    fc.property(file, file, (before, after) => {
      fc.pre(before.join('\n') !== after.join('\n') && before.length * after.length > 0)
      const lines = readPatch(diff(before, after))
      const pairs = sideBySide(lines)
      for (const [side, whole] of [
        ['old', before],
        ['new', after],
      ] as const) {
        expect(texts(lines, side)).toEqual(whole)
        expect(lines.flatMap(item => item[side] ?? [])).toEqual(whole.map((_, i) => i + 1))
      }
      expect(
        texts(
          pairs.map(pair => pair.left),
          'old',
        ),
      ).toEqual(before)
      expect(
        texts(
          pairs.map(pair => pair.right),
          'new',
        ),
      ).toEqual(after)
    }),
    { numRuns: 30 },
  )
})

it('keeps what git says of the place and of the end of a file', () => {
  const lines = readPatch('@@ -3 +7,2 @@ function x() {\n-a\n+b\n+c\n\\ No newline at end of file\n')
  expect(lines).toEqual([
    { kind: 'gap', text: 'function x() {' },
    { kind: 'removed', old: 3, text: 'a' },
    { kind: 'added', new: 7, text: 'b' },
    { kind: 'added', new: 8, text: 'c' },
    { kind: 'gap', text: 'No newline at end of file' },
  ])
  expect(sideBySide(lines).map(({ left, right }) => [left?.text, right?.text])).toEqual([
    ['function x() {', 'function x() {'],
    ['a', 'b'],
    [undefined, 'c'],
    ['No newline at end of file', 'No newline at end of file'],
  ])
})

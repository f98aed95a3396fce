/** Parsers that once took minutes for a long line of one character. */

import { readGroups } from '@spec-kitty/core/import/task-list'
import { verdictOf } from '@spec-kitty/core/mission/analysis'
import { repoSlug } from '@spec-kitty/core/sync/identity'
import { withoutEnd } from '@spec-kitty/core/text/trim'
import { expect, it } from 'vitest'

const LONG = 100_000

it('takes off what stands at the end, and nothing else', () => {
  expect(withoutEnd('a/b//', '/')).toBe('a/b')
  expect(withoutEnd('//', '/\\')).toBe('')
  expect(withoutEnd('a.b:.', '.:')).toBe('a.b')
})

it('reads lines of 100 KB of blanks, marks and line ends in moments', { timeout: 60_000 }, () => {
  for (const mark of [' ', '\t', '#', '\n', '\r', '/', '_']) {
    const run = mark.repeat(LONG)
    for (const text of [run, `${run}x`, `## a${run}b`, `- [ ] T001 a${run}b`, `verdict${run}x`]) {
      readGroups(text)
      verdictOf(text)
      repoSlug(`https://example.org/${text}x`)
    }
  }
})

it('reads headings and verdicts as before', () => {
  expect(readGroups('## Sound  ##  \n- [x] T001 a b  \n')[1]).toMatchObject({
    heading: 'Sound',
    tasks: [{ id: 'T001', text: 'a b', done: true }],
  })
  expect(verdictOf('# Report\n\n**Verdict:** `pass`\n')).toBe('pass')
  expect(verdictOf('no word of it')).toBe('unknown')
})

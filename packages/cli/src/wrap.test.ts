import { expect, it } from 'vitest'
import { wrap } from './wrap.ts'

it('breaks between words and hangs the rest under the text', () => {
  expect(wrap('  --note TEXT  what goes into the event and the log', 36)).toBe(
    '  --note TEXT  what goes into the\n               event and the log',
  )
  expect(wrap('- one two three four five six', 20)).toBe('- one two three four\n  five six')
})

it('never breaks a command or what stands in backquotes', () => {
  expect(wrap('Hand it over: spec-kitty submit WP01 --note "all is well"', 30)).toBe(
    'Hand it over:\nspec-kitty submit WP01 --note "all is well"',
  )
  expect(wrap('  $ spec-kitty submit WP01 --note "all is well"', 30)).toBe(
    '  $ spec-kitty submit WP01 --note "all is well"',
  )
  expect(wrap('The name in git goes on record, as ever. Undo: git reset --hard HEAD~1', 30)).toBe(
    'The name in git goes on\nrecord, as ever. Undo:\ngit reset --hard HEAD~1',
  )
  expect(wrap('Look at what `spec-kitty status --json` prints here', 30)).toBe(
    'Look at what\n`spec-kitty status --json`\nprints here',
  )
})

it('counts colours for nothing and leaves what fits alone', () => {
  const line = '\u001b[1m1234567890\u001b[22m 1234567890'
  expect(wrap(line, 21)).toBe(line)
  expect(wrap('a  b\n\nc', 20)).toBe('a  b\n\nc')
})

/** Whether spec.md and plan.md say something, or are still the forms they began as (docs/missions.md). Pure. */
import { withLf } from '../../text/line-ends.ts'

/** The text without its `[placeholders]`; a link `[text](target)` is text. */
function withoutPlaceholders(text: string): string {
  let left = ''
  let at = 0
  let close = -1
  for (let open = text.indexOf('['); open >= 0; open = text.indexOf('[', open + 1)) {
    if (open < at) continue
    if (close < open) close = text.indexOf(']', open)
    if (close < 0) break
    if (text[close + 1] === '(') continue
    left += text.slice(at, open)
    at = close + 1
  }
  return left + text.slice(at)
}

/** The text without the comments of the page. */
function withoutComments(text: string): string {
  let left = ''
  let at = 0
  for (let open = text.indexOf('<!--'); open >= 0; open = text.indexOf('<!--', at)) {
    const close = text.indexOf('-->', open + 4)
    if (close < 0) break
    left += text.slice(at, open)
    at = close + 3
  }
  return left + text.slice(at)
}

const BULLET = /^[-*+] (?:\*\*|__)?(FR-\d{3})(?!\d)(?::(?:\*\*|__)|(?:\*\*|__)? ?[:–—-])(.*)/
const ROW = /^\| ?(?:\*\*|__)?(FR-\d{3})(?!\d)(?:\*\*|__)? ?\|(.*)/
/** What is left of "As a [role], I want [goal] so that [benefit]". */
const EMPTY_STORY = /^as an?\W*i want(?: to)?\W*so that\W*$/i

/**
 * True when at least one functional requirement has words of its own: a table row `| FR-001 | title | description |`
 * (only these two cells count) or a bullet `- **FR-001**: text`. Prose that mentions an id does not count.
 */
export function isSubstantiveSpec(text: string): boolean {
  return withoutComments(withLf(text))
    .split('\n')
    .some(line => readRequirement(line)?.texts.some(saysSomething) === true)
}

/** A line that states a functional requirement: its id and the texts that describe it, placeholders included. */
export function readRequirement(
  line: string,
): { readonly id: string; readonly texts: readonly string[] } | undefined {
  const text = line.replace(/\s+/g, ' ').trim()
  const bullet = BULLET.exec(text)
  if (bullet !== null) return { id: bullet[1] ?? '', texts: [(bullet[2] ?? '').trim()] }
  const row = ROW.exec(text)
  return row === null ? undefined : { id: row[1] ?? '', texts: (row[2] ?? '').split('|').slice(0, 2) }
}

/** True when three words stand there beside headings, comments and `[placeholders]`: for documents that have no form. */
export function saysAnything(text: string): boolean {
  const prose = withoutPlaceholders(withoutComments(text))
    .split('\n')
    .filter(line => !line.startsWith('#'))
  return (prose.join('\n').match(/[\p{L}\p{N}]+/gu) ?? []).length >= 3
}

function saysSomething(text: string): boolean {
  const left = withoutPlaceholders(text)
    .replace(/NEEDS CLARIFICATION/gi, '')
    .trim()
  return /[\p{L}\p{N}]/u.test(left) && !EMPTY_STORY.test(left)
}

/**
 * What keeps a plan from counting, undefined when nothing does: its section `## Technical Context` must give
 * `**Language/Version**` and at least one more `**Label**: value` for real.
 */
export function planProblem(text: string): string | undefined {
  const section = technicalContext(withLf(text))
  if (section === undefined) return 'There is no section "## Technical Context".'
  const fields = section.split('\n').flatMap(readField)
  const real = fields.filter(([, value]) => saysSomething(value)).map(([label]) => label)
  if (!real.some(isLanguage)) {
    return 'Technical Context **Language/Version** is missing or carries only placeholder content.'
  }
  if (real.every(isLanguage)) {
    return 'Technical Context needs at least one more field beside **Language/Version**, such as **Primary Dependencies**.'
  }
  return undefined
}

function technicalContext(text: string): string | undefined {
  const lines = text.split('\n')
  const start = lines.findIndex(line => /^##[ \t]+Technical Context\b/i.test(line))
  if (start < 0) return undefined
  const end = lines.findIndex((line, i) => i > start && /^#{1,2}[ \t]/.test(line))
  return withoutComments(lines.slice(start + 1, end < 0 ? undefined : end).join('\n'))
}

function readField(line: string): [string, string][] {
  const field = /^(?:[-*+] )?\*\*([^*]+?):?\*\* ?:?(.*)/.exec(line.replace(/\s+/g, ' ').trim())
  return field === null ? [] : [[(field[1] ?? '').trim(), (field[2] ?? '').trim()]]
}

function isLanguage(label: string): boolean {
  return /^language\s*\/\s*version$/i.test(label)
}

/** A form with its blanks. Documents of other editions, which look different but say something, are none. */
export function isForm(text: string, isSubstantive: (text: string) => boolean): boolean {
  return text.trim() === '' || (/\[e\.g\.|NEEDS CLARIFICATION/.test(text) && !isSubstantive(text))
}

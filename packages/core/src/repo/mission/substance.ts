/** Whether spec.md and plan.md say something, or are still the forms they began as (docs/missions.md). Pure. */

/** Comments of the page, and `[placeholders]`; a link `[text](target)` is text. */
function withoutPlaceholders(text: string): string {
  return text.replace(/<!--[\s\S]*?-->/g, '').replace(/\[[^\]]*\](?!\()/g, '')
}

const BULLET = /^\s*[-*+]\s+(?:\*\*|__)?(FR-\d{3})(?!\d)(?::(?:\*\*|__)|(?:\*\*|__)?\s*[:–—-])\s*(.*)$/
const ROW = /^\s*\|\s*(?:\*\*|__)?(FR-\d{3})(?!\d)(?:\*\*|__)?\s*\|(.*)$/
/** What is left of "As a [role], I want [goal] so that [benefit]". */
const EMPTY_STORY = /^as an?\W*i want(?: to)?\W*so that\W*$/i

/**
 * True when at least one functional requirement has words of its own: a table row `| FR-001 | title | description |`
 * (only these two cells count) or a bullet `- **FR-001**: text`. Prose that mentions an id does not count.
 */
export function isSubstantiveSpec(text: string): boolean {
  return text
    .replace(/<!--[\s\S]*?-->/g, '')
    .split('\n')
    .some(line => readRequirement(line)?.texts.some(saysSomething) === true)
}

/** A line that states a functional requirement: its id and the texts that describe it, placeholders included. */
export function readRequirement(
  line: string,
): { readonly id: string; readonly texts: readonly string[] } | undefined {
  const bullet = BULLET.exec(line)
  if (bullet !== null) return { id: bullet[1] ?? '', texts: [bullet[2] ?? ''] }
  const row = ROW.exec(line)
  return row === null ? undefined : { id: row[1] ?? '', texts: (row[2] ?? '').split('|').slice(0, 2) }
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
  const section = technicalContext(text)
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
  const start = /^##[ \t]+Technical Context\b.*$/im.exec(text)
  if (start === null) return undefined
  const rest = text.slice(start.index + start[0].length)
  const end = /^#{1,2}[ \t]/m.exec(rest)
  return rest.slice(0, end?.index).replace(/<!--[\s\S]*?-->/g, '')
}

function readField(line: string): [string, string][] {
  const field = /^\s*(?:[-*+]\s+)?\*\*([^*]+?):?\*\*\s*:?\s*(.*)$/.exec(line)
  return field === null ? [] : [[(field[1] ?? '').trim(), field[2] ?? '']]
}

function isLanguage(label: string): boolean {
  return /^language\s*\/\s*version$/i.test(label)
}

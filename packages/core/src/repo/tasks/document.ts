/**
 * tasks.md as a document that keeps every byte it does not change (docs/formats.md): lines with their own
 * line ends, fenced code known, one rule for work package headings.
 */

export interface TasksLine {
  /** Without its line end. */
  readonly text: string
  readonly end: '\n' | '\r\n' | ''
  /** Inside a fenced code block, or one of its fences: never a heading, row or reference. */
  readonly fenced: boolean
}

export interface TasksDocument {
  readonly lines: readonly TasksLine[]
}

export interface Section {
  /** Normalised: upper case, at least two digits. */
  readonly wp: string
  readonly title: string
  /** Index of the heading line. */
  readonly start: number
  /** Index behind the last line. */
  readonly end: number
}

const FENCE = /^[\s>]*(?:(?:[-*+]|\d+[.)])\s+)?(`{3,}|~{3,})(.*)$/

/** `printTasks(parseTasks(x)) = x`. */
export function parseTasks(text: string): TasksDocument {
  const lines: TasksLine[] = []
  let fence: string | undefined
  for (let start = 0; start < text.length; ) {
    const feed = text.indexOf('\n', start)
    const next = feed < 0 ? text.length : feed + 1
    const crlf = feed > start && text.charCodeAt(feed - 1) === CARRIAGE_RETURN
    const end = feed < 0 ? '' : crlf ? '\r\n' : '\n'
    const content = text.slice(start, next - end.length)
    start = next
    const mark = content.includes('```') || content.includes('~~~') ? FENCE.exec(content) : null
    const wasFenced = fence !== undefined
    if (mark !== null) fence = nextFence(fence, mark[1] ?? '', mark[2] ?? '')
    lines.push({ text: content, end, fenced: wasFenced || fence !== undefined })
  }
  return { lines }
}

const CARRIAGE_RETURN = 13

/** CommonMark: a fence ends at a line of the same sign, at least as long, with nothing behind it. */
function nextFence(open: string | undefined, mark: string, info: string): string | undefined {
  if (open === undefined) return mark.startsWith('`') && info.includes('`') ? undefined : mark
  return mark[0] === open[0] && mark.length >= open.length && info.trim() === '' ? undefined : open
}

export function printTasks(document: TasksDocument): string {
  let text = ''
  for (const line of document.lines) text += line.text + line.end
  return text
}

/** The document with another text on one line. */
export function replaceLine(document: TasksDocument, index: number, text: string): TasksDocument {
  return { lines: document.lines.map((line, i) => (i === index ? { ...line, text } : line)) }
}

/** The document with a line behind `index`, in the line ends of its neighbours; the last line stays as it ends. */
export function insertAfter(document: TasksDocument, index: number, text: string): TasksDocument {
  const before = document.lines[index]
  const eol = before?.end || document.lines[0]?.end || '\n'
  const lines = document.lines.map((line, i) => (i === index ? { ...line, end: eol } : line))
  return { lines: lines.toSpliced(index + 1, 0, { text, end: before?.end ?? eol, fenced: false }) }
}

interface Heading {
  readonly index: number
  readonly level: number
  readonly wp: string | undefined
  readonly title: string
}

/**
 * The sections of the work packages, in order. A heading of any level opens one when it begins with the id:
 * `WP01`, `wp1`, `Work Package 1`, after `Phase 2 -`, a tick box or emphasis. It reaches to the next one, or to
 * a heading that stands higher (level 2: as high) and is not `Dependencies`.
 */
export function wpSections(document: TasksDocument): readonly Section[] {
  const headings = findHeadings(document)
  const sections: Section[] = []
  for (const [position, heading] of headings.entries()) {
    if (heading.wp === undefined) continue
    let next = position + 1
    while (next < headings.length && !closes(heading, headings[next])) next++
    const end = headings[next]?.index ?? document.lines.length
    sections.push({ wp: heading.wp, title: heading.title, start: heading.index, end })
  }
  return sections
}

function closes(section: Heading, other: Heading | undefined): boolean {
  if (other === undefined || other.wp !== undefined) return true
  if (isDependenciesTitle(other.title)) return false
  return other.level < section.level || (other.level === section.level && other.level <= 2)
}

/** `Dependencies`, `Dependencies & Risks`: about the section above. `Dependencies graph` is about the mission. */
export function isDependenciesTitle(title: string): boolean {
  return /^\W*dependencies\b(?!\s+(?:summary|graph|chain|overview|map)\b)/i.test(title)
}

function findHeadings({ lines }: TasksDocument): readonly Heading[] {
  const headings: Heading[] = []
  for (const [index, line] of lines.entries()) {
    // The cheap test first: most lines of a long file are no headings.
    if (line.fenced || !line.text.includes('#')) continue
    const heading = readHeading(line.text, index)
    if (heading !== undefined) headings.push(heading)
  }
  return headings
}

function readHeading(text: string, index: number): Heading | undefined {
  const match = /^ {0,3}(#{1,6})[ \t]+(.*)$/.exec(text)
  if (match === null) return undefined
  const line = (match[2] ?? '').trimEnd()
  // A closing row of `#` is decoration.
  const title = line.endsWith('#') ? line.replace(/(?:^|[ \t]+)#+$/, '') : line
  return { index, level: match[1]?.length ?? 1, ...headingWp(title) }
}

const HEADING_WP =
  /^(?:\[[ xX]\]\s*)?[*_`~]*(?:Phase\s+\d+\s*[-–—:]\s*)?[*_`~]*(?:Work\s+Package\s+(?:WP)?|WP)(\d+)(?=[\s:.,;()[\]*_`~—–-]|$)/i
/** `WP01–WP05`, `WP01 + WP02`: a group of work packages is no section of one. */
const GROUP = /^[*_`~]*\s*(?:[-–—,/&+→]|\.\.|->|and\b|to\b|through\b)\s*[*_`~]*WP\d/

function headingWp(title: string): Pick<Heading, 'wp' | 'title'> {
  const match = HEADING_WP.exec(title)
  const rest = match === null ? '' : title.slice(match[0].length)
  if (match === null || (rest.includes('W') && GROUP.test(rest))) return { wp: undefined, title }
  return { wp: normalizeWp(match[1] ?? ''), title: rest.replace(/^[\s:.*_`~—–-]+/, '').trim() || title }
}

/** Digits → `WP01`. */
export function normalizeWp(digits: string): string {
  if (digits.length === 2) return `WP${digits}`
  return `WP${digits.replace(/^0+(?=\d\d)/, '').padStart(2, '0')}`
}

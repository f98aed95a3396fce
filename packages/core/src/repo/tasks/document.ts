/**
 * tasks.md as a document that keeps every byte it does not change: lines with their own line ends, what Markdown does
 * not show as text known, and the sections of the work packages.
 */
import { wpId, wpKey } from '../../text/wp-id.ts'
import { keep } from '../../world/kept.ts'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import { type Blocks, type Heading, scanBlocks } from './blocks.ts'

export interface TasksLine {
  /** Without its line end. */
  readonly text: string
  readonly end: '\n' | '\r\n' | ''
  /** Code, a comment or raw HTML: never a heading or reference; a box in HTML counts. */
  readonly hidden: Blocks['hidden'][number]
}

export interface TasksDocument {
  readonly lines: readonly TasksLine[]
  readonly headings: readonly Heading[]
  /** What is opened and never closed. */
  readonly open: Blocks['open']
}

export interface Section {
  /** As the heading spells it: upper case, two digits at least. */
  readonly wp: string
  readonly title: string
  /** Index of the heading line. */
  readonly start: number
  /** Index behind the last line. */
  readonly end: number
}

/** That of a mission, which may have none. */
export function readTasks(
  ports: Pick<Ports, 'files' | 'kept'>,
  mission: Pick<Mission, 'dir'>,
): TasksDocument {
  const { tasksFile } = missionPaths(mission)
  return keep(ports, 'tasks', tasksFile, () => parseTasks(ports.files.text(tasksFile) ?? ''))
}

/** `printTasks(parseTasks(x)) = x`. */
export function parseTasks(text: string): TasksDocument {
  const pieces = text.split('\n')
  const ended = pieces.length - 1
  // Behind the last line end stands a line only where anything does.
  if (pieces[ended] === '') pieces.pop()
  const isCrlf = (piece: string, i: number): boolean => i < ended && piece.endsWith('\r')
  const texts = text.includes('\r')
    ? pieces.map((piece, i) => (isCrlf(piece, i) ? piece.slice(0, -1) : piece))
    : pieces
  const { hidden, headings, open } = scanBlocks(texts)
  const lines = texts.map((line, i): TasksLine => {
    const end = i === ended ? '' : line === pieces[i] ? '\n' : '\r\n'
    return { text: line, end, hidden: hidden[i] ?? false }
  })
  return { lines, headings, open }
}

/** A sentence about what is opened and never closed, for whoever misses a row below it. */
export function openBlock({ open }: Pick<TasksDocument, 'open'>): string | undefined {
  if (open === undefined) return undefined
  return `line ${open.index + 1} opens a ${open.what} that is never closed, so nothing below it is read`
}

export function printTasks(document: TasksDocument): string {
  let text = ''
  for (const line of document.lines) text += line.text + line.end
  return text
}

/** The document with another text on one line. */
export function replaceLine(document: TasksDocument, index: number, text: string): TasksDocument {
  return { ...document, lines: document.lines.map((line, i) => (i === index ? { ...line, text } : line)) }
}

/** The document with a line behind `index`, in the line ends of its neighbours; the last line stays as it ends. */
export function insertAfter(document: TasksDocument, index: number, text: string): TasksDocument {
  const before = document.lines[index]
  const eol = before?.end || document.lines[0]?.end || '\n'
  const lines = document.lines.map((line, i) => (i === index ? { ...line, end: eol } : line))
  const headings = document.headings.map(item =>
    item.index > index ? { ...item, index: item.index + 1 } : item,
  )
  return {
    ...document,
    headings,
    lines: lines.toSpliced(index + 1, 0, { text, end: before?.end ?? eol, hidden: false }),
  }
}

/**
 * The sections of the work packages, in order. A heading of any level opens one when it begins with the id:
 * `WP01`, `wp1`, `Work Package 1`, after `Phase 2 -`, a tick box or emphasis. It reaches to the next one, or to
 * a heading that stands higher (level 2: as high) and is not `Dependencies`.
 */
export function wpSections({ headings, lines }: TasksDocument): readonly Section[] {
  const named = headings.map(({ index, level, title: whole }): NamedHeading => {
    const { wp, title } = headingWp(whole)
    return { index, level, title, wp }
  })
  return named.flatMap((heading, position) => {
    if (heading.wp === undefined) return []
    let next = position + 1
    while (next < named.length && !closes(heading, named[next])) next++
    const end = named[next]?.index ?? lines.length
    return [{ wp: heading.wp, title: heading.title, start: heading.index, end }]
  })
}

type NamedHeading = Heading & { readonly wp: string | undefined }

function closes(section: NamedHeading, other: NamedHeading | undefined): boolean {
  if (other === undefined || other.wp !== undefined) return true
  if (isDependenciesTitle(other.title)) return false
  return other.level < section.level || (other.level === section.level && other.level <= 2)
}

/** `Dependencies`, `Depends on`: about the section above. `Dependencies graph` is about the mission. */
export function isDependenciesTitle(title: string): boolean {
  // First a pattern that is quickly made: hardly a heading goes on to the other.
  if (!/depend/i.test(title)) return false
  return /^[^a-z]{0,20}(?:dependencies\b(?! (?:summary|graph|chain|overview|map)\b)|depend(?:s|ent)? on\b)/i.test(
    title,
  )
}

/**
 * Which lines `among` these, in order, a guard holds against which work package, by the number of the package: its
 * sections, and what stands under any heading that holds its id as a word, up to the next heading that holds one. Wider
 * than `wpSections`: a guard errs on the side of refusing.
 */
export function guardedLines(
  document: TasksDocument,
  sections: readonly Section[],
  among: readonly number[],
): ReadonlyMap<string, readonly number[]> {
  const spans: (Span & { readonly keys: readonly string[] })[] = []
  for (const { index: start, title } of document.headings) {
    const keys = isDependenciesTitle(title) ? [] : keysIn(title)
    const before = spans.at(-1)
    if (keys.length === 0) continue
    if (before !== undefined) before.end = start
    spans.push({ keys, start, end: document.lines.length })
  }
  const strict = sections.map(({ wp, start, end }) => ({ keys: [wpKey(wp)], start, end }))
  const lines = new Map<string, readonly number[]>()
  for (const list of [spans, strict]) {
    for (const [i, mine] of linesIn(list, among).entries())
      for (const key of list[i]?.keys ?? []) lines.set(key, unite(lines.get(key) ?? [], mine))
  }
  return lines
}

/** Two lists of lines as one, in order. Of the first or from there on the same, as nearly all are, nothing is made. */
function unite(a: readonly number[], b: readonly number[]): readonly number[] {
  if (a.length === 0) return b
  // Each is what lies between its ends.
  const same = a.length === b.length && a[0] === b[0] && a.at(-1) === b.at(-1)
  return same || b.length === 0 ? a : [...new Set([...a, ...b])].sort((x, y) => x - y)
}

interface Span {
  readonly start: number
  end: number
}

/** Of spans that follow each other, which of some lines, in order, lie in each. */
export function linesIn(
  spans: readonly Readonly<Span>[],
  among: readonly number[],
): readonly (readonly number[])[] {
  let at = 0
  const before = (line: number): number => {
    while ((among[at] ?? line) < line) at++
    return at
  }
  return spans.map(({ start, end }) => among.slice(before(start), before(end)))
}

/** The document as it would be without what is opened and never closed: that hides nothing from a guard. */
export function withoutOpenBlock(document: TasksDocument): TasksDocument {
  const first = document.open?.index
  if (first === undefined) return document
  const texts = document.lines.map(({ text }, i) => (i >= first && /`{3}|~{3}|</.test(text) ? '' : text))
  const { hidden, headings } = scanBlocks(texts)
  const lines = document.lines.map((line, i) => ({ ...line, hidden: hidden[i] ?? false }))
  return { lines, headings, open: undefined }
}

const NAMED = /(?<!\w)(?:WP|Work[ -]?Package)[ _#-]{0,2}(?:WP)?(\d+)(?!\w)/gi

/** The numbers of packages whose ids stand in a text as words; one that is named twice in a row, once. */
function keysIn(text: string): readonly string[] {
  const keys: string[] = []
  NAMED.lastIndex = 0
  for (let match = NAMED.exec(text); match !== null; match = NAMED.exec(text)) {
    const key = wpKey(`WP${match[1]}`)
    if (key !== keys.at(-1)) keys.push(key)
  }
  return keys
}

const HEADING_WP =
  /^(?:\[[ xX]\] ?)?[*_`~]*(?:Phase \d{1,9} ?[-–—:] ?[*_`~]*)?(?:Work Package (?:WP)?|WP)(\d+)(?=[ :.,;()[\]*_`~—–-]|$)/i
/** `WP01–WP05`, `WP01 + WP02`: a group of work packages is no section of one. */
const GROUP = /^[*_`~]* ?(?:[-–—,/&+→]|\.\.|->|and\b|to\b|through\b) ?[*_`~]*WP\d/

function headingWp(title: string): Pick<Section, 'title'> & { readonly wp: string | undefined } {
  const text = /[ \t]{2}|\t/.test(title) ? title.replace(/[ \t]+/g, ' ') : title
  const match = HEADING_WP.exec(text)
  const rest = match === null ? '' : text.slice(match[0].length)
  if (match === null || (rest.includes('WP') && GROUP.test(rest))) return { wp: undefined, title }
  return { wp: wpId(match[1] ?? ''), title: rest.replace(/^[\s:.*_`~—–-]+/, '').trim() || title }
}

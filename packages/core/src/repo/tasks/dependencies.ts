/**
 * The one parser of dependencies stated in tasks.md. It reads more forms than the Python edition, and warns about
 * every line that names another work package like a dependency and was not read whole.
 */
import { sameWp, wpKey } from '../../text/wp-id.ts'
import { isDependenciesTitle, openBlock, type Section, type TasksDocument, wpSections } from './document.ts'
import { idsNamed, readIds, saysNone } from './id-list.ts'

export interface Dependencies {
  /** Every work package with a section, in order → what it depends on, in order of declaration. */
  readonly byWp: ReadonlyMap<string, readonly string[]>
  readonly warnings: readonly DependencyWarning[]
}

export interface DependencyWarning {
  readonly wp: string
  /** 1-based. */
  readonly line: number
  readonly message: string
  /** The packages that the line names, where nothing was read from it: known from elsewhere, they need no look. */
  readonly named: readonly string[]
}

/** What a line declares; undefined: nothing about dependencies. */
type Declared =
  | { readonly ids: readonly string[]; readonly missed: boolean; readonly none: boolean }
  | undefined

/** Of the package `only`, however it is spelled; of all where it is left out. */
export function parseDependencies(document: TasksDocument, only?: string): Dependencies {
  const byWp = new Map<string, string[]>()
  const spelled = new Map<string, string>()
  const warnings: DependencyWarning[] = []
  const titles = new Map(document.headings.map(({ index, title }) => [index, title]))
  for (const section of wpSections(document)) {
    if (only !== undefined && !sameWp(section.wp, only)) continue
    const number = wpKey(section.wp)
    const wp = spelled.get(number) ?? section.wp
    spelled.set(number, wp)
    const ids = byWp.get(wp) ?? []
    byWp.set(wp, ids)
    for (const { line, text, declared, below } of declarations(document, titles, section)) {
      for (const id of declared?.ids ?? []) {
        // A range may run over the package itself.
        const own = sameWp(id, section.wp) && (declared?.ids.length ?? 0) > 1
        if (!own && !ids.includes(id)) ids.push(id)
      }
      const message = complaint(section.wp, text, declared, below)
      const named = declared === undefined ? idsNamed(text).filter(id => !sameWp(id, section.wp)) : []
      if (message !== undefined) warnings.push({ wp: section.wp, line, message, named })
    }
  }
  const open = openBlock(document)
  if (open !== undefined)
    warnings.push({ wp: 'tasks.md', line: (document.open?.index ?? 0) + 1, message: open, named: [] })
  return { byWp, warnings }
}

interface Line {
  /** 1-based. */
  readonly line: number
  readonly text: string
  readonly declared: Declared
  /** It stands under a label or heading `Dependencies`, or under one that may mean it. */
  readonly below: boolean
}

/** The lines of a section that say something, with what they declare. */
function* declarations(
  document: TasksDocument,
  titles: ReadonlyMap<number, string>,
  section: Section,
): Generator<Line> {
  /** Under a heading `Dependencies`, or a label with nothing behind it, the ids may stand in the lines below. */
  let below = false
  /** Under another label or heading, or in a paragraph that goes on behind ids: told, not read. */
  let hinted: RegExp | undefined
  let column: number | undefined
  for (let i = section.start + 1; i < section.end; i++) {
    const line = document.lines[i]
    if (line === undefined || line.hidden) continue
    const text = line.text
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/^(?:> ?)+/, '')
    const title = titles.get(i)
    column = text.includes('|') ? (dependsColumn(text) ?? column) : undefined
    if (title !== undefined && isDependenciesTitle(title)) {
      below = true
      const declared = readLine(title)
      if (declared !== undefined && !declared.none) yield { line: i + 1, text, declared, below }
      continue
    }
    const labelled = LABEL_LIKE.test(text) ? readLine(text) : undefined
    const declared: Declared = labelled ?? (below ? readBelow(text) : undefined)
    const told = column === undefined ? hinted?.test(text) === true : isAbout(section.wp, text, column)
    yield { line: i + 1, text, declared, below: below || told }
    if (declared?.none && LABEL_ONLY.test(text)) below = true
    else below &&= text === '' || BULLET.test(text) || text.startsWith('|') || declared !== undefined
    if (opensList(text, title)) hinted = BEGINS_WITH_ID
    else if ((declared?.ids.length ?? 0) > 0) hinted = GOES_ON
    else if (hinted !== BEGINS_WITH_ID || !(text === '' || BULLET.test(text))) hinted = undefined
  }
}

/** A line that is nothing but a label, or a heading, in words that may mean dependencies. */
function opensList(text: string, title: string | undefined): boolean {
  const label = title ?? ALONE.exec(text.replace(BULLET, ''))?.[1]
  return label !== undefined && DEPENDING.test(label) && !OTHER_WAY.test(label)
}

/** Which cell of the first line of a table names dependencies. */
function dependsColumn(text: string): number | undefined {
  const at = text.split('|').findIndex(cell => LABEL_ONLY.test(cell.trim()))
  return at < 0 ? undefined : at
}

/** A row about the package itself, or about none, whose cell names another one. */
function isAbout(wp: string, text: string, column: number): boolean {
  const cells = text.split('|')
  const [subject] = idsNamed(cells.filter((_, i) => i !== column).join('|'))
  return (subject === undefined || sameWp(subject, wp)) && idsNamed(cells[column] ?? '').length > 0
}

const ALONE = /^[*_`]{0,3}([^:：*_`]{2,40})[*_`]{0,3} ?[:：][*_`]{0,3}$/
const BEGINS_WITH_ID = /^[-+*_`[\](),;&| xX\d.]*(?:and |und |et |y )?[*_`[(]{0,4}WP\d/i
/** Words for it in other languages, and other English ones. */
const ANY_LANGUAGE =
  'd[eé]pend|dipend|abh[äa]ng|afhank|afh[æa]ng|avheng|beroende|riippu|zale[żz]|z[áa]vis|завис|залеж|bağıml|függ|依|의존|前提|前置'
const DEPENDING = new RegExp(
  `${ANY_LANGUAGE}|pre-?req|requisit|voraussetz|predecess|block(?:ed by|ers?\\b)|requires?\\b|needs\\b|upstream|builds? (?:up)?on|waits? (?:for|on)|^after\\b`,
  'iu',
)

/** What every label has in it: asked first, because most lines have it not. */
const LABEL_LIKE = /dep/i
const NAME_LIKE = /WP\d/i
const BULLET = /^(?:[-*+]|\d{1,9}[.)]) /
const WORD = '(?:Depend(?:s|ent|encies|ency)?(?:[ -]on)?|Deps)'
/** `**Depends on:**`, `Dependencies —` before an id, `Depends on` before anything. */
const LABEL = new RegExp(
  `^[*_\`]*(?:${WORD})[*_\`]* ?(?:[:：.]|[—–-](?= ?[*_\`[]*WP\\d)|(?<=on[*_\`]{0,9} ?)(?=[ *_\`A-Z]))[*_\`]* ?`,
  'i',
)
const LABEL_ONLY = new RegExp(`^(?:[-*+] )?[*_\`]*(?:${WORD})[*_\`]*(?: [:：]?[*_\`]*|[:：][*_\`]*)?$`, 'i')

/** A line, or a segment of it between pipes or dots, that begins with a label: `**Depends on:** WP01`. */
function readLine(text: string): Declared {
  const segments = text.replace(BULLET, '').split(/ ?[|·] ?/)
  for (const [i, segment] of segments.entries()) {
    const label = LABEL.exec(segment)
    const next = segments[i + 1]
    if (label === null) {
      // `| **Dependencies** | WP01 |`: label and value in two cells.
      if (text.startsWith('|') && LABEL_ONLY.test(segment) && next !== undefined && idsNamed(next).length > 0)
        return readValue(next)
      continue
    }
    const value = segment.slice(label[0].length)
    if (LABEL.test(value)) return readLine(value)
    return text.startsWith('|') && value === '' && next !== undefined ? readValue(next) : readValue(value)
  }
  return undefined
}

/** Below a label: a bullet, or a line that is nothing but ids, or says that there are none. */
function readBelow(text: string): Declared {
  if (BULLET.test(text)) return readValue(text.replace(BULLET, ''))
  return readIds(text).whole || (text !== '' && saysNone(text)) ? readValue(text) : undefined
}

/** The ids before the prose; undefined when there is none and none is claimed. */
function readValue(value: string): Declared {
  // `none (WP01 helps)` is meant; `no, but WP01 first` says more.
  if (saysNone(value)) {
    const said = value.replace(/\([^()]*\)/g, '')
    const but = said.search(/\b(?:but|except|unless|although|though|however)\b/i)
    return { ids: [], missed: but >= 0 && idsNamed(said.slice(but)).length > 0, none: true }
  }
  const { ids, missed } = readIds(value)
  if (ids.length > 0) return { ids, missed, none: false }
  return value.trim() === '' ? { ids, missed, none: true } : undefined
}

/** Why a line deserves a look; undefined when it was read whole, or is about something else. */
function complaint(wp: string, text: string, declared: Declared, below: boolean): string | undefined {
  if (declared !== undefined) {
    if (!declared.missed) return undefined
    const read = declared.ids.length === 0 ? 'No work package' : `Only ${declared.ids.join(', ')}`
    return `${read} could be read from: ${cut(text)}`
  }
  const labelled =
    LABEL_LIKE.test(text) &&
    text
      .replace(BULLET, '')
      .split(/ ?[|·] ?/)
      .some(segment => LABEL.test(segment))
  return labelled || (NAME_LIKE.test(text) && hintsAtAnother(wp, text, below))
    ? `No work package could be read from: ${cut(text)}`
    : undefined
}

/** A line that goes on behind the ids of the one before it. */
const GOES_ON = /^[,;&]? ?(?:and |und |et |y )?[*_`[(]{0,4}WP\d{1,9}[*_`\])]{0,4}[ .]{0,4}(?:$|[,;(&])/i

/** Shortly before an id: words for it anywhere, and verbs right there. */
const HINT = new RegExp(
  `${ANY_LANGUAGE}|(?:block(?:ed)? by|requires?|needs|builds? (?:up)?on|waits? (?:for|on)|must follow|after|once|when) (?:the |both |either |all of )?[*_\`[(]*$`,
  'iu',
)

/** Words that point the other way, or nowhere. */
const OTHER_WAY =
  /\b(?:un)?block(?:s|ing)\b|\benabl|\b(?:feeds|gates)\b|\bdependents?\b(?! on)|\b(?:dependency|prerequisite|foundation) (?:for|of)\b|\bparallel|\bindependent|\b(?:required|used|needed) by\b|\bbefore\b|\bfollow(?:s|ed)\b|\bnext\b|depends on this/i
/** Labels that are about other things. */
const OTHER_LABEL = /^(?:Goal|Risks?|Implementation|Prompt|Priority|Boundary|Summary|Title|File)\b/i
const BOLD_LABEL = /(?:\*\*|__)([^*_]{1,60})(?:\*\*|__)[^*]{0,40}$/
const FIRST_LABEL = /^(\p{L}[\p{L} -]{1,30}) ?[:：].{0,40}$/u

/** Another work package under a label `Dependencies`, or shortly behind a bold label, a first one, or `depend`. */
function hintsAtAnother(wp: string, text: string, below: boolean): boolean {
  if (OTHER_WAY.test(text)) return false
  const line = text.replace(BULLET, '')
  return [...line.matchAll(/(?<!\w)WP\d{1,9}(?!\w)/gi)].some(({ 0: id, index }) => {
    if (sameWp(id, wp)) return false
    if (below || HINT.test(line.slice(Math.max(0, index - 46), index))) return true
    const before = line.slice(Math.max(0, index - 106), index)
    const label = BOLD_LABEL.exec(before)?.[1] ?? (index < 80 ? FIRST_LABEL.exec(before)?.[1] : undefined)
    return label !== undefined && !OTHER_LABEL.test(label)
  })
}

function cut(text: string): string {
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}

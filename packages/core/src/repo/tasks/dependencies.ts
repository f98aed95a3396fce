/**
 * The one parser of dependencies stated in tasks.md (docs/formats.md). It also understands the forms that
 * the Python edition silently reads as "none", and warns where a line looks like a dependency and yields nothing.
 */
import { isDependenciesTitle, normalizeWp, type TasksDocument, wpSections } from './document.ts'

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
}

/** What one line declares: ids, none, or (undefined) nothing about dependencies. */
type Declared = readonly string[] | undefined

export function parseDependencies(document: TasksDocument): Dependencies {
  const byWp = new Map<string, string[]>()
  const warnings: DependencyWarning[] = []
  for (const section of wpSections(document)) {
    const ids = byWp.get(section.wp) ?? []
    byWp.set(section.wp, ids)
    let below = false
    for (let i = section.start + 1; i < section.end; i++) {
      const line = document.lines[i]
      if (line === undefined || line.fenced) continue
      const text = line.text.trim()
      if (/^#{1,6}\s/.test(text) && isDependenciesTitle(text.replace(/^#+\s+/, ''))) {
        below = true
        continue
      }
      const declared = readLine(text) ?? (below ? readBullet(text) : undefined)
      below &&= text === '' || BULLET.test(text)
      for (const id of declared ?? []) if (!ids.includes(id)) ids.push(id)
      if (declared === undefined && looksLikeDependency(text)) {
        warnings.push({ wp: section.wp, line: i + 1, message: `No work package could be read from: ${text}` })
      }
    }
  }
  return { byWp, warnings }
}

const BULLET = /^(?:[-*+]|\d+[.)])\s+/
const LABEL =
  /^[*_`]*(?:Depend(?:s|encies|ency)?(?:\s+on)?|Deps)[*_`]*\s*(?:[:.]|(?<=on[*_`]*)(?=\s))[*_`]*\s*/i

/** A line, or a segment of it between pipes or dots, that begins with a label: `**Depends on:** WP01`. */
function readLine(text: string): Declared {
  for (const segment of segments(text)) {
    const label = LABEL.exec(segment)
    if (label === null) continue
    const value = segment.slice(label[0].length)
    return LABEL.test(value) ? readLine(value) : readValue(value)
  }
  return undefined
}

function segments(text: string): string[] {
  return text.replace(BULLET, '').split(/\s*[|·]\s*/)
}

/** Under a `Dependencies` heading a bullet may begin with the id itself. */
function readBullet(text: string): Declared {
  return BULLET.test(text) ? readValue(text.replace(BULLET, '')) : undefined
}

const NONE = /^[*_`([]*(?:none|nothing|no\b|n\/a|-+|—|–|$)/i
const WP = /^[\s*_`[({]*(?:WP|Work Package\s+(?:WP)?)(\d+)(?![\w]|\.\d)[*_`\]]*/i
/** `Requires WP01`, `all of WP01-WP05`, `outputs of WP02`. */
const LEAD = /^(?:(?:requires?|needs|all|of|the|outputs?|completion)\s+)+(?=[*_`[]*WP)/i
const REMARK = /^\s*\([^)]*\)/
const RANGE = /^\s*(?:[-–](?=\s*WP\d)(?!\s)|\.{2,3}|through\b|to\b)\s*/i
const JOINT = /^[\s)]*(?:,|;|&|\+|\/|→|->|=>|and\b)[\s,]*(?:and\b)?/i

/** `WP01 (why), WP02 and WP04–WP06. Prose` → the ids before the prose; undefined when there is none and none is claimed. */
function readValue(value: string): Declared {
  if (NONE.test(value.trim())) return []
  const ids: string[] = []
  let rest = value.replace(LEAD, '')
  for (;;) {
    const match = WP.exec(rest)
    if (match === null) break
    rest = rest.slice(match[0].length)
    const first = match[1] ?? ''
    const range = RANGE.exec(rest)
    const last = range === null ? null : WP.exec(rest.slice(range[0].length))
    if (range !== null && last !== null) rest = rest.slice(range[0].length + last[0].length)
    ids.push(...expand(first, last?.[1] ?? first))
    rest = rest.replace(REMARK, '')
    const joint = JOINT.exec(rest)
    if (joint === null) break
    rest = rest.slice(joint[0].length)
  }
  return ids.length > 0 ? ids : undefined
}

function expand(first: string, last: string): string[] {
  const from = Number(first)
  const to = Number(last)
  if (to <= from || to - from > 999) return [...new Set([normalizeWp(first), normalizeWp(last)])]
  return Array.from({ length: to - from + 1 }, (_, i) => normalizeWp(String(from + i)))
}

function looksLikeDependency(text: string): boolean {
  return segments(text).some(segment => LABEL.test(segment))
}

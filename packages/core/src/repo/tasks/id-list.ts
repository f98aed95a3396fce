/** Work package ids in a text, one reader for tasks.md and front matter: `WP01 (why), WP02 and WP04–WP06`. */
import { wpId, wpKey } from '../../text/wp-id.ts'

export interface IdList {
  /** In the order written, ranges spelled out. */
  readonly ids: readonly string[]
  /** The text names a work package that is not among them. */
  readonly missed: boolean
  /** Nothing but the ids, and remarks in brackets. */
  readonly whole: boolean
}

/** Begins with no id but says so: `none`, `—`, `[]`. */
const NONE = /^[*_`([]*(?:none|nothing|no\b|n\/a|[-—–]*[\])]*$|[—–])/i
const WP = /^[ *_`"'[({]*(?:WP|Work Package (?:WP)?)(\d{1,9})(?!\w|\.\d)[*_`"'\]]*/i
/** `Requires WP01`, `all of WP01-WP05`, `- [ ] WP01`, `Soft dependency: WP01`. */
const LEAD = /^(?:(?:requires?|needs|all|of|the|outputs?|completion)[ :]+)+(?=[*_`"'[]*WP)/i
const BULLET = /^(?:(?:[-*+–—]|\d{1,9}[.)]) +|\[[ xX]?\] *){1,3}(?=[ *_`"'[({]*(?:WP|Work Package))/i
const REMARK = /^ ?(?:\([^()]*\)|\[[^[\]]*\]|[✅✓✔☑⏳🔄🔲⬜❌🚧]\uFE0F?)/u
const RANGE = /^ ?(?:[-–](?=(?: ?WP)?\d)(?! )|\.{2,3}|through\b|to\b) ?/i
const BARE = /^(\d{2,9})(?![\w.])/
const JOINT = /^[ )]*(?:[,;&+/、，；]|→|->|=>|(?:and|plus|und|et|y|e|и|i|og|och|en)(?= ))[ ,]*(?:and\b)?/iu
/** Nothing between two ids. */
const NEXT = /^ (?=[*_`"'[]*WP\d)/i

/** True for a text that says there are none. */
export function saysNone(text: string): boolean {
  return NONE.test(text.trim()) && !BULLET.test(text.trim())
}

/** The ids at the beginning of a text. Blanks count as one. */
export function readIds(text: string): IdList {
  const value = text.replace(/\s+/g, ' ').trim()
  const ids: string[] = []
  let rest = value.replace(BULLET, '').replace(LEAD, '')
  for (;;) {
    const match = WP.exec(rest)
    if (match === null) break
    rest = rest.slice(match[0].length)
    const first = match[1] ?? ''
    const range = RANGE.exec(rest)
    const behind = range === null ? '' : rest.slice(range[0].length)
    const last = range === null ? null : (WP.exec(behind) ?? bareEnd(behind, first))
    if (last !== null) rest = behind.slice(last[0].length)
    ids.push(...expand(first, last?.[1] ?? first))
    for (let remark = REMARK.exec(rest); remark !== null; remark = REMARK.exec(rest)) {
      rest = rest.slice(remark[0].length)
    }
    const joint = JOINT.exec(rest) ?? NEXT.exec(rest)
    if (joint === null) break
    rest = rest.slice(joint[0].length)
  }
  const known = new Set(ids.map(wpKey))
  const missed = idsNamed(value).some(id => !known.has(wpKey(id))) || /^[ ,;&]*\d{2,}(?!\w)/.test(rest)
  return {
    ids: [...new Set(ids)],
    missed: ids.length > 0 && missed,
    whole: ids.length > 0 && /^[ .;)]*$/.test(rest),
  }
}

/** `WP01-03`: the end of a range without its letters has as many digits as its beginning. */
function bareEnd(text: string, first: string): RegExpExecArray | null {
  const match = BARE.exec(text)
  return match?.[1]?.length === first.length ? match : null
}

/** Every id that a text names as a word, wherever. */
export function idsNamed(text: string): readonly string[] {
  return [...text.matchAll(/(?<!\w)(?:WP|Work Package (?:WP)?)(\d{1,9})(?!\w)/gi)].map(match =>
    wpId(match[1] ?? ''),
  )
}

function expand(first: string, last: string): readonly string[] {
  const from = Number(first)
  const to = Number(last)
  if (to <= from || to - from > 999) return [wpId(first), wpId(last)]
  return Array.from({ length: to - from + 1 }, (_, i) => wpId(String(from + i).padStart(first.length, '0')))
}

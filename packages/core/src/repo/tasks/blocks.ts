/**
 * The blocks of a Markdown page, line by line, as CommonMark has them: which lines are shown as text (a heading, a
 * list, a table, a paragraph) and which are code, comments or raw HTML. A code block ends with the quote or list item
 * that it stands in; text indented by four is code unless a paragraph goes on.
 */

export interface Heading {
  /** Index of its line; of the first one, where it is underlined. */
  readonly index: number
  readonly level: number
  readonly title: string
}

export interface Blocks {
  /** By line: no heading, row or reference is looked for there. `html`: a page shows its text all the same. */
  readonly hidden: readonly (boolean | 'html')[]
  readonly headings: readonly Heading[]
  /** What was opened and never closed, so that everything below it is hidden; index of its first line. */
  readonly open:
    | { readonly index: number; readonly what: 'code block' | 'comment' | 'HTML block' }
    | undefined
}

/** A quote, or a list item with the columns that its text is indented by. */
type Container = 'quote' | number

type Leaf =
  | { readonly kind: 'paragraph'; readonly index: number; readonly text: string }
  | { readonly kind: 'fence'; readonly index: number; readonly mark: string }
  /** `end` undefined: it ends at a blank line. */
  | { readonly kind: 'html'; readonly index: number; readonly end: RegExp | undefined }

/** Deeper than any page; what stands deeper is text. */
const DEEPEST = 50

export function scanBlocks(lines: readonly string[]): Blocks {
  const scan = new Scan()
  lines.forEach((line, index) => void scan.take(line, index))
  const { leaf } = scan
  const left = leaf?.kind === 'fence' || (leaf?.kind === 'html' && leaf.end !== undefined) ? leaf : undefined
  return {
    hidden: scan.hidden,
    headings: scan.headings,
    open: left === undefined ? undefined : { index: left.index, what: nameOf(left) },
  }
}

function nameOf(leaf: Leaf): 'code block' | 'comment' | 'HTML block' {
  if (leaf.kind === 'fence') return 'code block'
  return leaf.kind === 'html' && leaf.end === COMMENT_END ? 'comment' : 'HTML block'
}

const COMMENT_END = /-->/
const FENCE = /^ {0,3}(`{3,}(?!`)|~{3,}(?!~))([\s\S]*)/
const RULE = /^ {0,3}(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/
const UNDERLINE = /^ {0,3}(?:(=)=*|-+)$/
const ATX = /^ {0,3}(#{1,6})(?: (.*))?$/
const NUMBERED = /^ {0,3}(\d{1,9})[.)]/
const BULLETS = '-*+'
const BEGINS_LEAF = '#=-*_`~<'
const HTML: readonly (readonly [RegExp, RegExp | undefined])[] = [
  [/^<(?:script|pre|style|textarea)(?:[ >]|$)/i, /<\/(?:script|pre|style|textarea)>/i],
  [/^<!--/, COMMENT_END],
  [/^<\?/, /\?>/],
  [/^<![A-Za-z]/, />/],
  [/^<!\[CDATA\[/, /\]\]>/],
  [
    /^<\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:[ >]|\/>|$)/i,
    undefined,
  ],
]
/** A tag alone on its line; it does not interrupt a paragraph. */
const LONE_TAG = /^<\/?[A-Za-z][\w-]*(?: [^<>]*)?\/?>$/

/** Where a line begins that stands in no container. */
const OUTSIDE: { readonly at: number; readonly matched: number } = { at: 0, matched: 0 }

/** One walk over a page; lives for one call of `scanBlocks`. */
class Scan {
  readonly hidden: (boolean | 'html')[] = []
  readonly headings: Heading[] = []
  leaf: Leaf | undefined
  private containers: Container[] = []

  take(line: string, index: number): void {
    const text = plainBlanks(line)
    if (text === '') {
      this.blank(!this.containers.includes('quote'))
      return
    }
    const { at, matched } = this.containers.length === 0 ? OUTSIDE : this.match(text)
    const rest = text.slice(at)
    const inside = matched === this.containers.length
    if (rest === '') {
      this.blank(inside)
      return
    }
    if (inside && this.leaf?.kind === 'fence') {
      this.fenced(rest, this.leaf)
      return
    }
    if (inside && this.leaf?.kind === 'html') {
      this.html(rest, this.leaf)
      return
    }
    if (!inside) {
      // Text that goes on with a paragraph need not repeat the sign of its quote or its indent.
      if (this.leaf?.kind === 'paragraph' && !opensBlock(rest)) {
        this.hidden.push(false)
        return
      }
      this.containers.length = matched
      this.leaf = undefined
    }
    this.open(rest, index)
  }

  /** How far the line stays in the containers that are open. */
  private match(text: string): typeof OUTSIDE {
    let at = 0
    let matched = 0
    for (const container of this.containers) {
      const indent = indentOf(text, at)
      if (container === 'quote') {
        if (indent > 3 || text[at + indent] !== '>') break
        at += indent + 1
        if (text[at] === ' ') at++
      } else if (at + indent < text.length) {
        if (indent < container) break
        at += container
      } else at = text.length
      matched++
    }
    return { at: at + indentOf(text, at) === text.length ? text.length : at, matched }
  }

  private blank(inside: boolean): void {
    const { leaf } = this
    const goesOn = inside && (leaf?.kind === 'fence' || (leaf?.kind === 'html' && leaf.end !== undefined))
    this.hidden.push(goesOn)
    if (goesOn) return
    this.leaf = undefined
    // A quote ends at a blank line, a list item does not.
    const quote = this.containers.indexOf('quote')
    if (!inside && quote >= 0) this.containers.length = quote
  }

  private fenced(rest: string, fence: Leaf & { kind: 'fence' }): void {
    this.hidden.push(true)
    const close = FENCE.exec(rest)
    const mark = close?.[1] ?? ''
    const closes = mark[0] === fence.mark[0] && mark.length >= fence.mark.length
    if (closes && (close?.[2] ?? '').trim() === '') this.leaf = undefined
  }

  private html(rest: string, html: Leaf & { kind: 'html' }): void {
    this.hidden.push(html.end === undefined ? 'html' : true)
    if (html.end?.test(rest)) this.leaf = undefined
  }

  private open(start: string, index: number): void {
    let rest = start
    for (;;) {
      const paragraph = this.leaf?.kind === 'paragraph' ? this.leaf : undefined
      const indent = indentOf(rest, 0)
      if (indent === rest.length) {
        this.text(index, '', undefined)
        return
      }
      if (indent >= 4) {
        this.hidden.push(paragraph === undefined)
        return
      }
      const body = rest.slice(indent)
      const sign = body[0] ?? ''
      if (sign === '>' && this.containers.length < DEEPEST) {
        this.enter('quote')
        rest = body.slice(body[1] === ' ' ? 2 : 1)
        continue
      }
      if (BEGINS_LEAF.includes(sign) && this.leafOf(rest, body, sign, index, paragraph)) return
      const width =
        this.containers.length < DEEPEST ? itemWidth(rest, indent, sign, paragraph !== undefined) : undefined
      if (width === undefined) {
        this.text(index, body, paragraph)
        return
      }
      this.enter(width)
      rest = rest.slice(width)
    }
  }

  private enter(container: Container): void {
    this.leaf = undefined
    this.containers.push(container)
  }

  private text(index: number, text: string, paragraph: Leaf | undefined): void {
    this.hidden.push(false)
    this.leaf = paragraph ?? { kind: 'paragraph', index, text }
  }

  /** True when the rest of the line is a heading, a rule, a fence or HTML. */
  private leafOf(
    rest: string,
    body: string,
    sign: string,
    index: number,
    paragraph: (Leaf & { kind: 'paragraph' }) | undefined,
  ): boolean {
    const atx = sign === '#' ? ATX.exec(rest) : null
    if (atx !== null) {
      this.headings.push({ index, level: atx[1]?.length ?? 1, title: titleOf(atx[2] ?? '') })
      return this.shown()
    }
    const underline = paragraph !== undefined && (sign === '=' || sign === '-') ? UNDERLINE.exec(rest) : null
    if (underline !== null && paragraph !== undefined) {
      this.headings.push({
        index: paragraph.index,
        level: underline[1] === '=' ? 1 : 2,
        title: paragraph.text,
      })
      return this.shown()
    }
    if (isRule(rest, sign)) return this.shown()
    const fence = sign === '`' || sign === '~' ? FENCE.exec(rest) : null
    if (fence !== null && (sign === '~' || !(fence[2] ?? '').includes('`'))) {
      this.hidden.push(true)
      this.leaf = { kind: 'fence', index, mark: fence[1] ?? '' }
      return true
    }
    const html = sign === '<' ? htmlOf(body, paragraph !== undefined) : undefined
    if (html === undefined) return false
    this.hidden.push(html.end === undefined ? 'html' : true)
    this.leaf = html.end?.test(body.slice(html.skip)) ? undefined : { kind: 'html', index, end: html.end }
    return true
  }

  private shown(): true {
    this.hidden.push(false)
    this.leaf = undefined
    return true
  }
}

function indentOf(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) === 32) at++
  return at - from
}

/** The line with tabs as the blanks they stand for, without blanks at its end. */
function plainBlanks(line: string): string {
  if (!line.includes('\t')) return line.trimEnd()
  const [first = '', ...pieces] = line.split('\t')
  let text = first
  for (const piece of pieces) text += ' '.repeat(4 - (text.length % 4)) + piece
  return text.trimEnd()
}

/** A heading without the signs that may close it. */
function titleOf(text: string): string {
  const line = text.trim()
  let end = line.length
  while (line[end - 1] === '#') end--
  if (end === line.length) return line
  return end === 0 || line[end - 1] === ' ' ? line.slice(0, end).trimEnd() : line
}

/** Of a line without blanks at its end, whose text begins with this sign. */
function isRule(rest: string, sign: string): boolean {
  return (sign === '-' || sign === '*' || sign === '_') && rest.endsWith(sign) && RULE.test(rest)
}

/** How wide a list item is whose sign stands behind these blanks; undefined when none does. */
function itemWidth(rest: string, indent: number, sign: string, inParagraph: boolean): number | undefined {
  const bullet = BULLETS.includes(sign)
  const number = bullet || sign < '0' || sign > '9' ? undefined : NUMBERED.exec(rest)?.[1]
  if (!bullet && number === undefined) return undefined
  const mark = indent + (number?.length ?? 0) + 1
  const blanks = indentOf(rest, mark)
  const empty = mark + blanks === rest.length
  if (blanks === 0 && !empty) return undefined
  if (inParagraph && (empty || (number !== undefined && Number(number) !== 1))) return undefined
  // Five blanks and more: the item holds indented code.
  return mark + (empty || blanks > 4 ? 1 : blanks)
}

function htmlOf(
  body: string,
  inParagraph: boolean,
): { readonly end: RegExp | undefined; readonly skip: number } | undefined {
  for (const [start, end] of HTML) {
    const match = start.exec(body)
    if (match !== null) return { end, skip: match[0].length }
  }
  return !inParagraph && LONE_TAG.test(body) ? { end: undefined, skip: 0 } : undefined
}

/** Whether a line that left its container begins something new. */
function opensBlock(rest: string): boolean {
  const indent = indentOf(rest, 0)
  if (indent >= 4) return false
  const body = rest.slice(indent)
  const sign = body[0] ?? ''
  switch (sign) {
    case '>':
      return true
    case '#':
      return ATX.test(rest)
    case '`':
    case '~':
      return FENCE.test(rest)
    case '<':
      return htmlOf(body, true) !== undefined
    default:
      return isRule(rest, sign) || itemWidth(rest, indent, sign, true) !== undefined
  }
}

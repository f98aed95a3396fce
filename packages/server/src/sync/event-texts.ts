/** The events of a batch one by one: who judges them needs no more than one at a time. */

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = 0x7b
const CLOSE = 0x7d
const COMMA = 0x2c
const SPACE = 0x20

/**
 * The texts of the events in `{"events":[…]}`, at most `most`; undefined for a body that says more, or otherwise, and
 * must be read as a whole. Where each of the texts is JSON, the body is.
 */
export function eventTexts(body: string, most: number): readonly string[] | undefined {
  const head = HEAD.exec(body)?.[0]
  if (head === undefined) return undefined
  const texts: string[] = []
  for (let at = head.length; texts.length < most; ) {
    const end = endOfObject(body, at)
    if (end === undefined) return undefined
    texts.push(body.slice(at, end))
    if (body.charCodeAt(end) !== COMMA) return TAIL.test(body.slice(end, end + 4)) ? texts : undefined
    at = body.charCodeAt(end + 1) === SPACE ? end + 2 : end + 1
  }
  return undefined
}

/** As JavaScript prints it, or Python. */
const HEAD = /^\{"events": ?\[/
const TAIL = /^\]\}\n?$/

/** Where the object that begins at `at` ends, by its braces; undefined where there is none. */
function endOfObject(text: string, at: number): number | undefined {
  if (text.charCodeAt(at) !== OPEN) return undefined
  let depth = 0
  for (let i = at; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === QUOTE) {
      i = endOfString(text, i)
      if (i < 0) return undefined
    } else if (unit === OPEN) depth += 1
    else if (unit === CLOSE) {
      depth -= 1
      if (depth === 0) return i + 1
    }
  }
  return undefined
}

/** The quotation mark that ends the string which begins at `at`; -1 where there is none. */
function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end > 0; end = text.indexOf('"', end + 1)) {
    let before = end - 1
    while (text.charCodeAt(before) === BACKSLASH) before -= 1
    if ((end - before) % 2 === 1) return end
  }
  return -1
}

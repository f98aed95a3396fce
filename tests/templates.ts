/** The template literals of a source text, with what they are tagged with: enough of a reader for the rules of the house. */

export interface Template {
  readonly tag: string
  readonly line: number
  /** Literal parts, as written; between two of them stands an insert. */
  readonly parts: readonly string[]
  /** The code of the inserts. */
  readonly inserts: readonly string[]
}

/** All template literals, nested ones too. */
export function templatesOf(code: string): readonly Template[] {
  const found: Template[] = []
  readCode(code, 0, found)
  return found
}

/** Reads code from `start` to its end, or to the brace that closes an insert; answers where it stopped. */
function readCode(code: string, start: number, found: Template[]): number {
  let depth = 0
  for (let at = start; at < code.length; at++) {
    const char = code[at]
    if (char === '{') depth++
    else if (char === '}' && depth-- === 0) return at
    else if (char === "'" || char === '"') at = endOfString(code, at)
    else if (code.startsWith('//', at)) at = code.indexOf('\n', at)
    else if (code.startsWith('/*', at)) at = code.indexOf('*/', at) + 1
    else if (char === '/' && isRegex(code, at)) at = endOfRegex(code, at)
    else if (char === '`') at = readTemplate(code, at, found)
  }
  return code.length
}

/** Answers where its closing backquote is. */
function readTemplate(code: string, start: number, found: Template[]): number {
  const tag = /(?:[\w.]+)?$/.exec(code.slice(Math.max(0, start - 40), start))?.[0] ?? ''
  const line = code.slice(0, start).split('\n').length
  const parts: string[] = []
  const inserts: string[] = []
  let from = start + 1
  for (let at = from; at < code.length; at++) {
    if (code[at] === '\\') at++
    else if (code[at] === '`') {
      found.push({ tag, line, parts: [...parts, code.slice(from, at)], inserts })
      return at
    } else if (code.startsWith('${', at)) {
      parts.push(code.slice(from, at))
      const end = readCode(code, at + 2, found)
      inserts.push(code.slice(at + 2, end))
      from = end + 1
      at = end
    }
  }
  throw new Error(`A template of line ${line} has no end`)
}

function endOfString(code: string, start: number): number {
  for (let at = start + 1; at < code.length; at++) {
    if (code[at] === '\\') at++
    else if (code[at] === code[start] || code[at] === '\n') return at
  }
  return code.length
}

/** A slash begins a pattern where no value stands before it. */
function isRegex(code: string, at: number): boolean {
  return /(?:[=(,:;!&|?{}[\n]|=>|\breturn)\s*$/.test(code.slice(Math.max(0, at - 40), at))
}

function endOfRegex(code: string, start: number): number {
  let inClass = false
  for (let at = start + 1; at < code.length; at++) {
    if (code[at] === '\\') at++
    else if (code[at] === '[') inClass = true
    else if (code[at] === ']') inClass = false
    else if (code[at] === '\n' || (code[at] === '/' && !inClass)) return at
  }
  return code.length
}

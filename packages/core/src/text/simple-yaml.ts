/**
 * A fast reader for the YAML that both editions write: block mappings and lists, one-line scalars, flow lists
 * of scalars, comments. Everything else (anchors, block scalars, wrapped text, flow mappings) is left to the
 * full library, whose loading alone costs half a start-up. Scalars are typed as YAML 1.2 core types them.
 */
import { type Json, type JsonObject, parseJson } from '@spec-kitty/contracts/json'

interface Line {
  readonly indent: number
  readonly text: string
}

interface Cursor {
  readonly lines: Line[]
  at: number
}

const KEY = /^([A-Za-z_][\w.\-/]*|"[^"\\]+"|'[^']+'):(?: +(?! )(.*))?$/
const NUMBER = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/
const ODD_NUMBER = /^(?:0o[0-7]+|0x[\da-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/
const CONSTANTS: ReadonlyMap<string, null | boolean> = new Map<string, null | boolean>([
  ...['', '~', 'null', 'Null', 'NULL'].map(word => [word, null] as const),
  ...['true', 'True', 'TRUE'].map(word => [word, true] as const),
  ...['false', 'False', 'FALSE'].map(word => [word, false] as const),
])

/** The mapping `text` holds; undefined when it needs the full library, malformed text included. */
export function readSimpleYaml(text: string): JsonObject | undefined {
  // A carriage return alone is the library's to judge: a line end to some, a character to others.
  if (/\r(?!\n)/.test(text)) return undefined
  const lines = splitLines(text)
  if (lines === undefined) return undefined
  const first = lines[0]
  if (first === undefined) return {}
  const cursor: Cursor = { lines, at: 0 }
  const value = first.indent === 0 ? readMapping(cursor, 0) : undefined
  return cursor.at === lines.length ? value : undefined
}

/**
 * The scalars of some top-level keys, without reading the rest: a board of a thousand files needs six keys of each.
 * Undefined when one of them is no one-line scalar. `keys` is a pattern with the `g` and `m` flags whose first group
 * is the key and whose second is the value, see `scalarPattern`.
 */
export function scanScalars(text: string, keys: RegExp): JsonObject | undefined {
  const result: Record<string, Json> = {}
  keys.lastIndex = 0
  for (let match = keys.exec(text); match !== null; match = keys.exec(text)) {
    const key = match[1] ?? ''
    const rest = withoutBlanks(match[2] ?? '').replace(/^ +/, '')
    const next = text[match.index + match[0].length + 1]
    const value = rest === '' || rest.startsWith('#') || next === ' ' ? undefined : readScalar(rest)
    if (value === undefined || key in result) return undefined
    result[key] = value
  }
  return result
}

/** For `scanScalars`. Keys are plain words. */
export function scalarPattern(keys: readonly string[]): RegExp {
  return new RegExp(`^(?=(${keys.join('|')}):)\\w+:(?: (.*)|\\r?)$`, 'gm')
}

function splitLines(text: string): Line[] | undefined {
  const lines: Line[] = []
  for (const raw of text.split('\n')) {
    const line = withoutBlanks(raw)
    const content = line.replace(/^ +/, '')
    if (content === '' || content.startsWith('#')) continue
    if (line.includes('\t') || content === '---' || content === '...') return undefined
    lines.push({ indent: line.length - content.length, text: content })
  }
  return lines
}

/** Deeper than anybody writes; what stands deeper is left to the library. */
const DEEPEST = 200

function readBlock(cursor: Cursor, indent: number): Json | undefined {
  if (indent > DEEPEST) return undefined
  const text = cursor.lines[cursor.at]?.text ?? ''
  return isItem(text) ? readList(cursor, indent) : readMapping(cursor, indent)
}

function readMapping(cursor: Cursor, indent: number): JsonObject | undefined {
  const result: Record<string, Json> = {}
  for (;;) {
    const line = cursor.lines[cursor.at]
    if (line === undefined || line.indent < indent) return result
    const match = line.indent === indent ? KEY.exec(line.text) : null
    if (match === null) return isItem(line.text) && line.indent === indent ? result : undefined
    const key = unquote(match[1] ?? '')
    if (key in result || CONSTANTS.has(key)) return undefined
    cursor.at++
    const value = readValue(cursor, indent, match[2] ?? '', 'mapping')
    if (value === undefined) return undefined
    result[key] = value
  }
}

function readList(cursor: Cursor, indent: number): readonly Json[] | undefined {
  const result: Json[] = []
  for (;;) {
    const line = cursor.lines[cursor.at]
    if (line === undefined || line.indent < indent || (line.indent === indent && !isItem(line.text)))
      return result
    if (line.indent > indent) return undefined
    const rest = line.text.slice(1).replace(/^ +/, '')
    const nested = KEY.test(rest) || isItem(rest)
    if (nested) {
      // `- key: value` opens a block whose indent is the column of `key`.
      const inner = indent + line.text.length - rest.length
      cursor.lines[cursor.at] = { indent: inner, text: rest }
      const value = readBlock(cursor, inner)
      if (value === undefined) return undefined
      result.push(value)
      continue
    }
    cursor.at++
    const value = readValue(cursor, indent, rest, 'list')
    if (value === undefined) return undefined
    result.push(value)
  }
}

/** What follows `key:` or `-`: a scalar on the line, or the block below it. */
function readValue(
  cursor: Cursor,
  indent: number,
  rest: string,
  parent: 'mapping' | 'list',
): Json | undefined {
  const next = cursor.lines[cursor.at]
  const deeper = next !== undefined && next.indent > indent
  if (rest !== '' && !rest.startsWith('#')) return deeper ? undefined : readScalar(rest)
  if (deeper) return readBlock(cursor, next.indent)
  // A list may stand in the same column as the key it belongs to.
  if (parent === 'mapping' && next?.indent === indent && isItem(next.text)) return readList(cursor, indent)
  return null
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ')
}

function readScalar(text: string): Json | undefined {
  const first = text[0]
  if (first === '"' || first === "'") return readQuoted(text)
  if (first === '[') return readFlowList(text)
  if (first === '{') return /^\{ *\}(?: +#.*)?$/.test(text) ? {} : undefined
  const comment = text.indexOf(' #')
  return readPlain(comment < 0 ? text : withoutBlanks(text.slice(0, comment)))
}

function readQuoted(text: string): string | undefined {
  const single = /^'((?:[^']|'')*)'(?: +#.*)?$/.exec(text)
  if (single !== null) return (single[1] ?? '').replaceAll("''", "'")
  const double = /^("(?:[^"\\]|\\["\\/bfnrt]|\\u[\da-fA-F]{4})*")(?: +#.*)?$/.exec(text)
  if (double === null) return undefined
  try {
    return parseJson(double[1] ?? '""') as string
  } catch {
    // A raw control character is no JSON; the library says what it is in YAML.
    return undefined
  }
}

function readFlowList(text: string): readonly Json[] | undefined {
  const list = text.endsWith(']') ? text : withoutBlanks(text.slice(0, text.lastIndexOf(' #')))
  const inner = withoutBlanks(list.slice(1, -1)).replace(/^ +/, '')
  // A sign of a comment would end the list for YAML.
  if (!list.endsWith(']') || inner.includes(' #')) return undefined
  const item = / *("(?:[^"\\]|\\.)*" *|'(?:[^']|'')*' *|[^\s,[\]{}"'#][^,[\]{}]*)(?:,|$)/y
  const items: Json[] = []
  while (item.lastIndex < inner.length) {
    const value = readScalar(withoutBlanks(item.exec(inner)?.[1] ?? '{'))
    if (value === undefined) return undefined
    items.push(value)
  }
  return items
}

/** Without the blanks at the end that YAML does not count: no other white space. */
function withoutBlanks(text: string): string {
  let end = text.length
  while (end > 0 && ' \t\r'.includes(text[end - 1] ?? 'x')) end--
  return text.slice(0, end)
}

/** A scalar without quotes. */
function readPlain(text: string): Json | undefined {
  if (/^[&*!|>%@`,\]}]|^[-?:](?: |$)|: |:$/.test(text)) return undefined
  const constant = CONSTANTS.get(text)
  if (constant !== undefined) return constant
  if (ODD_NUMBER.test(text)) return undefined
  if (!NUMBER.test(text)) return text
  const number = Number(text)
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? undefined : number
}

function unquote(key: string): string {
  return key.startsWith('"') || key.startsWith("'") ? key.slice(1, -1) : key
}

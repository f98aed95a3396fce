/**
 * Byte-exact JSON as the Python edition writes it (docs/log.md). The two editions share
 * files, so a different separator or key order would show up as a diff in every user's repository.
 */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

interface Style {
  readonly sorted: boolean
  readonly ascii: boolean
  readonly indent: number
}

/** One line: sorted keys, `", "` and `": "` separators, non-ASCII as `\uXXXX`. The form of a log line. */
export function printLine(value: Json): string {
  return print(value, { sorted: true, ascii: true, indent: 0 }, '')
}

/** Two-space indent, sorted keys, raw UTF-8, final newline. The form of status.json and meta.json. */
export function printSorted(value: Json): string {
  return `${print(value, { sorted: true, ascii: false, indent: 2 }, '')}\n`
}

/** Two-space indent, keys in the order given, raw UTF-8, final newline. The form of lanes.json. */
export function printOrdered(value: Json): string {
  return `${print(value, { sorted: false, ascii: false, indent: 2 }, '')}\n`
}

function print(value: Json, style: Style, pad: string): string {
  if (typeof value === 'string') return quote(value, style.ascii)
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  if (isArray(value)) {
    return wrap(
      '[',
      value.map(item => print(item, style, pad + ' '.repeat(style.indent))),
      ']',
      style,
      pad,
    )
  }
  const keys = Object.keys(value).filter(key => value[key] !== undefined)
  if (style.sorted) keys.sort(compareCodePoints)
  const inner = pad + ' '.repeat(style.indent)
  const members = keys.map(key => `${quote(key, style.ascii)}: ${print(value[key] ?? null, style, inner)}`)
  return wrap('{', members, '}', style, pad)
}

function wrap(open: string, parts: readonly string[], close: string, style: Style, pad: string): string {
  if (parts.length === 0) return open + close
  if (style.indent === 0) return open + parts.join(', ') + close
  const inner = `\n${pad}${' '.repeat(style.indent)}`
  return `${open}${inner}${parts.join(`,${inner}`)}\n${pad}${close}`
}

function quote(text: string, ascii: boolean): string {
  const json = JSON.stringify(text)
  // JSON.stringify leaves DEL and everything above it raw; Python escapes it only in ASCII mode.
  return ascii ? json.replace(/[\u007f-\uffff]/g, escapeUnit) : json
}

function escapeUnit(unit: string): string {
  return unit === '\u007f' ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}

/** Order by code point, as Python sorts strings; JavaScript's `<` orders by UTF-16 unit. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    // A surrogate stands for a code point above every unit that is not one.
    const xs = x >= 0xd800 && x <= 0xdfff
    const ys = y >= 0xd800 && y <= 0xdfff
    return xs === ys ? x - y : xs ? 1 : -1
  }
  return a.length - b.length
}

export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value)
}

/** True for a JSON object: not null, not a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What `parseJson` throws: the message says what is wrong and where. */
export class NotJson extends Error {}

/** The value of a JSON text; whoever asks says what it is. The only call of JSON.parse. Throws `NotJson`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new NotJson(cause instanceof Error ? cause.message : 'it is not JSON', { cause })
  }
}

/** The JSON object that a text holds; undefined for anything else. */
export function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = parseJson(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

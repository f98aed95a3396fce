/**
 * `~/.spec-kitty/config.toml`: read by the library, edited by lines. An edit tries what a person would do (change the
 * line, add one to the table, begin a table) and takes the first text that, read again, says exactly what was meant.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints, isObject, type JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { parse } from 'smol-toml'

type Scalar = string | number | boolean

/** The values of a TOML text. Throws `file_malformed`, which names the line but not the file. */
export function readToml(text: string): JsonObject {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' }) as JsonObject
  } catch (cause) {
    const line = isObject(cause) && typeof cause.line === 'number' ? cause.line : 1
    const why =
      cause instanceof Error ? cause.message.split('\n')[0]?.replace(/^Invalid TOML document: /, '') : ''
    throw new KittyError('file_malformed', `it is no TOML (line ${line}: ${why})`, { data: { line } })
  }
}

/**
 * Sets one value (undefined removes it); every other line stays as it is. `path`: table keys, then the key.
 * Throws `file_malformed` for a text that is no TOML, or where the value cannot be set without touching others.
 */
export function editToml(text: string, path: readonly string[], value: Scalar | undefined): string {
  const before = readToml(text)
  const wanted = canonical(withValue(before, path, value))
  if (canonical(before) === wanted) return text
  for (const lines of candidates(text === '' ? [] : text.replace(/\n$/, '').split('\n'), path, value)) {
    const edited = lines.length === 0 ? '' : `${lines.join('\n')}\n`
    if (says(edited, wanted)) return edited
  }
  throw new KittyError('file_malformed', `${path.join('.')} cannot be set without touching its neighbours`, {
    hint: sh`Write it by hand, as a table of its own: ${`[${path.slice(0, -1).map(printKey).join('.')}]`}`,
  })
}

function says(text: string, wanted: string): boolean {
  try {
    return canonical(readToml(text)) === wanted
  } catch {
    return false
  }
}

/** Texts that may say it, the most natural first. */
function* candidates(
  lines: readonly string[],
  path: readonly string[],
  value: Scalar | undefined,
): Generator<readonly string[]> {
  const printed = value === undefined ? undefined : printScalar(value)
  const end = lines.some(line => line.endsWith('\r')) ? '\r' : ''
  for (const [at, key] of keysOf(lines)) {
    if (same(key, path)) yield* replaced(lines, at, printed)
    else if (key.length < path.length && same(key, path.slice(0, key.length)))
      yield* inBraces(lines, at, path.slice(key.length), printed)
  }
  if (printed === undefined) return
  const table = path.slice(0, -1)
  const line = `${printKey(path.at(-1) ?? '')} = ${printed}${end}`
  const endOf = endOfTable(lines, table)
  if (endOf !== undefined) yield lines.toSpliced(endOf, 0, line)
  const gap = lines.length === 0 ? [] : [end]
  yield [...lines, ...gap, `[${table.map(printKey).join('.')}]${end}`, line]
  yield lines.toSpliced(endOfTable(lines, []) ?? 0, 0, `${path.map(printKey).join('.')} = ${printed}${end}`)
}

/** The entry on this line and, when its value goes on, on the next ones. */
function* replaced(
  lines: readonly string[],
  at: number,
  printed: string | undefined,
): Generator<readonly string[]> {
  const line = lines[at] ?? ''
  const prefix = prefixOf(line)
  const comment = line.slice(beforeComment(line).trimEnd().length)
  for (let end = at + 1; end <= lines.length; end++) {
    const keep = printed === undefined ? [] : [`${prefix} = ${printed}${end === at + 1 ? comment : ''}`]
    yield lines.toSpliced(at, end - at, ...keep)
  }
}

/** The line up to a `#` that no quote follows. */
function beforeComment(line: string): string {
  const at = line.indexOf('#', Math.max(line.lastIndexOf('"'), line.lastIndexOf("'")) + 1)
  return at < 0 ? line : line.slice(0, at)
}

/** An entry, changed or added, in a table that is written in braces. */
function* inBraces(
  lines: readonly string[],
  at: number,
  path: readonly string[],
  printed: string | undefined,
): Generator<readonly string[]> {
  const line = lines[at] ?? ''
  for (let from = line.indexOf('{') + 1; from > 0 && from < line.length; from++) {
    const left = readKey(line.slice(from))
    if (left === undefined || !left.rest.startsWith('=') || !same(left.key, path.slice(-left.key.length)))
      continue
    for (const { index: to } of line.slice(from).matchAll(/[,}]/g)) {
      const rest = line.slice(from + to)
      const head = line.slice(0, from)
      if (printed !== undefined)
        yield lines.with(at, `${head}${prefixOf(line.slice(from))} = ${printed} ${rest}`)
      else if (rest.startsWith(',')) yield lines.with(at, head + rest.slice(1))
      else yield lines.with(at, `${head.trimEnd().replace(/,$/, '')} ${rest}`)
    }
  }
  if (printed === undefined) return
  for (let brace = line.lastIndexOf('}'); brace > 0; brace = line.lastIndexOf('}', brace - 1)) {
    const head = line.slice(0, brace).trimEnd()
    const entry = `${path.map(printKey).join('.')} = ${printed}`
    yield lines.with(at, `${head}${head.endsWith('{') ? ' ' : ', '}${entry} ${line.slice(brace)}`)
  }
}

/** The lines that seem to begin an entry, with its whole key. What is inside of a longer text is found out by reading again. */
function keysOf(lines: readonly string[]): readonly (readonly [at: number, key: readonly string[]])[] {
  let table: readonly string[] = []
  return lines.flatMap((line, at) => {
    const header = headerOf(line)
    if (header !== undefined) table = header
    const left = header === undefined ? readKey(line.trimStart()) : undefined
    return left?.rest.startsWith('=') ? [[at, [...table, ...left.key]] as const] : []
  })
}

/** Index behind the last line of a table that is not blank; undefined when there is no such table. */
function endOfTable(lines: readonly string[], table: readonly string[]): number | undefined {
  let end: number | undefined
  let inside = table.length === 0
  for (const [index, line] of lines.entries()) {
    const header = headerOf(line)
    if (header !== undefined) inside = same(header, table)
    if (inside && line.trim() !== '') end = index + 1
  }
  return end
}

function headerOf(line: string): readonly string[] | undefined {
  const inner = /^\s*\[([^[\]]*)\]\s*(?:#.*)?$/.exec(line)?.[1]
  return inner === undefined ? undefined : readKey(inner.trim())?.key
}

const KEY_PART = /^\s*(?:([\w-]+)|("(?:[^"\\]|\\.)*")|'([^']*)')\s*/

function readKey(text: string): { readonly key: readonly string[]; readonly rest: string } | undefined {
  const key: string[] = []
  for (let rest = text; ; rest = rest.slice(1)) {
    const part = KEY_PART.exec(rest)
    if (part === null) return undefined
    key.push(part[1] ?? part[3] ?? unquote(part[2] ?? ''))
    rest = rest.slice(part[0].length)
    if (!rest.startsWith('.')) return { key, rest }
  }
}

function unquote(quoted: string): string {
  try {
    return String(parse(`x = ${quoted}`).x)
  } catch {
    return quoted
  }
}

function withValue(object: JsonObject, path: readonly string[], value: Scalar | undefined): JsonObject {
  const [key = '', ...rest] = path
  const was = Object.hasOwn(object, key) ? object[key] : undefined
  if (value === undefined && was === undefined) return object
  const others = Object.entries(object).filter(([other]) => other !== key)
  const inner = rest.length === 0 ? value : withValue(isObject(was) ? was : {}, rest, value)
  return Object.fromEntries(inner === undefined ? others : [...others, [key, inner]])
}

/** One spelling for one meaning: keys sorted, tables without a value left out. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item === 'bigint') return `${item}n`
    if (!isObject(item)) return item
    const entries = Object.entries(item).sort(([a], [b]) => compareCodePoints(a, b))
    return entries.map(([key, inner]) => [key, inner])
  })
}

function printKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : printScalar(key)
}

function printScalar(value: Scalar): string {
  return typeof value === 'string' ? JSON.stringify(value).replaceAll('\u007f', '\\u007f') : String(value)
}

function prefixOf(line: string): string {
  const rest = readKey(line.trimStart())?.rest ?? ''
  return line.slice(0, line.length - rest.length).trimEnd()
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index])
}

/**
 * The part of TOML that `~/.spec-kitty/config.toml` uses: tables, dotted and quoted keys, one-line strings, integers
 * and booleans. Lines of any other form are left alone.
 */
import type { Json, JsonObject } from '@spec-kitty/contracts/json'
import { isObject } from '@spec-kitty/contracts/json'

type Scalar = string | number | boolean
type Tree = { [key: string]: Json }

/** All values that can be read, nested by their keys. */
export function readToml(text: string): JsonObject {
  // Without a prototype a key like __proto__ is an ordinary key.
  const root: Tree = Object.create(null)
  let table: readonly string[] = []
  for (const line of text.split(/\r?\n/)) {
    const header = headerOf(line)
    if (header !== undefined) table = header
    const entry = header === undefined ? entryOf(line) : undefined
    if (entry !== undefined) put(root, [...table, ...entry.key], entry.value)
  }
  return root
}

/** Sets one value (undefined removes it); every other line stays as it is. `path`: table keys, then the key. */
export function editToml(text: string, path: readonly string[], value: Scalar | undefined): string {
  const lines = text === '' ? [] : text.replace(/\n$/, '').split('\n')
  const at = findEntry(lines, path)
  const key = path.at(-1) ?? ''
  const line = value === undefined ? [] : [`${printKey(key)} = ${printScalar(value)}`]
  if (at !== undefined) {
    const kept = value === undefined ? [] : [`${prefixOf(lines[at] ?? '')} = ${printScalar(value)}`]
    lines.splice(at, 1, ...kept)
  } else if (value !== undefined) {
    const table = path.slice(0, -1)
    const end = endOfTable(lines, table)
    if (end === undefined)
      lines.push(...(lines.length === 0 ? [] : ['']), `[${table.map(printKey).join('.')}]`, ...line)
    else lines.splice(end, 0, ...line)
  }
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`
}

function put(root: Tree, path: readonly string[], value: Scalar): void {
  let here = root
  for (const key of path.slice(0, -1)) {
    const next = here[key]
    const inner: Tree = isObject(next) ? next : Object.create(null)
    here[key] = inner
    here = inner
  }
  here[path.at(-1) ?? ''] = value
}

function findEntry(lines: readonly string[], path: readonly string[]): number | undefined {
  let table: readonly string[] = []
  for (const [index, line] of lines.entries()) {
    const header = headerOf(line)
    if (header !== undefined) table = header
    else {
      const entry = entryOf(line)
      if (entry !== undefined && same([...table, ...entry.key], path)) return index
    }
  }
  return undefined
}

/** Index behind the last entry of a table; undefined when there is no such table. */
function endOfTable(lines: readonly string[], table: readonly string[]): number | undefined {
  let end: number | undefined
  let inside = false
  for (const [index, line] of lines.entries()) {
    const header = headerOf(line)
    if (header !== undefined) inside = same(header, table)
    if (inside && line.trim() !== '') end = index + 1
  }
  return end
}

function headerOf(line: string): readonly string[] | undefined {
  const inner = /^\s*\[\s*([^[\]].*?)\s*\]\s*(?:#.*)?$/.exec(line)?.[1]
  return inner === undefined ? undefined : readKey(inner)?.key
}

function entryOf(line: string): { readonly key: readonly string[]; readonly value: Scalar } | undefined {
  const left = readKey(line.trimStart())
  if (left === undefined || !left.rest.startsWith('=')) return undefined
  const value = readScalar(left.rest.slice(1).trim())
  return value === undefined ? undefined : { key: left.key, value }
}

const KEY_PART = /^\s*(?:([\w-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')\s*/

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

function readScalar(text: string): Scalar | undefined {
  const basic = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/.exec(text)
  if (basic) return unquote(basic[1] ?? '')
  const literal = /^'([^']*)'\s*(?:#.*)?$/.exec(text)
  if (literal) return literal[1] ?? ''
  const bare = /^(true|false|[+-]?\d[\d_]*)\s*(?:#.*)?$/.exec(text)?.[1]
  if (bare === undefined) return undefined
  return bare === 'true' || (bare === 'false' ? false : Number(bare.replaceAll('_', '')))
}

function unquote(text: string): string {
  try {
    return JSON.parse(`"${text}"`)
  } catch {
    return text
  }
}

function printKey(key: string): string {
  return /^[\w-]+$/.test(key) ? key : JSON.stringify(key)
}

function printScalar(value: Scalar): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}

function prefixOf(line: string): string {
  const rest = readKey(line.trimStart())?.rest ?? ''
  return line.slice(0, line.length - rest.length).trimEnd()
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((part, index) => part === b[index])
}

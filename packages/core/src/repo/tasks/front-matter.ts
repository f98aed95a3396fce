/**
 * A Markdown file with a front matter as a document that keeps every byte it does not change
 * (docs/formats.md): byte order mark, line ends, comments, key order and unknown keys survive.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { readSimpleYaml, scanScalars } from '../../text/simple-yaml.ts'
import { readYaml } from '../../text/yaml.ts'
import type { Ports } from '../../world/ports.ts'

export interface FrontMatterFile {
  /** For messages. */
  readonly path: string
  /** Byte order mark and the opening `---` line. */
  readonly head: string
  /** The YAML between the `---` lines. */
  readonly yaml: string
  /** The closing `---` line and everything after it. */
  readonly rest: string
  /** The keys, typed as YAML types them. */
  readonly fields: JsonObject
}

/** Undefined removes the key. */
export type FieldEdits = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>

/** Splits and reads a file. Throws `file_malformed` with file and line. */
export async function readFrontMatter(
  ports: Pick<Ports, 'yaml'>,
  path: string,
  text: string,
): Promise<FrontMatterFile> {
  const { head, yaml, rest } = split(path, text)
  const value = await readYaml(ports, yaml, path, 2)
  if (value === null) return { path, head, yaml, rest, fields: {} }
  if (isObject(value)) return { path, head, yaml, rest, fields: value }
  throw malformed(path, 2, 'the front matter is not a list of "key: value" lines')
}

/** Some scalar keys, read the cheap way where that is possible (`scalarPattern`). Throws `file_malformed`. */
export async function readScalars(
  ports: Pick<Ports, 'yaml'>,
  path: string,
  text: string,
  keys: RegExp,
): Promise<JsonObject> {
  return scanScalars(split(path, text).yaml, keys) ?? (await readFrontMatter(ports, path, text)).fields
}

/** The text of the file. `printFrontMatter(readFrontMatter(x)) = x`. */
export function printFrontMatter(file: FrontMatterFile): string {
  return file.head + file.yaml + file.rest
}

/** Everything after the closing `---` line. */
export function bodyOf(file: FrontMatterFile): string {
  return file.rest.slice(file.rest.indexOf('\n') + 1 || file.rest.length)
}

/** The file with another text after its front matter. */
export function withBody(file: FrontMatterFile, body: string): FrontMatterFile {
  const cut = file.rest.indexOf('\n') + 1
  const fence = cut === 0 ? file.rest + lineEnd(file) : file.rest.slice(0, cut)
  return { ...file, rest: fence + body }
}

/** The line end of the file: that of its first line. */
export function lineEnd(file: FrontMatterFile): '\n' | '\r\n' {
  return file.head.endsWith('\r\n') ? '\r\n' : '\n'
}

/**
 * Sets top-level keys: a replaced value takes the place of the old one, a new key goes before a bare `history:`
 * line or else to the end. Strings are written in double quotes, or with `plain` bare where they read back the same;
 * lists as blocks.
 */
export async function editFrontMatter(
  ports: Pick<Ports, 'yaml'>,
  file: FrontMatterFile,
  edits: FieldEdits,
  style: 'quoted' | 'plain' = 'quoted',
): Promise<FrontMatterFile> {
  const changed = Object.entries(edits).filter(([key, value]) => !same(file.fields[key], value))
  if (changed.length === 0) return file
  if (readSimpleYaml(file.yaml) === undefined) {
    const yaml = await ports.yaml.edit(file.yaml, Object.fromEntries(changed))
    return readFrontMatter(ports, file.path, file.head + yaml + file.rest)
  }
  const eol = lineEnd(file)
  const yaml = changed.reduce(
    (text, [key, value]) => setKey(text, key, value === undefined ? [] : printEntry(key, value, style), eol),
    file.yaml,
  )
  return { ...file, yaml, fields: readSimpleYaml(yaml) ?? file.fields }
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  if (isArray(a) && isArray(b)) return a.length === b.length && a.every((item, i) => item === b[i])
  return a === b
}

function split(path: string, text: string): { head: string; yaml: string; rest: string } {
  const head = /^\uFEFF?---[ \t]*\r?\n/.exec(text)?.[0]
  if (head === undefined) {
    throw malformed(
      path,
      1,
      'the file does not begin with a front matter',
      sh`Begin the file with a line ---`,
    )
  }
  const fence = /^---[ \t]*(?:\r?\n|$)/gm
  fence.lastIndex = head.length
  const end = fence.exec(text)?.index
  if (end === undefined) {
    throw malformed(path, 1, 'the front matter has no end', sh`Close it with a line that holds only ---`)
  }
  return { head, yaml: text.slice(head.length, end), rest: text.slice(end) }
}

function malformed(path: string, line: number, problem: string, hint?: Remedy): KittyError {
  return new KittyError('file_malformed', `${path}:${line}: ${problem}`, {
    hint: hint ?? sh`Mend line ${line} of ${path}`,
    data: { path, line },
  })
}

/** `yaml` is known to be a simple block mapping, so a key's value reaches to the next line in column 0 that is not a list item. */
function setKey(yaml: string, key: string, printed: readonly string[], eol: string): string {
  const lines = yaml.match(/[^\n]*\n|[^\n]+$/g) ?? []
  const entry = printed.map(line => line + eol)
  const start = lines.findIndex(line => keyOf(line) === key)
  if (start < 0) {
    const last = lines.at(-1)
    if (last !== undefined && !last.endsWith('\n')) lines[lines.length - 1] = last + eol
    const history = lines.findIndex(line => line.trimEnd() === 'history:')
    return lines.toSpliced(history < 0 ? lines.length : history, 0, ...entry).join('')
  }
  return lines.toSpliced(start, valueEnd(lines, start) - start, ...entry).join('')
}

function keyOf(line: string): string | undefined {
  const match = /^(?:([\w.\-/]+)|"([^"\\]+)"|'([^']+)'):(?:\s|$)/.exec(line)
  return match?.[1] ?? match?.[2] ?? match?.[3]
}

/** Comments and blank lines behind the value belong to what follows them. */
function valueEnd(lines: readonly string[], start: number): number {
  let end = start + 1
  for (let i = start + 1; i < lines.length; i++) {
    const line = lines[i] ?? ''
    if (/^(?: +[^\s#]|-(?:\s|$))/.test(line)) end = i + 1
    else if (!/^\s*(?:#|$)/.test(line)) break
  }
  return end
}

function printEntry(
  key: string,
  value: NonNullable<FieldEdits[string]>,
  style: 'quoted' | 'plain',
): string[] {
  if (typeof value === 'string')
    return [`${key}: ${style === 'plain' ? printItem(value) : JSON.stringify(value)}`]
  if (typeof value !== 'object') return [`${key}: ${value}`]
  if (value.length === 0) return [`${key}: []`]
  return [`${key}:`, ...value.map(item => `- ${printItem(item)}`)]
}

/** Plain where that reads back as the same text. */
function printItem(item: string): string {
  return readSimpleYaml(`x: ${item}`)?.x === item ? item : JSON.stringify(item)
}

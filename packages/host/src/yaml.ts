/** YAML by the `yaml` library, loaded when first needed. Edits splice: bytes outside the changed values stay. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { compareCodePoints, type Json } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import type { Yaml } from '@spec-kitty/core/world/ports'
import type { Document, Pair, YAMLMap } from 'yaml'

type Library = typeof import('yaml')

/** The YAML port. Syntax errors are `file_malformed`, the line in their data: the caller knows file and first line. */
export function createYaml(): Yaml {
  return {
    parse: async text => dataOf(read(await import('yaml'), text)),
    edit: async (text, values) => {
      const library = await import('yaml')
      let edited = text
      for (const [key, value] of Object.entries(values)) edited = editOne(library, edited, key, value)
      return edited
    },
  }
}

function read(library: Library, text: string): Document {
  const document = library.parseDocument(text)
  const [error] = document.errors
  if (!error) return document
  const at = error.linePos?.[0]
  const twice = error.code === 'DUPLICATE_KEY' ? /[^\s:]+/.exec(text.slice(error.pos[0]))?.[0] : undefined
  const what =
    twice === undefined
      ? (error.message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? 'not YAML')
      : `the key ${twice} is given twice`
  throw new KittyError('file_malformed', what, {
    hint: sh`Correct the YAML and run the command again.`,
    data: at ? { line: at.line } : {},
  })
}

/** Aliases are resolved here; one without its anchor is the file's fault. */
function dataOf(document: Document): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause)
    throw new KittyError('file_malformed', what, {
      hint: sh`Correct the YAML and run the command again.`,
      cause,
    })
  }
}

function editOne(library: Library, text: string, key: string, value: Json | undefined): string {
  const document = read(library, text)
  const root = document.contents
  if (root !== null && !library.isMap(root))
    throw new KittyError('file_malformed', 'a mapping (key: value) is expected at the top', {
      data: { line: 1 },
    })
  const pair = root === null ? undefined : findPair(library, root, key)
  // What says so already keeps its bytes: style and comments inside are somebody's.
  if (pair !== undefined && JSON.stringify(document.toJS()[key]) === JSON.stringify(value)) return text
  const edited = pair
    ? replacePair(library, text, pair, key, value)
    : addPair(library, text, root, key, value)
  verify(library, text, edited, key, value)
  return edited
}

function findPair(library: Library, map: YAMLMap, key: string): Pair | undefined {
  return map.items.find(item => (library.isScalar(item.key) ? String(item.key.value) : item.key) === key)
}

function replacePair(
  library: Library,
  text: string,
  pair: Pair,
  key: string,
  value: Json | undefined,
): string {
  const [keyStart, keyEnd] = rangeOf(library, pair.key)
  const valueEnd = library.isNode(pair.value) ? (pair.value.range?.[1] ?? keyEnd) : keyEnd
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  // A block value ends after its last line end, which belongs to the line, not to the value.
  let end = Math.max(valueEnd, keyEnd)
  while (end > keyEnd && /[\r\n]/.test(text[end - 1] ?? '')) end--
  if (value !== undefined) return text.slice(0, keyStart) + print(library, key, value, eol) + text.slice(end)
  const lineEnd = text.indexOf('\n', end)
  return text.slice(0, keyStart) + (lineEnd < 0 ? '' : text.slice(lineEnd + 1))
}

function addPair(
  library: Library,
  text: string,
  root: YAMLMap | null,
  key: string,
  value: Json | undefined,
): string {
  if (value === undefined) return text
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  if (root?.flow) {
    const document = read(library, text)
    document.set(key, value)
    return document.toString({ lineWidth: 0 })
  }
  const lead = text === '' || text.endsWith('\n') ? '' : eol
  return `${text}${lead}${print(library, key, value, eol)}${eol}`
}

function print(library: Library, key: string, value: Json, eol: string): string {
  const options = { lineWidth: 0, indentSeq: false } as const
  return library
    .stringify({ [key]: value }, options)
    .trimEnd()
    .replaceAll('\n', eol)
}

function rangeOf(library: Library, node: unknown): readonly [number, number] {
  const range = library.isNode(node) ? node.range : undefined
  return range ? [range[0], range[1]] : [0, 0]
}

/** The splice must mean what was asked, and change nothing else. */
function verify(library: Library, before: string, after: string, key: string, value: Json | undefined): void {
  const wanted = { ...(dataOf(read(library, before)) as Record<string, unknown> | null) }
  if (value === undefined) delete wanted[key]
  else wanted[key] = value
  const got = (dataOf(read(library, after)) as Record<string, unknown> | null) ?? {}
  if (canonical(wanted) === canonical(got)) return
  throw new KittyError('file_malformed', `The key ${key} cannot be changed without touching its neighbours`, {
    hint: sh`Change ${key} by hand in an editor.`,
  })
}

function canonical(value: Record<string, unknown>): string {
  return JSON.stringify(
    Object.keys(value)
      .sort(compareCodePoints)
      .map(key => [key, value[key]]),
  )
}

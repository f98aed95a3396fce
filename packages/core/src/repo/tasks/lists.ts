/**
 * Lists of a front matter, as people and agents write them: plain items, one comma-separated text, items with a remark
 * (`WP01 (schema)`), mappings (`- WP01: why`, `- id: WP01`). Every reader answers with what it read and what it could
 * not read; nothing is dropped.
 */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { readWpId } from '../../text/wp-id.ts'
import { readIds } from './id-list.ts'

export interface ReadList {
  readonly read: readonly string[]
  /** The entries, as they are written, that say nothing a reader of this list knows. */
  readonly unread: readonly string[]
  /** The items say more than what was read: writing only that back would lose text. */
  readonly saysMore: boolean
}

interface Item {
  readonly text: string
  /** Only the key of a mapping: enough for an id, not for a path. */
  readonly key?: true
  /** As the list writes it. */
  readonly written: string
}

/** A scalar as trimmed text; undefined when blank or no scalar. */
export function wordOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** Paths, patterns, references: any text. A mapping gives the one that it names as its id or path. */
export function wordList(value: Json | undefined): ReadList {
  return readList(value, ({ text, key }) => (text === '' || key ? [] : [text]))
}

/** Ids of work packages, `WP01` and longer; ranges are spelled out. */
export function wpList(value: Json | undefined): ReadList {
  return readList(value, ({ text }) => {
    const { ids, missed } = readIds(text)
    return missed ? [] : ids
  })
}

/** Ids like `T001` or `FR-001`, upper case. */
export function idList(value: Json | undefined): ReadList {
  return readList(value, ({ text }) => {
    const id = /^[A-Za-z]+-?\d+[A-Za-z]*(?:[-._][A-Za-z0-9]+)*(?=$|[\s:(,;–—])/.exec(text)?.[0]
    return id === undefined ? [] : [id.toUpperCase()]
  })
}

/**
 * The words of a list that is to be written anew. Throws `file_malformed` for one that says more than plain items:
 * that would be lost.
 */
export function plainWords(
  { path, file }: { readonly path: string; readonly file: { readonly fields: JsonObject } },
  key: 'requirement_refs' | 'tracker_refs',
): readonly string[] {
  const value = file.fields[key]
  const { read, saysMore } = key === 'requirement_refs' ? refList(value) : wordList(value)
  if (!saysMore) return read
  throw new KittyError('file_malformed', `${path}: ${key} holds more than plain items, which would be lost`, {
    hint: sh`Write it as a list of plain items: [FR-001, FR-002]`,
    data: { path },
  })
}

/** Ids of requirements in the widest sense: whatever the list says, upper case. */
export function refList(value: Json | undefined): ReadList {
  const ids = idList(value)
  if (ids.unread.length === 0) return ids
  const words = wordList(value)
  return { ...words, read: words.read.map(word => word.toUpperCase()) }
}

/** Names that agents give the key. */
const DEPENDS = /^(?:dependenc(?:y|ies)|deps|depends(?:[-_ ]?(?:up)?on)?)$/i
/** Keys that may be about packages, and about other things as well. */
const MAY_DEPEND =
  /^(?:requires?|needs|after|prereq(?:uisite)?s?|predecessors?|blocked[-_ ]?by|waits[-_ ]?for)$/i

/** What a package depends on: `dependencies`, and `depends_on` and its like, which agents write for it. */
export function dependencyList(fields: JsonObject): ReadList {
  const named = (key: RegExp): readonly ReadList[] =>
    Object.keys(fields).flatMap(name => (key.test(name) ? [wpList(fields[name])] : []))
  const own = wpList(fields.dependencies)
  const lists = [own, ...named(DEPENDS)]
  return {
    read: [...new Set([...lists, ...named(MAY_DEPEND)].flatMap(list => list.read))],
    unread: [...new Set(lists.flatMap(list => list.unread))].filter(
      text => !/^(?:none|null|n\/a|-)$/i.test(text),
    ),
    saysMore: own.saysMore,
  }
}

function readList(value: Json | undefined, read: (item: Item) => readonly string[]): ReadList {
  const ids: string[] = []
  const unread: string[] = []
  let saysMore = false
  for (const item of itemsOf(value)) {
    const found = read(item)
    ids.push(...found)
    if (found.length === 0) unread.push(item.written)
    saysMore ||= found.length !== 1 || !sameText(item.written, found[0] ?? '')
  }
  return { read: ids, unread, saysMore }
}

function sameText(written: string, id: string): boolean {
  return written.toUpperCase() === id.toUpperCase() || readWpId(written) === id
}

/** The items of a list, of a mapping, or of the comma-separated text of old files (`"[]"`, `"WP01, WP02"`). */
function itemsOf(value: Json | undefined): readonly Item[] {
  if (value === undefined || value === null || value === '') return []
  if (isArray(value)) return value.flatMap(itemOf)
  if (isObject(value)) return Object.entries(value).flatMap(([key, why]) => itemOf({ [key]: why }))
  const text = wordOf(value)
  if (text === undefined) return typeof value === 'string' ? [] : [{ text: '', written: String(value) }]
  return splitList(text.replace(/^\[|\]$/g, '')).map(word => ({ text: word, written: word }))
}

/** At commas that stand outside brackets: `WP01 (a, b), WP02` are two. */
function splitList(text: string): readonly string[] {
  const words: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= text.length; i++) {
    const sign = text[i]
    if (sign === '(' || sign === '{') depth++
    else if (sign === ')' || sign === '}') depth--
    else if (sign === undefined || (sign === ',' && depth <= 0)) {
      words.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return words.filter(word => word !== '')
}

const NAMES = [
  'id',
  'wp',
  'wp_id',
  'work_package',
  'work_package_id',
  'task_id',
  'path',
  'file',
  'glob',
  'ref',
]

function itemOf(value: Json): readonly Item[] {
  const word = wordOf(value)
  if (word !== undefined) return [{ text: word, written: word }]
  if (value === null || value === '') return []
  if (isArray(value)) return value.flatMap(itemOf)
  if (!isObject(value)) return [{ text: '', written: String(value) }]
  const written = Object.entries(value)
    .map(([key, said]) => `${key}: ${wordOf(said) ?? JSON.stringify(said)}`)
    .join(', ')
  const named = NAMES.map(name => wordOf(value[name])).find(text => text !== undefined)
  const [first = ''] = Object.keys(value)
  return [named === undefined ? { text: first, written, key: true } : { text: named, written }]
}

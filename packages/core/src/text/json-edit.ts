/** Edits a JSON text by offset: what is not meant to change keeps every byte, also numbers, order, layout, unknown keys. */
import { KittyError } from '@spec-kitty/contracts/errors'
import {
  compareCodePoints,
  isArray,
  isObject,
  type Json,
  parseObject,
  printLine,
  printSorted,
} from '@spec-kitty/contracts/json'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { type Node, parseTree } from 'jsonc-parser'

interface Splice {
  readonly offset: number
  readonly end: number
  readonly content: string
}

/**
 * The text of a JSON object with top-level keys set, or removed where undefined. Values are compared deep: inside
 * objects and lists only what differs is written. A new key goes to its place where the keys are sorted, else last.
 * The result is read again before it is answered. Throws `file_malformed`, which does not name the file.
 */
export function editJson(text: string, values: Readonly<Record<string, Json | undefined>>): string {
  const mark = text.startsWith('\ufeff') ? '\ufeff' : ''
  const before = text.slice(mark.length)
  const was = parseObject(before)
  if (was === undefined)
    throw malformed('it is not a JSON object', sh`Mend the JSON, then run the command again.`)
  const wanted = merge(was, values)
  let edited = before
  for (;;) {
    const splice = difference(edited, parseTree(edited), wanted, '')
    if (splice === undefined) break
    const next = edited.slice(0, splice.offset) + splice.content + edited.slice(splice.end)
    if (next === edited) break
    edited = next
  }
  if (printLine(parseObject(edited) ?? null) !== printLine(wanted))
    throw malformed('its keys cannot be changed without touching their neighbours', sh`Give each key once.`)
  return mark + edited
}

function merge(
  was: Readonly<Record<string, Json>>,
  values: Readonly<Record<string, Json | undefined>>,
): Json {
  return Object.fromEntries(
    [
      ...Object.entries(was).filter(([key]) => !Object.hasOwn(values, key)),
      ...Object.entries(values),
    ].flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  )
}

/** The first splice that brings a node closer to what is wanted; undefined when it is there. `pad` indents its line. */
function difference(text: string, node: Node | undefined, wanted: Json, pad: string): Splice | undefined {
  if (node === undefined) return undefined
  const children = node.children ?? []
  if (children.length > 0 && node.type === 'object' && isObject(wanted) && Object.keys(wanted).length > 0)
    return inObject(text, node, children, wanted)
  if (children.length > 0 && node.type === 'array' && isArray(wanted) && wanted.length > 0)
    return inList(text, node, children, wanted)
  const same =
    children.length === 0 &&
    (node.type === 'object'
      ? isObject(wanted) && Object.keys(wanted).length === 0
      : node.type === 'array'
        ? isArray(wanted) && wanted.length === 0
        : node.value === wanted)
  if (same) return undefined
  return { offset: node.offset, end: node.offset + node.length, content: print(text, wanted, pad) }
}

function inObject(
  text: string,
  node: Node,
  children: readonly Node[],
  wanted: Readonly<Record<string, Json>>,
): Splice | undefined {
  const keys = children.map(child => String(child.children?.[0]?.value))
  const pad = padOf(text, node, children)
  for (const [i, child] of children.entries()) {
    const key = keys[i] ?? ''
    const value = Object.hasOwn(wanted, key) ? wanted[key] : undefined
    if (value === undefined) return removed(node, children, i)
    // Of a key that is given twice, readers take the last.
    if (keys.lastIndexOf(key) !== i) continue
    const splice = difference(text, child.children?.[1], value, pad ?? '')
    if (splice !== undefined) return splice
  }
  const added = Object.keys(wanted).find(key => !keys.includes(key))
  if (added === undefined) return undefined
  const sorted = keys.every((key, i) => i === 0 || compareCodePoints(keys[i - 1] ?? '', key) < 0)
  const place = sorted ? keys.findIndex(key => compareCodePoints(key, added) > 0) : -1
  const content = `${JSON.stringify(added)}${colonOf(text, children)}${printIn(text, wanted[added] ?? null, pad)}`
  return inserted(text, node, children, place < 0 ? children.length : place, content)
}

function inList(
  text: string,
  node: Node,
  children: readonly Node[],
  wanted: readonly Json[],
): Splice | undefined {
  const pad = padOf(text, node, children)
  for (const [i, child] of children.entries()) {
    if (i >= wanted.length) return removed(node, children, i)
    const splice = difference(text, child, wanted[i] ?? null, pad ?? '')
    if (splice !== undefined) return splice
  }
  const next = wanted[children.length]
  if (next === undefined) return undefined
  return inserted(text, node, children, children.length, printIn(text, next, pad))
}

function removed(node: Node, children: readonly Node[], index: number): Splice {
  const child = children[index] ?? node
  const before = children[index - 1]
  const after = children[index + 1]
  if (before !== undefined) return { offset: endOf(before), end: endOf(child), content: '' }
  return { offset: child.offset, end: after?.offset ?? endOf(child), content: '' }
}

function inserted(
  text: string,
  node: Node,
  children: readonly Node[],
  index: number,
  content: string,
): Splice {
  const [first, second] = children
  const lead = text.slice(node.offset + 1, first?.offset)
  const separator =
    first !== undefined && second !== undefined
      ? text.slice(endOf(first), second.offset)
      : `,${lead.includes('\n') || /\s/.test(colonOf(text, children)) ? lead || ' ' : lead}`
  const before = children[index - 1]
  if (before !== undefined) return { offset: endOf(before), end: endOf(before), content: separator + content }
  const at = first?.offset ?? node.offset + 1
  return { offset: at, end: at, content: content + separator }
}

function endOf(node: Node): number {
  return node.offset + node.length
}

/** Indentation of the children of a container; undefined where they stand on its own line. */
function padOf(text: string, node: Node, children: readonly Node[]): string | undefined {
  const lead = text.slice(node.offset + 1, children[0]?.offset)
  return lead.includes('\n') ? lead.slice(lead.lastIndexOf('\n') + 1) : undefined
}

function colonOf(text: string, children: readonly Node[]): string {
  const [key, value] = children[0]?.children ?? []
  return key === undefined || value === undefined ? ': ' : text.slice(endOf(key), value.offset)
}

function printIn(text: string, value: Json, pad: string | undefined): string {
  return pad === undefined ? JSON.stringify(value) : print(text, value, pad)
}

/** A value on several lines, in the indentation and line ends of the text; its keys sorted, as in meta.json. */
function print(text: string, value: Json, pad: string): string {
  if (!text.trim().includes('\n') && text.trim() !== '{}') return JSON.stringify(value)
  const unit = /^\s*\{\r?\n([ \t]+)/.exec(text)?.[1] ?? '  '
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  return printSorted(value)
    .trimEnd()
    .replace(/\n( *)/g, (_, indent: string) => eol + pad + unit.repeat(indent.length / 2))
}

function malformed(what: string, hint: Remedy): KittyError {
  return new KittyError('file_malformed', what, { hint })
}

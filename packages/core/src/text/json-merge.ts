/** Merges three versions of a JSON value by its keys, and lists by the ids of what is in them. */

import { isArray, isObject, type Json, type JsonObject, printSorted } from '@spec-kitty/contracts/json'
import { parseTree } from 'jsonc-parser'

/**
 * What reading a JSON text would change in silence: a number longer than ours are, or the first of two keys of one name.
 * Undefined where there is none.
 */
export function unkeptIn(text: string): string | undefined {
  const open = [parseTree(text)]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const { type, children = [], offset, length } = node
    const raw = text.slice(offset, offset + length)
    if (type === 'number' && !isExact(raw)) return `The number ${raw}`
    if (type === 'object') {
      const seen = new Set<string>()
      const twice = children
        .map(({ children: [key] = [] }) => String(key?.value))
        .find(key => seen.size === seen.add(key).size)
      if (twice !== undefined) return `The key ${JSON.stringify(twice)}, given twice,`
    }
    open.push(...children)
  }
  return undefined
}

/** Fifteen digits are always kept. */
function isExact(number: string): boolean {
  const digits = number.replace(/e.*/i, '').replace(/[^\d]/g, '')
  return Number.isSafeInteger(Number(number))
    ? digits.length < 17
    : digits.length < 16 && Number.isFinite(Number(number))
}

/** Undefined stands for a key that is not there; no answer for two changes of one value. */
interface Merged {
  readonly value: Json | undefined
}

const IDS = ['criterion_id', 'invariant_id', 'decision_id', 'event_id', 'id']

export function mergeJson(
  base: Json | undefined,
  ours: Json | undefined,
  theirs: Json | undefined,
): Merged | undefined {
  if (same(ours, theirs) || same(base, theirs)) return { value: ours }
  if (same(base, ours)) return { value: theirs }
  if (ours === undefined || theirs === undefined) return undefined
  if (isObject(ours) && isObject(theirs)) return mergeObjects(isObject(base) ? base : {}, ours, theirs)
  if (!isArray(ours) || !isArray(theirs)) return undefined
  const lists = [base !== undefined && isArray(base) ? base : [], ours, theirs]
  const id = IDS.find(key => lists.every(list => byId(list, key) !== undefined))
  if (id === undefined) return undefined
  const [a, b, c] = lists.map(list => byId(list, id) ?? {})
  const merged = mergeObjects(a ?? {}, b ?? {}, c ?? {})
  return merged && { value: Object.values(merged.value) }
}

function mergeObjects(
  base: JsonObject,
  ours: JsonObject,
  theirs: JsonObject,
): { readonly value: JsonObject } | undefined {
  // A Map: a key may be called __proto__.
  const merged = new Map<string, Json>()
  for (const key of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
    const [was, mine, other] = [base, ours, theirs].map(side =>
      Object.hasOwn(side, key) ? side[key] : undefined,
    )
    const one = mergeJson(was, mine, other)
    if (one === undefined) return undefined
    if (one.value !== undefined) merged.set(key, one.value)
  }
  return { value: Object.fromEntries(merged) }
}

/** The elements by this key; undefined where one has none, or two have the same. Numbers would change their order. */
function byId(list: readonly Json[], key: string): JsonObject | undefined {
  const entries = list.map(item => [isObject(item) ? item[key] : undefined, item] as const)
  const ids = entries.flatMap(([id]) => (typeof id === 'string' && !/^\d+$/.test(id) ? [id] : []))
  return new Set(ids).size === list.length ? Object.fromEntries(entries) : undefined
}

function same(a: Json | undefined, b: Json | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && printSorted(a) === printSorted(b))
}

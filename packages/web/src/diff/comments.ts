/** Comments on lines that were not sent yet. This browser keeps them, so that a closed tab loses none. */

import { type Signal, signal } from '@preact/signals'
import type { LineComment } from '@spec-kitty/contracts/dashboard/session'
import { isArray, parseJson } from '@spec-kitty/contracts/json'
import { recall, remember } from '../data/world.ts'

const known = new Map<string, Signal<readonly LineComment[]>>()

export function commentsOf(mission: string, wp: string): Signal<readonly LineComment[]> {
  const key = `spec-kitty-comments ${mission} ${wp}`
  const comments = known.get(key) ?? signal(stored(key))
  if (!known.has(key)) {
    known.set(key, comments)
    comments.subscribe(list => remember('local', key, list.length === 0 ? undefined : JSON.stringify(list)))
  }
  return comments
}

function stored(key: string): readonly LineComment[] {
  try {
    const kept = parseJson(recall('local', key) ?? '[]')
    return isArray(kept) ? (kept as unknown as readonly LineComment[]) : []
  } catch {
    return []
  }
}

type Place = Pick<LineComment, 'path' | 'side' | 'line'>

const same = (a: Place, b: Place): boolean => a.path === b.path && a.side === b.side && a.line === b.line

export const commentAt = (list: readonly LineComment[], place: Place): LineComment | undefined =>
  list.find(comment => same(comment, place))

/** The list with this comment in place of the one at its line; an empty text takes it away. */
export function withComment(list: readonly LineComment[], comment: LineComment): readonly LineComment[] {
  const others = list.filter(other => !same(other, comment))
  return comment.text.trim() === '' ? others : [...others, comment]
}

/**
 * Merging without merging: histories that share nothing but their base and never touch the same path in different
 * ways combine by taking every change. Git would come to the same tree, one process per branch later.
 */

import { dirname } from '../text/paths.ts'
import type { TreeDiff } from '../world/ports.ts'

/**
 * The union of changes from one base, or undefined where git must be asked: a path changed in two ways, a deletion
 * (it may be half of a rename, which the other side's edits have to follow), a file where another side has a directory, or a
 * name that is no UTF-8.
 */
export function combine(sides: readonly (readonly TreeDiff[])[]): ReadonlyMap<string, TreeDiff> | undefined {
  const [only, another] = sides
  if (only !== undefined && another === undefined) return new Map(only.map(change => [change.path, change]))
  const changes = new Map<string, TreeDiff>()
  for (const side of sides) {
    for (const change of side) {
      const known = changes.get(change.path)
      if (change.blob === null || change.path.includes('\uFFFD')) return undefined
      if (known && (known.blob !== change.blob || known.mode !== change.mode)) return undefined
      changes.set(change.path, change)
    }
  }
  for (const path of changes.keys()) {
    for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
      if (changes.has(parent)) return undefined
    }
  }
  return changes
}

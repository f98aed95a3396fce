import type { Sha } from '@spec-kitty/contracts/ids'
import { describe, expect, test } from 'vitest'
import type { TreeDiff } from '../world/ports.ts'
import { combine } from './disjoint.ts'
import { areApart, closure, type Graph, independent, standsOn } from './graph.ts'

const id = (name: string): Sha => name as Sha

/** base ← a ← b ← d, base ← c, d merges b and c; x comes from somewhere else. */
const GRAPH: Graph = new Map(
  Object.entries({ d: ['b', 'c'], b: ['a'], c: ['base'], a: ['base'], x: ['old'] }).map(
    ([commit, parents]) => [id(commit), parents.map(id)],
  ),
)

describe('the commit graph', () => {
  test('closure', () => {
    expect([...closure(GRAPH, id('d'))].toSorted((p, q) => (p < q ? -1 : 1))).toEqual(['a', 'b', 'c', 'd'])
    expect(closure(GRAPH, id('base')).size).toBe(0)
  })

  test('standsOn', () => {
    expect(['b', 'c', 'base', 'x'].map(tip => standsOn(GRAPH, id(tip), id('base')))).toEqual([
      true,
      true,
      true,
      false,
    ])
  })

  test('independent leaves out what another tip contains, what is not there, and doubles', () => {
    const tips = ['a', 'd', 'd', 'x', 'base'].map(id)
    expect(independent(GRAPH, tips)).toEqual(['d', 'x'])
  })

  test('areApart', () => {
    expect(areApart(GRAPH, [id('b'), id('c'), id('x')])).toBe(true)
    expect(areApart(GRAPH, [id('d'), id('c')])).toBe(false)
  })
})

const change = (path: string, blob: string | null = path, mode = '100644'): TreeDiff => ({
  path,
  blob: blob === null ? null : id(blob),
  mode: blob === null ? null : mode,
  added: false,
})

describe('combining changes side by side', () => {
  test('different paths, and the same change twice', () => {
    const all = combine([
      [change('a'), change('b')],
      [change('b'), change('dir/c')],
    ])
    expect(all && [...all.keys()]).toEqual(['a', 'b', 'dir/c'])
    expect(combine([])?.size).toBe(0)
  })

  test.each([
    ['two contents', [change('a', '1')], [change('a', '2')]],
    ['two modes', [change('a')], [change('a', 'a', '100755')]],
    ['a deletion, which may be half of a rename', [change('a', null)], [change('b')]],
    ['a file where the other side has a directory', [change('x')], [change('x/y/z')]],
  ])('%s: git has to be asked', (_, ours, theirs) => {
    expect(combine([ours, theirs])).toBeUndefined()
  })
})

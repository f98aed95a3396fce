import type { Json } from '@spec-kitty/contracts/json'
import { describe, expect, it } from 'vitest'
import { dependencyList, idList, refList, wordList } from './lists.ts'

describe('dependencies of a front matter', () => {
  it.each<[Json, string[]]>([
    [
      ['WP01', 'wp2'],
      ['WP01', 'WP02'],
    ],
    [[{ WP01: 'needs the schema' }], ['WP01']],
    [{ WP01: 'hard', WP03: null }, ['WP01', 'WP03']],
    [[{ id: 'WP01', kind: 'hard' }], ['WP01']],
    [[{ wp: 'WP01', why: 'see WP03' }], ['WP01']],
    [
      ['WP01 (schema)', 'WP03: types', 'WP04-WP05'],
      ['WP01', 'WP03', 'WP04', 'WP05'],
    ],
    ['WP01, WP03', ['WP01', 'WP03']],
    ['[WP01]', ['WP01']],
    ['[]', []],
    ['none', []],
    [null, []],
    [
      [['WP01'], 'WP03'],
      ['WP01', 'WP03'],
    ],
  ])('%j', (dependencies, read) =>
    expect(dependencyList({ dependencies })).toMatchObject({ read, unread: [] }),
  )

  it('reads the other names that agents give the key', () =>
    expect(dependencyList({ depends_on: ['WP01'] }).read).toEqual(['WP01']))

  it.each([
    'Dependencies',
    'dependency',
    'deps',
    'dependsOn',
    'depends-on',
    'Depends on',
    'blocked_by',
    'requires',
    'after',
  ])('reads %s beside an empty list', key =>
    expect(dependencyList({ dependencies: [], [key]: 'WP01' })).toMatchObject({ read: ['WP01'], unread: [] }),
  )

  it('leaves alone what other keys say of other things', () =>
    expect(
      dependencyList({ requires: ['node 20', 'WP02'], dependents: ['WP03'], blocks: ['WP04'] }),
    ).toMatchObject({
      read: ['WP02'],
      unread: [],
    }))

  it.each<[Json, string[]]>([
    [['the schema'], ['the schema']],
    [['WP01', { why: 'x', kind: 2 }], ['why: x, kind: 2']],
    [true, ['true']],
    [7, ['7']],
    [['WP01 before WP03'], ['WP01 before WP03']],
  ])('%j holds an entry that nobody can read', (dependencies, unread) =>
    expect(dependencyList({ dependencies }).unread).toEqual(unread),
  )

  it('knows when the list says more than ids', () => {
    const more = (dependencies: Json) => dependencyList({ dependencies }).saysMore
    expect([['WP01'], ['WP1'], 'WP01, WP02', []].map(more)).toEqual([false, false, false, false])
    expect([[{ WP01: 'x' }], ['WP01 (x)'], ['WP01-WP02'], ['x']].map(more)).toEqual([true, true, true, true])
  })
})

it('reads other lists by what they hold', () => {
  expect(idList([{ T001: 'write' }, 'T002a – x', { id: 't003' }, { x: [] }])).toMatchObject({
    read: ['T001', 'T002A', 'T003'],
    unread: ['x: []'],
  })
  expect(refList(['fr-001', 'FR-002: login']).read).toEqual(['FR-001', 'FR-002'])
  expect(wordList(['src/**', { path: 'a.ts', why: 'x' }, { 'b.ts': 'why' }])).toMatchObject({
    read: ['src/**', 'a.ts'],
    unread: ['b.ts: why'],
  })
})

import type { Sha } from '@spec-kitty/contracts/ids'
import { addMission, eventRow, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Objects } from '../../world/ports.ts'
import { combine, conflictWords, isComputed, settle, UNRELATED } from './combine.ts'

const rel = `kitty-specs/${MISSION_SLUG}`
const LOG = `${rel}/status.events.jsonl`
const SNAPSHOT = `${rel}/status.json`
let world: World
let objects: Objects
let base: Sha
beforeEach(() => {
  world = createWorld()
  addMission(world)
  world.write('a.txt', 'base\n')
  base = world.commit('base') as Sha
  objects = world.ports.git.objects(world.root)
})
afterEach(() => {
  objects.close()
  world.cleanup()
})

const table = () => ({ git: world.ports.git, objects, repo: world.root, mission: { rel } })
/** A commit on the base with these files; undefined: deleted. */
function side(files: Readonly<Record<string, string | undefined>>): Sha {
  world.git('checkout', '-q', '--detach', base)
  for (const [path, text] of Object.entries(files)) {
    if (text === undefined) world.git('rm', '-q', path)
    else world.write(path, text)
  }
  return world.commit('side') as Sha
}
const row = (wp: string, n: number) => `${JSON.stringify(eventRow(wp, 'planned', 'claimed', n))}\n`
const read = (tree: string, path: string) => world.git('show', `${tree}:${path}`)
const treeOf = (combined: object) => ('tree' in combined ? String(combined.tree) : JSON.stringify(combined))

describe('two commits', () => {
  it('of which one holds the other are that one', async () => {
    const later = side({ 'b.txt': 'b' })
    expect(await combine(table(), base, later)).toEqual({ commit: later })
    expect(await combine(table(), later, base)).toEqual({ commit: later })
    expect(await combine(table(), base, base)).toEqual({ commit: base })
  })

  it('that meet nowhere are a tree of both', async () => {
    const tree = treeOf(await combine(table(), side({ 'b.txt': 'b' }), side({ 'c.txt': 'c' })))
    expect([read(tree, 'a.txt'), read(tree, 'b.txt'), read(tree, 'c.txt')]).toEqual(['base', 'b', 'c'])
  })

  it('without a common history stay apart', async () => {
    world.git('checkout', '-q', '--orphan', 'other')
    const other = world.commit('other') as Sha
    expect(await combine(table(), base, other)).toEqual({ conflict: UNRELATED })
    expect(conflictWords(UNRELATED)).toBe('the branches have no common history')
  })

  it('that change one line stay apart, and git says where', async () => {
    const combined = await combine(table(), side({ 'a.txt': 'x\n' }), side({ 'a.txt': 'y\n' }))
    expect(combined).toMatchObject({
      conflict: { files: ['a.txt'], messages: [expect.stringContaining('a.txt')] },
    })
  })

  it('unite their logs by rows, and take ours of the snapshot', async () => {
    const log = world.read(LOG)
    const ours = side({ [LOG]: log + row('WP01', 101), [SNAPSHOT]: 'ours' })
    const theirs = side({ [LOG]: log + row('WP02', 102), [SNAPSHOT]: 'theirs' })
    const tree = treeOf(await combine(table(), ours, theirs))
    expect([read(tree, SNAPSHOT), `${read(tree, LOG)}\n`]).toEqual([
      'ours',
      log + row('WP01', 101) + row('WP02', 102),
    ])
  })

  it('with one more conflict name that alone', async () => {
    const log = world.read(LOG)
    const ours = side({ [LOG]: log + row('WP01', 101), 'a.txt': 'x\n' })
    const theirs = side({ [LOG]: log + row('WP02', 102), 'a.txt': 'y\n' })
    expect(await combine(table(), ours, theirs)).toMatchObject({ conflict: { files: ['a.txt'] } })
  })

  it('take no rows of a log that cannot be read, and the side that has a log at all', async () => {
    const log = world.read(LOG)
    const good = log + row('WP02', 102)
    const tree = treeOf(await combine(table(), side({ [LOG]: `${log}torn` }), side({ [LOG]: good })))
    expect(`${read(tree, LOG)}\n`).toBe(good)
    const gone = treeOf(await combine(table(), side({ [LOG]: undefined }), side({ [LOG]: good })))
    expect(`${read(gone, LOG)}\n`).toBe(good)
    const both = await combine(table(), side({ [LOG]: `${log}torn` }), side({ [LOG]: `${log}worn` }))
    expect(`${read(treeOf(both), LOG)}`).toBe(`${log}torn`)
  })
})

it('a path that yields is as ours has it, or gone', async () => {
  const [ours, theirs] = [side({ 'a.txt': 'x\n' }), side({ 'a.txt': 'y\n' })]
  const [merge] = await world.ports.git.mergeTrees(world.root, [[ours, theirs]])
  if (merge === undefined) throw new Error('no merge')
  const tree = treeOf(await settle(table(), ours, theirs, merge, path => path === 'a.txt'))
  expect(read(tree, 'a.txt')).toBe('x')
  const without = side({ 'a.txt': undefined })
  const [other] = await world.ports.git.mergeTrees(world.root, [[without, theirs]])
  if (other === undefined) throw new Error('no merge')
  const gone = treeOf(await settle(table(), without, theirs, other, () => true))
  expect(world.git('ls-tree', '--name-only', gone, 'a.txt')).toBe('')
  // What git calls no clean merge and names no file of is never settled.
  expect(await settle(table(), ours, theirs, { ...merge, conflicts: [] }, () => true)).toHaveProperty(
    'conflict',
  )
})

it('log and snapshot of this mission are computed, nothing else is', () => {
  const computed = [LOG, SNAPSHOT, `${rel}/meta.json`, 'status.json', `x/${LOG}`].map(path =>
    isComputed({ rel }, path),
  )
  expect(computed).toEqual([true, true, false, false, false])
})

it('names ten files of a conflict, and counts the others', () => {
  const files = Array.from({ length: 12 }, (_, i) => `f${i}`)
  expect(conflictWords({ files, messages: ['m'] })).toBe(`${files.slice(0, 10).join(', ')} and 2 more`)
  expect(conflictWords({ files: files.slice(0, 10), messages: [] })).toBe(files.slice(0, 10).join(', '))
  expect(conflictWords({ files: [], messages: ['m', 'n'] })).toBe('m; n')
})

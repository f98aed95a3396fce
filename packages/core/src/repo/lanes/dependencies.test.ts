import type { Lane } from '@spec-kitty/contracts/lanes'
import { describe, expect, it } from 'vitest'
import { openDependencies, openRemedy, openWords } from './dependencies.ts'

const lanes: Readonly<Record<string, Lane>> = {
  WP01: 'approved',
  WP02: 'done',
  WP03: 'planned',
  WP04: 'canceled',
  Setup: 'genesis',
}
const ids = Object.keys(lanes)
const open = (known?: readonly string[]) => openDependencies(ids, id => lanes[id] ?? 'genesis', known)

describe('dependencies', () => {
  it('are open until they are approved or done; a canceled one never comes', () => {
    expect(open().map(({ id, unknown }) => [id, unknown])).toEqual([
      ['WP03', false],
      ['WP04', false],
      ['Setup', false],
    ])
    expect(open(ids.slice(0, 4)).map(({ unknown }) => unknown)).toEqual([false, false, true])
  })

  it('are named with what they wait for', () => {
    expect(openWords(open(ids.slice(0, 4)))).toBe('WP03 (planned), WP04 (canceled), Setup (no work package)')
  })

  it('want somebody to act only where no waiting helps', () => {
    const of = (wanted: readonly string[]) =>
      openRemedy(
        'WP09',
        'demo',
        open(ids.slice(0, 4)).filter(({ id }) => wanted.includes(id)),
      )
    const then = 'then: spec-kitty agent mission finalize-tasks --mission demo'
    const canceled = 'Take WP04 out of the dependencies of WP09 (its file and tasks.md)'
    const unknown =
      'Write ids of work packages instead of Setup into the dependencies of WP09 (its file and tasks.md)'
    expect([of([]), of(['WP03'])]).toEqual([undefined, undefined])
    expect(of(['WP03', 'WP04'])).toBe(`${canceled}, ${then}`)
    expect(of(['Setup'])).toBe(`${unknown}, ${then}`)
    expect(of(['WP04', 'Setup'])).toBe(`${canceled}, ${unknown}, ${then}`)
  })
})

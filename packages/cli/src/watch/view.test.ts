import { tasksStatus } from '@spec-kitty/core/board/status-command'
import { printable } from '@spec-kitty/core/text/printable'
import { displayWidth } from '@spec-kitty/core/text/width'
import { addMission, advance } from '@spec-kitty/host/testing/mission'
import { createWorld } from '@spec-kitty/host/testing/world'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createStyle } from '../style.ts'
import { draw, firstView, press, type View, withBoard } from './view.ts'

const world = createWorld()
const size = { columns: 40, rows: 12 }
const style = createStyle(false, 40)
let view: View

beforeAll(async () => {
  addMission(world, { wps: ['WP01', 'WP02', 'WP03'], deps: {} })
  advance(world, 'WP02', 'for_review', 10)
  view = firstView(await tasksStatus(world.ports, {}))
})
afterAll(world.cleanup)

const keys = (...pressed: string[]): ReturnType<typeof press> =>
  pressed.reduce<ReturnType<typeof press>>((before, key) => press(before.view, key, size), { view })

it('fills the screen exactly, however small it is', () => {
  for (const columns of [1, 12, 40, 200])
    for (const rows of [1, 6, 12, 60]) {
      const lines = draw(view, { columns, rows }, style)
      expect(lines.length).toBe(rows)
      for (const line of lines) {
        expect(displayWidth(line)).toBeLessThanOrEqual(columns)
        expect(printable(line)).toBe(line)
      }
    }
})

it('moves by lanes, and stays where it is when the board changes', async () => {
  expect([view.selected, keys('down').view.selected, keys('down', 'down', 'down').view.selected]).toEqual([
    'WP01',
    'WP03',
    'WP02',
  ])
  const there = keys('down', 'down').view
  advance(world, 'WP01', 'claimed', 60)
  const after = withBoard(there, await tasksStatus(world.ports, {}))
  expect(after.selected).toBe('WP02')
  expect(draw(after, size, style).join('\n')).toContain('› WP02')
})

it('asks before it approves; everything else is one key', () => {
  expect(keys('a').wish).toBeUndefined()
  expect(draw(keys('a').view, size, style).join('\n')).toContain('Approve WP01? y/n')
  expect(keys('a', 'y').wish).toBe('approve')
  expect(keys('a', 'q')).toMatchObject({ view: { asks: undefined } })
  expect(keys('a', 'q').wish).toBeUndefined()
  expect([keys('r').wish, keys('enter').wish, keys('q').wish]).toEqual(['reject', 'open', 'quit'])
})

it('scrolls a page to its end and no further, and goes back', () => {
  const page = { wpId: 'WP01', lines: Array.from({ length: 20 }, (_, i) => `${i}`), top: 0 }
  const press1 = (key: string, from: View) => press(from, key, size).view
  const end = press1('page down', press1('page down', press1('page down', { ...view, page })))
  expect(end.page?.top).toBe(13)
  expect(draw(end, size, style)).toContain('19')
  expect(press1('escape', end).page).toBeUndefined()
})

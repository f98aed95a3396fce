/** The board that stays, before a terminal that a test looks at and types into. */
import { appendFileSync, chmodSync } from 'node:fs'
import { join } from 'node:path'
import { addReadyMission, commitIn, lanePathOf } from '@spec-kitty/host/testing/lanes'
import { addMission, advance, MISSION_SLUG } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, expect, it } from 'vitest'
import { main } from '../main.ts'
import { createStyle } from '../style.ts'
import type { Terminal } from '../terminal.ts'

let world: World
afterEach(() => world.cleanup())

/** Runs `board --watch`; `until` waits for what the screen is to show. */
function watch(...words: readonly string[]) {
  let screen: readonly string[] = []
  let out = ''
  let press = (_key: string): void => {}
  let resize = (): void => {}
  const size = { columns: 60, rows: 16 }
  const state = { closed: 0, aside: 0, reads: true }
  const terminal: Terminal = {
    get columns() {
      return size.columns
    },
    get rows() {
      return size.rows
    },
    draw: lines => {
      screen = lines
    },
    onKey: listener => {
      press = listener
    },
    onResize: listener => {
      resize = listener
    },
    aside: async act => {
      state.aside += 1
      return await act()
    },
    close: () => {
      state.closed += 1
    },
  }
  const ended = main(['board', '--watch', ...words], {
    out: text => {
      out += text
      return state.reads
    },
    err: text => {
      out += text
    },
    style: createStyle(false, size.columns),
    errorStyle: createStyle(false, size.columns),
    interactive: () => !words.includes('--json'),
    terminal: async () => terminal,
    ports: async note => ({ ...world.ports, note }),
  })
  const until = async (wanted: RegExp, where: () => string = () => screen.join('\n')): Promise<string> => {
    const patience = performance.now() + 30_000
    while (!wanted.test(where())) {
      if (performance.now() > patience) throw new Error(`never saw ${wanted} in:\n${where()}`)
      await new Promise(resolve => setTimeout(resolve, 5))
    }
    return where()
  }
  return {
    until,
    lines: () => out.trimEnd().split('\n'),
    untilOut: (wanted: RegExp) => until(wanted, () => out),
    press: (...keys: readonly string[]) => {
      for (const key of keys) press(key)
    },
    resize: (columns: number, rows: number) => {
      Object.assign(size, { columns, rows })
      resize()
    },
    screen: () => screen,
    state,
    ended,
  }
}

it('draws anew when another process moves a package, and gives the screen back', async () => {
  world = createWorld()
  addMission(world)
  const board = watch()
  await board.until(/planned\n› WP01/)
  advance(world, 'WP01', 'in_progress', 10)
  await board.until(/in progress\n› WP01/)
  board.resize(30, 8)
  expect([board.screen().length, Math.max(...board.screen().map(line => line.length))]).toEqual([8, 30])
  board.press('q')
  expect([await board.ended, board.state.closed, board.lines()]).toEqual([0, 1, ['']])
})

it('opens a package with its diff, and approves nothing that is answered with no', async () => {
  world = createWorld()
  addReadyMission(world)
  commitIn(world, lanePathOf('lane-a'), { 'src/a/more.txt': 'more\n' }, 'more')
  const board = watch()
  await board.until(/› WP01/)
  board.press('enter')
  await board.until(/esc back/)
  board.press('page down', 'page down', 'page down', 'page down', 'page down')
  await board.until(/\+more/)
  board.press('escape', 'a', 'n', 'q')
  expect(await board.ended).toBe(0)
  expect(world.read(`kitty-specs/${MISSION_SLUG}/status.events.jsonl`)).not.toMatch(/"actor": "user"/)
})

it('says why it refuses, and sends back with what the editor wrote', async () => {
  world = createWorld()
  addMission(world, { deps: {} })
  world.commit()
  advance(world, 'WP01', 'for_review', 10)
  const editor = join(world.dir, 'editor.sh')
  world.write(editor, '#!/bin/sh\necho "Say why." >> "$1"\n')
  chmodSync(editor, 0o755)
  const { env } = world.ports
  const get = (name: string) => (name === 'VISUAL' ? editor : env.get(name))
  Object.assign(world.ports, { env: { ...env, get } })
  const board = watch()
  await board.until(/for review\n/)
  board.press('up', 'up', 'a', 'y')
  await board.until(/Cannot move WP02 to approved/)
  board.press('down', 'down', 'r')
  await board.until(/Sent WP01 back with your feedback/)
  expect(board.state.aside).toBe(1)
  expect(world.read(`kitty-specs/${MISSION_SLUG}/tasks/WP01-demo/review-cycle-1.md`)).toContain('Say why.')
  board.press('q')
  expect(await board.ended).toBe(0)
})

it('is a line of JSON for each change, and ends when nobody reads', async () => {
  world = createWorld()
  addMission(world)
  const board = watch('--json')
  await board.untilOut(/\n/)
  // A row that is not yet whole is no change, and no end.
  const log = join(world.root, 'kitty-specs', MISSION_SLUG, 'status.events.jsonl')
  appendFileSync(log, '{"half')
  await new Promise(resolve => setTimeout(resolve, 100))
  world.write(log, world.read(log).replace('{"half', ''))
  advance(world, 'WP01', 'claimed', 10)
  await board.untilOut(/"lane":"claimed"|"lane": "claimed"/)
  board.state.reads = false
  advance(world, 'WP01', 'claimed', 20)
  advance(world, 'WP02', 'claimed', 30)
  expect(await board.ended).toBe(0)
  for (const line of board.lines()) expect(JSON.parse(line)).toMatchObject({ mission_slug: MISSION_SLUG })
})

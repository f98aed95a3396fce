/** Every page of help is read on narrow and wide terminals: no line is longer, no word is broken. */
import { displayWidth } from '@spec-kitty/core/text/width'
import { createWorld } from '@spec-kitty/host/testing/world'
import { afterAll, expect, it } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { runCli } from './testing/run-cli.ts'

const world = createWorld()
afterAll(world.cleanup)

const PAGES = ['', ...Object.keys(COMMANDS)]
const words = (text: string): readonly string[] => text.split(/\s+/).filter(word => word !== '')

it.each([60, 80, 120])('at %i columns', async columns => {
  const long: string[] = []
  for (const page of PAGES) {
    const path = page === '' ? [] : page.split(' ')
    const { stdout } = await runCli(world, [...path, '--help'], { columns })
    const whole = (await runCli(world, [...path, '--help'])).stdout
    expect(words(stdout), page).toEqual(words(whole))
    for (const line of stdout.split('\n')) {
      // What is to be pasted stays on one line, however long.
      if (displayWidth(line) > columns && !/^\s*spec-kitty |^\s*\S+$/.test(line))
        long.push(`${page}: ${line}`)
    }
  }
  expect(long).toEqual([])
})

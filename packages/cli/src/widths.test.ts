/** Every page of help, and what goes wrong, is read on narrow and wide terminals: no line is longer, no word is broken. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { displayWidth } from '@spec-kitty/core/text/width'
import { addMission } from '@spec-kitty/host/testing/mission'
import { createWorld } from '@spec-kitty/host/testing/world'
import { afterAll, describe, expect, it } from 'vitest'
import { COMMANDS } from './commands/index.ts'
import { printFailure, printNote } from './print.ts'
import { createStyle } from './style.ts'
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

describe('what goes to stderr', () => {
  const LINES = [
    ['init', 'new-folder', '--ai', 'nobody'],
    ['borad'],
    ['implement', 'WP99', '--agent', 'claude'],
    ['implement', 'WP02', '--agent', 'claude'],
    ['approve', 'WP01', '--agent', 'bob'],
    ['merge', '--resume'],
    ['agent', 'tasks', 'move-task', 'WP01', '--to', 'nowhere'],
    ['board', '--mission', 'a-mission-with-a-long-name-that-nobody-ever-made-in-this-repository'],
    ['import', 'no/such/folder/anywhere/in/this/repository', '--from', 'openspec'],
    ['review', 'import', 'no-such-file.md'],
    ['reject', 'WP01'],
    ['agent', 'release', 'prep'],
  ]

  it.each([60, 80, 120])('fits a terminal of %i columns', async columns => {
    world.write('README.md', 'x\n')
    addMission(world)
    world.commit()
    const long: string[] = []
    for (const line of LINES) {
      const { stderr } = await runCli(world, line, { errorColumns: columns })
      const whole = (await runCli(world, line)).stderr
      expect(words(stderr), line.join(' ')).toEqual(words(whole))
      expect(whole, line.join(' ')).not.toBe('')
      for (const text of stderr.split('\n')) {
        const oneCommand =
          /^\s*(?:spec-kitty|git|cd|export|rm|mv|printf) |^\s*`[^`]*`\S*$|^\s*(?:Error: )?\S+$/
        if (displayWidth(text) > columns && !oneCommand.test(text)) long.push(text)
      }
    }
    expect(long).toEqual([])
  })

  it('hangs under its label, in colour too, and keeps the line of sync whole', () => {
    let said = ''
    const sinks = (color: boolean) => {
      const style = createStyle(color, 46, true)
      const err = (text: string) => {
        said += text
      }
      return { out: () => true, err, style, errorStyle: style }
    }
    const error = new KittyError('not_ready', 'WP02 waits for WP01, which is still in review by bob', {
      hint: sh`Wait for bob, or: spec-kitty approve WP01 --agent claude --note "done by hand"`,
    })
    printFailure(error, { json: false, verbose: false }, sinks(false))
    const lines = [
      'Error: WP02 waits for WP01, which is still in',
      '       review by bob',
      'Wait for bob, or:',
      'spec-kitty approve WP01 --agent claude --note "done by hand"',
    ]
    expect(said).toBe(`${lines.join('\n')}\n`)
    said = ''
    printFailure(error, { json: false, verbose: false }, sinks(true))
    // biome-ignore lint/suspicious/noControlCharactersInRegex: the sequences of colours
    expect(said.replaceAll(/\u001b\[\d+m/g, '')).toBe(`${lines.join('\n')}\n`)
    said = ''
    const diagnostic = `sync_diagnostic severity=warning diagnostic_code=sync.x fatal=false message=${'word '.repeat(30)}end`
    printNote(diagnostic, sinks(false))
    expect(said).toBe(`${diagnostic}\n`)
  })

  it('is not broken where no terminal is', async () => {
    const { stderr } = await runCli(world, ['init', 'new-folder', '--ai', 'nobody'], { columns: 60 })
    expect(stderr.split('\n').some(line => line.length > 120)).toBe(true)
  })
})

it('shows the examples of a command in the words that were asked about', async () => {
  for (const name of ['board', 'status', 'agent tasks status']) {
    const { stdout } = await runCli(world, [...name.split(' '), '--help'])
    expect(stdout).toContain(`Examples\n  spec-kitty ${name}\n  spec-kitty ${name} --mission demo --json`)
  }
})

it('leaves the explanations of options more than half of a narrow terminal', async () => {
  const { stdout } = await runCli(world, ['merge', '--help'], { columns: 60 })
  expect(stdout).toMatch(/^ {2}--strategy merge\|squash\|rebase\n {29}how the work lands/m)
})

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createStyle } from '../style.ts'
import { runCli } from '../testing/run-cli.ts'
import { playTour, type Stage } from './play.ts'
import type { Scene } from './story.ts'

let world: World
beforeEach(() => {
  world = createWorld()
})
afterEach(() => world.cleanup())

const scene = (...steps: Scene['steps']): Scene => ({ title: 'Scene', say: 'Something happens.', steps })

async function play(...steps: Scene['steps']) {
  const shown: string[] = []
  const stage: Stage = {
    directory: join(world.dir, "the stage's"),
    texts: world.root,
    self: ['/bin/echo', "it's kitty"],
  }
  const session = { show: (line: string) => void shown.push(line), style: createStyle(false, 80) }
  const done = await playTour(world.ports, stage, [scene(...steps)], session).catch((error: unknown) => error)
  return { done, shown, stage }
}

describe('playTour', () => {
  it('runs the program under its name, in a HOME of its own, and shows the beginning of what it says', async () => {
    const { done, shown, stage } = await play(
      { run: 'mkdir hello', at: 'start' },
      { run: 'spec-kitty "a  b"' },
      { run: 'echo "$HOME"; seq 9', lines: 3 },
    )
    expect(done).toEqual([
      { command: 'mkdir hello', exit_status: 0 },
      { command: 'spec-kitty "a  b"', exit_status: 0 },
      { command: 'echo "$HOME"; seq 9', exit_status: 0 },
    ])
    expect(shown.slice(0, 3)).toEqual(['', '1. Scene', '   Something happens.'])
    expect(shown).toContain("     it's kitty a  b")
    expect(shown.slice(-4)).toEqual([
      `     ${join(stage.directory, 'home')}`,
      '     1',
      '     2',
      '     … 7 more lines',
    ])
    expect(statSync(join(stage.directory, 'bin/spec-kitty')).mode & 0o111).not.toBe(0)
  })

  it('stops no sentence in its middle where it ends soon', async () => {
    const { shown } = await play(
      { run: 'mkdir hello', at: 'start' },
      { run: "printf 'a sentence that\\nends here\\n\\nmore\\n'", lines: 1 },
    )
    expect(shown.slice(-3)).toEqual(['     a sentence that', '     ends here', '     … 1 more line'])
  })

  it('writes the story’s files into the mission and the worktrees', async () => {
    world.write('text.md', 'words\n')
    const { stage, shown } = await play(
      { run: 'mkdir -p hello/kitty-specs/hello-1', at: 'start' },
      { write: { 'spec.md': 'text.md' }, at: 'mission' },
      { write: { 'src/a.mjs': 'text.md' }, at: 'lane-a' },
    )
    for (const path of ['kitty-specs/hello-1/spec.md', '.worktrees/hello-1-lane-a/src/a.mjs']) {
      expect(readFileSync(join(stage.directory, 'hello', path), 'utf8')).toBe('words\n')
    }
    expect(shown).toContain('   (writes spec.md)')
  })

  it('stops at the first command that fails, with all it said', async () => {
    const { done, shown, stage } = await play(
      { run: 'mkdir hello', at: 'start' },
      { run: 'seq 9; exit 3' },
      { run: 'touch late' },
    )
    expect(done).toBeInstanceOf(KittyError)
    expect(done).toMatchObject({ code: 'tour_failed', data: { exit_status: 3 } })
    expect(shown.filter(line => /^ {5}\d$/.test(line))).toHaveLength(9)
    expect(existsSync(join(stage.directory, 'hello/late'))).toBe(false)
  })
})

describe('tour', () => {
  it('refuses a directory that holds something', async () => {
    world.write('there/x', '')
    const answer = await runCli(world, ['tour', '--dir', 'there', '--json'])
    expect(answer).toMatchObject({
      status: 1,
      json: { code: 'invalid_input', error: 'there is not an empty directory' },
    })
  })
})

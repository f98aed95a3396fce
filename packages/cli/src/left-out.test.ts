import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createWorld } from '@spec-kitty/host/testing/world'
import { describe, expect, it } from 'vitest'
import { COMMANDS, HIDDEN } from './commands/index.ts'
import { LEFT_OUT, leftOut, leftOutTable } from './left-out.ts'
import { runCli } from './testing/run-cli.ts'

const root = join(import.meta.dirname, '../../..')

describe('a command that is left out', () => {
  it.each(LEFT_OUT.flatMap(row => row.commands))('%s says why and what instead', async path => {
    const world = createWorld({ git: false })
    try {
      const answer = await runCli(world, [...path.split(' '), 'argument', '--json', '--whatever'])
      expect(answer).toMatchObject({
        status: 2,
        stderr: '',
        json: { code: 'not_in_this_edition', command: path, hint: expect.any(String) },
      })
    } finally {
      world.cleanup()
    }
  })

  it('answers for everything in a left-out group, and for nothing else', () => {
    expect(leftOut(['glossary', 'list'])?.message).toBe(
      "'spec-kitty glossary' is not part of this edition: rules for the whole repository are one charter, written by you",
    )
    expect(leftOut(['agent', 'tasks'])).toBeUndefined()
    expect(leftOut([])).toBeUndefined()
  })

  it('is no command of ours', () => {
    const ours = { ...COMMANDS, ...HIDDEN }
    expect(LEFT_OUT.flatMap(row => row.commands).filter(path => path in ours)).toEqual([])
  })

  it('names only commands of ours as the way instead', () => {
    const named = LEFT_OUT.flatMap(
      row => /spec-kitty ((?:[a-z][a-z-]* ?)+)/.exec(row.instead)?.[1]?.trim() ?? [],
    )
    const paths = Object.keys(COMMANDS)
    const unknown = named.filter(name => !paths.some(path => path.startsWith(name) || name.startsWith(path)))
    expect(unknown).toEqual([])
  })

  it('is listed in docs/compatibility.md', () => {
    expect(readFileSync(join(root, 'docs/compatibility.md'), 'utf8')).toContain(leftOutTable())
  })
})

const TREE = join(root, '../shared/spec/command-tree.json')

interface Node {
  readonly command: string
  readonly rating: string
  readonly commands?: readonly Node[]
}

describe.skipIf(!existsSync(TREE))(
  'the commands of 3.2.0 (skipped: ../shared/spec/command-tree.json is absent)',
  () => {
    const leaves = (node: Node): readonly Node[] =>
      node.commands === undefined ? [node] : node.commands.flatMap(leaves)
    it('that few would miss are here or left out with a reason', () => {
      const tree: Node = JSON.parse(readFileSync(TREE, 'utf8')).tree
      const rare = leaves(tree).filter(leaf => ['PERIPHERAL', 'DROP'].includes(leaf.rating))
      const answered = (path: string) =>
        path in COMMANDS || path in HIDDEN || leftOut(path.split(' ')) !== undefined
      const silent = rare.map(leaf => leaf.command).filter(path => !path.startsWith('__') && !answered(path))
      // Filters of doctor are words of that command; the charter is advisory.
      expect(silent.filter(path => !/^(doctor |charter preflight$)/.test(path))).toEqual([])
    })
  },
)

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSources, root } from './source.ts'

/** All that people and agents are told: the product's code, and the texts that it hands out. */
function texts(): readonly { readonly path: string; readonly text: string }[] {
  const assets = join(root, 'packages/cli/assets')
  const files = readdirSync(assets, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return [
    ...readSources()
      .filter(file => file.product)
      .map(({ path, code }) => ({ path, text: code })),
    ...files.map(({ parentPath, name }) => {
      const path = join(parentPath, name)
      return { path: relative(root, path), text: readFileSync(path, 'utf8') }
    }),
  ]
}

/** Who says what is found, as `path: match`. */
const found = (pattern: RegExp, except: readonly string[] = []): readonly string[] =>
  texts()
    .filter(({ path }) => !except.includes(path))
    .flatMap(({ path, text }) => [...text.matchAll(pattern)].map(([match]) => `${path}: ${match}`))

describe('nobody is led to a lie', () => {
  it('no command takes in whatever lies about: secrets and other people’s work lie about as well', () => {
    expect(found(/\badd (?:-A|--all|-u|\.(?=[\s`'"]))|commit (?:-a|--all\b)\w*/g)).toEqual([])
  })

  it('only a review tells how to approve', () => {
    const reviews = [
      'packages/core/src/review/prompt.ts',
      // The whole way of a small change, review before approval.
      'packages/core/src/mission/quick.ts',
      'packages/cli/assets/instructions/review.md',
      'packages/cli/src/commands/agent/tasks/move-task.ts',
      'packages/cli/src/commands/approve.ts',
      'packages/cli/src/tour/story.ts',
    ]
    const orders =
      /sh`[^`]*(?:--to (?:approved|done)|spec-kitty approve)|spec-kitty [^`'"\n]*--to (?:approved|done)/g
    expect(found(orders, reviews)).toEqual([])
  })

  it('nobody is told to act under another’s name', () => {
    expect(found(/[Pp]ass --agent|--agent \$\{(?:owner|builder|implementer|others)/g)).toEqual([])
  })
})

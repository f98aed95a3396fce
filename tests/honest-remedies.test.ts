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

/** Pages for people. */
function pages(): readonly { readonly path: string; readonly text: string }[] {
  const docs = readdirSync(join(root, 'docs'), { recursive: true, withFileTypes: true })
    .filter(entry => entry.name.endsWith('.md'))
    .map(({ parentPath, name }) => relative(root, join(parentPath, name)))
  return ['README.md', 'CONTRIBUTING.md', ...docs].map(path => ({
    path,
    text: readFileSync(join(root, path), 'utf8'),
  }))
}

/** Who says what is found, as `path: match`. */
const found = (pattern: RegExp, except: readonly string[] = [], among = texts()): readonly string[] =>
  among
    .filter(({ path }) => !except.includes(path))
    .flatMap(({ path, text }) => [...text.matchAll(pattern)].map(([match]) => `${path}: ${match}`))

describe('nobody is led to a lie', () => {
  it('no command takes in whatever lies about: secrets and other people’s work lie about as well', () => {
    const all =
      /(?<=\bgit\b[^\n|;&]*)\b(?:add|stage)(?: --)? (?:-A|--all|-u|--update|\*|:\/|\.(?=[\s`'"]|$))|\bcommit (?:-[b-z]*a[a-z]*\b|--all\b)/gm
    expect(found(all)).toEqual([])
    expect(found(all, [], pages())).toEqual([])
    const hostile = ['git add -A', 'git -C x add .', 'git stage -- *', 'git commit -qam x', 'git commit -a']
    expect(hostile.filter(line => line.match(all) === null)).toEqual([])
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
    // Where a lane is put in later nobody sees here which.
    expect(found(/--to (?:\$\{|\$to\b)[^`]*/g, reviews)).toEqual([])
  })

  it('nobody is told to act under another’s name', () => {
    expect(found(/[Pp]ass --(?:agent|reviewer)/g)).toEqual([])
    // `holder`: a merge says who has the package in hand, and what that one does next.
    const own = new Set(['agent', "agent ?? 'NAME'", 'reviewer', 'holder'])
    const named = found(/--(?:agent|reviewer|actor|assignee) \$\{[^}]*\}/g)
    expect(named.filter(line => !own.has(/\$\{([^}]*)\}$/.exec(line)?.[1] ?? ''))).toEqual([])
  })

  it('who ticks says that it is done', () => {
    expect(
      found(/sh`spec-kitty agent tasks mark-status/g, [
        'packages/core/src/next/prompt.ts',
        'packages/core/src/lanes/prompt.ts',
      ]),
    ).toEqual([])
  })
})

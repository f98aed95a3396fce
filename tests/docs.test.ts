/** What we tell people and agents is there: links lead somewhere, and every command named can be run. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMANDS, HIDDEN } from '../packages/cli/src/commands/index.ts'
import { parseInput } from '../packages/cli/src/parse.ts'
import { MAY_IMPORT } from './may-import.ts'
import { readSources, root } from './source.ts'

const pagesIn = (directory: string): string[] =>
  readdirSync(join(root, directory))
    .filter(name => name.endsWith('.md'))
    .map(name => join(directory, name))

const PAGES = [...pagesIn('.'), ...pagesIn('docs'), ...pagesIn('docs/how-to'), ...pagesIn('docs/adr')]
/** Pages whose commands are meant to be run as they stand; compatibility.md also names those of the other edition. */
const COMMAND_PAGES = [
  'README.md',
  'docs/tutorial.md',
  'docs/configuration.md',
  ...pagesIn('docs/how-to'),
  ...['commands', 'skills', 'instructions'].flatMap(kind => pagesIn(`packages/cli/assets/${kind}`)),
]

describe('links', () => {
  it.each(PAGES)('%s', page => {
    const text = readFileSync(join(root, page), 'utf8')
    const targets = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(match => match[1] ?? '')
    const broken = targets.filter(
      target => !/^https?:/.test(target) && !existsSync(join(root, dirname(page), target)),
    )
    expect(broken).toEqual([])
  })
})

it('every page is in the list of pages', () => {
  const index = readFileSync(join(root, 'docs/README.md'), 'utf8')
  const pages = [...pagesIn('docs'), ...pagesIn('docs/how-to')].map(page => page.slice('docs/'.length))
  expect(pages.filter(page => page !== 'README.md' && !index.includes(`](${page})`))).toEqual([])
})

it('nothing lies in the top folder that nobody knows', () => {
  const listed = readdirSync(root, { withFileTypes: true })
  const files = listed.filter(entry => entry.isFile()).map(entry => entry.name)
  const known =
    /^(?:[A-Z_]+(?:\.md)?|\.git(?:attributes|ignore)?|\.npmrc|(?:biome|knip|package|package-lock|tsconfig)\.json|vitest\.config\.ts)$/
  expect(files.filter(name => !known.test(name))).toEqual([])
})

describe('architecture.md', () => {
  const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8')

  it.each(Object.entries(MAY_IMPORT))('names what %s may import', (name, libraries) => {
    const row = page.split('\n').find(line => line.startsWith(`| \`${name}\` |`)) ?? ''
    const told = libraries.filter(library => !/^(?:@spec-kitty\/|.*-$)/.test(library))
    expect(told.filter(library => !row.includes(library))).toEqual([])
  })

  it('names files and functions that there are', () => {
    const files = readSources()
    const spans = [...page.matchAll(/`([^`\n]+)`/g)].map(match => match[1] ?? '')
    const named = spans.filter(span => /^[\w./-]+\.ts$/.test(span))
    expect(named.length).toBeGreaterThan(20)
    const known = (name: string) =>
      existsSync(join(root, name)) ||
      files.some(({ path }) => [path, path.replace('/src/', '/')].some(one => one.endsWith(`/${name}`)))
    expect(named.filter(name => !known(name))).toEqual([])
    const text = files.map(file => file.text).join('\n')
    const walks = page.slice(page.indexOf('## Three walks'), page.indexOf('## Where state lives'))
    const functions = [...walks.matchAll(/`([a-z]+[A-Z]\w+|judge|land|drain|write|finish)`/g)].map(
      match => match[1] ?? '',
    )
    expect(functions.length).toBeGreaterThan(10)
    expect(
      functions.filter(name => !new RegExp(`function ${name}\\b|${name}: (?:async )?\\(`).test(text)),
    ).toEqual([])
  })
})

describe('commands', () => {
  it.each(COMMAND_PAGES)('%s', async page => {
    for (const line of commandLines(readFileSync(join(root, page), 'utf8'))) {
      await expect(understand(line), line).resolves.toBeUndefined()
    }
  })
})

/** Calls of our program in code: whole lines of blocks, and spans between back-ticks. */
function commandLines(text: string): readonly string[] {
  const blocks = [...text.matchAll(/```\w*\n([\s\S]*?)```/g)].flatMap(match => (match[1] ?? '').split('\n'))
  const spans = [...text.replace(/```[\s\S]*?```/g, '').matchAll(/`([^`]+)`/g)].map(match => match[1] ?? '')
  return [...blocks, ...spans].filter(line => /^spec-kitty [a-z]/.test(line))
}

/** Throws unless the line names a command and its flags parse. Placeholders count as values. */
async function understand(line: string): Promise<void> {
  const words = [...line.matchAll(/"[^"]*"|'[^']*'|<[^>]*>|\{\{[^}]*\}\}|\S+/g)]
    .map(match => match[0])
    .slice(1)
  // What follows is the shell's.
  const end = words.findIndex(word => /^(\||<|>|&&)$/.test(word))
  if (end >= 0) words.length = end
  const length = [3, 2, 1].find(count => words.slice(0, count).join(' ') in { ...COMMANDS, ...HIDDEN })
  if (length === undefined) throw new Error(`No such command: ${line}`)
  const path = words.slice(0, length).join(' ')
  const entry = COMMANDS[path] ?? HIDDEN[path]
  const { command } = await entry!.load()
  const rest = words
    .slice(length)
    .filter(word => word !== '{{ARGUMENTS}}' || Object.keys(command.args).length > 0)
  await parseInput(path, command, rest)
}

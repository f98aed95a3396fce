/** The fast reader against the full library: where it answers at all, it answers the same. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { createWorld } from '@spec-kitty/host/testing/world'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readSimpleYaml } from './simple-yaml.ts'

const world = createWorld({ git: false })
const { yaml } = world.ports
world.cleanup()

async function full(text: string): Promise<unknown> {
  try {
    return (await yaml.parse(text)) ?? {}
  } catch {
    return 'refused'
  }
}

const word = fc.oneof(
  fc.constantFrom(
    'a',
    'WP01',
    'null',
    '~',
    'true',
    '12',
    '0x1f',
    '1e3',
    '-',
    '#x',
    ' # c',
    '\u00a0',
    '\u2028',
    '\t',
    '\r',
  ),
  fc.constantFrom(
    '"',
    "'",
    '[',
    ']',
    '{',
    '}',
    ',',
    ': ',
    ':',
    '&',
    '*',
    '!',
    '|',
    '>',
    '%',
    '@',
    '`',
    '?',
    '\\',
    '\\u00',
  ),
  fc.stringMatching(/^[\w .:#-]{0,8}$/),
  fc.string({ maxLength: 6 }),
)
const value = fc.array(word, { maxLength: 4 }).map(words => words.join(''))
const key = fc.constantFrom('a', 'b', 'null', 'true', '"a b"', "'c'", '\u00a0d', '12', '-', '<<', 'a b')
const line = fc.oneof(
  fc
    .tuple(fc.constantFrom('', '  ', '    ', '- ', '  - '), key, value)
    .map(([indent, k, v]) => `${indent}${k}: ${v}`),
  fc.tuple(fc.constantFrom('- ', '  - ', '-', '  '), value).map(([indent, v]) => `${indent}${v}`),
  fc.tuple(key, value, value).map(([k, x, y]) => `${k}: [${x}, ${y}]`),
  fc.tuple(key, value).map(([k, v]) => `${k}: "${v}"`),
  fc.constantFrom('', '# c', '---', '...', '  # c'),
)
const document = fc
  .tuple(fc.array(line, { minLength: 1, maxLength: 5 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, end]) => lines.join(end) + end)

it('over generated documents', async () => {
  await fc.assert(
    fc.asyncProperty(document, async text => {
      const fast = readSimpleYaml(text)
      if (fast !== undefined) expect(fast).toEqual(await full(text))
    }),
    { numRuns: 4000 },
  )
}, 60_000)

it('leaves to the library what it would read otherwise', () => {
  const odd = [
    'a: \u00a0x',
    'null: 1',
    'a: [#x]',
    '  \r\r\n\r',
    'a: "\u0001"',
    'true: x',
    'a: "\\u00zz"',
    '- '.repeat(50_000),
  ]
  expect(odd.map(text => readSimpleYaml(`${text}\n`)).filter(read => read !== undefined)).toEqual([
    { a: '\u00a0x' },
  ])
})

const corpus = resolve(import.meta.dirname, '../../../../../shared/conformance/corpus')

it.skipIf(!existsSync(corpus))(
  'over real documents (skipped where ../shared is absent)',
  async () => {
    let fast = 0
    for (const name of readdirSync(corpus, { recursive: true, encoding: 'utf8' })) {
      if (!/\.(?:md|ya?ml)$/.test(name)) continue
      const text = readFileSync(resolve(corpus, name), 'utf8')
      const body = name.endsWith('.md') ? /^---\r?\n([\s\S]*?)^---/m.exec(text)?.[1] : text
      const read = body === undefined ? undefined : readSimpleYaml(body)
      if (body === undefined || read === undefined) continue
      fast++
      expect({ name, read }).toEqual({ name, read: await full(body) })
    }
    expect(fast).toBeGreaterThan(300)
  },
  60_000,
)

/** No pattern of the product whose time grows faster than the text it reads: a line of 100 KB must not hold a command. */
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { root } from './source.ts'

interface Pattern {
  readonly key: string
  readonly hash: string
  readonly path: string
}

it('has judged every regular expression (npm run patterns judges new ones)', {
  timeout: 60_000,
}, async () => {
  const { collect, judged } = await import(join(root, 'scripts/patterns.mjs'))
  const patterns: readonly Pattern[] = collect()
  const known: ReadonlyMap<string, string> = judged()
  expect(patterns.filter(({ hash }) => !known.has(hash)).map(({ key, path }) => `${path}: ${key}`)).toEqual(
    [],
  )
  expect(patterns.length).toBeGreaterThan(250)
})

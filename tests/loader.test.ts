/** The loader in front of the bundle: chunks, their shared state, and compiled forms that fit or do not. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Script } from 'node:vm'
import { afterEach, beforeEach, expect, it } from 'vitest'

type CreateLoader = (
  directory: string,
  onScript?: (path: string, script: Script) => void,
) => (name: string) => unknown
const { createLoader }: { createLoader: CreateLoader } = createRequire(import.meta.url)(
  '../scripts/loader.cjs',
)

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spec-kitty-loader-'))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const write = (name: string, content: string | Buffer) => writeFileSync(join(directory, name), content)

it('runs a chunk once, gives it its place and lets it require chunks and Node', () => {
  write(
    'a.cjs',
    "exports.b = require('./b.cjs'); exports.again = require('./b.cjs'); exports.file = __filename",
  )
  write('b.cjs', "exports.separator = require('node:path').sep; exports.at = __dirname")
  const a = createLoader(directory)('a.cjs') as { b: { at: string }; again: unknown; file: string }
  expect(a.again).toBe(a.b)
  expect(a.b).toEqual({ separator: '/', at: directory })
  expect(a.file).toBe(join(directory, 'a.cjs'))
})

it('accepts the compiled form that this V8 wrote, and compiles where it is of another', () => {
  const seen: Script[] = []
  const load = (name: string) =>
    createLoader(directory, (_, script) => seen.push(script))(name) as { answer: () => number }
  write('own.cjs', 'exports.answer = () => 42')
  expect(load('own.cjs').answer()).toBe(42)
  write('own.cjs.cache', seen[0]!.createCachedData())
  expect(load('own.cjs').answer()).toBe(42)
  write('other.cjs', 'exports.answer = () => 43')
  write('other.cjs.cache', Buffer.from('of another edition of V8'))
  expect(load('other.cjs').answer()).toBe(43)
  expect(seen.map(script => script.cachedDataRejected)).toEqual([undefined, false, true])
})

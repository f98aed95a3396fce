/** The loader in front of the bundle: chunks, their shared state, and the compiled forms that it keeps for one Node. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'

interface Loader {
  readonly load: (name: string) => unknown
  readonly save: () => void
}
const LOADER = join(import.meta.dirname, '../scripts/loader.cjs')
const loader: {
  readonly createLoader: (directory: string, compiled?: string) => Loader
  readonly compiledDirectory: (directory: string) => string
} = createRequire(import.meta.url)(LOADER)

let directory: string
let compiled: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spec-kitty-loader-'))
  compiled = join(directory, 'compiled')
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

const write = (name: string, content: string | Buffer) => writeFileSync(join(directory, name), content)
const run = (name: string) => {
  const { load, save } = loader.createLoader(directory, compiled)
  const result = load(name)
  save()
  return result
}

it('runs a chunk once, gives it its place and lets it require chunks and Node', () => {
  write(
    'a.cjs',
    "exports.b = require('./b.cjs'); exports.again = require('./b.cjs'); exports.file = __filename",
  )
  write('b.cjs', "exports.separator = require('node:path').sep; exports.at = __dirname")
  const a = run('a.cjs') as { b: { at: string }; again: unknown; file: string }
  expect(a.again).toBe(a.b)
  expect(a.b).toEqual({ separator: '/', at: directory })
  expect(a.file).toBe(join(directory, 'a.cjs'))
})

it('keeps compiled forms at the first run, adds what another run used', () => {
  write('a.cjs', 'exports.answer = 42')
  write('b.cjs', "exports.answer = require('./a.cjs').answer + 1")
  expect(run('a.cjs')).toEqual({ answer: 42 })
  expect(readdirSync(compiled)).toEqual(['a.cjs'])
  expect(run('b.cjs')).toEqual({ answer: 43 })
  expect(readdirSync(compiled).sort()).toEqual(['a.cjs', 'b.cjs'])
})

/** Runs a chunk in a Node of its own, which has compiled nothing before; answers what it printed. */
const runAlone = (name: string) => {
  write('main.cjs', `require(${JSON.stringify(LOADER)}).start(__dirname, '${name}')`)
  const { PATH } = process.env
  return execFileSync(process.execPath, [join(directory, 'main.cjs')], { env: { PATH }, encoding: 'utf8' })
}

it('mends a compiled form that V8 does not take', () => {
  write('a.cjs', "process.stdout.write('ran')")
  runAlone('a.cjs')
  const form = join(loader.compiledDirectory(directory), 'a.cjs')
  const whole = readFileSync(form)
  writeFileSync(form, 'damaged')
  expect(runAlone('a.cjs')).toBe('ran')
  expect(readFileSync(form)).toHaveLength(whole.length)
})

it('keeps nothing of a run that turned an option of V8: no other would take it', () => {
  write('a.cjs', "require('node:v8').setFlagsFromString('--interrupt-budget=1000000')")
  runAlone('a.cjs')
  expect(existsSync(join(directory, 'compiled'))).toBe(false)
  write('a.cjs', '')
  runAlone('a.cjs')
  expect(existsSync(join(directory, 'compiled'))).toBe(true)
})

it('gives each Node a directory of its own, down to the file of the program', () => {
  const name = loader.compiledDirectory('/x')
  expect(name).toMatch(/^\/x\/compiled\/v\d+\.\d+\.\d+-\w+-\w+-\d+-\d+$/)
  expect(name).toContain(`/${process.version}-${process.platform}-${process.arch}-`)
})

it('runs where no directory can be made', () => {
  write('a.cjs', 'exports.answer = 42')
  write('compiled', 'a file in the way')
  expect(run('a.cjs')).toEqual({ answer: 42 })
})

it('saves nothing of a run with options for Node, which may compile otherwise', () => {
  write('a.cjs', '')
  write('main.cjs', `require(${JSON.stringify(LOADER)}).start(__dirname, 'a.cjs')`)
  const node = (options: readonly string[], env: NodeJS.ProcessEnv = {}) =>
    execFileSync(process.execPath, [...options, join(directory, 'main.cjs')], { env })
  node(['--no-opt'])
  node([], { NODE_OPTIONS: '--no-warnings' })
  expect(existsSync(compiled)).toBe(false)
  node([])
  expect(readdirSync(loader.compiledDirectory(directory))).toEqual(['a.cjs'])
})

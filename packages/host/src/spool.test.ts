import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createPrivateFiles } from './spool.ts'
import { createWorld, type World } from './testing/world.ts'

let world: World
let path: string
const files = createPrivateFiles()
beforeEach(() => {
  world = createWorld({ git: false })
  path = `${world.dir}/deep/er/file`
})
afterEach(() => world.cleanup())

const texts = (offset: number, bytes: number) => files.lines(path, offset, bytes).lines.map(line => line.text)

describe('lines', () => {
  test('only complete ones, by offset and size', () => {
    expect([texts(0, 10), files.lastLine(path)]).toEqual([[], undefined])
    files.append(path, ['one', 'zwei ü'])
    appendFileSync(path, 'torn')
    expect(texts(0, 1000)).toEqual(['one', 'zwei ü'])
    expect(files.lines(path, 0, 5).lines).toEqual([{ text: 'one', end: 4 }])
    expect(texts(4, 2)).toEqual(['zwei ü'])
    expect(files.lastLine(path)).toBe('zwei ü')
    files.append(path, ['next'])
    expect(readFileSync(path, 'utf8')).toBe('one\nzwei ü\ntorn\nnext\n')
  })

  test('the last line of one and of long lines', () => {
    files.append(path, ['only'])
    expect(files.lastLine(path)).toBe('only')
    files.append(path, ['x'.repeat(100_000), 'y'.repeat(50_000)])
    expect(files.lastLine(path)).toBe('y'.repeat(50_000))
    writeFileSync(path, 'torn')
    expect(files.lastLine(path)).toBeUndefined()
    writeFileSync(path, '')
    expect(files.lastLine(path)).toBeUndefined()
  })
})

test('replace, rename, touch, remove', () => {
  files.touch(path)
  files.touch(path)
  expect(readFileSync(path, 'utf8')).toBe('')
  files.replace(path, 'new')
  files.rename(path, `${path}2`)
  expect(readFileSync(`${path}2`, 'utf8')).toBe('new')
  files.remove(`${path}2`)
  files.remove(`${path}2`)
})

test('a link is not written through, and a failure says which file', () => {
  mkdirSync(`${world.dir}/deep/er`, { recursive: true })
  writeFileSync(`${world.dir}/victim`, 'mine')
  symlinkSync(`${world.dir}/victim`, path)
  expect(() => files.append(path, ['x'])).toThrow(`Cannot append to ${path}`)
  expect(readFileSync(`${world.dir}/victim`, 'utf8')).toBe('mine')
  mkdirSync(`${world.dir}/dir`)
  expect(() => files.lines(`${world.dir}/dir`, 0, 10)).toThrow(/Cannot read/)
  expect(() => files.remove(`${world.dir}/dir`)).toThrow(/Cannot delete/)
  expect(() => files.replace(`${world.dir}/victim/x`, '')).toThrow(/Cannot write/)
})

test('what a killed process left of a replaced file goes, later; that of a living one stays', () => {
  files.replace(path, 'first')
  const left = (pid: number): string => `${world.dir}/deep/er/.file.${pid}.0.tmp`
  const [old, young, living] = [left(4_194_303), left(4_194_302), left(process.pid)]
  for (const each of [old, young, living]) writeFileSync(each, 'half')
  for (const each of [old, living]) utimesSync(each, 0, 0)
  files.replace(path, 'second')
  expect([old, young, living].map(each => existsSync(each))).toEqual([false, true, true])
})

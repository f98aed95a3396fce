import { expect, test } from 'vitest'
import { basename, dirname, isInside, join, relativeTo, resolvePath } from './paths.ts'

test('join drops empty parts and double slashes', () => {
  expect(join('/a/', 'b', '', 'c.md')).toBe('/a/b/c.md')
})

test.each([
  ['/a/b', '/a'],
  ['/a', '/'],
  ['/', '/'],
  ['name', '.'],
])('dirname(%s)', (path, expected) => {
  expect(dirname(path)).toBe(expected)
})

test('basename is the part after the last slash', () => {
  expect(basename('/a/b.md')).toBe('b.md')
  expect(basename('b.md')).toBe('b.md')
})

test.each([
  ['/a/b', '../c', '/a/c'],
  ['/a/b', '/x/./y', '/x/y'],
  ['/a', '../../..', '/'],
])('resolvePath(%s, %s)', (base, path, expected) => {
  expect(resolvePath(base, path)).toBe(expected)
})

test('isInside does not take a longer name for a child', () => {
  expect(isInside('/a/b', '/a/b/c')).toBe(true)
  expect(isInside('/a/b', '/a/b')).toBe(true)
  expect(isInside('/a/b', '/a/bc')).toBe(false)
  expect(isInside('/', '/a')).toBe(true)
})

test('relativeTo cuts the directory off', () => {
  expect(relativeTo('/a/b', '/a/b/c/d')).toBe('c/d')
  expect(relativeTo('/', '/c')).toBe('c')
  expect(relativeTo('/a', '/a')).toBe('')
})

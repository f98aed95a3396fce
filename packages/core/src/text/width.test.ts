import { expect, it } from 'vitest'
import { displayWidth, fitWidth, wrapWidth } from './width.ts'

it('counts terminal columns', () => {
  expect(['abc', 'ü', 'e\u0301', '日本', '🚀', ''].map(displayWidth)).toEqual([3, 1, 1, 4, 2, 0])
})

it('cuts what does not fit and keeps control characters out', () => {
  expect(fitWidth('abcdef', 6)).toBe('abcdef')
  expect(fitWidth('abcdef', 5)).toBe('abcd…')
  expect(fitWidth('日本語', 4)).toBe('日…')
  expect(fitWidth('a \u001b[31mb\n', 20)).toBe('a  [31mb ')
  expect(fitWidth('ab', 0)).toBe('')
})

it('breaks between words', () => {
  expect(wrapWidth('one two three', 7, 2)).toEqual(['one two', 'three'])
  expect(wrapWidth('one two three four', 7, 2)).toEqual(['one two', 'three…'])
  expect(wrapWidth('extraordinary thing', 7, 2)).toEqual(['extrao…'])
  expect(wrapWidth('short', 7, 2)).toEqual(['short'])
})

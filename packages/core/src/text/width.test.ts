import { expect, it } from 'vitest'
import { displayWidth, fitWidth, wrapWidth } from './width.ts'

it('counts terminal columns', () => {
  expect(['abc', 'ü', 'e\u0301', '日本', '🚀', ''].map(displayWidth)).toEqual([3, 1, 1, 4, 2, 0])
})

it('counts what terminals draw as one picture as one picture', () => {
  const two = ['✅', '❌', '⚡', '⭐', '⏰', '👩\u200d🚀', '🇩🇪', '❤\ufe0f', '👍🏽', '한']
  expect(two.map(displayWidth)).toEqual(two.map(() => 2))
  expect(['✓', '→', '\u200b', 'e\u0301e', '→ ✅'].map(displayWidth)).toEqual([1, 1, 0, 2, 4])
  expect(fitWidth('👩\u200d🚀👩\u200d🚀👩\u200d🚀', 5)).toBe('👩\u200d🚀👩\u200d🚀…')
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

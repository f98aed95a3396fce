import { expect, it } from 'vitest'
import { slugify } from './slug.ts'

it.each([
  ['Größe der Straße', 'grosse-der-strasse'],
  ['Łódź, Øresund & Æther', 'lodz-oresund-aether'],
  ['ÞING İzmir ısı ŒUVRE', 'thing-izmir-isi-oeuvre'],
  ['Crème brûlée', 'creme-brulee'],
  ['  --x--  ', 'x'],
  ['直す', ''],
])('%s is %s', (title, name) => {
  expect(slugify(title)).toBe(name)
})

it('takes whole words, and cuts one that is longer than all', () => {
  expect(slugify('Fix the typo: in the README of the project, please', 40)).toBe(
    'fix-the-typo-in-the-readme-of-the',
  )
  expect(slugify('one two', 7)).toBe('one-two')
  expect(slugify('one two', 3)).toBe('one')
  expect(slugify('x'.repeat(300))).toBe('x'.repeat(60))
})

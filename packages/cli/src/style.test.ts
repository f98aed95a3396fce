import { expect, it } from 'vitest'
import { createStyle } from './style.ts'

it('shows its own colours, and those of nobody else', () => {
  const style = createStyle(true, 80)
  expect(style.shown(style.bold(`a\u001b[31mb${style.red('c')}`))).toBe(
    '\u001b[1ma\\u001b[31mb\u001b[31mc\u001b[39m\u001b[22m',
  )
})

it('shows no colour where there is none', () => {
  const style = createStyle(false, 80)
  expect(style.shown(style.bold('a\u001b[1mb'))).toBe('a\\u001b[1mb')
})

import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { shellQuote } from './shell.ts'

describe('shellQuote', () => {
  it.each(['', 'a b', "don't", '$HOME', '`x`', 'a\nb', '*', '~', '!!', '"', '\\', 'ä', '-n;rm'])(
    'keeps %j one word',
    word => {
      const out = execFileSync('sh', ['-c', `printf '<%s>' ${shellQuote(word)} end`], { encoding: 'utf8' })
      expect(out).toBe(`<${word}><end>`)
    },
  )
  it('leaves plain words alone', () => {
    expect(shellQuote('/a/b-c_d.e@1:2,3=4%5+6')).toBe('/a/b-c_d.e@1:2,3=4%5+6')
  })
})

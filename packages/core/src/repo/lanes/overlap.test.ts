import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isLiteral, overlaps, parseGlob } from './overlap.ts'

const meet = (a: string, b: string) => overlaps(parseGlob(a), parseGlob(b))

describe('ownership globs', () => {
  it.each([
    ['src/a/**', 'src/a/**'],
    ['src/a/**', 'src/a/b.py'],
    ['src/a/**', 'src/a/b/**'],
    ['src/a', 'src/a/b.py'],
    ['src/a/', './src//a'],
    ['src/*', 'src/a/b.py'],
    ['src/*.py', 'src/x.py'],
    ['**/*.md', 'docs/guide/intro.md'],
    ['**', 'README.md'],
    ['src/**/test_*.py', 'src/a/b/*_x.py'],
    ['src/{a,b}/**', 'src/b/c.ts'],
    ['src/[ab]/**', 'src/b/c.ts'],
    ['src/.hidden/**', 'src/*/x'],
  ])('%s meets %s', (a, b) => {
    expect(meet(a, b)).toBe(true)
    expect(meet(b, a)).toBe(true)
  })

  it.each([
    ['src/a/**', 'src/ab/**'],
    ['src/a.py', 'src/a.pyi'],
    ['src/*.py', 'src/*.ts'],
    ['src/test_*', 'src/main_*'],
    ['src/*.py', 'src/sub/x.ts'],
    ['src/{a,b}/**', 'src/c/**'],
    ['docs/**', 'src/**'],
  ])('%s does not meet %s', (a, b) => {
    expect(meet(a, b)).toBe(false)
    expect(meet(b, a)).toBe(false)
  })

  it('tells a path from a pattern', () => {
    expect(isLiteral('src/a-b_c.d/e')).toBe(true)
    expect(['a*', 'a?', '[a]', '{a,b}', '!a'].map(isLiteral)).toEqual([false, false, false, false, false])
  })

  it('meets itself and does not depend on the order, whatever the patterns', () => {
    const name = fc.constantFrom('a', 'b', 'ab', '*', '**', 'a*', '*b', '?')
    const pattern = fc.array(name, { minLength: 1, maxLength: 5 }).map(parts => parts.join('/'))
    fc.assert(
      fc.property(pattern, pattern, (a, b) => {
        expect(meet(a, a)).toBe(true)
        expect(meet(a, b)).toBe(meet(b, a))
      }),
    )
  })
})

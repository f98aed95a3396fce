import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { joined, listed, part, sh } from './sh.ts'

const HOSTILE = ['', 'a b', "don't", '$HOME', '`x`', 'a\nb', '*', '~', '!!', '"', '\\', 'ä', '-n;rm', '$(id)']

/** The words a shell makes of a line. */
const words = (line: string): readonly string[] =>
  execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
    .split('\0')
    .slice(0, -1)

describe('a word', () => {
  it.each(HOSTILE)('keeps %j one word', word => {
    expect(words(sh`${word}`)).toEqual([word])
  })
  it('leaves plain words alone', () => {
    expect(sh`${'/a/b-c_d.e@1:2,3=4%5+6'}`).toBe('/a/b-c_d.e@1:2,3=4%5+6')
  })
})

describe('sh', () => {
  it.each(HOSTILE)('keeps %j one word among ours', word => {
    expect(words(sh`git switch ${word} --detach`)).toEqual(['git', 'switch', word, '--detach'])
  })
  it('quotes each word of a list', () => {
    expect(words(sh`git add ${HOSTILE}`)).toEqual(['git', 'add', ...HOSTILE])
    expect(sh`There are: ${listed(['WP01', 'a b'])}`).toBe("There are: WP01, 'a b'")
  })
  it('leaves no second blank for no words', () => {
    expect([sh`a ${[]} b`, sh`a ${[]}`, sh`${[]} a`]).toEqual(['a b', 'a', 'a'])
  })
  it('inserts what is safe already as it is', () => {
    const at = sh`git -C ${'a b'}`
    expect(sh`${part(at)} add -A && ${part(at)} commit`).toBe("git -C 'a b' add -A && git -C 'a b' commit")
    expect(joined([sh`one ${1}`, at], ' · ')).toBe("one 1 · git -C 'a b'")
  })
  it('keeps backslashes of the text as they are written', () => {
    expect(sh`printf '\n'`).toBe("printf '\n'")
  })
})

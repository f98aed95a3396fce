import { appendFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFiles } from './files.ts'
import { createWorld, type World } from './testing/world.ts'

const files = createFiles()
let world: World
beforeEach(() => {
  world = createWorld({ git: false })
})
afterEach(() => world.cleanup())

const LINE = `${'grüße '.repeat(40)}\n`
const LONG = `${LINE.repeat(40_000)}${'x'.repeat(200_000)}\n${LINE}no end`

function put(content: string | Uint8Array): string {
  world.write('log', content)
  return `${world.root}/log`
}

describe('the front of a file', () => {
  const HEAD = '\ufeff---\r\ntitle: grüße\r\n---  \r\n'

  it('ends with the line that closes the front matter; what comes after need not be text', () => {
    const path = put(Buffer.concat([Buffer.from(HEAD), Buffer.from('body \xe9\n'.repeat(9000), 'latin1')]))
    expect(files.front(path)).toBe(HEAD)
    expect(files.front(put('---\n---\n# x\n'))).toBe('---\n---\n')
  })

  it.each([
    ['no front matter', '# x\n\n---\n\ny\n'],
    ['one that is not closed', '---\nx: 1\n----\n'],
    ['one that is closed far down', `---\n${'x: 1\n'.repeat(2000)}---\nbody\n`],
    ['one that ends with the file', '---\nx: 1\n---'],
    ['nothing', ''],
  ])('is all of it with %s', (_, text) => {
    expect(files.front(put(text))).toBe(text)
  })

  it('is refused where it is no text, and is nothing where there is no file', () => {
    expect(() => files.front(put(Buffer.from('---\nx: \xe9\n---\n', 'latin1')))).toThrow('is no UTF-8 text')
    expect(files.front(`${world.root}/none`)).toBeUndefined()
  })
})

describe('a long file in pieces', () => {
  it('is the whole text, cut at line ends only, each time anew', () => {
    const pieces = files.pieces(put(LONG)) ?? []
    const read = [...pieces]
    expect(read.join('') === LONG).toBe(true)
    expect(read.slice(0, -1).every(piece => piece.endsWith('\n'))).toBe(true)
    expect([...pieces].length).toBe(read.length)
  })

  it('does not show what was appended after it was opened', () => {
    const path = put(LONG)
    const pieces = files.pieces(path) ?? []
    appendFileSync(path, 'later\n')
    expect([...pieces].join('').length).toBe(LONG.length)
  })

  it('is refused where it is no text, with offset and line', () => {
    const good = Buffer.from(LINE.repeat(40_000))
    const pieces = files.pieces(put(Buffer.concat([good, Buffer.from('ab\xe9\n', 'latin1'), good])))
    expect(() => [...(pieces ?? [])]).toThrow(
      expect.objectContaining({
        code: 'not_utf8',
        data: expect.objectContaining({ offset: good.length + 2, line: 40_001 }),
      }),
    )
  })

  it('is no matter of short files and of none', () => {
    expect([files.pieces(put(LINE)), files.pieces(`${world.root}/none`)]).toEqual([undefined, undefined])
  })
})

import { describe, expect, test } from 'vitest'
import { createYaml } from './yaml.ts'

const { parse, edit } = createYaml()

describe('parse', () => {
  test('anything YAML', async () => {
    expect(await parse('a: [1, {b: "x"}]\nc: |\n  text\n')).toEqual({ a: [1, { b: 'x' }], c: 'text\n' })
  })

  test('a syntax error names its line', async () => {
    await expect(parse('a: 1\nb: [1,\nc: 2\n')).rejects.toMatchObject({
      code: 'file_malformed',
      message: expect.not.stringContaining('line'),
      data: { line: 3 },
    })
  })
})

const TEXT = `# head
a:   1    # one
list:
- x   # first
- y
block: |
  line 1
  line 2

q: "it's"
`

describe('edit', () => {
  test.each([
    ['a', 2, TEXT.replace('a:   1', 'a: 2')],
    ['a', undefined, TEXT.replace('a:   1    # one\n', '')],
    ['list', ['z'], TEXT.replace('list:\n- x   # first\n- y\n', 'list:\n- z\n')],
    ['block', 'short', TEXT.replace('block: |\n  line 1\n  line 2\n', 'block: short\n')],
    ['q', 'a: b', TEXT.replace(`"it's"`, '"a: b"')],
    ['new', { k: [1] }, `${TEXT}new:\n  k:\n  - 1\n`],
    ['absent', undefined, TEXT],
  ])('%s becomes %j and no other byte changes', async (key, value, expected) => {
    expect(await edit(TEXT, { [key]: value })).toBe(expected)
  })

  test('several keys at once; CRLF and a missing final newline are kept', async () => {
    expect(await edit('a: 1\r\nb: 2', { a: 3, c: [4] })).toBe('a: 3\r\nb: 2\r\nc:\r\n- 4\r\n')
  })

  test('an empty file, a key without value, a flow mapping', async () => {
    expect(await edit('', { a: 1 })).toBe('a: 1\n')
    expect(await edit('a:\nb: 1\n', { a: 'x' })).toBe('a: x\nb: 1\n')
    expect(await parse(await edit('{a: 1}\n', { b: 2 }))).toEqual({ a: 1, b: 2 })
  })

  test('what is no mapping is refused', async () => {
    await expect(edit('- a\n', { b: 1 })).rejects.toMatchObject({ code: 'file_malformed' })
  })

  test('an anchor that others use is not cut', async () => {
    await expect(edit('a: &x 1\nb: *x\n', { a: undefined })).rejects.toMatchObject({ code: 'file_malformed' })
  })
})

import { describe, expect, test } from 'vitest'
import { editToml, readToml } from './toml.ts'

const FILE = `# mine
[sync]
server_url = "https://a.example"   # here
max_queue_size = 1_000
background_daemon = 'manual'
repo_defaults."o/r".enabled = false

[sync.checkout_overrides."/work/my repo"]
enabled = true

[other]
list = [1,
  2]
`

test('reads tables, dotted and quoted keys, and leaves the rest', () => {
  expect(readToml(FILE)).toEqual({
    sync: {
      server_url: 'https://a.example',
      max_queue_size: 1000,
      background_daemon: 'manual',
      repo_defaults: { 'o/r': { enabled: false } },
      checkout_overrides: { '/work/my repo': { enabled: true } },
    },
  })
  expect(readToml('[__proto__]\nx = 1\n["a\\"b"]\n"\\u00e9" = "\\t"')).toMatchObject({ 'a"b': { é: '\t' } })
  expect(({} as { x?: number }).x).toBeUndefined()
})

describe('edits one line', () => {
  test.each([
    ['replaces', ['sync', 'max_queue_size'], 5, 'max_queue_size = 1_000', 'max_queue_size = 5'],
    [
      'replaces a dotted key',
      ['sync', 'repo_defaults', 'o/r', 'enabled'],
      true,
      '"o/r".enabled = false',
      '"o/r".enabled = true',
    ],
    ['removes', ['sync', 'background_daemon'], undefined, "background_daemon = 'manual'\n", ''],
    [
      'adds to a table',
      ['sync', 'checkout_overrides', '/work/my repo', 'more'],
      'x',
      'enabled = true\n',
      'enabled = true\nmore = "x"\n',
    ],
  ])('%s', (_, path, value, before, after) => {
    expect(editToml(FILE, path, value)).toBe(FILE.replace(before, after))
  })

  test('makes the table and the file', () => {
    expect(editToml('', ['sync', 'server_url'], 'https://b')).toBe('[sync]\nserver_url = "https://b"\n')
    expect(editToml('a = 1\n', ['sync', 'x y', 'enabled'], false)).toBe(
      'a = 1\n\n[sync."x y"]\nenabled = false\n',
    )
    expect(editToml('a = 1\n', ['b'], undefined)).toBe('a = 1\n')
  })
})

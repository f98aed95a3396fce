import { describe, expect, test } from 'vitest'
import { editToml, readToml } from './toml.ts'

const FILE = `# mine
[sync]
server_url = "https://a.example"   # here
max_queue_size = 1_000
background_daemon = 'manual'
repo_defaults."o/r".enabled = false

[sync.checkout_overrides."/home/ann/my repo"]
enabled = true

[other]
list = [1,
  2]
`

test('reads tables, dotted and quoted keys', () => {
  expect(readToml(FILE)).toMatchObject({
    sync: {
      server_url: 'https://a.example',
      max_queue_size: 1000,
      background_daemon: 'manual',
      repo_defaults: { 'o/r': { enabled: false } },
      checkout_overrides: { '/home/ann/my repo': { enabled: true } },
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
      ['sync', 'checkout_overrides', '/home/ann/my repo', 'more'],
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

describe('in any valid form the file stays valid, and the rest stays', () => {
  const FORMS = [
    'sync.server_url = "u"\nsync.max_queue_size = 0x10\n',
    'sync = { server_url = "u", max_queue_size = 16 }\n',
    "[sync]\nserver_url = '''u'''\nmax_queue_size = 16.0\n",
    '[sync]\r\nserver_url = "u" # why\r\nmax_queue_size = 16\r\n\r\n[other]\r\nx = 1.50\r\n',
    'text = """\n[sync]\nserver_url = "not ours"\n"""\n[sync]\nserver_url = "u"\nmax_queue_size = 16\n',
    '[sync]\nserver_url = "u"\nmax_queue_size = 16\nlist = [\n  "server_url = 1",\n]\n[[sync.servers]]\nname = "x"\n',
    'big = 12345678901234567890\nwhen = 1979-05-27T07:32:00Z\n[ sync ]\n"server_url" = """\\\n  u"""\nmax_queue_size = 16\n',
  ]
  test.each(FORMS)('%j', text => {
    const before = readToml(text)
    for (const [path, value] of [
      [['sync', 'repo_defaults', 'acme/de"mo', 'enabled'], false],
      [['sync', 'server_url'], 'https://b'],
      [['sync', 'max_queue_size'], 5],
      [['sync', 'server_url'], undefined],
    ] as const) {
      const edited = editToml(text, path, value)
      const wanted = structuredClone(before) as { sync: Record<string, unknown> }
      const sync = wanted.sync
      const [, key = ''] = path
      if (value === undefined) delete sync[key]
      else sync[key] = path.length === 2 ? value : { 'acme/de"mo': { enabled: value } }
      expect(readToml(edited)).toEqual(wanted)
      const lost = text.split('\n').filter(line => !edited.includes(line))
      expect(lost.filter(line => !/sync|server_url|max_queue|u"""/.test(line))).toEqual([])
    }
  })

  test('what is no TOML is refused with its line, and so is a value that is no table', () => {
    expect(() => editToml('[sync\nx = 1\n', ['sync', 'x'], 2)).toThrow(/no TOML \(line 1/)
    expect(() => editToml('sync = 1\n', ['sync', 'x', 'y'], 2)).toThrow('without touching its neighbours')
  })
})

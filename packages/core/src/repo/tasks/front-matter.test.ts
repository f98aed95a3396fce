import { KittyError } from '@spec-kitty/contracts/errors'
import { describe, expect, it } from 'vitest'
import type { Ports } from '../../world/ports.ts'
import {
  bodyOf,
  editFrontMatter,
  lineEnd,
  printFrontMatter,
  readFrontMatter,
  withBody,
} from './front-matter.ts'

/** Ordinary files must not need the library. */
const ports: Pick<Ports, 'yaml'> = {
  yaml: {
    parse: async () => {
      throw new KittyError('file_malformed', 'unexpected token', { data: { line: 2 } })
    },
    edit: async () => {
      throw new Error('the YAML library was asked')
    },
  },
}

const TEXT = `---
work_package_id: WP01
title: "First: things"
dependencies: []
subtasks:
- T001
- T002
# who works on it
agent: claude # for now
custom_key: kept
history:
- at: '2026-01-01'
  by: x
---

# WP01

Body.
`

const read = (text: string) => readFrontMatter(ports, 'tasks/WP01.md', text)
const edit = async (text: string, edits: Parameters<typeof editFrontMatter>[2]) =>
  printFrontMatter(await editFrontMatter(ports, await read(text), edits))

describe('readFrontMatter', () => {
  it('reads keys and body', async () => {
    const file = await read(TEXT)
    expect(file.fields).toMatchObject({
      work_package_id: 'WP01',
      title: 'First: things',
      dependencies: [],
      custom_key: 'kept',
    })
    expect(bodyOf(file)).toBe('\n# WP01\n\nBody.\n')
    expect(printFrontMatter(file)).toBe(TEXT)
  })

  it.each<[string, string]>([
    ['a byte order mark', `\uFEFF${TEXT}`],
    ['CRLF', TEXT.replaceAll('\n', '\r\n')],
    ['no final newline', TEXT.trimEnd()],
    ['nothing after the front matter', '---\ntitle: x\n---'],
    ['an empty front matter', '---\n---\nbody'],
  ])('prints what it read: %s', async (_, text) => {
    expect(printFrontMatter(await read(text))).toBe(text)
  })

  it('knows the line end', async () => {
    expect(lineEnd(await read(TEXT))).toBe('\n')
    expect(lineEnd(await read(TEXT.replaceAll('\n', '\r\n')))).toBe('\r\n')
  })

  it.each<[string, string, number]>([
    ['no front matter', '# WP01\n', 1],
    ['no end', '---\ntitle: x\n', 1],
    ['malformed YAML, by its line in the file', '---\ntitle: x\na: b: c\n---\n', 3],
  ])('refuses %s with file and line', async (_, text, line) => {
    await expect(read(text)).rejects.toMatchObject({
      code: 'file_malformed',
      data: { path: 'tasks/WP01.md', line },
    })
    await expect(read(text)).rejects.toThrow(`tasks/WP01.md:${line}: `)
  })

  it('refuses a front matter that is no mapping', async () => {
    const list = { yaml: { ...ports.yaml, parse: async () => ['x'] } }
    await expect(readFrontMatter(list, 'a.md', '---\n- x\n---\n')).rejects.toMatchObject({
      code: 'file_malformed',
    })
    const nothing = { yaml: { ...ports.yaml, parse: async () => null } }
    expect((await readFrontMatter(nothing, 'a.md', '---\n|\n---\n')).fields).toEqual({})
  })
})

describe('editFrontMatter', () => {
  it('replaces a value in its place and touches nothing else', async () => {
    expect(await edit(TEXT, { agent: 'bob' })).toBe(TEXT.replace('agent: claude # for now', 'agent: "bob"'))
  })

  it('replaces a list, whatever its form', async () => {
    expect(await edit(TEXT, { dependencies: ['WP02', 'WP03'] })).toBe(
      TEXT.replace('dependencies: []', 'dependencies:\n- WP02\n- WP03'),
    )
    expect(await edit(TEXT, { subtasks: ['a: b'] })).toBe(TEXT.replace('- T001\n- T002', '- "a: b"'))
    expect(await edit(TEXT, { subtasks: [] })).toBe(TEXT.replace('subtasks:\n- T001\n- T002', 'subtasks: []'))
  })

  it('puts a new key before the history, or at the end', async () => {
    expect(await edit(TEXT, { shell_pid: '12', n: 3 })).toBe(
      TEXT.replace('history:', 'shell_pid: "12"\nn: 3\nhistory:'),
    )
    expect(await edit('---\ntitle: x\nhistory: []\n---\n', { agent: 'a' })).toBe(
      '---\ntitle: x\nhistory: []\nagent: "a"\n---\n',
    )
  })

  it('removes a key with its value', async () => {
    expect(await edit(TEXT, { subtasks: undefined, nothing: undefined })).toBe(
      TEXT.replace('subtasks:\n- T001\n- T002\n', ''),
    )
  })

  it('returns the same text when nothing differs', async () => {
    expect(await edit(TEXT, { agent: 'claude', subtasks: ['T001', 'T002'], dependencies: [] })).toBe(TEXT)
  })

  it('keeps CRLF', async () => {
    const crlf = TEXT.replaceAll('\n', '\r\n')
    expect(await edit(crlf, { agent: 'bob', x: ['y'] })).toBe(
      crlf.replace('agent: claude # for now', 'agent: "bob"').replace('history:', 'x:\r\n- y\r\nhistory:'),
    )
  })

  it('reads back what it wrote', async () => {
    const file = await editFrontMatter(ports, await read(TEXT), {
      title: 'Ä "quoted" \\ line\nbreak',
      owned_files: ['src/**', '*.ts'],
    })
    expect(file.fields).toMatchObject({ title: 'Ä "quoted" \\ line\nbreak', owned_files: ['src/**', '*.ts'] })
    expect((await read(printFrontMatter(file))).fields).toEqual(file.fields)
  })
})

describe('withBody', () => {
  it('replaces what follows the front matter', async () => {
    expect(printFrontMatter(withBody(await read('---\na: 1\n---\nold'), 'new\n'))).toBe(
      '---\na: 1\n---\nnew\n',
    )
    expect(printFrontMatter(withBody(await read('---\na: 1\n---'), 'new\n'))).toBe('---\na: 1\n---\nnew\n')
    expect(bodyOf(await read('---\na: 1\n---'))).toBe('')
  })
})

describe('plain style', () => {
  it('leaves strings bare where they read back the same', async () => {
    const yaml = {
      parse: () => Promise.reject(new Error('unused')),
      edit: () => Promise.reject(new Error('unused')),
    }
    const file = await readFrontMatter({ yaml }, 'x.md', '---\na: 1\n---\n')
    const edited = await editFrontMatter(
      { yaml },
      file,
      { branch: 'work', number: '12', text: 'a: b' },
      'plain',
    )
    expect(printFrontMatter(edited)).toBe('---\na: 1\nbranch: work\nnumber: "12"\ntext: "a: b"\n---\n')
  })
})

import { createYaml } from '@spec-kitty/host/yaml'
import { describe, expect, it } from 'vitest'
import { editYaml, readYaml } from '../../text/yaml.ts'
import { readFrontMatter } from './front-matter.ts'

const ports = { yaml: createYaml() }
const BROKEN = 'a: 1\nb: c: d\n'

it('refuses a key that is given twice, by name', async () => {
  const text = '---\ntitle: x\ndependencies: [WP01]\ndependencies: []\n---\n'
  await expect(readFrontMatter(ports, 'WP02.md', text)).rejects.toThrow(
    'WP02.md:4: the key dependencies is given twice',
  )
})

describe('malformed YAML', () => {
  it.each([
    ['a whole file', () => readYaml(ports, BROKEN, 'config.yaml'), 'config.yaml:2: '],
    ['an edited file', () => editYaml(ports, BROKEN, 'answers.yaml', { a: 2 }), 'answers.yaml:2: '],
    ['a front matter', () => readFrontMatter(ports, 'WP01.md', `---\n${BROKEN}---\n`), 'WP01.md:3: '],
  ])('in %s: one line number, that of the file', async (_, read, begin) => {
    const message = await read().then(String, (problem: Error) => problem.message)
    expect(message.startsWith(begin)).toBe(true)
    expect(message).not.toMatch(/\bline\b|\bcolumn\b/)
  })
})

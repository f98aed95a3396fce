/** The readers against real files, and against the full YAML library. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Json } from '@spec-kitty/contracts/json'
import { createWorld } from '@spec-kitty/host/testing/world'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { editFrontMatter, printFrontMatter, readFrontMatter } from '../repo/tasks/front-matter.ts'
import { readSimpleYaml } from '../text/simple-yaml.ts'

const corpus = resolve(import.meta.dirname, '../../../../../shared/conformance/corpus')
const missions = existsSync(corpus) ? readdirSync(corpus) : []
const files = missions
  .map(mission => resolve(corpus, mission, 'input/tasks'))
  .filter(existsSync)
  .flatMap(directory => readdirSync(directory).map(name => resolve(directory, name)))

const world = createWorld({ git: false })
const { ports } = world
world.cleanup()

describe.skipIf(files.length === 0)(
  'work package files of the corpus (skipped where ../shared is absent)',
  () => {
    it('are printed as they were read, and typed as the YAML library types them', async () => {
      let simple = 0
      for (const path of files) {
        const text = readFileSync(path, 'utf8')
        const file = await readFrontMatter(ports, path, text).catch(() => undefined)
        if (file === undefined) continue
        expect(printFrontMatter(file)).toBe(text)
        expect({ path, fields: file.fields }).toEqual({ path, fields: await ports.yaml.parse(file.yaml) })
        if (readSimpleYaml(file.yaml) !== undefined) simple++
      }
      // Ordinary files must not load the library.
      expect(simple / files.length).toBeGreaterThan(0.9)
    })

    it('change only in the edited key, and back again', async () => {
      for (const path of files) {
        const text = readFileSync(path, 'utf8')
        const file = await readFrontMatter(ports, path, text).catch(() => undefined)
        if (file === undefined) continue
        const edited = await editFrontMatter(ports, file, { zz_new: ['a: b', 'c'], agent: 'someone else' })
        const again = await readFrontMatter(ports, path, printFrontMatter(edited))
        expect(again.fields).toEqual({ ...file.fields, zz_new: ['a: b', 'c'], agent: 'someone else' })
        const back = await editFrontMatter(ports, again, { zz_new: undefined })
        expect(new Set(Object.keys(back.fields))).toEqual(new Set([...Object.keys(file.fields), 'agent']))
      }
    })
  },
)

describe('any front matter', () => {
  const key = fc.stringMatching(/^[a-z_]{1,8}$/)
  const scalar = fc.oneof(
    fc.string(),
    fc.stringMatching(/^[\w :#'"[\]{},&*!|>%@`-]{0,12}$/),
    fc.integer(),
    fc.boolean(),
  )
  const edits = fc.dictionary(key, fc.oneof(scalar, fc.array(fc.string(), { maxLength: 3 })), { maxKeys: 6 })

  it('holds what was written into it', async () => {
    await fc.assert(
      fc.asyncProperty(edits, edits, async (first, second) => {
        const empty = await readFrontMatter(ports, 'x.md', '---\n---\nbody\n')
        const once = await editFrontMatter(ports, empty, first)
        const twice = await editFrontMatter(ports, once, second)
        const expected: Record<string, Json> = { ...first, ...second }
        expect((await readFrontMatter(ports, 'x.md', printFrontMatter(twice))).fields).toEqual(expected)
        expect(printFrontMatter(twice).endsWith('---\nbody\n')).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('is edited by the library where the simple reader gives up', async () => {
    const text = '---\ntitle: |\n  two\n  lines\nmap: {a: 1} # why\nagent: x\n---\n# Body\n'
    const file = await readFrontMatter(ports, 'x.md', text)
    expect(file.fields).toMatchObject({ title: 'two\nlines\n', map: { a: 1 } })
    const edited = await editFrontMatter(ports, file, { agent: 'bob' })
    expect(edited.fields).toMatchObject({ title: 'two\nlines\n', agent: 'bob' })
    expect(printFrontMatter(edited)).toContain('title: |\n  two\n  lines\nmap: {a: 1} # why\n')
    await expect(readFrontMatter(ports, 'x.md', '---\na: 1\nb: [\n---\n')).rejects.toMatchObject({
      code: 'file_malformed',
      data: { path: 'x.md' },
    })
  })
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { MetaSchema } from './meta.ts'

const CORPUS = join(import.meta.dirname, '../../../../../shared/conformance/corpus')
const missions = existsSync(CORPUS)
  ? readdirSync(CORPUS).filter(name => existsSync(join(CORPUS, name, 'input/meta.json')))
  : []

test('meta.json keeps keys that nobody knows', () => {
  const meta = { slug: 'demo', mission_number: null, of_2030: [1] }
  expect(v.parse(MetaSchema, meta)).toEqual(meta)
  expect(v.is(MetaSchema, { slug: 5 })).toBe(false)
})

describe.skipIf(missions.length === 0)(
  'real missions (skipped: ../shared/conformance/corpus is absent)',
  () => {
    test.each(missions)('%s', mission => {
      const meta: unknown = JSON.parse(readFileSync(join(CORPUS, mission, 'input/meta.json'), 'utf8'))
      expect(v.safeParse(MetaSchema, meta).issues).toBeUndefined()
    })
  },
)

import * as v from 'valibot'
import { expect, test } from 'vitest'
import { predicateOf } from './predicate.ts'
import { EventEnvelope } from './wire/envelope.ts'
import { PAYLOADS } from './wire/payloads.ts'

interface Part {
  readonly type: string
  readonly entries?: Readonly<Record<string, Part>>
  readonly wrapped?: Part
  readonly item?: Part
  readonly value?: Part
  readonly options?: readonly Part[]
}

const LEAVES = [
  ...[
    'x',
    '01M84XCG40QJQ9XH0CGA99SM9V',
    'c73079ee-67c5-4b7e-9ce5-aa35d02eb116',
    '2026-11-23T19:16:05.884+02:00',
  ],
  ...['claimed', '3.0.0', 1, true],
]

/** A value that the schema accepts, with everything that is optional. */
function sample(part: Part): unknown {
  if (part.entries !== undefined)
    return Object.fromEntries(Object.entries(part.entries).map(([key, field]) => [key, sample(field)]))
  if (part.wrapped !== undefined) return sample(part.wrapped)
  if (part.item !== undefined) return [sample(part.item), sample(part.item)]
  if (part.value !== undefined) return { k: sample(part.value) }
  if (part.type === 'picklist') return part.options?.[0]
  if (part.type === 'union') return part.options?.map(sample)[0]
  const schema = part as unknown as v.GenericSchema
  return LEAVES.find(leaf => v.is(schema, leaf))
}

const STRANGE = [
  null,
  '',
  ' ',
  'x',
  'y'.repeat(26),
  '2026-13-45T00:00:00Z',
  0,
  -1,
  1.5,
  Number.NaN,
  7,
  true,
  [],
  {},
  [1],
]

/** The value with each of its parts left out, and with something strange in the place of each. */
function* spoilt(value: unknown): Generator<unknown> {
  yield* STRANGE
  if (typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const inner of spoilt(value[0])) yield [value[0], inner]
    return
  }
  yield { ...value, bogus: 1 }
  for (const [key, field] of Object.entries(value)) {
    yield Object.fromEntries(Object.entries(value).filter(([other]) => other !== key))
    for (const inner of spoilt(field)) yield { ...value, [key]: inner }
  }
}

const transition = {
  from_lane: 'approved',
  to_lane: 'done',
  evidence: {
    repos: [{ repo: 'r', branch: 'b', commit: 'c' }],
    review: { reviewer: 'bob', verdict: 'approved' },
  },
}

test.each(Object.entries({ EventEnvelope, ...PAYLOADS }))('%s: as the schema', (name, schema) => {
  const good = sample(schema as unknown as Part) as object
  const value = name === 'WPStatusChanged' ? { ...good, ...transition } : good
  const predicate = predicateOf(schema)
  expect(predicate(value)).toBe(true)
  let asked = 0
  for (const each of spoilt(value)) {
    expect(`${predicate(each)} ${JSON.stringify(each)}`).toBe(`${v.is(schema, each)} ${JSON.stringify(each)}`)
    asked++
  }
  expect(asked).toBeGreaterThan(30)
})

test('what it does not know is asked of the schema', () => {
  const schema = v.pipe(v.strictObject({ at: v.date() }), v.maxEntries(1))
  const predicate = predicateOf(schema as unknown as v.GenericSchema)
  expect(predicate({ at: new Date(0) })).toBe(true)
  expect(predicate({ at: 'now' })).toBe(false)
  expect(predicateOf(v.record(v.picklist(['a']), v.number()))({ b: 1 })).toBe(false)
})

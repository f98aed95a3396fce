import fc from 'fast-check'
import { expect, test } from 'vitest'
import { eventTexts } from './event-texts.ts'

const object = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ maxDepth: 3 }))
const bodies = fc.array(object, { minLength: 1, maxLength: 5 }).map(events => JSON.stringify({ events }))
/** A body that somebody spoilt. */
const spoilt = fc
  .tuple(bodies, fc.nat(), fc.nat(3), fc.constantFrom('', '"', '\\', '{', '}', ']', ',', ' ', '\n', 'x'))
  .map(([body, at, cut, put]) => {
    const place = at % (body.length + 1)
    return body.slice(0, place) + put + body.slice(place + cut)
  })

test('whatever it takes apart is what the body says as a whole', () => {
  fc.assert(
    fc.property(fc.oneof(bodies, spoilt), body => {
      const texts = eventTexts(body, 10)
      if (texts === undefined) return
      let events: unknown[]
      try {
        events = texts.map(text => JSON.parse(text))
      } catch {
        return
      }
      expect(JSON.parse(body)).toEqual({ events })
    }),
    { numRuns: 3000 },
  )
})

test('takes apart what JavaScript and Python print, whatever is in the texts', () => {
  fc.assert(
    fc.property(bodies, body => {
      expect(eventTexts(body, 5)?.map(text => JSON.parse(text))).toEqual(JSON.parse(body).events)
    }),
  )
  expect(eventTexts('{"events": [{"a": "}\\\\"}, {"b": "\\"{"}]}\n', 2)).toEqual([
    '{"a": "}\\\\"}',
    '{"b": "\\"{"}',
  ])
})

test.each([
  ['no events', '{"events":[]}'],
  ['more than may be', '{"events":[{},{},{}]}'],
  ['something besides', '{"events":[{}],"x":1}'],
  ['events twice', '{"events":[{}],"events":[{}]}'],
  ['an event that is no object', '{"events":[{},1]}'],
  ['an end that is missing', '{"events":[{"a":"b'],
  ['a comma too many', '{"events":[{},]}'],
  ['nothing', ''],
])('%s is read as a whole', (_, body) => {
  expect(eventTexts(body, 2)).toBeUndefined()
})

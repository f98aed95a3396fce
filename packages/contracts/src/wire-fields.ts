/** The small parts that wire schemas are made of (docs/sync.md). */
import * as v from 'valibot'
import { parseMillis } from './time.ts'

/** Crockford ULID, hyphenated UUID or 32 hexadecimal digits; the three forms of an event id. */
const WIRE_ID =
  /^(?:[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{26}|[0-9a-fA-F]{32}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$/
const UUID = /^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/
/** With a zone: the events package accepts a naive time stamp, but no reader can order one. */
const STAMP = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)$/

const STAMP_RULE = 'must be an ISO date-time with zone'

/** A string with at least one character. */
export const text = v.pipe(v.string(), v.nonEmpty())
/** A ULID, UUID or 32 hexadecimal digits. */
export const wireId = v.pipe(v.string(), v.regex(WIRE_ID, 'must be a ULID or UUID'))
/** A hyphenated UUID. */
export const uuid = v.pipe(v.string(), v.regex(UUID, 'must be a UUID'))
/** An ISO date and time with its zone. */
export const stamp = v.pipe(
  v.string(),
  v.regex(STAMP, STAMP_RULE),
  v.check(value => parseMillis(value) !== undefined, STAMP_RULE),
)
/** Zero or more. */
export const count = v.pipe(v.number(), v.integer(), v.minValue(0))
/** One or more. */
export const ordinal = v.pipe(v.number(), v.integer(), v.minValue(1))
/** May be null, may be left out. */
export const maybe = <S extends v.GenericSchema>(schema: S) => v.optional(v.nullable(schema))
/** Any JSON object. */
export const anyObject = v.record(v.string(), v.unknown())

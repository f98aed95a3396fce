/**
 * A schema as one plain function, for those that are asked thousands of times a second: it makes no object, names no fault,
 * and gives up at the first. Whoever must say what is wrong asks the schema.
 */
import * as v from 'valibot'

/** True only where the schema accepts the value; where it says false, the schema may still accept it. */
export type Predicate = (value: unknown) => boolean

/** What is read of a schema or of a step in its pipe, whatever kind it is. */
interface Part {
  readonly type: string
  readonly pipe?: readonly Part[]
  readonly entries?: Readonly<Record<string, Part>>
  readonly wrapped?: Part
  readonly item?: Part
  readonly key?: Part
  readonly value?: Part
  readonly options?: readonly unknown[]
  readonly literal?: unknown
  readonly requirement?: unknown
}

export function predicateOf(schema: v.GenericSchema): Predicate {
  return compile(schema as unknown as Part)
}

function compile(part: Part): Predicate {
  const [base, ...steps] = part.pipe ?? []
  // The first of a pipe is the schema itself, without the pipe.
  if (base !== undefined) return both(compile(base), steps.map(step))
  const kind = KINDS[part.type]
  return kind === undefined ? asked(part) : kind(part)
}

function both(first: Predicate, [second, ...rest]: readonly Predicate[]): Predicate {
  return second === undefined ? first : both(value => first(value) && second(value), rest)
}

/** For what is not known here. */
function asked(part: Part): Predicate {
  const schema = part as unknown as v.GenericSchema
  return value => v.is(schema, value)
}

/** As the schemas see it: a list is one too. */
const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null

const KINDS: Readonly<Record<string, (part: Part) => Predicate>> = {
  string: () => value => typeof value === 'string',
  number: () => value => typeof value === 'number' && !Number.isNaN(value),
  boolean: () => value => typeof value === 'boolean',
  unknown: () => () => true,
  literal:
    ({ literal }) =>
    value =>
      value === literal,
  picklist: ({ options }) => {
    const known = new Set(options)
    return value => known.has(value)
  },
  nullable: ({ wrapped }) => either(value => value === null, wrapped),
  optional: ({ wrapped }) => either(value => value === undefined, wrapped),
  union: ({ options }) => {
    const each = (options as readonly Part[]).map(compile)
    return value => each.some(holds => holds(value))
  },
  array: ({ item }) => {
    const holds = inner(item)
    return value => Array.isArray(value) && value.every(holds)
  },
  record: part => {
    if (part.key?.type !== 'string') return asked(part)
    const holds = inner(part.value)
    return value => isRecord(value) && Object.values(value).every(holds)
  },
  object: part => entries(part, true),
  loose_object: part => entries(part, true),
  strict_object: part => entries(part, false),
}

function inner(part: Part | undefined): Predicate {
  return part === undefined ? () => false : compile(part)
}

function either(first: Predicate, wrapped: Part | undefined): Predicate {
  const second = inner(wrapped)
  return value => first(value) || second(value)
}

/** `more`: keys that nobody knows are taken. */
function entries(part: Part, more: boolean): Predicate {
  const fields = new Map(
    Object.entries(part.entries ?? {}).map(([key, field]) => [
      key,
      { holds: compile(field), needed: field.type !== 'optional' },
    ]),
  )
  const needed = [...fields.values()].filter(field => field.needed).length
  return value => {
    if (!isRecord(value)) return false
    let found = 0
    for (const key in value) {
      const field = fields.get(key)
      if (field === undefined) {
        if (!more) return false
        continue
      }
      if (!field.holds(value[key])) return false
      if (field.needed) found++
    }
    return found === needed
  }
}

const step = (part: Part): Predicate => STEPS[part.type]?.(part.requirement) ?? run(part)

type Step = (requirement: unknown) => Predicate

/** Of a value whose type was looked at before. */
const STEPS: Readonly<Record<string, Step>> = {
  regex: pattern => value => (pattern as RegExp).test(value as string),
  non_empty: () => value => (value as string).length > 0,
  integer: () => Number.isInteger,
  min_value: least => value => (value as number) >= (least as number),
  max_value: most => value => (value as number) <= (most as number),
  min_length: least => value => (value as string).length >= (least as number),
  check: rule => rule as Predicate,
}

/** Lets the step itself look: it adds what it finds. */
function run(part: Part): Predicate {
  const rule = part as unknown as v.BaseValidation<unknown, unknown, v.BaseIssue<unknown>>
  return value => rule['~run']({ typed: true, value }, {}).issues === undefined
}

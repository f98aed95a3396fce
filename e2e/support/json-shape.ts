/** What a JSON document says, less what no two runs say alike: its keys, and for each the classes of its values. */

/** Key path → classes of the values there. `lanes.planned[]`, `work_packages[].id`. */
export type Shape = ReadonlyMap<string, ReadonlySet<string>>

/** A value of the one document that the other does not have. `there` undefined: the other has no such key. */
export interface Difference {
  readonly path: string
  readonly here: string
  readonly there: string | undefined
}

export function shapeOf(document: unknown): Shape {
  const shape = new Map<string, Set<string>>()
  const walk = (path: string, value: unknown): void => {
    shape.set(path, (shape.get(path) ?? new Set()).add(classOf(value)))
    if (Array.isArray(value)) for (const item of value) walk(`${path}[]`, item)
    else if (typeof value === 'object' && value !== null) {
      for (const [key, item] of Object.entries(value)) {
        walk(`${path}${path === '' ? '' : '.'}${textClass(key) === 'id' ? '<id>' : key}`, item)
      }
    }
  }
  walk('', document)
  return shape
}

/** Words, booleans and null count by value; everything else by its kind. */
function classOf(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'object') return 'object'
  return typeof value === 'string' ? textClass(value) : typeof value
}

const CLASSES: readonly (readonly [string, RegExp])[] = [
  ['time', /^\d{4}-\d\d-\d\d[T ][\d:.]+(\+00:00|Z)?$/],
  ['nothing', /^$/],
  ['digits', /^\d+$/],
  [
    'id',
    /^([0-9A-HJKMNP-TV-Z]{26}|[0-9a-f]{7,64}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\w+-[0-9a-f]{32})$/,
  ],
  ['slug', /^[\w-]+-01[0-9A-HJKMNP-TV-Z]{6}$/],
  ['path', /^\/\S*$/],
  ['relative path', /^[\w.@-]+(\/[\w.@-]+)+\/?$/],
  ['version', /^\d+\.\d+\.\d+\w*$/],
]

function textClass(text: string): string {
  const named = CLASSES.find(([, pattern]) => pattern.test(text))
  if (named !== undefined) return named[0]
  return /^[\w.:-]{1,60}$/.test(text) ? `'${text}'` : 'text'
}

/** What the first has and the second lacks; a key that is missing is told once, without what would be below it. */
export function differences(first: Shape, second: Shape): readonly Difference[] {
  const told: string[] = []
  return [...first].flatMap(([path, classes]): readonly Difference[] => {
    if (told.some(parent => path.startsWith(parent))) return []
    const there = second.get(path)
    if (there === undefined) {
      told.push(`${path}.`, `${path}[`)
      // Below a list without rows nothing can be missing.
      return path.endsWith('[]') ? [] : [{ path, here: list(classes), there: undefined }]
    }
    return [...classes].every(name => there.has(name))
      ? []
      : [{ path, here: list(classes), there: list(there) }]
  })
}

function list(classes: ReadonlySet<string>): string {
  return [...classes].toSorted((a, b) => (a < b ? -1 : 1)).join(', ')
}

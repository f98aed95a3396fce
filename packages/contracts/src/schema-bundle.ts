/** `schemas/cli.json`: what every command prints with `--json`, in one document with shared definitions. */
import { isObject, type Json, type JsonObject } from './json.ts'

export interface SchemaBundle {
  readonly $schema: string
  /** Command path → name of the definition of its result. */
  readonly commands: Readonly<Record<string, string>>
  readonly $defs: Readonly<Record<string, JsonObject>>
}

/** One definition as a document that stands alone: with those it refers to, all the way down. */
export function documentOf(bundle: SchemaBundle, name: string): JsonObject {
  const used = new Map<string, JsonObject>()
  const take = (value: Json): void => {
    if (Array.isArray(value)) value.forEach(take)
    if (!isObject(value)) return
    const target = /^#\/\$defs\/(.+)$/.exec(typeof value.$ref === 'string' ? value.$ref : '')?.[1]
    const definition = target === undefined ? undefined : bundle.$defs[target]
    if (target !== undefined && definition !== undefined && !used.has(target)) {
      used.set(target, definition)
      take(definition)
    }
    Object.values(value).forEach(take)
  }
  const body = bundle.$defs[name] ?? {}
  take(body)
  const shared = [...used].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    $schema: bundle.$schema,
    title: name,
    ...body,
    ...(shared.length > 0 && { $defs: Object.fromEntries(shared) }),
  }
}

/** `spec-kitty schema`: a JSON Schema 2020-12 document, made from packages/contracts/schemas/cli.json. */
import * as v from 'valibot'

export const SchemaDocument = v.looseObject({ $schema: v.string(), title: v.string() })
export type SchemaDocument = v.InferOutput<typeof SchemaDocument>

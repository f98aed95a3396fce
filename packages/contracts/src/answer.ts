/** The type of what a command answers, from the schema of its `--json` document: declared once, there. */
import type { GenericSchema, InferOutput } from 'valibot'

/** The output of a schema as a value whose lists nobody changes. */
export type Answer<S extends GenericSchema> = Frozen<InferOutput<S>>

type Frozen<T> = T extends readonly (infer E)[]
  ? readonly Frozen<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T

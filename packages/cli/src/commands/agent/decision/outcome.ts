/** Decision commands speak JSON in every outcome, with and without `--json`: agents read them (spec/lifecycle.md §5). */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Json, type JsonObject, printLine } from '@spec-kitty/contracts/json'

export type Refused = JsonObject & { readonly code: string; readonly error: string }

/** The result, or a refusal of the decision rules as a document. Other errors are thrown on. */
export async function answering<R>(run: () => Promise<R> | R): Promise<R | Refused> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof KittyError) || error.code !== 'decision_refused') throw error
    return { ...error.toJson(), code: String(error.data.code), error: error.message }
  }
}

export function isRefused(result: object): boolean {
  return 'error' in result && 'code' in result
}

/** The document on one line, keys sorted. */
export function line(result: object): string {
  return printLine(result as Json)
}

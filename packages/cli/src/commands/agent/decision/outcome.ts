/** Decision commands speak JSON in every outcome, with and without `--json`: agents read them (docs/missions.md). */
import { ERROR_CODES, KittyError } from '@spec-kitty/contracts/errors'
import { type Json, type JsonObject, printLine } from '@spec-kitty/contracts/json'
import { withGoodCopy } from '@spec-kitty/core/repo/project/good-copy'
import type { Ports } from '@spec-kitty/core/world/ports'

export type Refused = JsonObject & { readonly code: string; readonly error: string }

/** The result, or a refusal as a document. Anything that is no refusal is thrown on. */
export async function answering<R>(ports: Ports, run: () => Promise<R> | R): Promise<R | Refused> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof KittyError)) throw error
    const document = (await withGoodCopy(ports, error)).toJson()
    return { ...document, code: String(document.code), error: String(document.error) }
  }
}

/** Exit status: 0, or that of the refusal. */
export function statusOf(result: object): number {
  if (!('error' in result && 'code' in result)) return 0
  const table: Readonly<Record<string, number>> = ERROR_CODES
  return table[String(result.code)] ?? 1
}

/** The document on one line, keys sorted. */
export function line(result: object): string {
  return printLine(result as Json)
}

/** What `/metrics` counts. The library is loaded by the server only. */
import type { EventResult } from '@spec-kitty/contracts/wire/batch'

export interface Metrics {
  readonly request: (method: string, route: string, status: number, ms: number) => void
  readonly events: (results: readonly EventResult[]) => void
  readonly contentType: string
  readonly text: () => Promise<string>
}

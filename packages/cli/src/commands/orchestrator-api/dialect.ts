/** How the orchestrator API answers a command line that was not understood: in its envelope, like everything else. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { failApi } from '@spec-kitty/core/orchestrator/envelope'
import type { Ports } from '@spec-kitty/core/world/ports'

export function failure(
  ports: Ports,
  error: unknown,
): { readonly document: object; readonly status: number } {
  const status = error instanceof KittyError ? error.status : 1
  return { document: failApi(ports, 'unknown', error), status }
}

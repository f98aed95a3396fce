/** Sync, where it is switched on. Asks no server: `sync doctor` does that. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { isSyncOn } from '../link/switch.ts'
import { type Finding, finding } from '../repo/finding.ts'
import { syncFindings as inTheWay } from '../sync/status.ts'
import type { Ports } from '../world/ports.ts'

/** Warnings, whatever they are to `sync doctor`: nothing here waits for sync. */
export async function syncFindings(ports: Ports): Promise<readonly Finding[]> {
  if (!isSyncOn(ports.env)) return []
  const facts = { code: 'sync', severity: 'warning', path: null } as const
  try {
    return inTheWay({ ports, sync: await ports.sync() }).map(({ message, fix }) =>
      finding({ ...facts, message }, fix),
    )
  } catch (error) {
    if (!(error instanceof KittyError)) throw error
    return [finding({ ...facts, message: error.message }, error.hint ?? sh`spec-kitty sync doctor`)]
  }
}

/** Sync, where it is switched on. Asks no server: `sync doctor` does that. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { isSyncOn } from '../link/switch.ts'
import { syncStatus } from '../sync/status.ts'
import type { Ports } from '../world/ports.ts'
import { type Problem, problem } from './finding.ts'

export async function syncProblems(ports: Ports): Promise<readonly Problem[]> {
  if (!isSyncOn(ports.env)) return []
  try {
    const { problems } = syncStatus({ ports, sync: await ports.sync() })
    return problems.map(message => warning(message, sh`spec-kitty sync doctor`))
  } catch (error) {
    if (!(error instanceof KittyError)) throw error
    return [warning(error.message, error.hint ?? sh`spec-kitty sync doctor`)]
  }
}

function warning(message: string, fix: Remedy): Problem {
  return problem({ code: 'sync', severity: 'warning', path: null, message }, fix)
}

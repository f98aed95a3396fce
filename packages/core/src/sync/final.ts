/** What sync does after a command: sends what it queued, within five seconds, and at most one line about trouble. */

import { readSyncConfig } from '../link/config.ts'
import { classifySyncError, detailOf, type SyncDiagnostics } from '../link/diagnostics.ts'
import { countWaiting } from '../link/spool.ts'
import type { Ports } from '../world/ports.ts'
import { type DrainDoor, type DrainReport, drain } from './drain.ts'

/** For everything: lock, refresh, requests. */
export const FINAL_BUDGET_MS = 5_000

/** Never throws: the command has succeeded already. */
export async function finalSync(
  door: DrainDoor & { readonly ports: Pick<Ports, 'env'> },
  diagnostics: SyncDiagnostics,
): Promise<void> {
  const budget = door.sync.budget(FINAL_BUDGET_MS)
  try {
    const config = readSyncConfig(door.ports, door.sync.home)
    const options = { budget, lockWaitMs: FINAL_BUDGET_MS, requestMs: FINAL_BUDGET_MS, thorough: false }
    const report = await drain(door, config, options)
    const cause = report.trouble ?? refusedEvents(report)
    if (cause !== null) diagnostics.emit(classifySyncError(cause), tell(detailOf(cause), report.remaining))
  } catch (cause) {
    diagnostics.emit(classifySyncError(cause), tell(detailOf(cause), waiting(door)))
  } finally {
    budget.end()
    door.sync.net.close()
  }
}

function refusedEvents(report: DrainReport) {
  const [first] = report.failures
  if (first === undefined) return null
  const detail = `The server refused ${report.rejected} event(s), first ${first.event_id}: ${first.error}; see: spec-kitty sync diagnose`
  return { trouble: 'rejected', detail } as const
}

function tell(detail: string, queued: number): string {
  return `Final sync failed after local command success. queued=${queued}, kept for the next sync. Detail: ${detail}`
}

function waiting(door: DrainDoor): number {
  try {
    return countWaiting(door)
  } catch {
    return 0
  }
}

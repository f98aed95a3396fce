/** What sync does after a command: sends what it queued, within five seconds, and at most one line about trouble. */

import { readSyncConfig } from '../link/config.ts'
import { classifySyncError, detailOf, type SyncDiagnostics, type SyncTrouble } from '../link/diagnostics.ts'
import { BRIEF_MS, isOutOfReach, rememberReach } from '../link/reach.ts'
import { countWaiting } from '../link/spool.ts'
import type { Ports } from '../world/ports.ts'
import type { Budget } from '../world/sync-ports.ts'
import { type DrainDoor, type DrainReport, drain } from './drain.ts'

/** For everything: lock, refresh, requests. */
export const FINAL_BUDGET_MS = 5_000

/** Never throws: the command has succeeded already. */
export async function finalSync(
  door: DrainDoor & { readonly ports: Pick<Ports, 'env'> },
  diagnostics: SyncDiagnostics,
): Promise<void> {
  let budget: Budget | undefined
  try {
    const config = readSyncConfig(door.ports, door.sync.home)
    const brief = config.server !== null && isOutOfReach(door, config.server)
    budget = door.sync.budget(brief ? BRIEF_MS : FINAL_BUDGET_MS)
    const options = { budget, lockWaitMs: FINAL_BUDGET_MS, requestMs: FINAL_BUDGET_MS, thorough: false }
    const report = await drain(door, config, options)
    const trouble = brief ? stillAway(report.trouble) : report.trouble
    if (config.server !== null && !(brief && trouble?.trouble === 'offline'))
      rememberReach(door, config.server, trouble?.trouble !== 'offline')
    const cause = trouble ?? refusedEvents(report)
    if (cause !== null) diagnostics.emit(classifySyncError(cause), tell(detailOf(cause), report.remaining))
  } catch (cause) {
    diagnostics.emit(classifySyncError(cause), tell(detailOf(cause), waiting(door)))
  } finally {
    budget?.end()
    door.sync.net.close()
  }
}

/** A brief look that got no answer says what the patient one before it said. */
function stillAway(trouble: SyncTrouble | null): SyncTrouble | null {
  if (trouble?.trouble !== 'ending') return trouble
  return { trouble: 'offline', detail: `The server is out of reach: ${trouble.detail}` }
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

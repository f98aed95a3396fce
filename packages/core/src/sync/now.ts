/** `sync now`: the drain with time and patience, and an account that counts what the server acknowledged. */
import type { SyncNow } from '@spec-kitty/contracts/cli/sync-now'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { readSyncConfig } from '../link/config.ts'
import { classifySyncError, type SyncTrouble } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import { rememberReach } from '../link/reach.ts'
import { bringBack, countWaiting, withSpool } from '../link/spool.ts'
import { requireSync } from '../link/switch.ts'
import type { Ports } from '../world/ports.ts'
import { categoryOf } from './batch.ts'
import { type BatchNote, type DrainDoor, type DrainReport, drain, NOTHING } from './drain.ts'

/** The answer without the exit status that the command makes of it. */
export type SyncAccount = Omit<SyncNow, 'exit_code'>

/** Another drainer may take long; this long we wait for it. */
const LOCK_WAIT_MS = 10_000
const REQUEST_MS = 60_000

/** Throws `sync_disabled`, `not_logged_in`, and `sync_failed` when there is no usable server. */
export async function syncNow(
  door: DrainDoor & { readonly ports: Pick<Ports, 'env'> },
  options: { readonly retryDead: boolean; readonly onBatch?: (note: BatchNote) => void },
): Promise<SyncAccount> {
  requireSync(door.ports.env)
  const config = readSyncConfig(door.ports, door.sync.home)
  if (options.retryDead) await reviveDead(door, config.maxQueue)
  const { parked, overflow } = syncPaths(door.sync.home)
  const aside = [parked, overflow].some(path => (door.ports.files.stat(path)?.size ?? 0) > 0)
  if (countWaiting(door) === 0 && !aside) return accountOf(door, NOTHING)
  const budget = door.sync.budget(Number.POSITIVE_INFINITY)
  try {
    const { onBatch } = options
    const report = await drain(door, config, {
      budget,
      lockWaitMs: LOCK_WAIT_MS,
      requestMs: REQUEST_MS,
      thorough: true,
      ...(onBatch === undefined ? {} : { onBatch }),
    })
    if (config.server !== null) rememberReach(door, config.server, report.trouble?.trouble !== 'offline')
    refuseWithoutLogin(report.trouble, report.queued)
    return accountOf(door, report)
  } finally {
    budget.end()
    door.sync.net.close()
  }
}

/** True when everything that could be sent was taken. */
export function isSynced(result: SyncAccount): boolean {
  return result.trouble === null && result.summary.failed === 0
}

function accountOf(door: DrainDoor, report: DrainReport): SyncAccount {
  const categories: Record<string, number> = {}
  for (const { category } of report.failures) categories[category] = (categories[category] ?? 0) + 1
  const { trouble } = report
  if (trouble?.trouble === 'http') {
    const category = trouble.status === 429 ? 'throttled' : categoryOf(trouble.detail)
    categories[category] = (categories[category] ?? 0) + 1
  }
  return {
    generated_at: door.ports.clock.now(),
    summary: {
      total_events: report.queued,
      synced: report.accepted,
      duplicates: report.duplicates,
      pending: report.pending,
      failed: report.rejected,
      categories,
    },
    documents: report.documents,
    remaining: report.remaining,
    parked: report.parked,
    dead_letters: report.dead,
    failures: report.failures,
    trouble: trouble === null ? null : { code: classifySyncError(trouble), message: trouble.detail },
  }
}

/** Nothing was sent, and nothing will be until the user acts: that is a refusal, not a result. */
function refuseWithoutLogin(trouble: SyncTrouble | null, queued: number): void {
  if (trouble === null) return
  const data = { queued }
  if (trouble.trouble === 'no_login' || trouble.trouble === 'other_host')
    throw new KittyError('not_logged_in', trouble.detail, {
      hint: sh`Run: spec-kitty auth login --force`,
      data,
    })
  if (trouble.trouble === 'no_server')
    throw new KittyError('sync_failed', trouble.detail, {
      hint: sh`Run: spec-kitty sync server https://…`,
      data,
    })
}

async function reviveDead(door: DrainDoor, limit: number): Promise<void> {
  const { deadLetter } = syncPaths(door.sync.home)
  await withSpool(door, () =>
    bringBack(door, deadLetter, limit, ({ seq: _, error: __, ...row }) => ({ ...row, tries: 0 })),
  )
}

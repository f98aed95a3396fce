/**
 * Sync around one command (ADR 0009): its facts go to the spool while it runs, and are sent after its answer is printed.
 * With sync off this file is all that is ever loaded, and it does nothing.
 */

import { isSyncOn } from '@spec-kitty/core/link/switch'
import type { QueuedFact } from '@spec-kitty/core/world/change'
import type { Ports } from '@spec-kitty/core/world/ports'

export interface FinalSync {
  /** Durable when it resolves. Never throws: what was done locally stays done. */
  readonly queue: (facts: readonly QueuedFact[]) => Promise<void>
  /** After the answer is printed. Never throws, takes five seconds at most. */
  readonly finish: () => Promise<void>
}

/** `ports` is asked when the first fact comes; `err` gets whole lines. */
export function createFinalSync(ports: () => Ports | undefined, err: (line: string) => void): FinalSync {
  let queued = false
  let failure: unknown
  return {
    queue: async facts => {
      const at = ports()
      if (at === undefined || facts.length === 0 || !isSyncOn(at.env)) return
      try {
        const { queueFacts } = await import('@spec-kitty/core/sync/queue')
        if ((await queueFacts({ ports: at, sync: await at.sync() }, facts)) > 0) queued = true
      } catch (cause) {
        failure = cause
      }
    },
    finish: async () => {
      const at = ports()
      if (at === undefined || !(queued || failure !== undefined)) return
      const { classifySyncError, createSyncDiagnostics, detailOf } = await import(
        '@spec-kitty/core/link/diagnostics'
      )
      const diagnostics = createSyncDiagnostics(err)
      if (failure !== undefined) {
        const detail = `An event could not be queued: ${detailOf(failure)}`
        diagnostics.emit(classifySyncError(failure), detail)
      }
      if (!queued) return
      const { finalSync } = await import('@spec-kitty/core/sync/final')
      await finalSync({ ports: at, sync: await at.sync() }, diagnostics)
    },
  }
}

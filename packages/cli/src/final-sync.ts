/**
 * Sync around one command (ADR 0009): its facts go to the spool while it runs, and are sent after its answer is printed.
 * With sync off this file is all that is ever loaded, and it does nothing.
 */

import { isSyncOn } from '@spec-kitty/core/link/switch'
import type { QueuedFact } from '@spec-kitty/core/world/change'
import type { Ports } from '@spec-kitty/core/world/ports'

export interface FinalSync {
  /** Durable when it resolves. Never throws: what was done locally stays done. */
  readonly tell: (facts: readonly QueuedFact[]) => Promise<void>
  /** Sends what was told since the last time. Never throws, takes five seconds at most; one after the other. */
  readonly finish: () => Promise<void>
}

/** `err` gets whole lines. */
export function createFinalSync(ports: Ports, err: (line: string) => void): FinalSync {
  let queued = false
  let failure: unknown
  let sending = Promise.resolve()
  const send = async (): Promise<void> => {
    const [waits, failed] = [queued, failure]
    queued = false
    failure = undefined
    if (!waits && failed === undefined) return
    const { classifySyncError, createSyncDiagnostics, detailOf } = await import(
      '@spec-kitty/core/link/diagnostics'
    )
    const diagnostics = createSyncDiagnostics(err)
    if (failed !== undefined) {
      const detail = `An event could not be queued: ${detailOf(failed)}`
      diagnostics.emit(classifySyncError(failed), detail)
    }
    if (!waits) return
    const { finalSync } = await import('@spec-kitty/core/sync/final')
    await finalSync({ ports, sync: await ports.sync() }, diagnostics)
  }
  return {
    tell: async facts => {
      if (facts.length === 0 || !isSyncOn(ports.env)) return
      try {
        const { queueFacts } = await import('@spec-kitty/core/sync/queue')
        if ((await queueFacts({ ports, sync: await ports.sync() }, facts)) > 0) queued = true
      } catch (cause) {
        failure = cause
      }
    },
    finish: () => {
      sending = sending.then(send)
      return sending
    },
  }
}

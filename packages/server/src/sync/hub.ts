/** Who listens on this process's realtime channels. */

import type { ServerMessage } from '@spec-kitty/contracts/wire/batch'
import type { EventEnvelope } from '@spec-kitty/contracts/wire/envelope'

export interface Listener {
  readonly team: string
  readonly session: string
  readonly send: (message: ServerMessage) => void
  readonly close: () => void
}

export interface Hub {
  /** Returns the way to leave. */
  readonly join: (listener: Listener) => () => void
  /** Tells the teams of new events, except the listener that sent them. */
  readonly publish: (teams: ReadonlySet<string>, events: readonly EventEnvelope[], except?: Listener) => void
  /** Closes the channels of a session that has ended. */
  readonly endSession: (session: string) => void
}

export function createHub(): Hub {
  const listeners = new Set<Listener>()
  return {
    join: listener => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    publish: (teams, events, except) => {
      for (const listener of listeners) {
        if (listener === except || !teams.has(listener.team)) continue
        for (const event of events) listener.send({ type: 'event', event })
      }
    },
    endSession: session => {
      for (const listener of listeners) if (listener.session === session) listener.close()
    },
  }
}

/**
 * Who listens on this process's realtime channels. News of the store say up to which event there is something to read;
 * the hub reads it once for each team that somebody here listens for, and tells it in order of receipt.
 */
import type { News, Store } from '../store/store.ts'

export interface Listener {
  readonly team: string
  readonly session: string
  /** Number of the last event that it has been told. */
  at: number
  /** Ids of what it sent itself and need not hear. */
  readonly own: Set<string>
  readonly send: (message: Uint8Array) => void
  /** Its session has ended. */
  readonly close: () => void
}

export interface Hub {
  /** Undefined when there is news behind `listener.at`: read that first. Else the way to leave. */
  readonly join: (listener: Listener) => (() => void) | undefined
  /** Closes the channels of sessions that have ended. */
  readonly review: () => Promise<void>
  readonly listeners: () => number
  readonly close: () => void
}

export interface HubDeps {
  readonly store: Store
  readonly now: () => number
  readonly fault: (error: unknown) => void
}

const PAGE = { rows: 500, bytes: 512 * 1024 }
/** Sends before others get a turn. */
const BREATH = 1000

export function createHub({ store, now, fault }: HubDeps): Hub {
  const listeners = new Set<Listener>()
  let told = 0
  let known = 0
  let busy = false
  const pump = async (): Promise<void> => {
    while (told < known) {
      if (listeners.size === 0) {
        told = known
        return
      }
      const { head, teams } = await store.touched(told)
      known = Math.max(known, head)
      const listened = new Set([...listeners].map(({ team }) => team))
      for (const team of teams) if (listened.has(team)) await tell(team, told, head)
      told = Math.max(head, told + 1)
    }
  }
  const tell = async (team: string, from: number, head: number): Promise<void> => {
    for (let at = from; at < head; ) {
      const rows = await store.events(team, at, PAGE)
      if (rows.length === 0) return
      let sent = 0
      for (const { seq, id, body } of rows) {
        at = seq
        if (seq > head) break
        const message = eventMessage(seq, body)
        for (const listener of listeners) {
          if (listener.team !== team || listener.at >= seq) continue
          listener.at = seq
          if (!listener.own.delete(id)) listener.send(message)
          sent++
        }
        if (sent > BREATH) {
          sent = 0
          await new Promise(resolve => setImmediate(resolve))
        }
      }
    }
  }
  const wake = async (): Promise<void> => {
    if (busy) return
    busy = true
    try {
      await pump()
    } catch (error) {
      // What was not told now is told with the next news: the cursor has not moved.
      fault(error)
    } finally {
      busy = false
    }
  }
  const review = async (): Promise<void> => {
    if (listeners.size === 0) return
    const ids = [...new Set([...listeners].map(({ session }) => session))]
    const live = new Set(await store.liveSessions(ids, now()))
    const asked = new Set(ids)
    for (const listener of listeners)
      if (asked.has(listener.session) && !live.has(listener.session)) listener.close()
  }
  const stop = store.subscribe((news: News) => {
    if ('sessions' in news) void review().catch(fault)
    else if (news.seq > known) {
      known = news.seq
      void wake()
    }
  })
  return {
    join: listener => {
      if (listener.at < known) return undefined
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    review,
    listeners: () => listeners.size,
    close: stop,
  }
}

/** The message of an event, made once for all who hear it. `body` is the event as JSON. */
export function eventMessage(seq: number, body: string): Uint8Array {
  return Buffer.from(`{"type":"event","seq":${seq},"event":${body}}`)
}

/**
 * Who listens on this process's realtime channels. News of the store say up to which event there is something to read;
 * the hub reads it once for each team that somebody here listens for, and tells it in order of receipt.
 */
import type { News, Store, StoredEvent } from '../store/store.ts'

export interface Listener {
  readonly team: string
  readonly session: string
  /** Number of the last event that it has been told. */
  at: number
  /** Ids of what it sent itself and need not hear. */
  readonly own: Set<string>
  /** Takes frames of the channel, one or more behind each other. */
  readonly send: (frames: Uint8Array) => void
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
/** Bytes that are sent before others get a turn. */
const BREATH = 2 * 1024 * 1024

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
      const rows = (await store.events(team, at, PAGE)).filter(({ seq }) => seq <= head)
      const last = rows.at(-1)
      if (last === undefined) return
      at = last.seq
      await spread(team, rows)
    }
  }
  const spread = async (team: string, rows: readonly StoredEvent[]): Promise<void> => {
    const frames = rows.map(({ seq, body }) => eventFrame(seq, body))
    const all = Buffer.concat(frames)
    const [first = 0, last = 0] = [rows[0]?.seq, rows.at(-1)?.seq]
    let sent = 0
    for (const listener of listeners) {
      if (listener.team !== team || listener.at >= last) continue
      const isOwn = (id: string): boolean => listener.own.size > 0 && listener.own.delete(id)
      const bytes =
        listener.at < first && listener.own.size === 0
          ? all
          : Buffer.concat(
              frames.filter((_, i) => {
                const { seq = 0, id = '' } = rows[i] ?? {}
                return seq > listener.at && !isOwn(id)
              }),
            )
      listener.at = last
      if (bytes.length > 0) listener.send(bytes)
      sent += bytes.length
      if (sent < BREATH) continue
      sent = 0
      await new Promise(resolve => setImmediate(resolve))
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

/**
 * The message of an event as a frame of the channel (RFC 6455, 5.2), made once for all who hear it: frames of a server are
 * not masked. `body` is the event as JSON.
 */
export function eventFrame(seq: number, body: string): Uint8Array {
  const message = Buffer.from(`{"type":"event","seq":${seq},"event":${body}}`)
  const { length } = message
  const head = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  head[0] = 0x81
  if (length < 126) head[1] = length
  else if (length < 65_536) {
    head[1] = 126
    head.writeUInt16BE(length, 2)
  } else {
    head[1] = 127
    head.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([head, message])
}

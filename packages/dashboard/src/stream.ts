/** Server-sent events: everybody who listens, and what was sent last, for those who come back. */
import type { ServerResponse } from 'node:http'
import type { ChangeMessage } from '@spec-kitty/contracts/dashboard/session'

const MOST_CLIENTS = 64
const KEPT = 500
const BEAT_MS = 15_000
/** Bytes that may wait for a listener who does not read. */
const MOST_WAITING = 1_000_000

export interface Stream {
  readonly send: (message: ChangeMessage) => void
  /** Takes over the answer; false when there are listeners enough. `last` is the id that the browser sends again. */
  readonly join: (response: ServerResponse, last: string | undefined) => boolean
  readonly close: () => void
}

/** `start` tells this run from others: ids of another mean nothing here. */
export function createStream(start: string): Stream {
  const clients = new Set<ServerResponse>()
  const kept: string[] = []
  let first = 1
  const write = (client: ServerResponse, text: string): void => {
    if (client.writableLength > MOST_WAITING) client.destroy()
    else client.write(text)
  }
  const beat = setInterval(() => {
    for (const client of clients) write(client, ': \n\n')
  }, BEAT_MS)
  const missed = (last: string): readonly string[] => {
    const [, run, number] = /^(\w+)-(\d+)$/.exec(last) ?? []
    const from = Number(number) + 1 - first
    if (run !== start || from < 0 || from > kept.length)
      return [`id: ${start}-${first + kept.length - 1}\nevent: reset\ndata: {}\n\n`]
    return kept.slice(from)
  }
  return {
    send: message => {
      const text = `id: ${start}-${first + kept.length}\nevent: change\ndata: ${JSON.stringify(message)}\n\n`
      kept.push(text)
      if (kept.length > KEPT) {
        kept.shift()
        first += 1
      }
      for (const client of clients) write(client, text)
    },
    join: (response, last) => {
      if (clients.size >= MOST_CLIENTS) return false
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
      // The id comes before the first change: whoever is cut off until then misses nothing either.
      response.write(`retry: 1000\nid: ${start}-${first + kept.length - 1}\n\n`)
      for (const text of last === undefined ? [] : missed(last)) response.write(text)
      clients.add(response)
      response.on('close', () => clients.delete(response))
      return true
    },
    close: () => {
      clearInterval(beat)
      for (const client of clients) client.destroy()
    },
  }
}

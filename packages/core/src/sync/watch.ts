/**
 * `sync watch`: the one long-running drainer, in the foreground. It sends what waits every few seconds and
 * keeps the realtime channel open, so that the server can show who is at work.
 */
import { isObject, parseObject } from '@spec-kitty/contracts/json'
import { readWsToken } from '@spec-kitty/contracts/wire/answers'
import { openAccess } from '../auth/access.ts'
import { jsonOf, troubleOf } from '../link/answers.ts'
import { isLoopback, readSyncConfig } from '../link/config.ts'
import {
  classifySyncError,
  createSyncDiagnostics,
  detailOf,
  isTrouble,
  type SyncTrouble,
} from '../link/diagnostics.ts'
import { plain } from '../link/plain.ts'
import { countWaiting } from '../link/spool.ts'
import { requireSync } from '../link/switch.ts'
import type { Ports } from '../world/ports.ts'
import type { Budget, Socket } from '../world/sync-ports.ts'
import { type DrainDoor, drain } from './drain.ts'

export interface WatchDoor extends DrainDoor {
  readonly ports: DrainDoor['ports'] & Pick<Ports, 'env' | 'note'>
  /** Progress for the person. */
  readonly show: (line: string) => void
}

export interface SyncWatch {
  readonly rounds: number
  readonly synced: number
  readonly duplicates: number
  readonly failed: number
  readonly remaining: number
  /** The realtime channel was up at least once. */
  readonly connected: boolean
}

const LOCK_WAIT_MS = 10_000
const REQUEST_MS = 60_000

/** Runs for `seconds`, or until the process is ended: every step is on disk, so that may happen at any moment. */
export async function syncWatch(
  door: WatchDoor,
  options: { readonly seconds: number; readonly everyMs: number },
): Promise<SyncWatch> {
  requireSync(door.ports.env)
  const budget = door.sync.budget(options.seconds * 1000)
  const diagnostics = createSyncDiagnostics(door.ports.note)
  const channel = createChannel(door, budget)
  const sum = { rounds: 0, synced: 0, duplicates: 0, failed: 0 }
  try {
    do {
      const down = await channel.keepOpen()
      if (down !== undefined) diagnostics.emit(classifySyncError(down), detailOf(down))
      sum.rounds++
      if (countWaiting(door) > 0) {
        const config = readSyncConfig(door.ports, door.sync.home)
        const report = await drain(door, config, {
          budget,
          lockWaitMs: LOCK_WAIT_MS,
          requestMs: REQUEST_MS,
          thorough: true,
        })
        sum.synced += report.accepted
        sum.duplicates += report.duplicates
        sum.failed += report.rejected
        door.show(
          `Synced: ${report.accepted}, Duplicates: ${report.duplicates}, Failed: ${report.rejected}, Remaining: ${report.remaining}`,
        )
        if (report.trouble !== null)
          diagnostics.emit(classifySyncError(report.trouble), report.trouble.detail)
      }
      await door.ports.clock.sleep(Math.min(options.everyMs, budget.left()))
    } while (budget.left() > 0)
    return { ...sum, remaining: countWaiting(door), connected: channel.wasUp() }
  } finally {
    channel.close()
    budget.end()
    door.sync.net.close()
  }
}

interface Channel {
  /** Opens the channel when it is down; answers why that did not work. */
  readonly keepOpen: () => Promise<SyncTrouble | undefined>
  readonly wasUp: () => boolean
  readonly close: () => void
}

function createChannel(door: WatchDoor, budget: Budget): Channel {
  let socket: Socket | undefined
  let up = false
  let lost: SyncTrouble | undefined
  /** The last event that was heard: whoever comes back goes on there and needs no board. */
  let seen: number | undefined
  const open = async (): Promise<SyncTrouble | undefined> => {
    const ticket = await askTicket(door, budget)
    if (isTrouble(ticket)) return ticket
    const url = seen === undefined ? ticket.url : `${ticket.url}?after=${seen}`
    const made = door.sync.net.socket(url, ticket.token, {
      message: text => {
        up = true
        seen = hear(door, made, text) ?? seen
      },
      closed: (_, detail) => {
        if (socket === made) socket = undefined
        lost = { trouble: 'offline', detail: `The realtime channel is down: ${plain(detail, 160)}` }
      },
    })
    socket = made
    return undefined
  }
  return {
    keepOpen: async () => {
      const was = lost
      lost = undefined
      return (socket === undefined ? await open() : undefined) ?? was
    },
    wasUp: () => up,
    close: () => {
      const open = socket
      socket = undefined
      open?.close()
    },
  }
}

async function askTicket(
  door: WatchDoor,
  budget: Budget,
): Promise<{ readonly url: string; readonly token: string } | SyncTrouble> {
  const access = await openAccess(door, readSyncConfig(door.ports, door.sync.home), budget)
  if (isTrouble(access)) return access
  const answer = await door.sync.net.send({
    method: 'POST',
    url: `${access.server}/api/v1/ws-token`,
    headers: { Authorization: `Bearer ${access.session.accessToken}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ team_id: access.team }),
    timeoutMs: Math.min(10_000, budget.left()),
    signal: budget.signal,
  })
  const ticket = readWsToken(jsonOf(answer))
  if (answer.kind !== 'answer' || answer.status !== 200 || ticket === undefined)
    return { trouble: 'offline', detail: troubleOf(answer, 'The realtime channel is not to be had').detail }
  const url = socketUrl(ticket.ws_url, access.server)
  if (url === undefined)
    return { trouble: 'offline', detail: 'The server names a realtime address at another host: not used' }
  return { url, token: ticket.ws_token }
}

/** The address as ws(s), when it is at the host of the server, and encrypted unless that is this machine. */
export function socketUrl(text: string, server: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text.replace(/^http/, 'ws'))
  if (url.hostname !== new URL(server).hostname || !/^wss?:$/.test(url.protocol)) return undefined
  return url.protocol === 'wss:' || isLoopback(url.hostname) ? url.href : undefined
}

/** Answers the number of the event up to which all is known by this message. */
function hear(door: WatchDoor, socket: Socket, text: string): number | undefined {
  const message = parseObject(text)
  if (message === undefined) return undefined
  if (message.type === 'ping')
    socket.send(JSON.stringify({ type: 'pong', timestamp: message.timestamp ?? null }))
  else if (message.type === 'snapshot') {
    // A large board comes in pages; a server that has no pages says nothing about more.
    if (message.more !== true) door.show('Realtime channel open')
    else return undefined
  } else if (message.type === 'event' && isObject(message.event))
    door.show(plain(`${String(message.event.event_type)} ${String(message.event.aggregate_id)}`, 120))
  else return undefined
  return typeof message.seq === 'number' ? message.seq : undefined
}

/** Starts and stops the server: the one place that puts its parts together. */
import { chmodSync, mkdirSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { dirname, join } from 'node:path'
import { serve } from '@hono/node-server'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { formatMicros } from '@spec-kitty/contracts/time'
import { systemClock, systemRandom } from './process.ts'
import { holdDirectory } from './store/hold.ts'
import { openSqliteStore, storeOn } from './store/sqlite.ts'
import type { Store } from './store/store.ts'
import { StoreTrouble } from './store/trouble.ts'
import { createSyncApp } from './sync/app.ts'
import { type CompanySettings, createCompany } from './sync/company.ts'
import type { AppDeps } from './sync/http.ts'
import { createHub } from './sync/hub.ts'
import { createJudge, type Judge } from './sync/judging.ts'
import { createPasswordLogin } from './sync/password-login.ts'
import type { Clock, Log } from './sync/ports.ts'
import { attachRealtime } from './sync/realtime.ts'
import { openHelper, openThreads, threadProgram } from './thread.ts'

/** `data`: directory of the embedded database, absolute; made with mode 0700. `database`: address of a PostgreSQL. */
export type Place = { readonly data: string } | { readonly database: string }

export type ServerOptions = Place & ServerSettings

interface ServerSettings {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly publicUrl?: string | undefined
  readonly trustProxy?: boolean
  /** The company's identity provider; undefined: names and passwords only. */
  readonly company?: CompanySettings | undefined
  readonly log: Log
  /** Tests bring their own. */
  readonly clock?: Clock
}

export interface RunningServer {
  /** `http://host:port`. */
  readonly url: string
  /** The data directory, or the address of the database without its password. */
  readonly place: string
  readonly store: Store
  /** Finishes requests under way (at most two seconds), closes channels and database. May be called twice. */
  readonly close: () => Promise<void>
}

const HOUR_MS = 3_600_000
const DRAIN_MS = 2000
/** Below this much free space writing is refused, so that reading and logging in go on. */
const LOW_DISK_BYTES = 64 * 1024 * 1024
const DISK_LOOK_MS = 5000

/** Makes the data directory and answers the path of its database. */
export function databaseIn(data: string): string {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 })
    chmodSync(data, 0o700)
  } catch (cause) {
    throw new KittyError('io_failed', `Cannot use ${data} as data directory.`, {
      hint: sh`Give a directory that you may write with --data.`,
      cause,
    })
  }
  return join(data, 'sync.db')
}

/** Opens the store for a command, making directory and schema when they are missing. */
export async function openStore(place: Place): Promise<Store> {
  if ('database' in place) return await openPostgres(place.database)
  return await openSqliteStore(databaseIn(place.data))
}

interface Parts {
  readonly store: Store
  readonly judge: Judge
  readonly close: () => Promise<void>
}

/** What waits for the disk or takes long runs in threads, where there is a built program for them. */
async function openParts(place: Place): Promise<Parts> {
  const program = threadProgram()
  if (program === undefined) {
    const store = await openStore(place)
    return { store, judge: createJudge(), close: store.close }
  }
  if ('data' in place) {
    const path = databaseIn(place.data)
    const { line, judge } = await openThreads(program, path)
    const store = storeOn(line, path)
    return { store, judge, close: store.close }
  }
  const store = await openStore(place)
  const { judge, close } = await openHelper(program)
  return { store, judge, close: async () => void (await Promise.all([store.close(), close()])) }
}

async function openPostgres(url: string): Promise<Store> {
  const { openPostgresStore } = await import('./store/postgres.ts')
  return await openPostgresStore(url)
}

/** The place in words, without a password. */
function placeName(place: Place): string {
  if ('data' in place) return place.data
  const url = new URL(place.database)
  url.password = ''
  return url.href
}

/** Listens and resolves with the address. Throws `io_failed` when the port is taken or the database is unusable. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { log } = options
  const clock = options.clock ?? systemClock
  const hold = 'data' in options ? await holdDirectory(dirname(databaseIn(options.data))) : undefined
  const { store, judge, close } = await openParts(options).catch((error: unknown) => {
    hold?.release()
    throw error
  })
  const disk = watchDisk('data' in options ? options.data : undefined)
  const { createMetrics } = await import('./sync/metrics.ts')
  const metrics = createMetrics(() => hub.listeners())
  const fault: AppDeps['fault'] = (error, where = {}) => {
    metrics.trouble(error instanceof StoreTrouble ? error.trouble : 'internal')
    log({ ...where, ...describe(error) })
  }
  const hub = createHub({ store, now: clock.now, fault })
  let stopping = false
  const deps: AppDeps = {
    store,
    clock,
    random: systemRandom,
    hub,
    login: createPasswordLogin(store, clock),
    judge,
    company: options.company === undefined ? undefined : createCompany(options.company),
    log,
    fault,
    note: async (actor, action, subject, address) => {
      const at = formatMicros(clock.now() * 1000)
      await store.note({ at, actor, action, subject, address }).catch((error: unknown) => fault(error))
    },
    unready: async () => {
      if (stopping) return 'stopping'
      if (disk.isLow()) return 'disk nearly full'
      return await store.head().then(
        () => undefined,
        () => 'database',
      )
    },
    isDiskLow: disk.isLow,
    metrics,
    publicUrl: options.publicUrl,
    trustProxy: options.trustProxy === true,
  }
  let server: Server
  try {
    await store.purge(clock.now())
    server = await listen(createSyncApp(deps).fetch, options)
  } catch (error) {
    disk.stop()
    await close()
    hold?.release()
    throw error
  }
  const sockets = trackSockets(server)
  const realtime = attachRealtime(server, deps)
  const purge = setInterval(() => void store.purge(clock.now()).catch(error => fault(error)), HOUR_MS)
  purge.unref()
  let closing: Promise<void> | undefined
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    place: placeName(options),
    store,
    close: () => {
      stopping = true
      clearInterval(purge)
      disk.stop()
      hub.close()
      closing ??= shutDown(server, sockets, realtime.close)
        .then(close)
        .then(() => hold?.release())
      return closing
    },
  }
}

/** What the log says about an error: trouble with its reason, a bug with its place. A message may quote a body. */
function describe(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof StoreTrouble)
    return { error: error.name, trouble: error.trouble, reason: error.message, remedy: error.hint ?? sh`` }
  if (!(error instanceof Error)) return { error: String(error) }
  return { error: error.name, at: error.stack?.split('\n')[1]?.trim() ?? '' }
}

/** Looks at the free space from time to time. */
function watchDisk(path: string | undefined): { readonly isLow: () => boolean; readonly stop: () => void } {
  let low = false
  if (path === undefined) return { isLow: () => false, stop: () => {} }
  const look = async (): Promise<void> => {
    const { bavail, bsize } = await statfs(path)
    low = bavail * bsize < LOW_DISK_BYTES
  }
  // A file system that does not say is not low.
  const ask = (): void => void look().catch(() => {})
  ask()
  const timer = setInterval(ask, DISK_LOOK_MS)
  timer.unref()
  return { isLow: () => low, stop: () => clearInterval(timer) }
}

type Fetch = Parameters<typeof serve>[0]['fetch']

function listen(fetch: Fetch, { host, port }: ServerOptions): Promise<Server> {
  return new Promise((resolve, reject) => {
    const limits = { requestTimeout: 30_000, headersTimeout: 10_000, maxHeaderSize: 16_384 }
    // Without TLS or HTTP/2 options it is an ordinary HTTP server.
    const server = serve({ fetch, hostname: host, port, serverOptions: limits }, () =>
      resolve(server as Server),
    )
    server.once('error', (cause: NodeJS.ErrnoException) => reject(cannotListen(host, port, cause)))
  })
}

function cannotListen(host: string, port: number, cause: NodeJS.ErrnoException): KittyError {
  const taken = cause.code === 'EADDRINUSE'
  return new KittyError(
    'io_failed',
    taken
      ? `Port ${port} on ${host} is in use.`
      : `Cannot listen on ${host}:${port}: ${cause.code ?? 'error'}.`,
    {
      hint: taken
        ? sh`Choose another with --port; --port 0 takes any free one.`
        : sh`Check --host and --port.`,
      cause,
    },
  )
}

/** Every connection, those included that have become channels and the HTTP server has let go of. */
function trackSockets(server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    if (sockets.has(socket)) return
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  return sockets
}

function shutDown(server: Server, sockets: ReadonlySet<Socket>, closeChannels: () => void): Promise<void> {
  return new Promise(resolve => {
    closeChannels()
    // Asking is over after the grace: who has not gone is cut off.
    const force = setTimeout(() => {
      for (const socket of sockets) socket.destroy()
    }, DRAIN_MS)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}

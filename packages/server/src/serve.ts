/** Starts and stops the server: the one place that puts its parts together. */
import { chmodSync, mkdirSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { systemClock, systemRandom } from './process.ts'
import { createSyncApp } from './sync/app.ts'
import type { AppDeps } from './sync/http.ts'
import { createHub } from './sync/hub.ts'
import { createPasswordLogin } from './sync/password-login.ts'
import type { Clock, Log } from './sync/ports.ts'
import { attachRealtime } from './sync/realtime.ts'
import { openSqliteStore } from './sync/sqlite.ts'
import type { Store } from './sync/store.ts'

export interface ServerOptions {
  /** Directory of the database, absolute; made with mode 0700. */
  readonly data: string
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly publicUrl?: string | undefined
  readonly log: Log
  /** Tests bring their own. */
  readonly clock?: Clock
}

export interface RunningServer {
  /** `http://host:port`. */
  readonly url: string
  readonly store: Store
  /** Finishes requests under way (at most two seconds), closes channels and database. May be called twice. */
  readonly close: () => Promise<void>
}

const HOUR_MS = 3_600_000
const DRAIN_MS = 2000

/** Opens the store in a data directory, making both when they are missing. */
export async function openStore(data: string): Promise<Store> {
  try {
    mkdirSync(data, { recursive: true, mode: 0o700 })
    chmodSync(data, 0o700)
  } catch (cause) {
    throw new KittyError('io_failed', `Cannot use ${data} as data directory.`, {
      hint: sh`Give a directory that you may write with --data.`,
      cause,
    })
  }
  return await openSqliteStore(join(data, 'sync.db'))
}

/** Listens and resolves with the address. Throws `io_failed` when the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const store = await openStore(options.data)
  const clock = options.clock ?? systemClock
  const hub = createHub()
  const deps: AppDeps = {
    store,
    clock,
    random: systemRandom,
    hub,
    login: createPasswordLogin(store, clock),
    log: options.log,
    publicUrl: options.publicUrl,
    onSessionEnd: hub.endSession,
  }
  await store.purge(clock.now())
  let server: Server
  try {
    server = await listen(createSyncApp(deps).fetch, options)
  } catch (error) {
    await store.close()
    throw error
  }
  const realtime = attachRealtime(server, deps)
  const purge = setInterval(() => {
    store.purge(clock.now()).catch((error: unknown) => options.log({ error: String(error), at: 'purge' }))
  }, HOUR_MS)
  purge.unref()
  let closing: Promise<void> | undefined
  const { port } = server.address() as AddressInfo
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    store,
    close: () => {
      clearInterval(purge)
      closing ??= shutDown(server, realtime.close).then(() => store.close())
      return closing
    },
  }
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

function shutDown(server: Server, closeChannels: () => void): Promise<void> {
  return new Promise(resolve => {
    closeChannels()
    const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    server.close(() => {
      clearTimeout(force)
      resolve()
    })
    server.closeIdleConnections()
  })
}

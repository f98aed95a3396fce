/** A test world with the real server behind a fault proxy, and a command line that really syncs. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ports } from '@spec-kitty/core/world/ports'
import { createPorts } from '@spec-kitty/host/ports'
import { addReadyMission } from '@spec-kitty/host/testing/lanes'
import { addMission } from '@spec-kitty/host/testing/mission'
import { createWorld, type World } from '@spec-kitty/host/testing/world'
import { createFaultProxy, type FaultProxy } from '@spec-kitty/server/testing/fault-proxy'
import { startTestServer, type TestServer } from '@spec-kitty/server/testing/start'
import { main } from '../main.ts'
import { createStyle } from '../style.ts'
import type { CliResult } from './run-cli.ts'

export interface SyncWorld {
  readonly world: World
  readonly server: TestServer
  readonly proxy: FaultProxy
  /** `~/.spec-kitty`. */
  readonly home: string
  /** The real clock and ids; `fast` makes pauses between attempts short. */
  readonly ports: (env?: Readonly<Record<string, string>>) => Ports
  readonly run: (words: readonly string[], options?: RunOptions) => Promise<SyncResult>
  /** Events that the server holds of the private team of alice. */
  readonly received: () => Promise<readonly Received[]>
  readonly cleanup: () => Promise<void>
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Pauses between attempts take no time. */
  readonly fast?: boolean
  /** Called before every pause with what the program said so far. */
  readonly onSleep?: (said: string) => Promise<void>
  readonly browse?: (url: string) => Promise<void>
  /** No budget is longer than this. */
  readonly limitMs?: number
}

export interface SyncResult extends CliResult {
  /** Codes on stderr, in order. */
  readonly codes: readonly string[]
  readonly ms: number
  /** The most that sync allowed itself each time, in milliseconds: the wall's clock says more of the machine. */
  readonly budgets: readonly number[]
}

export interface Received {
  readonly event_id: string
  readonly event_type: string
  readonly aggregate_id: string
  readonly lamport_clock: number
}

export const TEAM = 'private-alice'
const CODE =
  /^sync_diagnostic severity=warning diagnostic_code=(sync\.\w+) fatal=false sync_phase=final_sync message=.+$/

/** With one mission, committed (`ready`: ready to merge), and alice logged in unless `login` is false. */
export async function createSyncWorld(
  options: { readonly login?: boolean; readonly ready?: boolean } = {},
): Promise<SyncWorld> {
  const world = createWorld()
  if (options.ready === true) addReadyMission(world)
  else {
    addMission(world)
    world.commit()
  }
  const home = join(world.home, '.spec-kitty')
  if (options.login !== false) restoreKey(home)
  const server = await startTestServer()
  const proxy = await createFaultProxy(server.url)
  const base = { ...world.env, SPEC_KITTY_ENABLE_SAAS_SYNC: '1', SPEC_KITTY_SAAS_URL: proxy.url }
  const ports: SyncWorld['ports'] = (env = {}) =>
    createPorts({ cwd: world.root, env: { ...base, ...env }, note: () => {} })
  const run: SyncWorld['run'] = async (words, how = {}) => {
    let stdout = ''
    let stderr = ''
    const budgets: number[] = []
    const started = performance.now()
    const status = await main(words, {
      out: text => {
        stdout += text
      },
      err: text => {
        stderr += text
      },
      style: createStyle(false, 100),
      errorStyle: createStyle(false, 100),
      interactive: () => false,
      terminal: () => Promise.reject(new Error('no terminal')),
      ports: async note => {
        const made = createPorts({ cwd: world.root, env: { ...base, ...how.env }, note })
        return withHow(made, how, budgets, () => stdout + stderr)
      },
    })
    return {
      status,
      stdout,
      stderr,
      ms: performance.now() - started,
      budgets,
      codes: stderr.split('\n').flatMap(line => CODE.exec(line)?.[1] ?? []),
      get json(): unknown {
        return JSON.parse(stdout)
      },
    }
  }
  const made: SyncWorld = {
    world,
    server,
    proxy,
    home,
    ports,
    run,
    received: async () => {
      const rows = await server.store.events(TEAM, 0, { rows: 10_000, bytes: 1e8 })
      return rows.map(row => JSON.parse(row.body) as Received)
    },
    cleanup: async () => {
      await proxy.close()
      await server.cleanup()
      world.cleanup()
    },
  }
  if (options.login !== false) {
    await login(made)
    keepKey(home)
  }
  return made
}

/** Logs in by the device flow; the person types the code on the server's page while the program waits. */
export async function login(
  world: Pick<SyncWorld, 'run' | 'server'>,
  ...words: string[]
): Promise<SyncResult> {
  const result = await world.run(['auth', 'login', '--headless', '--json', ...words], {
    fast: true,
    onSleep: async said => {
      const code = /^Code: +(\S+)$/m.exec(said)?.[1]
      if (code !== undefined) await world.server.approve(code)
    },
  })
  if (result.status !== 0) throw new Error(`login failed: ${result.stdout}${result.stderr}`)
  return result
}

/** Salt of the login and the key made of it, which is slow on purpose: worlds after the first get those of the first. */
const KEY_FILES = ['session.salt', 'session.key']
const kept = new Map<string, Buffer>()

function keepKey(home: string): void {
  for (const name of KEY_FILES) kept.set(name, readFileSync(join(home, 'auth', name)))
}

function restoreKey(home: string): void {
  if (kept.size === 0) return
  mkdirSync(join(home, 'auth'), { recursive: true, mode: 0o700 })
  for (const [name, content] of kept) writeFileSync(join(home, 'auth', name), content, { mode: 0o600 })
}

function withHow(ports: Ports, how: RunOptions, budgets: number[], said: () => string): Ports {
  const sleep = async (ms: number): Promise<void> => {
    await how.onSleep?.(said())
    await ports.clock.sleep(how.fast === true ? Math.min(ms, 5) : ms)
  }
  const sync = async () => {
    const made = await ports.sync()
    const { limitMs = Number.POSITIVE_INFINITY, browse = made.net.browse } = how
    const budget = (ms: number) => {
      budgets.push(ms)
      return made.budget(Math.min(ms, limitMs))
    }
    return { ...made, budget, net: { ...made.net, browse } }
  }
  return { ...ports, clock: { ...ports.clock, sleep }, sync }
}

/** The stored access token ends now; the server would still take it. */
export async function expireAccess(world: Pick<SyncWorld, 'ports'>): Promise<void> {
  const { secrets } = await world.ports().sync()
  const session = JSON.parse(secrets.read() ?? '{}')
  secrets.write(JSON.stringify({ ...session, access_token_expires_at: '2020-01-01T00:00:00+00:00' }))
}

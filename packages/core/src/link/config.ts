/** Switch, server address and limits of sync: one resolver, environment before configuration before none. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isObject, type JsonObject } from '@spec-kitty/contracts/json'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { readToml } from './toml.ts'

export interface SyncConfig {
  /** Origin and path prefix without a final slash; null when none is configured. */
  readonly server: string | null
  readonly source: 'environment' | 'configuration' | null
  /** Why the configured address cannot be used. */
  readonly problem: string | null
  /** Rows that may wait; older ones go to the overflow file. */
  readonly maxQueue: number
  /** The file as it is, unknown keys included. */
  readonly raw: JsonObject
}

const DEFAULT_MAX_QUEUE = 100_000

export function syncConfigPath(home: string): string {
  return join(home, 'config.toml')
}

/** Reads `config.toml` in `home` and the environment. An unreadable value counts as absent. */
export function readSyncConfig(ports: Pick<Ports, 'env' | 'files'>, home: string): SyncConfig {
  let broken: string | null = null
  const path = syncConfigPath(home)
  let raw: JsonObject = {}
  try {
    raw = section(readToml(ports.files.text(path) ?? ''), 'sync')
  } catch (cause) {
    if (!(cause instanceof KittyError)) throw cause
    broken = `${path} cannot be read: ${cause.message}`
  }
  const fromEnv = ports.env.get('SPEC_KITTY_SAAS_URL')?.trim() ?? ''
  const fromFile = typeof raw.server_url === 'string' ? raw.server_url.trim() : ''
  const given = fromEnv === '' ? fromFile : fromEnv
  const source = fromEnv === '' ? (fromFile === '' ? null : 'configuration') : 'environment'
  const address = source === null ? { server: null, problem: broken } : readAddress(given)
  const limit = raw.max_queue_size
  const maxQueue = typeof limit === 'number' && limit > 0 ? limit : DEFAULT_MAX_QUEUE
  return { ...address, source, maxQueue, raw }
}

/** https anywhere, http on loopback only; a path prefix is fine, credentials, query and fragment are not. */
export function readAddress(text: string): {
  readonly server: string | null
  readonly problem: string | null
} {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const refuse = (why: string) => ({
    server: null,
    problem: `'${text}' is not a usable server address: ${why}`,
  })
  if (url === undefined || !/^https?:$/.test(url.protocol)) return refuse('it must begin with https://')
  if (url.username !== '' || url.password !== '') return refuse('it must not hold a user name or password')
  if (url.search !== '' || url.hash !== '') return refuse('it must not hold a query')
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return refuse('http is allowed for this machine only (127.0.0.1); use https')
  return { server: `${url.origin}${url.pathname}`.replace(/\/+$/, ''), problem: null }
}

export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}

/** Whether events of this checkout are sent: the checkout's own setting, then the repository's, then yes. */
export function isOptedIn(config: SyncConfig, checkout: string, repoSlug: string | null): boolean {
  const own = section(section(config.raw, 'checkout_overrides'), checkout).enabled
  if (typeof own === 'boolean') return own
  const shared =
    repoSlug === null ? undefined : section(section(config.raw, 'repo_defaults'), repoSlug).enabled
  return typeof shared === 'boolean' ? shared : true
}

function section(object: JsonObject, key: string): JsonObject {
  const value = Object.hasOwn(object, key) ? object[key] : undefined
  return isObject(value) ? value : {}
}

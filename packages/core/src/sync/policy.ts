/** Settings of sync: which server, and whether this checkout takes part. One file, edited line by line. */
import type { SyncRoutes, SyncServer } from '@spec-kitty/contracts/cli/sync-routes'
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { findLogin, openAccess } from '../auth/access.ts'
import { jsonOf, troubleOf } from '../link/answers.ts'
import { isOptedIn, readAddress, readSyncConfig, syncConfigPath } from '../link/config.ts'
import { isTrouble, type SyncTrouble } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import {
  appendRows,
  countWaiting,
  type NewRow,
  openCursor,
  readRows,
  type SpoolRow,
  settle,
  withSpool,
} from '../link/spool.ts'
import { editToml } from '../link/toml.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'
import type { NetAnswer, SyncPorts } from '../world/sync-ports.ts'
import { type Identity, openIdentity } from './identity.ts'

export interface PolicyDoor {
  readonly ports: Pick<Ports, 'env' | 'files' | 'ids' | 'clock' | 'locks' | 'yaml'>
  readonly sync: SyncPorts
}

/** Shows the server, or sets the one of the configuration. Throws `invalid_input` for an address that is not safe. */
export function syncServer(door: PolicyDoor, url: string | undefined): SyncServer {
  const { ports, sync } = door
  let changed = false
  if (url !== undefined) {
    const { server, problem } = readAddress(url)
    if (server === null)
      throw new KittyError('invalid_input', `Invalid server URL. ${problem}`, {
        hint: sh`Use a full HTTPS URL, for example: spec-kitty sync server https://kitty.example.com`,
      })
    changed = writeSetting(door, ['sync', 'server_url'], server)
  }
  const { server, source } = readSyncConfig(ports, sync.home)
  return { server, source, changed }
}

export interface OptChange {
  readonly enabled: boolean
  readonly checkout: string
  readonly repo_slug: string | null
  readonly changed: boolean
  /** Rows of this project taken out of the queue. */
  readonly removed: number
  /** The server forgot what it had; null when it was not asked. */
  readonly private_data_deleted: boolean | null
}

/** Lets events of this repository, or only this checkout, be sent again. */
export async function optIn(door: PolicyDoor, checkoutOnly: boolean): Promise<OptChange> {
  const { project, identity } = await whereWeAre(door)
  const changed = setOptIn(door, project, identity, checkoutOnly, true)
  return optResult(door, project, identity, { changed, removed: 0, private_data_deleted: null })
}

/** Keeps events of this repository, or only this checkout, here, and takes those that wait out of the queue. */
export async function optOut(
  door: PolicyDoor,
  options: { readonly checkoutOnly: boolean; readonly deletePrivateData: boolean },
): Promise<OptChange> {
  const { project, identity } = await whereWeAre(door)
  const forgotten = options.deletePrivateData ? await forget(door, identity) : null
  const changed = setOptIn(door, project, identity, options.checkoutOnly, false)
  const removed = await removeRows(door, row => isOf(row, identity, options.checkoutOnly))
  return optResult(door, project, identity, { changed, removed, private_data_deleted: forgotten })
}

function optResult(
  door: PolicyDoor,
  project: Project,
  identity: Identity,
  rest: Pick<OptChange, 'changed' | 'removed' | 'private_data_deleted'>,
): OptChange {
  const enabled = isOptedIn(readSyncConfig(door.ports, door.sync.home), project.checkout, identity.repoSlug)
  return { enabled, checkout: project.checkout, repo_slug: identity.repoSlug, ...rest }
}

function setOptIn(
  door: PolicyDoor,
  project: Project,
  identity: Identity,
  checkoutOnly: boolean,
  enabled: boolean,
): boolean {
  const own = ['sync', 'checkout_overrides', project.checkout, 'enabled']
  if (checkoutOnly || identity.repoSlug === null) return writeSetting(door, own, enabled)
  // The setting of the repository speaks for the checkout too: an older word of its own would contradict it.
  const dropped = writeSetting(door, own, undefined)
  return writeSetting(door, ['sync', 'repo_defaults', identity.repoSlug, 'enabled'], enabled) || dropped
}

function writeSetting(
  door: PolicyDoor,
  path: readonly string[],
  value: string | boolean | undefined,
): boolean {
  const file = syncConfigPath(door.sync.home)
  const before = door.ports.files.text(file) ?? ''
  const after = inFile(file, () => editToml(before, path, value))
  if (after === before) return false
  door.sync.store.replace(file, after)
  return true
}

/** Names the file in a refusal that is about its text. */
function inFile<T>(file: string, act: () => T): T {
  try {
    return act()
  } catch (cause) {
    if (!(cause instanceof KittyError)) throw cause
    const hint = cause.hint ?? sh`Mend it in an editor, then run the command again: ${file}`
    throw new KittyError(cause.code, `${file}: ${cause.message}`, { hint, data: cause.data })
  }
}

async function whereWeAre(door: PolicyDoor): Promise<{ project: Project; identity: Identity }> {
  const project = locateProject(door.ports)
  return { project, identity: openIdentity(door, project, await readConfig(door.ports, project)) }
}

function isOf(row: SpoolRow, identity: Identity, checkoutOnly: boolean): boolean {
  const { event, document } = row
  if (checkoutOnly) return event?.build_id === identity.buildId
  return event?.project_uuid === identity.projectUuid || document?.project_uuid === identity.projectUuid
}

/** Takes rows out of the queue: the others are written again behind them. Waits for a drain that is under way. */
async function removeRows(door: PolicyDoor, gone: (row: SpoolRow) => boolean): Promise<number> {
  if (countWaiting(door) === 0) return 0
  const paths = syncPaths(door.sync.home)
  door.sync.store.touch(paths.drainLock)
  const lock = await door.ports.locks.acquire(paths.drainLock, 10_000)
  try {
    return await withSpool(door, () => {
      const stop = door.ports.files.stat(paths.spool)?.size ?? 0
      const cursor = openCursor(door)
      let removed = 0
      let { seq } = cursor
      for (let at = cursor.offset; at < stop; ) {
        const { rows, end } = readRows(door, at, 1000, 1024 * 1024)
        if (end === at) break
        const stay = rows.filter(({ row, end: place }) => place <= stop && !gone(row))
        removed += rows.filter(({ end: place }) => place <= stop).length - stay.length
        appendRows(
          door,
          stay.map(({ row: { seq: _, ...row } }): NewRow => row),
          Number.POSITIVE_INFINITY,
        )
        seq = rows.at(-1)?.row.seq ?? seq
        at = end
      }
      settle(door, cursor.spool, stop, seq)
      return removed
    })
  } finally {
    lock.release()
  }
}

/* -------------------------------------------------------------- asking the server */

export interface Share {
  readonly team: string
  readonly state: string
}

/** Where events of this checkout go, and with which teams the repository is shared. */
export async function syncRoutes(door: PolicyDoor): Promise<SyncRoutes> {
  const { project, identity } = await whereWeAre(door)
  const config = readSyncConfig(door.ports, door.sync.home)
  const login = findLogin(door, config)
  const base = {
    enabled: isOptedIn(config, project.checkout, identity.repoSlug),
    server: config.server,
    project_uuid: identity.projectUuid,
    project_slug: identity.projectSlug,
    repo_slug: identity.repoSlug,
    checkout: project.checkout,
  }
  if (isTrouble(login)) return { ...base, user: null, team: null, shares: [] }
  const query = new URLSearchParams({ source_project_uuid: identity.projectUuid }).toString()
  const { answer, team } = await ask(door, 'GET', `/api/v1/sync/repository-shares/?${query}`)
  const shares = readShares(answer)
  if (shares === undefined) throw failure(troubleOf(answer, 'Asking for shares'))
  return { ...base, user: login.session.email, team, shares }
}

/** Shares the repository with a team, or ends that. */
export async function share(door: PolicyDoor, team: string, on: boolean): Promise<Share> {
  const { identity } = await whereWeAre(door)
  const body = { source_project_uuid: identity.projectUuid, destination_team_slug: team }
  const path = `/api/v1/sync/repository-shares/${on ? '' : 'leave/'}`
  const { answer } = await ask(door, 'POST', path, body)
  const said = jsonOf(answer)
  const good = answer.kind === 'answer' && (answer.status === 200 || answer.status === 201)
  if (!good || said === undefined) throw failure(troubleOf(answer, on ? 'Sharing' : 'Ending the share'))
  return { team, state: typeof said.state === 'string' ? said.state : on ? 'shared' : 'left' }
}

async function forget(door: PolicyDoor, identity: Identity): Promise<boolean> {
  const { answer } = await ask(
    door,
    'POST',
    `/api/v1/sync/projects/${identity.projectUuid}/forget-private/`,
    {},
  )
  if (answer.kind !== 'answer' || answer.status !== 200)
    throw failure(troubleOf(answer, 'Deleting private data'))
  return true
}

function readShares(answer: NetAnswer): readonly Share[] | undefined {
  if (answer.kind !== 'answer' || answer.status !== 200) return undefined
  let body: unknown
  try {
    body = parseJson(answer.body)
  } catch {
    return undefined
  }
  const list = isObject(body) ? body.results : body
  if (!isArray(list)) return undefined
  return list.filter(isObject).map(item => ({
    team: typeof item.destination_team_slug === 'string' ? item.destination_team_slug : '',
    state: typeof item.state === 'string' ? item.state : '',
  }))
}

const ASK_MS = 30_000

async function ask(
  door: PolicyDoor,
  method: 'GET' | 'POST',
  path: string,
  body?: JsonObject,
): Promise<{ readonly answer: NetAnswer; readonly team: string }> {
  const budget = door.sync.budget(ASK_MS)
  try {
    const access = await openAccess(door, readSyncConfig(door.ports, door.sync.home), budget)
    if (isTrouble(access)) throw failure(access)
    const answer = await door.sync.net.send({
      method,
      url: `${access.server}${path}`,
      headers: {
        Authorization: `Bearer ${access.session.accessToken}`,
        'X-Team-Slug': access.team,
        'Content-Type': 'application/json',
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      timeoutMs: budget.left(),
      signal: budget.signal,
    })
    return { answer, team: access.team }
  } finally {
    budget.end()
    door.sync.net.close()
  }
}

function failure(trouble: SyncTrouble): KittyError {
  const login = trouble.trouble === 'no_login' || trouble.trouble === 'other_host'
  return new KittyError(login ? 'not_logged_in' : 'sync_failed', trouble.detail, {
    hint: login ? sh`Run: spec-kitty auth login` : sh`Look closer: spec-kitty sync doctor`,
  })
}

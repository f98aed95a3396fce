/** Facts into the spool, durable before the command reports success. Runs only when sync is on. */
import { isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import { findLogin } from '../auth/access.ts'
import { isOptedIn, readSyncConfig, type SyncConfig } from '../link/config.ts'
import { isTrouble } from '../link/diagnostics.ts'
import { syncPaths } from '../link/paths.ts'
import { appendRows, type DocumentRow, type NewRow, type Scope, withSpool } from '../link/spool.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { readConfig } from '../repo/project/config.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { QueuedFact } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import type { SyncPorts } from '../world/sync-ports.ts'
import { announceDocuments } from './documents.ts'
import { buildEvent, buildRegistered, type EventSource } from './events.ts'
import { openIdentity } from './identity.ts'

export interface QueueDoor {
  readonly ports: Pick<Ports, 'env' | 'files' | 'git' | 'clock' | 'ids' | 'locks' | 'yaml' | 'note'>
  readonly sync: SyncPorts
}

/**
 * Appends the events of these facts, and of what goes with them: the build once, and changed documents of the missions
 * concerned. Answers the number of rows; 0 when the checkout is opted out. Throws `lock_busy` and `io_failed`.
 */
export async function queueFacts(door: QueueDoor, facts: readonly QueuedFact[]): Promise<number> {
  const { ports, sync } = door
  if (facts.length === 0) return 0
  const project = locateProject(ports)
  const config = readSyncConfig(ports, sync.home)
  const identity = openIdentity(door, project, await readConfig(ports, project))
  if (!isOptedIn(config, project.checkout, identity.repoSlug)) return 0
  const { branch, sha } = ports.git.head(project.checkout)
  const source: EventSource = { identity, place: { branch, head: sha } }
  const scope = scopeOf(door, config)
  return await withSpool(door, () => {
    const extra = companions(door, project, source, scope, facts)
    const all = [...extra.before, ...facts, ...extra.after]
    const first = advanceClock(door, identity.nodeId, all.length)
    const rows: NewRow[] = all.map((fact, index) => {
      const stamp = { id: ports.ids.ulid(), at: ports.clock.now(), lamport: first + index }
      return { scope, tries: 0, event: buildEvent(fact, source, stamp) }
    })
    rows.push(...extra.documents.map(document => ({ scope, tries: 0, document })))
    const evicted = appendRows(door, rows, config.maxQueue)
    extra.remember()
    if (evicted > 0) noteEviction(door, config, evicted)
    return rows.length
  })
}

interface Companions {
  readonly before: readonly QueuedFact[]
  readonly after: readonly QueuedFact[]
  readonly documents: readonly DocumentRow[]
  /** After the rows are on disk: a crash in between tells something twice rather than never. */
  readonly remember: () => void
}

function companions(
  door: QueueDoor,
  project: Project,
  source: EventSource,
  scope: Scope | null,
  facts: readonly QueuedFact[],
): Companions {
  const { ports, sync } = door
  const paths = syncPaths(sync.home)
  const { buildId, projectUuid } = source.identity
  const server = scope?.server ?? null
  const builds = (ports.files.text(paths.builds) ?? '').split('\n')
  // What was told to nobody in particular goes to whoever is logged in to first.
  const known = [server, null].some(each => builds.includes(JSON.stringify([buildId, each])))
  const register = readObject(ports.files.text(paths.documents))
  const after: QueuedFact[] = []
  const documents: DocumentRow[] = []
  let state = register
  for (const mission of missionsOf(ports, project, facts)) {
    const news = announceDocuments(door, mission, { projectUuid, server }, state, ports.clock.now())
    after.push(...news.facts)
    documents.push(...news.documents)
    state = news.register
  }
  return {
    before: known ? [] : [buildRegistered(source)],
    after,
    documents,
    remember: () => {
      if (!known) sync.store.append(paths.builds, [JSON.stringify([buildId, server])])
      if (state !== register) sync.store.replace(paths.documents, JSON.stringify(state))
    },
  }
}

function missionsOf(
  ports: QueueDoor['ports'],
  project: Project,
  facts: readonly QueuedFact[],
): readonly Mission[] {
  const slugs = new Set(facts.map(fact => fact.payload.mission_slug))
  return [...slugs].flatMap(slug => {
    if (typeof slug !== 'string' || !/^[\w-][\w.-]*$/.test(slug)) return []
    const there = ports.files.stat(join(project.root, 'kitty-specs', slug))?.kind === 'directory'
    return there ? [resolveMission(ports, project, slug)] : []
  })
}

/** Takes `count` values of the machine's Lamport clock; answers the first. Both editions share the file. */
function advanceClock({ ports, sync }: QueueDoor, nodeId: string, count: number): number {
  const path = syncPaths(sync.home).clock
  const clock = readObject(ports.files.text(path))
  const value =
    typeof clock.value === 'number' && Number.isSafeInteger(clock.value) ? Math.max(0, clock.value) : 0
  const next = {
    ...clock,
    value: value + count,
    node_id: clock.node_id ?? nodeId,
    updated_at: ports.clock.now(),
  }
  sync.store.replace(path, JSON.stringify(next))
  return value + 1
}

function scopeOf(door: QueueDoor, config: SyncConfig): Scope | null {
  try {
    const login = findLogin(door, config)
    return isTrouble(login) ? null : { server: login.server, email: login.session.email.toLowerCase() }
  } catch {
    // A login that cannot be read is reported by the drain; the event waits for the next login.
    return null
  }
}

function noteEviction(door: QueueDoor, config: SyncConfig, count: number): void {
  const { overflow } = syncPaths(door.sync.home)
  door.ports.note(
    `The sync queue is full (${config.maxQueue} rows): the oldest ${count} moved to ${overflow}. They are sent by: spec-kitty sync now`,
  )
}

function readObject(text: string | undefined): JsonObject {
  try {
    const value: unknown = parseJson(text ?? '{}')
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

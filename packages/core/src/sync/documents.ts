/**
 * Documents of a mission for the server (docs/sync.md): those that changed since they were last announced, each as
 * an index event and an upload. Nothing is rescanned that is as old and as large as it was.
 */
import { isObject, type JsonObject } from '@spec-kitty/contracts/json'
import type { DocumentRow } from '../link/spool.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { ownFiles } from '../repo/project/own-files.ts'
import { dirname, join } from '../text/paths.ts'
import type { QueuedFact } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import type { SyncPorts } from '../world/sync-ports.ts'

/** Largest document that a server takes. */
export const MAX_DOCUMENT = 512 * 1024

const TOP = [
  'analysis-report.md',
  'data-model.md',
  'plan.md',
  'quickstart.md',
  'research.md',
  'spec.md',
  'tasks.md',
]
const FOLDERS = ['checklists', 'contracts', 'research']
const EXTENSION = /\.(md|json|ya?ml|csv)$/

interface Door {
  readonly ports: Pick<Ports, 'files'>
  readonly sync: Pick<SyncPorts, 'sha256'>
}

interface Known {
  readonly hash: string
  readonly size: number
  readonly mtime: number
}

export interface Announcement {
  readonly facts: readonly QueuedFact[]
  readonly documents: readonly DocumentRow[]
  /** The register with the new state in it. */
  readonly register: JsonObject
}

/** What has to be told about a mission's documents. `register`: the state of the last announcement, by server. */
export function announceDocuments(
  door: Door,
  mission: Mission,
  to: { readonly projectUuid: string; readonly server: string | null },
  register: JsonObject,
  at: string,
): Announcement {
  const namespace = {
    project_uuid: to.projectUuid,
    mission_slug: mission.slug,
    target_branch: mission.targetBranch,
    mission_type: mission.type,
    manifest_version: '1',
  }
  // Documents come from the mission alone, also when its folders, or kitty-specs, are links.
  const files = ownFiles(door.ports.files, dirname(dirname(mission.dir)))
  const own = { ...door, ports: { files } }
  const prefix = `${to.server ?? ''} ${to.projectUuid}/${mission.slug}`
  const before = isObject(register[prefix]) ? register[prefix] : {}
  const now: Record<string, Known & JsonObject> = {}
  const facts: QueuedFact[] = []
  const documents: DocumentRow[] = []
  for (const path of eligible(own.ports, mission)) {
    const known = knownOf(before[path])
    const state = lookAt(own, join(mission.dir, path), known)
    if (state === undefined) continue
    now[path] = { ...state }
    if (state.hash === known?.hash) continue
    facts.push(indexed(mission, namespace, path, state, at))
    documents.push({
      ...namespace,
      path: join(mission.dir, path),
      artifact_path: path,
      content_hash: state.hash,
    })
  }
  if (facts.length > 0) facts.push(snapshot(mission, namespace, now, door.sync.sha256, at))
  return { facts, documents, register: { ...register, [prefix]: now } }
}

/** The body of an upload; undefined when the file is no longer what was announced: then a newer row follows. */
export function uploadOf(door: Door, row: DocumentRow): JsonObject | undefined {
  const bytes = door.ports.files.bytes(row.path)
  if (bytes === undefined || door.sync.sha256(bytes) !== row.content_hash) return undefined
  const { path: _, ...rest } = row
  return {
    ...rest,
    manifest_version: '1',
    hash_algorithm: 'sha256',
    content_body: new TextDecoder().decode(bytes),
  }
}

function eligible({ files }: Pick<Ports, 'files'>, mission: Mission): readonly string[] {
  const top = new Set(files.list(mission.dir))
  const within = FOLDERS.filter(folder => top.has(folder)).flatMap(folder =>
    files.list(join(mission.dir, folder)).map(name => `${folder}/${name}`),
  )
  const tasks = files.list(join(mission.dir, 'tasks')).filter(name => /^WP.*\.md$/.test(name))
  return [
    ...TOP.filter(name => top.has(name)),
    ...within.filter(path => EXTENSION.test(path)),
    ...tasks.map(name => `tasks/${name}`),
  ]
}

function lookAt(door: Door, path: string, known: Known | undefined): Known | undefined {
  const stat = door.ports.files.stat(path)
  if (stat?.kind !== 'file' || stat.size > MAX_DOCUMENT) return undefined
  if (known !== undefined && known.size === stat.size && known.mtime === stat.mtimeMs) return known
  const bytes = door.ports.files.bytes(path)
  if (bytes === undefined || !isUtf8(bytes)) return undefined
  return { hash: door.sync.sha256(bytes), size: bytes.length, mtime: stat.mtimeMs }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    return true
  } catch {
    return false
  }
}

function knownOf(value: unknown): Known | undefined {
  if (!isObject(value)) return undefined
  const { hash, size, mtime } = value
  const whole = typeof hash === 'string' && typeof size === 'number' && typeof mtime === 'number'
  return whole ? { hash, size, mtime } : undefined
}

function indexed(
  mission: Mission,
  namespace: JsonObject,
  path: string,
  state: Known,
  at: string,
): QueuedFact {
  return {
    event_type: 'MissionDossierArtifactIndexed',
    aggregate_id: `${mission.slug}:${path}`,
    payload: {
      namespace,
      artifact_id: { mission_type: mission.type, path, artifact_class: classOf(path) },
      content_ref: { algorithm: 'sha256', hash: state.hash, size_bytes: state.size },
      indexed_at: at,
    },
  }
}

function classOf(path: string): string {
  if (path === 'spec.md') return 'input'
  if (path.startsWith('tasks/')) return 'workflow'
  return path.startsWith('research') || path.startsWith('checklists/') ? 'evidence' : 'output'
}

function snapshot(
  mission: Mission,
  namespace: JsonObject,
  now: Readonly<Record<string, Known>>,
  sha256: (text: string) => string,
  at: string,
): QueuedFact {
  const lines = Object.entries(now).map(([path, { hash }]) => `${path}:${hash}\n`)
  const hash = sha256(lines.sort().join(''))
  return {
    event_type: 'MissionDossierSnapshotComputed',
    aggregate_id: `${mission.slug}:${hash.slice(0, 16)}`,
    payload: {
      namespace,
      snapshot_hash: hash,
      algorithm: 'sha256',
      artifact_count: lines.length,
      anomaly_count: 0,
      computed_at: at,
    },
  }
}

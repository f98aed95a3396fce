/**
 * Who speaks: project, build and node (docs/sync.md). What `.kittify/config.yaml` says counts. What it does not say
 * is made once and kept in the git directory of the repository, so that a status command never dirties a tracked file.
 */
import { isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import type { ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import { basename, join } from '../text/paths.ts'
import { withoutEnd } from '../text/trim.ts'
import type { Ports } from '../world/ports.ts'
import type { SyncPorts } from '../world/sync-ports.ts'

export interface Identity {
  readonly projectUuid: string
  readonly projectSlug: string
  readonly buildId: string
  readonly nodeId: string
  /** `owner/repo`; null when there is no such remote. */
  readonly repoSlug: string | null
}

interface Door {
  readonly ports: Pick<Ports, 'env' | 'files' | 'ids'>
  readonly sync: Pick<SyncPorts, 'user' | 'sha256' | 'store'>
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Reads the identity, and makes and keeps what is missing. */
export function openIdentity(door: Door, project: Project, config: ProjectConfig): Identity {
  const { ports, sync } = door
  const told = isObject(config.raw.project) ? config.raw.project : {}
  const path = join(project.commonDir, 'spec-kitty', 'identity.json')
  const kept = readKept(ports.files.text(path))
  const projectUuid = uuidOf(told.uuid) ?? uuidOf(kept.project_uuid) ?? randomUuid(ports)
  const builds = isObject(kept.builds) ? kept.builds : {}
  const buildId = uuidOf(told.build_id) ?? uuidOf(builds[project.checkout]) ?? randomUuid(ports)
  const next = { project_uuid: projectUuid, builds: { ...builds, [project.checkout]: buildId } }
  const complete = uuidOf(told.uuid) !== undefined && uuidOf(told.build_id) !== undefined
  if (!complete && JSON.stringify(next) !== JSON.stringify(kept))
    // Several people may work in one repository: git gives its own files the mode that core.sharedRepository asks for.
    sync.store.replace(path, JSON.stringify(next), join(project.commonDir, 'config'))
  const origin = originOf(ports.files.text(join(project.commonDir, 'config')) ?? '')
  return {
    projectUuid,
    projectSlug: textOf(told.slug) ?? projectSlug(origin, project.root),
    buildId,
    nodeId: textOf(told.node_id) ?? sync.sha256(`${ports.env.hostname}:${sync.user}`).slice(0, 12),
    repoSlug: textOf(told.repo_slug) ?? repoSlug(origin),
  }
}

/** A random UUID of version 4. */
export function randomUuid(ports: Pick<Ports, 'ids'>): string {
  const hex = ports.ids.hex(32)
  const variant = '89ab'[Number.parseInt(hex[16] ?? '0', 16) % 4]
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
}

/** The URL of `origin` in the text of a git configuration. */
export function originOf(text: string): string | undefined {
  const section = /^[ \t]*\[remote "origin"\]([^[]*)/m.exec(text)?.[1]
  return section === undefined
    ? undefined
    : /^[ \t]*url[ \t]*=[ \t]*"?([^"\s][^"\r\n]*)/m.exec(section)?.[1]?.trimEnd()
}

/** Last segment of the remote, else the folder's name; lower case, blanks and `_` as `-`. */
export function projectSlug(origin: string | undefined, root: string): string {
  const name = withoutEnd(origin ?? '', '/\\')
    .split(/[/:\\]/)
    .at(-1)
    ?.replace(/\.git$/, '')
  return (name || basename(root)).toLowerCase().replace(/[_\s]+/g, '-')
}

/** `owner/repo` (or a longer group path) of an ssh, scp-like or http address; null for a local path. */
export function repoSlug(origin: string | undefined): string | null {
  if (origin === undefined || /^(file:|[/.~])/.test(origin)) return null
  const path =
    /^(?:https?|ssh|git):\/\/[^/]+\/(.+)$/.exec(origin)?.[1] ??
    /^(?:[^@/]+@)?[^/:]+:(?!\/)(.+)$/.exec(origin)?.[1]
  const slug = withoutEnd(path ?? '', '/').replace(/\.git$/, '')
  return slug.includes('/') ? slug : null
}

function readKept(text: string | undefined): JsonObject {
  try {
    const value: unknown = parseJson(text ?? '{}')
    return isObject(value) ? value : {}
  } catch {
    return {}
  }
}

function uuidOf(value: unknown): string | undefined {
  return typeof value === 'string' && UUID.test(value) ? value.toLowerCase() : undefined
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

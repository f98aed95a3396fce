/** One grammar for naming a mission, used by every command. */
import { KittyError, type Restore } from '@spec-kitty/contracts/errors'
import { mid8 } from '@spec-kitty/contracts/ids'
import { isObject, type JsonObject, parseJson, parseObject } from '@spec-kitty/contracts/json'
import { listed, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { isBranchName } from '../../text/branch-name.ts'
import { basename, isInside, join, relativeTo } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import { gitPath, type Project } from '../project/locate.ts'

export interface Mission {
  /** Name of its directory. */
  readonly slug: string
  /** Absolute. */
  readonly dir: string
  /** Its directory as git has it: `kitty-specs/<slug>`, below the project's folder where that is not the top. */
  readonly rel: string
  /** ULID; null in missions older than identities. */
  readonly id: string | null
  readonly number: number | null
  readonly type: string
  readonly targetBranch: string
  /** Where its bookkeeping is committed until it has landed: the target, or a branch beside one that the forge alone changes. */
  readonly homeBranch: string
  /** Branch of the Python edition's coordination topology, null for a flat mission. */
  readonly coordination: string | null
  /** meta.json as it is, unknown keys included. */
  readonly meta: JsonObject
}

type Where = Pick<Ports, 'files'>

/** All missions of the project, by directory name. A malformed meta.json counts as empty here. */
export function listMissions(ports: Where, project: Project): readonly Mission[] {
  const home = join(project.root, 'kitty-specs')
  return ports.files
    .list(home)
    .filter(name => !name.startsWith('.') && ports.files.stat(join(home, name))?.kind === 'directory')
    .map(name => missionAt(ports, project, name))
}

/** The mission in a directory of that name, which is there. A malformed meta.json counts as empty. */
export function missionAt(ports: Where, project: Project, name: string): Mission {
  const path = join(project.root, 'kitty-specs', name, 'meta.json')
  return describe(project, name, parseObject(ports.files.text(path) ?? '') ?? {})
}

/**
 * The mission a handle names: directory name, ULID, mid8 in any case, number, or slug with or without its
 * number or mid8. Without a handle: the mission of the lane worktree the user stands in, or the only active one.
 * Throws `mission_not_found`, `ambiguous_mission`, `mission_required`, `file_malformed` (its meta.json).
 */
export function resolveMission(ports: Where, project: Project, named: string | undefined): Mission {
  // A shell completes the path of the mission's directory.
  const handle = named?.replace(/^(?:\.\/)?kitty-specs\//, '').replace(/\/$/, '')
  const exact = handle === undefined ? undefined : exactName(ports, project, handle)
  const slug = exact ?? choose(ports, project, handle).slug
  const path = join(project.root, 'kitty-specs', slug, 'meta.json')
  const text = ports.files.text(path)
  return describe(project, slug, text === undefined ? {} : parseMeta(path, text))
}

function exactName(ports: Where, project: Project, handle: string): string | undefined {
  if (!/^[\w.-]+$/.test(handle) || handle.startsWith('.')) return undefined
  const known = ports.files.stat(join(project.root, 'kitty-specs', handle))?.kind === 'directory'
  return known ? handle : undefined
}

function choose(ports: Where, project: Project, handle: string | undefined): Mission {
  const missions = listMissions(ports, project)
  const found = handle === undefined ? inferred(missions, project) : matching(missions, handle)
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  if (missions.length === 0) throw none(ports, project, handle)
  if (handle === undefined) throw required(missions)
  throw first === undefined ? notFound(handle, missions) : ambiguous(handle, found)
}

/** The first kind of name that matches anything decides; within it there may be several. */
function matching(missions: readonly Mission[], handle: string): readonly Mission[] {
  const upper = handle.toUpperCase()
  const kinds: readonly ((mission: Mission) => boolean)[] = [
    mission => mission.id !== null && mission.id === upper,
    mission => mission.id !== null && mid8(mission.id) === upper,
    mission => humanSlugs(mission).includes(handle),
    mission => numberOf(mission) === handle.replace(/^0+(?=\d)/, ''),
  ]
  for (const matches of kinds) {
    const found = missions.filter(matches)
    if (found.length > 0) return found
  }
  return []
}

/** `034-alpha-01KQW4DF` is also `alpha-01KQW4DF`, `034-alpha` and `alpha`. */
function humanSlugs(mission: Mission): readonly string[] {
  const tail = mission.id === null ? '' : `-${mid8(mission.id)}`
  const cut = (slug: string): string =>
    tail !== '' && slug.endsWith(tail) ? slug.slice(0, -tail.length) : slug
  const bare = mission.slug.replace(/^\d{3}-/, '')
  return [mission.slug, bare, cut(mission.slug), cut(bare)]
}

function numberOf(mission: Mission): string | undefined {
  const prefix = /^(\d{3})-/.exec(mission.slug)?.[1]
  if (prefix !== undefined) return String(Number(prefix))
  return mission.number === null ? undefined : String(mission.number)
}

function inferred(missions: readonly Mission[], project: Project): readonly Mission[] {
  const lane = laneDirectory(project)
  if (lane !== undefined) {
    const owners = missions.filter(mission => lane.startsWith(`${mission.slug}-`))
    if (owners.length > 0) return owners.toSorted((a, b) => b.slug.length - a.slug.length).slice(0, 1)
  }
  if (missions.length <= 1) return missions
  return missions.filter(isActive)
}

function laneDirectory(project: Project): string | undefined {
  const home = join(project.root, '.worktrees')
  if (project.checkout === home || !isInside(home, project.checkout)) return undefined
  return basename(relativeTo(home, project.checkout))
}

/** Not merged and not closed, as far as meta.json tells. */
export function isActive(mission: Mission): boolean {
  const { meta } = mission
  return (
    meta.merged_at === undefined && meta.baseline_merge_commit === undefined && meta.closed_at === undefined
  )
}

function describe(project: Project, slug: string, meta: JsonObject): Mission {
  const text = (key: string): string | null => {
    const value = meta[key]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const target = text('target_branch') ?? 'main'
  const landed = meta.merged_at !== undefined || meta.baseline_merge_commit !== undefined
  return {
    slug,
    dir: join(project.root, 'kitty-specs', slug),
    rel: gitPath(project, `kitty-specs/${slug}`),
    id: text('mission_id'),
    number: typeof meta.mission_number === 'number' ? meta.mission_number : null,
    type: text('mission_type') ?? text('mission') ?? 'software-dev',
    targetBranch: target,
    homeBranch: landed ? target : (text('home_branch') ?? target),
    coordination: text('coordination_branch'),
    meta,
  }
}

/** Throws `file_malformed`. */
function parseMeta(path: string, text: string): JsonObject {
  let meta: unknown
  try {
    meta = parseJson(text)
  } catch (cause) {
    throw malformed(path, cause)
  }
  if (!isObject(meta)) throw malformed(path)
  for (const key of ['target_branch', 'home_branch']) {
    const name = meta[key]
    if (typeof name === 'string' && name !== '' && !isBranchName(name))
      throw malformed(path, new Error(`"${key}" is no name of a branch: ${JSON.stringify(name)}`))
  }
  return meta
}

/** Where no copy can be read, it is set aside, and doctor makes one. */
export function metaRestore(path: string): Restore {
  return {
    path,
    read: text => parseMeta(path, text),
    otherwise: sh`mv ${path} ${`${path}.broken`} && spec-kitty doctor --fix`,
  }
}

function malformed(path: string, cause?: unknown): KittyError {
  const reason = cause instanceof Error ? cause.message : 'it is not a JSON object'
  return new KittyError('file_malformed', `Cannot read ${path}: ${reason}`, {
    hint: sh`Mend it, or look for its last good version: git log -- ${path}`,
    data: { path },
    restore: metaRestore(path),
    cause,
  })
}

function candidates(missions: readonly Mission[]): JsonObject[] {
  return missions.map(mission => ({
    mission_slug: mission.slug,
    mission_id: mission.id,
    mid8: mission.id === null ? null : mid8(mission.id),
  }))
}

function notFound(handle: string, missions: readonly Mission[], remedy?: Remedy): KittyError {
  const known = missions.map(mission => mission.slug)
  const more = known.length > 8 ? sh` … (spec-kitty mission list)` : sh``
  return new KittyError('mission_not_found', `No mission is called '${handle}'`, {
    hint: remedy ?? sh`Missions here: ${listed(known.slice(0, 8))}${part(more)}`,
    // 3.2.0 puts the code word into `error`; scripts look for it there.
    data: {
      error: 'mission_not_found',
      handle,
      message: `No mission is called '${handle}'`,
      available_missions: known,
    },
  })
}

function ambiguous(handle: string, found: readonly Mission[]): KittyError {
  const names = found.map(mission => mission.slug).join(', ')
  return new KittyError(
    'ambiguous_mission',
    `Mission handle '${handle}' matches multiple missions: ${names}`,
    {
      hint: sh`Pass the full directory name, such as --mission ${found[0]?.slug ?? ''}`,
      data: { handle, candidates: candidates(found) },
    },
  )
}

/** The repository has no mission at all, perhaps not even a project. */
function none(ports: Where, project: Project, handle: string | undefined): KittyError {
  const initialized = ports.files.stat(join(project.root, '.kittify')) !== undefined
  const hint = initialized
    ? sh`Make one: spec-kitty agent mission create my-feature`
    : sh`Make one: spec-kitty init --ai claude && spec-kitty agent mission create my-feature`
  if (handle !== undefined) return notFound(handle, [], hint)
  return new KittyError('mission_required', 'This repository has no mission yet', { hint })
}

function required(missions: readonly Mission[]): KittyError {
  return new KittyError('mission_required', '--mission <slug> is required: there are several missions', {
    hint: sh`Pass --mission with one of: ${listed(missions.slice(0, 8).map(mission => mission.slug))}`,
    data: { candidates: candidates(missions) },
  })
}

/** The files `tasks/WPnn-….md` of a mission: found by name, read leniently, so that one bad file does not hide the others. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isArray, isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { basename, join } from '../../text/paths.ts'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import { normalizeWp } from './document.ts'
import { bodyOf, type FrontMatterFile, readFrontMatter } from './front-matter.ts'

export interface WorkPackage {
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** File name without `.md`: the folder of its review cycles. */
  readonly stem: string
  readonly title: string
  readonly file: FrontMatterFile
  readonly body: string
  readonly dependencies: readonly string[]
  readonly subtasks: readonly string[]
  readonly ownedFiles: readonly string[]
  /** Upper case. */
  readonly requirementRefs: readonly string[]
  /** The agent that works on it, or did last. */
  readonly agent: string | null
  readonly assignee: string | null
  readonly shellPid: string | null
  /** Recorded when work began; null before. */
  readonly baseCommit: string | null
}

export interface WorkPackages {
  /** By id. */
  readonly found: readonly WorkPackage[]
  /** Files that could not be read, each with file and line. */
  readonly problems: readonly KittyError[]
}

type Where = Pick<Ports, 'files' | 'yaml'>

const FILE = /^WP(\d+)(?:[-_.].*)?\.md$/

/** The id a person typed (`WP01`, `wp1`) or a file name begins with, as `WP01`; undefined when it is none. */
export function readWpId(text: string): string | undefined {
  const digits = /^WP(\d+)$/i.exec(text.trim())?.[1]
  return digits === undefined ? undefined : normalizeWp(digits)
}

/** The same for what may carry more than the id: `WP01-slug` names WP01. */
export function normalizeWpId(text: string): string | undefined {
  return readWpId(text.trim().replace(/[-_.].*$/, ''))
}

/** Paths of the work package files, absolute, by id in their names. */
export function listWpFiles(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir'>,
): readonly { readonly id: string; readonly path: string }[] {
  const { tasksDir } = missionPaths(mission)
  return ports.files
    .list(tasksDir)
    .flatMap(name => {
      const digits = FILE.exec(name)?.[1]
      return digits === undefined ? [] : [{ id: normalizeWp(digits), path: join(tasksDir, name) }]
    })
    .sort(byId)
}

/** Ids that files in the folder claim, without repeats. */
export function listWpIds(ports: Pick<Ports, 'files'>, mission: Pick<Mission, 'dir'>): readonly string[] {
  return [...new Set(listWpFiles(ports, mission).map(({ id }) => id))]
}

/** Throws `wp_not_found` for an id that no file claims. */
export function requireWpFile(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir' | 'rel'>,
  wpId: string,
): void {
  const files = listWpFiles(ports, mission)
  if (!files.some(({ id }) => id === wpId)) throw notFound(mission, wpId, files)
}

/** The work package of an id. Throws `wp_not_found`, `file_malformed` (two files for one id; front matter). */
export async function findWorkPackage(
  ports: Where,
  mission: Pick<Mission, 'dir' | 'rel'>,
  text: string,
): Promise<WorkPackage> {
  const id = normalizeWpId(text)
  const files = listWpFiles(ports, mission)
  const [first, second] = files.filter(file => file.id === id)
  if (first === undefined) throw notFound(mission, text, files)
  if (second !== undefined) {
    const names = `${basename(first.path)} and ${basename(second.path)}`
    throw new KittyError('file_malformed', `Two files claim to be ${first.id}: ${names}`, {
      hint: sh`Remove or rename one of them in ${mission.rel}/tasks`,
      data: { wp_id: first.id },
    })
  }
  return readWpFile(ports, first)
}

function notFound(
  mission: Pick<Mission, 'rel'>,
  text: string,
  files: readonly { readonly id: string }[],
): KittyError {
  const known = files.map(file => file.id)
  return new KittyError('wp_not_found', `Work package '${text}' not found under ${mission.rel}/tasks.`, {
    hint:
      known.length === 0 ? sh`Write ${mission.rel}/tasks/WP01-….md first` : sh`There are: ${listed(known)}`,
    data: { wp_id: text },
  })
}

/** All work packages; a file that cannot be read is reported, not thrown. */
export async function readWorkPackages(ports: Where, mission: Pick<Mission, 'dir'>): Promise<WorkPackages> {
  const found: WorkPackage[] = []
  const problems: KittyError[] = []
  for (const file of listWpFiles(ports, mission)) {
    try {
      found.push(await readWpFile(ports, file))
    } catch (error) {
      if (!(error instanceof KittyError)) throw error
      problems.push(error)
    }
  }
  return { found, problems }
}

/** All work packages, each of which must be readable. Throws the first problem. */
export async function requireWorkPackages(
  ports: Where,
  mission: Pick<Mission, 'dir'>,
): Promise<readonly WorkPackage[]> {
  const { found, problems } = await readWorkPackages(ports, mission)
  const [first] = problems
  if (first !== undefined) throw first
  return found
}

async function readWpFile(ports: Where, { id, path }: { id: string; path: string }): Promise<WorkPackage> {
  const file = await readFrontMatter(ports, path, ports.files.text(path) ?? '')
  const { fields } = file
  const commit = wordOf(fields.base_commit)
  return {
    id,
    path,
    stem: basename(path).replace(/\.md$/, ''),
    title: wordOf(fields.title) ?? wordOf(fields.work_package_title) ?? id,
    file,
    body: bodyOf(file),
    dependencies: wordsOf(fields.dependencies).flatMap(word => readWpId(word) ?? []),
    subtasks: wordsOf(fields.subtasks),
    ownedFiles: wordsOf(fields.owned_files),
    requirementRefs: wordsOf(fields.requirement_refs).map(ref => ref.toUpperCase()),
    agent: agentOf(fields) ?? null,
    assignee: wordOf(fields.assignee) ?? null,
    shellPid: wordOf(fields.shell_pid) ?? null,
    baseCommit: commit !== undefined && /^[0-9a-f]{7,64}$/.test(commit) ? commit : null,
  }
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return Number(a.id.slice(2)) - Number(b.id.slice(2))
}

/** A scalar as trimmed text; undefined when blank or no scalar. */
export function wordOf(value: Json | undefined): string | undefined {
  if (typeof value === 'number') return String(value)
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined
}

/** A list, or the comma-separated text of old files (`"[]"`, `"WP01, WP02"`). */
export function wordsOf(value: Json | undefined): readonly string[] {
  if (isArray(value)) return value.flatMap(item => wordOf(item) ?? [])
  const text = wordOf(value)?.replace(/^\[|\]$/g, '')
  return text === undefined ? [] : text.split(',').flatMap(item => wordOf(item) ?? [])
}

/** Who works on it, or did last: a name, `tool:model:profile:role`, or a mapping with `tool` (docs/formats.md). */
export function agentOf(fields: JsonObject): string | undefined {
  const { agent } = fields
  return (isObject(agent) ? wordOf(agent.tool) : wordOf(agent)?.split(':')[0])?.trim()
}

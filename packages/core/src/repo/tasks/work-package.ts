/** The files `tasks/WPnn-….md` of a mission: found by name, read leniently, so that one bad file does not hide the others. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isObject, type JsonObject } from '@spec-kitty/contracts/json'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { basename } from '../../text/paths.ts'
import { readWpId, sameWp, spelling, wpId, wpKey } from '../../text/wp-id.ts'
import { keep } from '../../world/kept.ts'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import { missionPaths } from '../mission/paths.ts'
import { parseDependencies } from './dependencies.ts'
import { readTasks, type TasksDocument } from './document.ts'
import { bodyOf, type FrontMatterFile, readFrontMatter } from './front-matter.ts'
import { dependencyList, idList, type ReadList, refList, wordList, wordOf } from './lists.ts'

export interface WorkPackage {
  /** As its file spells it: `WP01`, `WP001`. */
  readonly id: string
  /** Absolute. */
  readonly path: string
  /** File name without `.md`: the folder of its review cycles. */
  readonly stem: string
  readonly title: string
  readonly file: FrontMatterFile
  readonly body: string
  /**
   * What it builds on, as the files spell it: see `dependenciesOf`. An entry that nobody can read stands here as it is
   * written, so that it holds the package back: no package of that name is ever approved.
   */
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

/** What the front matter says: the file is read no further. */
export type PackageFront = Omit<WorkPackage, 'file' | 'body'>

export interface WorkPackages<T = WorkPackage> {
  /** By id. */
  readonly found: readonly T[]
  readonly unread: readonly UnreadPackage[]
}

/** A file of a work package that could not be read. */
export interface UnreadPackage {
  readonly id: string
  /** Names file and line. */
  readonly error: KittyError
}

type Where = Pick<Ports, 'files' | 'yaml' | 'kept'>

const FILE = /^WP(\d{1,9})(?:[-_.].*)?\.md$/i

/** The id at the beginning of what may carry more: `WP01-slug` names WP01; undefined when there is none. */
export function normalizeWpId(text: string): string | undefined {
  return readWpId(text.trim().replace(/[-_.].*$/s, ''))
}

export interface WpFile {
  readonly id: string
  /** Absolute. */
  readonly path: string
}

/** The files of the work packages by the ids in their names; two for one id where both claim to be it. */
export function listWpFiles(
  ports: Pick<Ports, 'files' | 'kept'>,
  mission: Pick<Mission, 'dir'>,
): readonly WpFile[] {
  const { tasksDir } = missionPaths(mission)
  const groups = keep(ports, 'packages', tasksDir, () => groupFiles(ports, tasksDir))
  return groups.flatMap(group => (group.length > 1 ? claimants(ports, group) : group))
}

/** The files of each id, by id. */
function groupFiles(ports: Pick<Ports, 'files'>, tasksDir: string): readonly (readonly WpFile[])[] {
  const byNumber = new Map<number, WpFile[]>()
  for (const name of ports.files.list(tasksDir)) {
    const digits = FILE.exec(name)?.[1]
    if (digits === undefined) continue
    const file = { id: wpId(digits), path: `${tasksDir}/${name}` }
    const group = byNumber.get(Number(digits))
    if (group === undefined) byNumber.set(Number(digits), [file])
    else group.push(file)
  }
  return [...byNumber].sort(([a], [b]) => a - b).map(([, group]) => group)
}

/** `WP01-review-notes.md` beside WP01: of several files those count whose front matter says most clearly what they are. */
function claimants(ports: Pick<Ports, 'files'>, group: readonly WpFile[]): readonly WpFile[] {
  const rank = ({ path }: WpFile): number => {
    const text = ports.files.text(path) ?? ''
    if (!/^\uFEFF?---/.test(text)) return 0
    return /^work_package_id:/m.test(text) ? 2 : 1
  }
  const best = Math.max(...group.map(rank))
  return group.filter(file => rank(file) === best)
}

/** Ids that files in the folder claim, without repeats. */
export function listWpIds(ports: Pick<Ports, 'files'>, mission: Pick<Mission, 'dir'>): readonly string[] {
  return [...new Set(listWpFiles(ports, mission).map(({ id }) => id))]
}

/** The id as its file spells it. Throws `wp_not_found` for one that no file claims. */
export function requireWpId(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir' | 'rel'>,
  text: string,
): string {
  const files = listWpFiles(ports, mission)
  const found = files.find(({ id }) => sameWp(id, text.trim()))
  if (found === undefined) throw notFound(mission, text, files)
  return found.id
}

/** The work package of an id. Throws `wp_not_found`, `file_malformed` (two files for one id; front matter). */
export async function findWorkPackage(
  ports: Where,
  mission: Pick<Mission, 'dir' | 'rel'>,
  text: string,
): Promise<WorkPackage> {
  const id = normalizeWpId(text)
  const files = listWpFiles(ports, mission)
  const [first, second] = id === undefined ? [] : files.filter(file => sameWp(file.id, id))
  if (first === undefined) throw notFound(mission, text, files)
  if (second !== undefined) {
    const names = `${basename(first.path)} and ${basename(second.path)}`
    throw new KittyError('file_malformed', `Two files claim to be ${first.id}: ${names}`, {
      hint: sh`Remove or rename one of them in ${mission.rel}/tasks`,
      data: { wp_id: first.id },
    })
  }
  // Of one package the others' sections need not be read.
  const inTasks = () => statedFor(readTasks(ports, mission), first.id).get(wpKey(first.id)) ?? []
  return readWpFile(ports, first, { spell: spellingOf(files), inTasks })
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
export function readWorkPackages(ports: Where, mission: Pick<Mission, 'dir'>): Promise<WorkPackages> {
  return readEach(ports, mission, (file, stated) => readWpFile(ports, file, stated))
}

/** The same, of each file no more than its front matter. */
export function readPackageFronts(
  ports: Where,
  mission: Pick<Mission, 'dir'>,
): Promise<WorkPackages<PackageFront>> {
  return readEach(ports, mission, (file, stated) => readWpFile(ports, file, stated, 'front'))
}

async function readEach<T>(
  ports: Where,
  mission: Pick<Mission, 'dir'>,
  read: (file: WpFile, stated: Stated) => Promise<T>,
): Promise<WorkPackages<T>> {
  const found: T[] = []
  const unread: UnreadPackage[] = []
  const files = listWpFiles(ports, mission)
  const stated = statedIn(ports, mission, files)
  for (const file of files) {
    try {
      found.push(await read(file, stated))
    } catch (error) {
      if (!(error instanceof KittyError)) throw error
      unread.push({ id: file.id, error })
    }
  }
  return { found, unread }
}

/** All work packages, each of which must be readable. Throws the first problem. */
export async function requireWorkPackages(
  ports: Where,
  mission: Pick<Mission, 'dir'>,
): Promise<readonly WorkPackage[]> {
  const { found, unread } = await readWorkPackages(ports, mission)
  const [first] = unread
  if (first !== undefined) throw first.error
  return found
}

/** What tasks.md and the names of the files add to one file. */
interface Stated {
  readonly spell: (id: string) => string
  /** Dependencies that tasks.md states for a package. */
  readonly inTasks: (id: string) => readonly string[]
}

/** tasks.md is read when the first package asks, and once. */
function statedIn(ports: Where, mission: Pick<Mission, 'dir'>, files: readonly WpFile[]): Stated {
  const { tasksFile } = missionPaths(mission)
  let inTasks: ReadonlyMap<string, readonly string[]> | undefined
  return {
    spell: spellingOf(files),
    inTasks: id => {
      inTasks ??= keep(ports, 'dependencies', tasksFile, () => statedFor(readTasks(ports, mission)))
      return inTasks.get(wpKey(id)) ?? []
    },
  }
}

function spellingOf(files: readonly WpFile[]): Stated['spell'] {
  return spelling(files.map(file => file.id))
}

/** Dependencies that tasks.md states, by the number of the package. */
function statedFor(document: TasksDocument, only?: string): ReadonlyMap<string, readonly string[]> {
  const { byWp } = parseDependencies(document, only)
  return new Map([...byWp].map(([wp, ids]) => [wpKey(wp), ids]))
}

/**
 * What a package depends on, for everybody who asks: what its front matter says; where that is silent, an explicit `[]`
 * included, what tasks.md says. A stated dependency is never dropped.
 */
export function dependenciesOf(
  own: ReadList,
  stated: readonly string[],
  spell: Stated['spell'],
): readonly string[] {
  const listed = own.read.length + own.unread.length > 0 ? [...own.read, ...own.unread] : stated
  return [...new Set(listed.map(spell))]
}

async function readWpFile(
  ports: Where,
  file: WpFile,
  stated: Stated,
  part: 'text' | 'front' = 'text',
): Promise<WorkPackage> {
  const { own, wp } = await keep(ports, `package ${part}`, file.path, () => readAlone(ports, file, part))
  const silent = own.read.length + own.unread.length === 0
  return { ...wp, dependencies: dependenciesOf(own, silent ? stated.inTasks(wp.id) : [], stated.spell) }
}

/** A conflict that was committed as git left it: a copy from before is better than advice about a line. */
function conflicted(cause: unknown, path: string, text: string): unknown {
  if (!(cause instanceof KittyError) || !MARKER.test(text)) return cause
  const read = (copy: string): void => {
    if (MARKER.test(copy)) throw cause
  }
  const restore = { path, read, otherwise: sh`Resolve the conflict in ${path}` }
  return new KittyError(cause.code, cause.message, { hint: cause.hint, data: cause.data, restore, cause })
}

const MARKER = /^(?:<<<<<<<|>>>>>>>) /m

/** What the file says by itself. */
async function readAlone(
  ports: Where,
  { id, path }: WpFile,
  part: 'text' | 'front',
): Promise<{ readonly own: ReadList; readonly wp: Omit<WorkPackage, 'dependencies'> }> {
  const text = ports.files[part](path) ?? ''
  const file = await readFrontMatter(ports, path, text).catch(cause => {
    throw conflicted(cause, path, text)
  })
  const { fields } = file
  const commit = wordOf(fields.base_commit)
  const wp = {
    id,
    path,
    stem: basename(path).replace(/\.md$/i, ''),
    title: wordOf(fields.title) ?? wordOf(fields.work_package_title) ?? id,
    file,
    body: bodyOf(file),
    subtasks: idList(fields.subtasks).read,
    ownedFiles: wordList(fields.owned_files).read,
    requirementRefs: refList(fields.requirement_refs).read,
    agent: agentOf(fields) ?? null,
    assignee: wordOf(fields.assignee) ?? null,
    shellPid: wordOf(fields.shell_pid) ?? null,
    baseCommit: commit !== undefined && /^[0-9a-f]{7,64}$/.test(commit) ? commit : null,
  }
  return { own: dependencyList(fields), wp }
}

/** The entry for an agent; the same one again keeps what else its entry says (`{tool: claude, model: opus}`, `claude:opus`). */
export function agentEdit(fields: JsonObject, agent: string | undefined): { readonly agent?: string } {
  return agent === undefined || agent === agentOf(fields) ? {} : { agent }
}

/** Who works on it, or did last: a name, `tool:model:profile:role`, or a mapping with `tool` (docs/formats.md). */
export function agentOf(fields: JsonObject): string | undefined {
  const { agent } = fields
  return (isObject(agent) ? wordOf(agent.tool) : wordOf(agent)?.split(':')[0])?.trim()
}

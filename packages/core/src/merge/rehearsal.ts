/** The last step of a merge, which alone touches files, gone through beforehand without touching one. */
import { isComputed } from '../repo/lanes/combine.ts'
import { freeName } from '../repo/project/covered.ts'
import { dirname, join } from '../text/paths.ts'
import type { Objects, Ports } from '../world/ports.ts'
import { type MergeFacts, uncommittedBookkeeping } from './facts.ts'
import type { Road } from './forecast.ts'
import type { Ledger } from './ledger.ts'

/** What keeps git from moving the files of the checkout. */
export interface Obstacle {
  /** Paths that git would not overwrite, as far as they can be told. */
  readonly paths: readonly InTheWay[]
  /** What git says. */
  readonly words: string
}

export interface InTheWay {
  readonly path: string
  /** `bookkeeping`: the mission's own, which the lanes change too. */
  readonly kind: 'tracked' | 'hidden' | 'untracked' | 'ignored' | 'bookkeeping'
  /** Of a hidden one: the option of `git update-index` that shows it again. */
  readonly option?: string
  /** Of an ignored one: a free absolute path beside it. */
  readonly aside?: string
}

/**
 * Git's own dry run of the move of the checkout; undefined when it would go, or when none is to be moved. Git is not
 * asked where nothing can stop it.
 */
export async function rehearse(
  ports: Ports,
  objects: Objects,
  facts: MergeFacts,
  road: Road,
  ledger: Ledger,
): Promise<Obstacle | undefined> {
  const { standing, target, missionTip, project } = facts
  const [from, to] = standing.onTarget ? [target, ledger.tree] : [missionTip, road.lanesTree]
  if (from === null || facts.byRequest || !(standing.onTarget || standing.onMission)) return undefined
  const uncommitted = new Set(uncommittedBookkeeping(facts))
  const adopted = standing.onTarget ? ledger.files.filter(({ path }) => uncommitted.has(path)) : []
  const words = (await isFree(ports, objects, facts, from, to))
    ? undefined
    : await ports.git.rehearseMove(project.top, from, to, adopted)
  const both = await changedTwice(objects, facts, road, uncommitted)
  // Git writes over files that it ignores without a word.
  const taken = await somethingThere(ports, objects, facts, from, to)
  if (words === undefined && both.length === 0 && !taken) return undefined
  const blocked = words === undefined && !taken ? [] : await inTheWay(ports, objects, facts, from, to)
  const paths = new Map([...both, ...blocked].map(item => [item.path, item]))
  return { paths: [...paths.values()], words: words ?? '' }
}

/** Names that no platform and no rule of git objects to. */
const PLAIN = /^(?!.*(?:^|\/)\.git)[\w./+@ -]+$/i

/** True when every file is as git left it and each new one comes to a place where nothing is. */
async function isFree(
  ports: Ports,
  objects: Objects,
  { standing, project }: MergeFacts,
  from: string,
  to: string,
): Promise<boolean> {
  if (!standing.quiet) return false
  const changes = await objects.diff(from, to)
  return changes.every(
    ({ path, added }) => PLAIN.test(path) && (!added || placeOf(ports, project.top, path) === undefined),
  )
}

/** True when a new file would be written where something lies that git does not follow. */
async function somethingThere(
  ports: Ports,
  objects: Objects,
  facts: MergeFacts,
  from: string,
  to: string,
): Promise<boolean> {
  const { project } = facts
  const own = new Set(uncommittedBookkeeping(facts))
  for (const { path, added } of await objects.diff(from, to)) {
    const there = added && !own.has(path) ? placeOf(ports, project.top, path) : undefined
    if (there !== undefined && (await objects.find(from, there)) === undefined) return true
  }
  return false
}

/** What lies at a path, or above it where a folder would have to be. */
function placeOf(ports: Ports, top: string, path: string): string | undefined {
  return [path, ...parents(path)].find(at => isFileOn(ports, join(top, at), at === path))
}

/** Uncommitted bookkeeping goes along; where the lanes change the same file, one of the two would be lost. */
async function changedTwice(
  objects: Objects,
  { standing, target, mission }: MergeFacts,
  road: Road,
  uncommitted: ReadonlySet<string>,
): Promise<readonly InTheWay[]> {
  if (!standing.onTarget || target === null || uncommitted.size === 0) return []
  return (await objects.diff(target, road.tree))
    .filter(({ path }) => uncommitted.has(path) && !isComputed(mission, path))
    .map(({ path }) => ({ path, kind: 'bookkeeping' }))
}

/** Of the files that change, those that git would not overwrite: by the index and by what it was told to overlook. */
async function inTheWay(
  ports: Ports,
  objects: Objects,
  facts: MergeFacts,
  from: string,
  to: string,
): Promise<readonly InTheWay[]> {
  const { project, mission } = facts
  const own = new Set(uncommittedBookkeeping(facts))
  const hidden = await ports.git.hiddenFiles(project.top)
  // What the facts did not need: untracked files anywhere.
  const dirt = new Map((await ports.git.status(project.top)).map(entry => [entry.path, entry.code]))
  const found: InTheWay[] = []
  for (const { path, added } of await objects.diff(from, to)) {
    if (isComputed(mission, path) || own.has(path)) continue
    const option = hidden.get(path)
    if (option !== undefined) found.push({ path, kind: 'hidden', option })
    else if (!added && dirt.has(path)) found.push({ path, kind: 'tracked' })
    const there = added ? placeOf(ports, project.top, path) : undefined
    if (there === undefined) continue
    const untracked = [...dirt].some(
      ([at, code]) => code === '??' && (at === there || at.startsWith(`${there}/`)),
    )
    if (untracked) found.push({ path: there, kind: 'untracked' })
    else if ((await objects.find(from, there)) === undefined) {
      const aside = freeName(ports.files, join(project.top, there))
      found.push({ path: there, kind: 'ignored', aside })
    }
  }
  return found
}

function parents(path: string): readonly string[] {
  const parent = dirname(path)
  return parent === '.' ? [] : [parent, ...parents(parent)]
}

/** Something is there: anything at the place itself, no directory above it. */
function isFileOn(ports: Pick<Ports, 'files'>, path: string, itself: boolean): boolean {
  const kind = ports.files.stat(path)?.kind
  return kind !== undefined && (itself || kind !== 'directory')
}

/** Required filters of the files that would be written; a file without one costs nothing. */
export async function filterProblem(
  ports: Ports,
  facts: MergeFacts,
  { changes }: Ledger,
): Promise<string | undefined> {
  const { settings, standing, project } = facts
  const required = [...settings].some(
    ([key, value]) => /^filter\..+\.required$/.test(key) && value !== 'false',
  )
  if (!required || !standing.onTarget) return undefined
  const files = changes.flatMap(({ path, blob, mode }) =>
    blob === null || mode === null ? [] : [{ path, blob, mode }],
  )
  return ports.git.filterProblem(project.top, files)
}

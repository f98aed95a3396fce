/** What is uncommitted in a lane's worktree, and the commands that keep it: one reading and one remedy for all who ask. */
import { joined, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { basename, dirname, isInside, join, resolvePath } from '../../text/paths.ts'
import type { Files, StatusEntry } from '../../world/ports.ts'
import { gitDirectory } from '../project/locate.ts'
import { isLitter } from './litter.ts'

/** A directory with a `.git` of its own, of which git would take in nothing but a link. */
export interface Nested {
  /** Relative to the worktree, with `/` at its end. */
  readonly path: string
  /** A worktree of this very repository. */
  readonly linked: boolean
  /** Git knows it where it was before the worktree around it was moved. */
  readonly astray: boolean
  /** There is something in it beside its `.git`. */
  readonly filled: boolean
  /** The worktree leaves out a part of the tree. */
  readonly sparse: boolean
  /** A free absolute path for what is taken out of the lane: its `.git`, or the linked worktree. */
  readonly shelf: string
}

export interface LaneDirt {
  /** Relative to the worktree; leftovers of an edition are not counted. */
  readonly paths: readonly string[]
  /** Those of them that are repositories of their own. */
  readonly nested: readonly Nested[]
  /** Those of the others that have to be given to `git add`. */
  readonly stageable: readonly string[]
  /** Git follows all of those already: then it need not be asked whether one lies in a folder that it is to ignore. */
  readonly followed: boolean
  /** The worktree leaves out a part of the tree: git adds nothing there unless told to. */
  readonly sparse: boolean
  /** Leftovers of an edition, which go with the worktree. */
  readonly litter: readonly string[]
}

export const NO_DIRT: LaneDirt = {
  paths: [],
  nested: [],
  stageable: [],
  followed: false,
  sparse: false,
  litter: [],
}

type Disk = Pick<Files, 'text' | 'stat' | 'list'>

/** Of what `git status` says of the worktree at `place`. `commonDir`: the git directory of the repository. */
export function laneDirt(
  files: Disk,
  commonDir: string,
  place: string,
  entries: readonly StatusEntry[],
): LaneDirt {
  if (entries.length === 0) return NO_DIRT
  const litter = entries.map(({ path }) => path).filter(path => isLitter(files, place, path))
  const ours = entries.filter(({ path }) => !litter.includes(path))
  const inner = ours.filter(
    ({ path }) => path.endsWith('/') && files.stat(join(place, path, '.git')) !== undefined,
  )
  const plain = ours.filter(entry => !inner.includes(entry))
  return {
    paths: ours.map(({ path }) => path),
    nested: inner.map(({ path }) => nestedAt(files, commonDir, place, path)),
    stageable: stageable(plain),
    followed: plain.every(({ code }) => code !== '??'),
    sparse: isSparse(files, place),
    litter,
  }
}

function isSparse(files: Disk, place: string): boolean {
  return files.stat(join(gitDirectory(files, place), 'info/sparse-checkout')) !== undefined
}

/** The repository in the directory `path` of the worktree at `place`. */
export function nestedAt(files: Disk, commonDir: string, place: string, path: string): Nested {
  const pointer = files.stat(join(place, path, '.git'))?.kind === 'file'
  const gitDir = pointer
    ? /^gitdir: (.+)$/m.exec(files.text(join(place, path, '.git')) ?? '')?.[1]
    : undefined
  const linked = gitDir !== undefined && isInside(join(commonDir, 'worktrees'), gitDir.trim())
  const name = `${basename(place)}-${path.replace(/\/$/, '').replaceAll(/[^\w.-]+/g, '_')}`
  const shelf = linked ? join(dirname(place), name) : join(commonDir, `nested-${name}.git`)
  const names = [shelf, ...Array.from({ length: 99 }, (_, i) => `${shelf}-${i + 2}`)]
  return {
    path,
    linked,
    astray: linked && registeredAt(files, gitDir.trim()) !== join(place, path.replace(/\/$/, ''), '.git'),
    filled: files.list(join(place, path)).some(name => name !== '.git'),
    sparse: isSparse(files, place),
    shelf: names.find(candidate => files.stat(candidate) === undefined) ?? shelf,
  }
}

/** Where git believes the `.git` file of a linked worktree to be: elsewhere, when the worktree around it was moved. */
function registeredAt(files: Disk, admin: string): string | undefined {
  const text = files.text(join(admin, 'gitdir'))?.trim()
  return text === undefined ? undefined : resolvePath(admin, text)
}

/**
 * The paths that git takes: the name of a file that is staged as deleted it refuses, and so it does with one below a
 * folder that became a link; the link stands for what was in the folder.
 */
function stageable(entries: readonly StatusEntry[]): readonly string[] {
  const paths = entries.filter(({ code }) => !/^[DR] $/.test(code)).map(entry => entry.path)
  return paths.filter(path => !paths.some(other => other !== path && isInside(other, path)))
}

/** `followed`: git has all of these paths already, and would refuse one that its ignore rules match. */
export function addTo(place: string, paths: readonly string[], sparse: boolean, followed = false): Remedy {
  const options = [...(sparse ? ['--sparse'] : []), ...(followed ? ['-u'] : [])]
  return sh`git -C ${place} add ${[...options, '--', ...paths]}`
}

/** Takes an inner repository in as files; its history is put aside, and a linked worktree as it is: nothing is lost. */
export function takeIn(place: string, { path, linked, astray, filled, sparse, shelf }: Nested): Remedy {
  const inner = join(place, path)
  if (linked) {
    const move = sh`git -C ${place} worktree move ${inner} ${shelf}`
    return astray ? joined([sh`git -C ${place} worktree repair ${inner}`, move], ' && ') : move
  }
  const aside = sh`mv ${join(inner, '.git')} ${shelf}`
  const take = addTo(place, [path], sparse)
  const commit = sh`git -C ${place} commit -m ${`Take ${path} in as files`}`
  return filled ? joined([aside, take, commit], ' && ') : aside
}

/** Commits all the rest; undefined where there is none. `what` becomes the message. */
export function commitRest(
  place: string,
  { paths, nested, stageable, followed, sparse }: LaneDirt,
  what: string,
): Remedy | undefined {
  if (paths.length === nested.length) return undefined
  const commit = sh`git -C ${place} commit -m ${what}`
  return stageable.length === 0 ? commit : joined([addTo(place, stageable, sparse, followed), commit], ' && ')
}

/** Everything that is uncommitted. */
export function commitAll(place: string, dirt: LaneDirt, what: string): Remedy {
  const rest = commitRest(place, dirt, what)
  return joined(
    [...dirt.nested.map(inner => takeIn(place, inner)), ...(rest === undefined ? [] : [rest])],
    ' && ',
  )
}

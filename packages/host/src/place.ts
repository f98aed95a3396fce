/**
 * Where the program may write: the checkout it stands in and that repository's other worktrees, the git directory, its own
 * state in HOME. A repository may hold any symbolic link, so a path is judged by where its directories lead, not by
 * its words. What git itself changes (commits, checkouts) is git's to guard.
 */
import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { KittyError, unlessRefused } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { locateProject } from '@spec-kitty/core/repo/project/locate'
import { isInside, relativeTo } from '@spec-kitty/core/text/paths'
import type { Change } from '@spec-kitty/core/world/change'
import { ioFailed, isAbsent } from './fault.ts'
import { createFiles } from './files.ts'
import { commonDirOf, findGitDir } from './git/layout.ts'
import { worktreePaths } from './git/worktrees.ts'

/** Judges every change of a list before the first is made. Throws `outside_project`. */
export type Place = (changes: readonly Change[], named?: string) => void

/** The guard of a process that stands in `cwd`; `state` is the program's own directory in HOME. */
export function createPlace(cwd: string, state: string): Place {
  return (changes, named) => {
    const where = placesOf(cwd, state, named)
    const gone = new Set<string>()
    for (const change of changes) {
      if (!('path' in change) || change.kind === 'remove_worktree') continue
      const path = resolve(change.path)
      // Behind a link, `..` is not where the words say.
      if (change.path.split('/').includes('..')) throw outside(change.path)
      if (where.trusted().some(directory => isInside(directory, path))) continue
      const base = where.roots().find(root => isInside(root, path))
      if (base === undefined) throw outside(path)
      const link = firstLink(base, dirname(path))
      if (link !== undefined && !where.owns(realOf(dirname(path)))) throw outside(path, link)
      if (change.kind === 'delete_file' && change.directory !== true) gone.add(path)
      else if (isLink(path) && !gone.has(path)) judgeLeaf(change, path, where)
    }
  }
}

/** A log is never a link. Of a file that is one, what it leads to must be ours: it may be edited there. */
function judgeLeaf(change: Change, path: string, where: Places): void {
  if (change.kind === 'write_file' && where.owns(realOf(path))) return
  throw outside(path, path)
}

interface Places {
  /** Not from the repository: links below them are the user's own. */
  readonly trusted: () => readonly string[]
  readonly roots: () => readonly string[]
  /** True for a resolved path in a checkout, outside of its git directory. */
  readonly owns: (real: string | undefined) => boolean
}

function placesOf(cwd: string, state: string, named: string | undefined): Places {
  const top = topAbove(cwd)
  const gitDir = top === undefined ? undefined : findGitDir(top)
  const trusted = [state, ...(gitDir === undefined ? [] : [gitDir, commonDirOf(gitDir)])]
  const first = [top ?? cwd, ...homeOf(cwd), ...(named === undefined ? [] : [resolve(named)])]
  let others: readonly string[] | undefined
  const roots = () => {
    others ??= top === undefined ? [] : worktreePaths(commonDirOf(findGitDir(top)))
    return [...first, ...others]
  }
  const owns = (real: string | undefined) => {
    if (real === undefined || real.split('/').includes('.git')) return false
    if (trusted.some(directory => isInside(realOf(directory) ?? directory, real))) return false
    return roots().some(root => isInside(realOf(root) ?? root, real))
  }
  return { trusted: () => [...trusted, ...(named === undefined ? [] : [join(named, '.git')])], roots, owns }
}

/** The checkout that a lane belongs to: git does not know it where the git directory lies apart. */
function homeOf(cwd: string): readonly string[] {
  return unlessRefused(
    () => [locateProject({ env: { cwd }, files: createFiles() }).top],
    () => [],
  )
}

function topAbove(directory: string): string | undefined {
  if (existsSync(join(directory, '.git'))) return directory
  return dirname(directory) === directory ? undefined : topAbove(dirname(directory))
}

/** The first symbolic link on the way from a directory to one below it. */
function firstLink(base: string, directory: string): string | undefined {
  let at = base
  for (const name of relativeTo(base, directory).split('/')) {
    at = join(at, name)
    if (at !== base && isLink(at)) return at
  }
  return undefined
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path).isSymbolicLink()
  } catch (cause) {
    // A file on the way to it is for whoever writes to complain of.
    if (isAbsent(cause)) return false
    throw ioFailed('look at', path, cause)
  }
}

/** Where a path leads, also when its last directories are not made yet; undefined when a link leads nowhere. */
function realOf(path: string): string | undefined {
  try {
    return realpathSync(path)
  } catch {
    if (isLink(path)) return undefined
    const parent = dirname(path) === path ? undefined : realOf(dirname(path))
    return parent === undefined ? undefined : join(parent, path.slice(dirname(path).length))
  }
}

function outside(path: string, link?: string): KittyError {
  if (link === undefined)
    return new KittyError('outside_project', `${path} lies outside of the project`, {
      hint: sh`Run the command in the repository that holds this file.`,
      data: { path },
    })
  const target = readlinkSync(link)
  const way = link === path ? 'it is a symbolic link' : `${link} is a symbolic link`
  return new KittyError('outside_project', `Nothing is written to ${path}: ${way} to ${target}`, {
    hint: sh`Look where the link leads; when it is not needed: rm ${link}`,
    data: { path, link, target },
  })
}

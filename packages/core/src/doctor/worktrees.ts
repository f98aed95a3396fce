/** `.worktrees/` and what this machine remembers about it. Reads files only. */

import { sh } from '@spec-kitty/contracts/sh'
import { byChanges, type Finding, finding, mendable } from '../repo/finding.ts'
import { contextsDir, parseContext } from '../repo/lanes/context.ts'
import { laneBranch } from '../repo/lanes/names.ts'
import { wayBack } from '../repo/lanes/place.ts'
import { coordinationWorktree } from '../repo/log/source.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import { readStop } from '../repo/project/stop.ts'
import { basename, isInside, join, relativeTo } from '../text/paths.ts'
import type { Change } from '../world/change.ts'
import type { Ports, Worktree } from '../world/ports.ts'

export interface Husk {
  /** Absolute. */
  readonly path: string
  readonly registered: boolean
  /** No file anywhere in it. */
  readonly empty: boolean
}

type Where = Pick<Ports, 'files'>

/** Directories below `.worktrees/` that are no checkout. */
export function findHusks(ports: Where, project: Project, worktrees: readonly Worktree[]): readonly Husk[] {
  const home = join(project.root, '.worktrees')
  return ports.files.list(home).flatMap(name => {
    const path = join(home, name)
    const isHusk =
      ports.files.stat(path)?.kind === 'directory' && ports.files.stat(join(path, '.git')) === undefined
    if (!isHusk) return []
    const registered = worktrees.some(tree => tree.path === path)
    return [{ path, registered, empty: directoriesBelow(ports, path) !== undefined }]
  })
}

/** The changes that remove an empty husk; none for one that holds files. */
export function removeHusk(ports: Where, husk: Husk): readonly Change[] {
  const inner = directoriesBelow(ports, husk.path) ?? []
  return husk.empty ? [...inner, husk.path].map(path => ({ kind: 'delete_file', path, directory: true })) : []
}

/** Directories in a directory that holds nothing else, deepest first; undefined when it holds a file. */
function directoriesBelow(ports: Where, directory: string): readonly string[] | undefined {
  const found: string[] = []
  for (const name of ports.files.list(directory)) {
    const path = join(directory, name)
    if (ports.files.stat(path)?.kind !== 'directory') return undefined
    const below = directoriesBelow(ports, path)
    if (below === undefined) return undefined
    found.push(...below, path)
  }
  return found
}

/** All findings about worktrees and workspace contexts. */
export async function worktreeFindings(
  ports: Pick<Ports, 'files' | 'git'>,
  project: Project,
  missions: readonly Mission[],
  worktrees: readonly Worktree[],
): Promise<readonly Finding[]> {
  const home = join(project.root, '.worktrees')
  const ours = worktrees.filter(tree => tree.path !== home && isInside(home, tree.path))
  const known = await Promise.all(ours.map(tree => registeredFindings(ports, project, missions, tree)))
  return [
    ...findHusks(ports, project, worktrees)
      .filter(husk => !husk.registered)
      .map(husk => huskFinding(ports, project, husk)),
    ...unregistered(ports, project, worktrees),
    ...known.flat(),
    ...contextFindings(ports, project),
  ]
}

function huskFinding(ports: Where, project: Project, husk: Husk): Finding {
  const path = relativeTo(project.root, husk.path)
  const facts = { code: 'worktree_husk', severity: 'warning', path } as const
  if (husk.empty) {
    const mend = byChanges(removeHusk(ports, husk), `Removed the empty directory ${path}`)
    return mendable({ ...facts, message: `${path} is an empty directory, no worktree` }, mend)
  }
  const message = `${path} is no worktree, but holds files`
  return finding({ ...facts, message }, sh`Keep what you need of it, then: rm -r ${path}`)
}

function unregistered(ports: Where, project: Project, worktrees: readonly Worktree[]): readonly Finding[] {
  const home = join(project.root, '.worktrees')
  return ports.files.list(home).flatMap(name => {
    const path = join(home, name)
    const isCheckout = ports.files.stat(join(path, '.git')) !== undefined
    if (!isCheckout || worktrees.some(tree => tree.path === path)) return []
    const message = `.worktrees/${name} is a checkout that git does not know as a worktree of this repository`
    const fix = sh`git worktree repair ${`.worktrees/${name}`}`
    return [
      finding(
        { code: 'worktree_unregistered', severity: 'warning', path: `.worktrees/${name}`, message },
        fix,
      ),
    ]
  })
}

async function registeredFindings(
  ports: Pick<Ports, 'files' | 'git'>,
  project: Project,
  missions: readonly Mission[],
  tree: Worktree,
): Promise<readonly Finding[]> {
  const path = relativeTo(project.root, tree.path)
  if (tree.prunable) {
    const message = `git remembers the worktree ${path}, but the directory is gone`
    if (tree.locked === true) {
      const fix = sh`When it will not come back: git -C ${project.top} worktree unlock ${tree.path}`
      const told = `${message}; it was told to keep it`
      return [finding({ code: 'worktree_gone', severity: 'warning', path, message: told }, fix)]
    }
    const changes = [{ kind: 'remove_worktree', repo: project.top, path: tree.path }] as const
    const mend = byChanges(changes, `Made git forget the worktree ${path}; its branch stays`)
    return [mendable({ code: 'worktree_gone', severity: 'warning', path, message }, mend)]
  }
  const name = basename(tree.path)
  const owner = missions
    .filter(mission => name.startsWith(`${mission.slug}-lane-`))
    .toSorted((a, b) => b.slug.length - a.slug.length)[0]
  if (owner === undefined) {
    // A lane of a mission that is on another branch than the one that is checked out.
    if (tree.branch === `kitty/mission-${name}`) return []
    const isCoordination = missions.some(mission => coordinationWorktree(project, mission) === tree.path)
    const message = `${path} belongs to no mission`
    const fix = sh`When nothing in it is needed: git worktree remove ${path}`
    return isCoordination ? [] : [finding({ code: 'worktree_foreign', severity: 'info', path, message }, fix)]
  }
  const wanted = laneBranch(owner, name.slice(owner.slug.length + 1))
  if (tree.branch === wanted) return []
  const message = `The lane worktree ${path} is on ${tree.branch ?? 'no branch'}, not on ${wanted}`
  // Whether the branch leads to where it stands is not known here: merging is right in either case.
  const stop = await readStop(ports, tree.path)
  const fix =
    stop?.goOn ??
    wayBack(ports.git, { path: tree.path, branch: wanted, on: tree.branch, head: tree.head, ahead: false })
  return [
    {
      ...finding({ code: 'worktree_wrong_branch', severity: 'warning', path, message }, fix),
      mission: owner.slug,
    },
  ]
}

/** Contexts are a cache for the Python edition: one that is of no use can go. */
function contextFindings(ports: Where, project: Project): readonly Finding[] {
  const directory = contextsDir(project.root)
  return ports.files.list(directory).flatMap(name => {
    if (!name.endsWith('.json')) return []
    const absolute = join(directory, name)
    const path = relativeTo(project.root, absolute)
    const context = parseContext(absolute, ports.files.text(absolute) ?? '')
    const mend = byChanges([{ kind: 'delete_file', path: absolute }], `Removed the workspace context ${path}`)
    if (context === undefined) {
      const message = `${path} is no workspace context`
      return [mendable({ code: 'context_malformed', severity: 'warning', path, message }, mend)]
    }
    if (ports.files.stat(join(project.root, context.worktree_path, '.git')) !== undefined) return []
    const message = `${path} is about a worktree that is gone: ${context.worktree_path}`
    return [mendable({ code: 'context_orphaned', severity: 'warning', path, message }, mend)]
  })
}

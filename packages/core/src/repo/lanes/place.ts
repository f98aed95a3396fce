/** The worktree of a lane as git and the disk have it, and the way back to its branch. One reading for all who use lanes. */
import type { Sha } from '@spec-kitty/contracts/ids'
import { joined, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { dirname, join } from '../../text/paths.ts'
import type { Change } from '../../world/change.ts'
import { type Files, occupies, type Ports, type Staged, type Worktree } from '../../world/ports.ts'
import { revision } from '../project/revision.ts'
import { readStop } from '../project/stop.ts'

export interface LaneSite {
  /** Absolute. */
  readonly path: string
  readonly folder: 'absent' | 'empty' | 'present'
  /** The worktree that git knows at `path`, when its folder is a checkout. */
  readonly worktree: Worktree | undefined
  /** Another checkout that has the lane's branch. */
  readonly elsewhere: string | undefined
  /** An operation is open there, so that it cannot leave it. */
  readonly open: boolean
  /** Registrations of the lane whose folder is gone: git has to forget them before the lane gets a place. */
  readonly ghosts: readonly string[]
  /** Those of them that git was told to keep. */
  readonly locked: readonly string[]
  /** Where those of them stand that are on no branch. */
  readonly stood: readonly Sha[]
  /** The folder that it would be made in is there: git does not find its own registrations without. */
  readonly housed: boolean
  /** The folder was a worktree, and git's pointers to it or back are stale: something was moved. */
  readonly stale: boolean
  /** What lies staged in one of the ghosts, as `withStaged` found it. */
  readonly staged?: Staged & { readonly path: string; readonly locked: boolean }
}

/** Reads the site of a lane's branch. No git process. */
export function laneSite(
  files: Pick<Files, 'stat' | 'list'>,
  worktrees: readonly Worktree[],
  path: string,
  branch: string,
): LaneSite {
  const present = files.stat(path) !== undefined
  const worktree = worktrees.find(tree => tree.path === path && !tree.prunable)
  const concerned = worktrees.filter(tree => tree.path === path || occupies(tree, branch))
  const other = concerned.find(tree => tree.path !== path && !tree.prunable)
  return {
    path,
    folder: !present ? 'absent' : files.list(path).length === 0 ? 'empty' : 'present',
    worktree,
    elsewhere: other?.path,
    open: other?.holds !== undefined,
    ghosts: concerned.filter(tree => tree.prunable).map(tree => tree.path),
    locked: concerned.filter(tree => tree.prunable && tree.locked).map(tree => tree.path),
    stood: concerned.flatMap(tree => (tree.prunable && tree.branch === null ? (tree.head ?? []) : [])),
    housed: files.stat(dirname(path)) !== undefined,
    stale: worktree === undefined && files.stat(join(path, '.git'))?.kind === 'file',
  }
}

/** The site with what lies staged in a registration whose folder is gone. No process where there is none, else one or two. */
export async function withStaged(
  git: Pick<Ports['git'], 'stagedIn'>,
  top: string,
  site: LaneSite,
): Promise<LaneSite> {
  for (const path of site.ghosts) {
    const staged = await git.stagedIn(top, path)
    if (staged !== undefined)
      return { ...site, staged: { ...staged, path, locked: site.locked.includes(path) } }
  }
  return site
}

/** Makes a folder that is gone again, with every file as its index has it: what was staged is there. */
export function revive(top: string, { path, base, atHead }: NonNullable<LaneSite['staged']>): Remedy {
  return joined(
    [
      sh`cd ${top}`,
      sh`mkdir -p ${path}`,
      sh`git worktree repair`,
      // The branch has gone on: what was staged belongs onto what it was staged on.
      ...(atHead || base === null ? [] : [sh`git -C ${path} update-ref --no-deref HEAD ${base}`]),
      sh`git -C ${path} checkout-index --all --quiet`,
    ],
    ' && ',
  )
}

export interface Trouble {
  readonly message: string
  readonly remedy: Remedy
}

/** Why no lane can be worked on at its site; undefined when one can, or can be made. */
export async function siteTrouble(
  ports: Pick<Ports, 'files' | 'git'>,
  site: LaneSite,
  branch: string,
): Promise<Trouble | undefined> {
  const { path, elsewhere, open } = site
  if (elsewhere !== undefined) {
    const stop = open ? await readStop(ports, elsewhere) : undefined
    return {
      message: `Branch '${branch}' is checked out in ${elsewhere}, so the lane cannot have it`,
      remedy: stop?.goOn ?? sh`Leave it there first: git -C ${elsewhere} switch --detach`,
    }
  }
  const [locked] = site.locked
  if (locked !== undefined && site.worktree === undefined) {
    return {
      message: `The folder of ${locked} is gone, and git was told to keep its worktree`,
      remedy: sh`When it will not come back: git worktree unlock ${locked}`,
    }
  }
  if (site.worktree !== undefined || site.folder !== 'present') return undefined
  if (site.stale) {
    return {
      message: `${path} is a worktree that git looks for elsewhere: it or the repository was moved`,
      remedy: sh`Tell git where it is: git worktree repair ${path}`,
    }
  }
  return {
    message: `${path} exists but is not a worktree of this repository`,
    remedy: sh`Keep what you need of it and move it away: mv ${path} ${`${path}.old`}`,
  }
}

export interface Astray {
  /** Absolute. */
  readonly path: string
  readonly branch: string
  /** What is checked out instead; null when detached. */
  readonly on: string | null
  readonly head: Sha | null
  /** The lane's branch leads to `head`: nothing else was committed on it meanwhile. */
  readonly ahead: boolean
}

/** Brings a worktree back to its branch with every commit that was made where it stands now. */
export function wayBack(git: Pick<Ports['git'], 'named'>, { path, branch, on, head, ahead }: Astray): Remedy {
  if (on === null && ahead) return sh`git -C ${path} switch -C ${branch}`
  const back = sh`git -C ${path} switch ${branch}`
  const from = on === null ? head : revision(git, path, on)
  return from === null ? back : sh`${part(back)} && git -C ${path} merge ${from}`
}

/**
 * The command that gives a branch its worktree, though git may remember one there that is gone, or was told to keep it.
 * `start`: where a new branch begins.
 */
export function addAgain(top: string, site: LaneSite, branch: string, start?: string): Remedy {
  const { path, ghosts, locked, stood, housed } = site
  if (site.staged !== undefined) return revive(top, site.staged)
  const known = ghosts.length > 0 ? ['--force'] : []
  const wanted = start === undefined ? [path, branch] : ['-b', branch, path, start]
  const steps = [
    // Git forgets where a registration stood that it replaces.
    ...stood.map(
      sha => sh`git -C ${top} update-ref ${`refs/kitty/backup/${branch}/${sha.slice(0, 12)}`} ${sha}`,
    ),
    ...locked.map(ghost => sh`git -C ${top} worktree unlock ${ghost}`),
    ...(housed || known.length === 0 ? [] : [sh`mkdir -p ${dirname(path)}`]),
    sh`git -C ${top} worktree add ${[...known, ...wanted]}`,
  ]
  return joined(steps, ' && ')
}

/** The changes that give a branch its worktree at a site without one. `start`: where a new branch begins. */
export function placeLane(
  repo: string,
  { path, folder, ghosts }: LaneSite,
  branch: string,
  start?: Sha,
): readonly Change[] {
  return [
    ...(folder === 'empty' ? [{ kind: 'delete_file', path, directory: true } as const] : []),
    // Git keeps a removed folder registered and would refuse to make it again.
    ...ghosts.map(ghost => ({ kind: 'remove_worktree', repo, path: ghost }) as const),
    { kind: 'add_worktree', repo, path, branch, ...(start === undefined ? {} : { start }) },
  ]
}

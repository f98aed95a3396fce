/** Where we are: repository, checkout, project. Read from the files of git, without a git process. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { joined, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { basename, dirname, isInside, join, relativeTo, resolvePath } from '../../text/paths.ts'
import type { Files, Ports } from '../../world/ports.ts'

export interface Project {
  /**
   * The folder with `.kittify/` and `kitty-specs/`, whose `.worktrees/` holds the lanes: the top of a checkout, or
   * a folder of it in a repository of several projects.
   */
  readonly root: string
  /**
   * Top of the checkout that `root` lies in: it takes the bookkeeping commits, and paths of git are relative to it.
   * The checkout the user stands in, or the one that a lane belongs to when he stands in a lane.
   */
  readonly top: string
  /** Top of the checkout the user stands in. */
  readonly checkout: string
  /** The git directory all worktrees share. Locks live here. */
  readonly commonDir: string
  /** True when the user stands in a linked worktree. */
  readonly linked: boolean
}

type Where = Pick<Files, 'stat' | 'text'>

/** Finds the project around the current directory. Throws `not_a_repository`. */
export function locateProject(ports: {
  readonly env: Pick<Ports['env'], 'cwd'>
  readonly files: Where
}): Project {
  const { files, env } = ports
  const checkout = findCheckout(files, env.cwd)
  if (checkout === undefined) throw outside(files, env.cwd)
  const lane = laneHome(files, checkout)
  if (lane !== undefined) return { ...lane, checkout, linked: true }
  const commonDir = commonDirectory(files, checkout)
  const linked = commonDir !== gitDirectory(files, checkout)
  if (!linked && isBare(files, commonDir)) throw bare(files, commonDir)
  const own = projectFolder(files, checkout, env.cwd)
  const here = { root: own, top: checkout, checkout, commonDir, linked }
  // A linked worktree of the user's own: its missions are the ones on its branch, if it has any.
  const main = linked && !hasMissions(files, own) ? mainCheckout(files, commonDir) : undefined
  if (main === undefined) return here
  const root = projectFolder(files, main, join(main, relativeTo(checkout, env.cwd)))
  return { ...here, root, top: main }
}

/** Throws `no_project` where `spec-kitty init` has not been run. */
export function requireKittify(ports: { readonly files: Where }, project: Project): void {
  if (ports.files.stat(join(project.root, '.kittify')) !== undefined) return
  if (hasMissions(ports.files, project.root)) return
  throw new KittyError('no_project', `No Spec Kitty project in ${project.root}`, {
    hint: wayBack(ports.files, project) ?? sh`Run: spec-kitty init --ai claude`,
  })
}

/** Signs of an operation of git that is open. */
const OPERATIONS = [
  'MERGE_HEAD',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
  'BISECT_LOG',
  'rebase-merge',
  'rebase-apply',
]

/** Where somebody stands on a branch without the project while lanes of it are there: a branch that is likely to have it. */
function wayBack(files: Where, { commonDir, top, checkout }: Project): Remedy | undefined {
  const packed = files.text(join(commonDir, 'packed-refs')) ?? ''
  const has = (name: string, end: string) =>
    files.stat(join(commonDir, 'refs/heads', name)) !== undefined ||
    packed.includes(` refs/heads/${name}${end}`)
  if (!has('kitty', '/')) return undefined
  const other = ['main', 'master'].find(name => has(name, '\n'))
  const gitDir = gitDirectory(files, checkout)
  const stands = files.text(join(gitDir, 'HEAD'))?.trim() === `ref: refs/heads/${other}`
  // In the middle of an operation git switches nowhere.
  const open = OPERATIONS.some(name => files.stat(join(gitDir, name)) !== undefined)
  if (other !== undefined && !stands && !open)
    return sh`Missions are built here from another branch; stand there: git -C ${top} switch ${other}`
  // A commit took them out, or took the place of the one that brought them.
  const steps = ['kitty-specs', '.kittify'].map(
    path =>
      sh`git -C ${top} log -1 --diff-filter=AM --format=%H HEAD --reflog -- kitty-specs | xargs -I{} git -C ${top} checkout {} -- ${path}`,
  )
  return sh`Missions are built here, but their files are gone; take them back from before: ${part(joined(steps, ' && '))}`
}

/** The path of a file of the project as git has it: relative to the top of the checkout. */
export function gitPath(project: Pick<Project, 'root' | 'top'>, path: string): string {
  return relativeTo(project.top, join(project.root, path))
}

/**
 * The project that a lane belongs to, by the lane's path alone: `<root>/.worktrees/<name>`. What kind of git directory
 * the checkout has does not matter, nor whether git's own pointers went stale because the folder was moved.
 * Undefined for any other checkout, another repository's below `.worktrees/` included.
 */
function laneHome(files: Where, checkout: string): Pick<Project, 'root' | 'top' | 'commonDir'> | undefined {
  const shelf = dirname(checkout)
  if (basename(shelf) !== '.worktrees') return undefined
  const home = dirname(shelf)
  const top = findCheckout(files, home)
  if (top === undefined) return undefined
  // A lane of a lane, made by a tool that stood in one, belongs to the outermost.
  const outer = laneHome(files, top)
  if (outer !== undefined) return outer
  const commonDir = commonDirectory(files, top)
  const own = commonDirectory(files, checkout)
  if (own !== commonDir && files.stat(own) !== undefined) return undefined
  return { root: projectFolder(files, top, home), top, commonDir }
}

/** The nearest folder of a project from `from` up to the checkout's top; the top when there is none. */
function projectFolder(files: Where, top: string, from: string): string {
  for (let folder = from; isInside(top, folder) && folder !== top; folder = dirname(folder)) {
    if (isProject(files, folder)) return folder
  }
  return top
}

/** Set up by us or by the Python edition; a folder that holds caches only is none. */
function isProject(files: Where, folder: string): boolean {
  if (files.stat(join(folder, '.kittify'))?.kind !== 'directory') return false
  const signs = ['.kittify/config.yaml', '.kittify/metadata.yaml', 'kitty-specs']
  return signs.some(name => files.stat(join(folder, name)) !== undefined)
}

function hasMissions(files: Where, root: string): boolean {
  return files.stat(join(root, 'kitty-specs')) !== undefined
}

/** The main checkout of a repository, where its git directory tells: `.git` lies in it, a submodule's names it. */
function mainCheckout(files: Where, commonDir: string): string | undefined {
  if (isBare(files, commonDir)) return undefined
  if (basename(commonDir) === '.git') return dirname(commonDir)
  const named = /^[ \t]*worktree[ \t]*=[ \t]*"?([^"\s][^"\r\n]*)/m
    .exec(files.text(join(commonDir, 'config')) ?? '')?.[1]
    ?.trimEnd()
  return named === undefined ? undefined : resolvePath(commonDir, named)
}

function isBare(files: Where, commonDir: string): boolean {
  return /^[ \t]*bare[ \t]*=[ \t]*true[ \t]*$/m.test(files.text(join(commonDir, 'config')) ?? '')
}

function findCheckout(files: Where, from: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    if (files.stat(join(directory, '.git')) !== undefined) return directory
    // For git too the way up ends here, also where the bare repository lies in somebody's checkout.
    if (isBareRepository(files, directory) || dirname(directory) === directory) return undefined
  }
}

function isBareRepository(files: Where, directory: string): boolean {
  return (
    files.stat(join(directory, 'HEAD'))?.kind === 'file' &&
    files.stat(join(directory, 'objects'))?.kind === 'directory' &&
    isBare(files, directory)
  )
}

function outside(files: Where, cwd: string): KittyError {
  const gitDir = ancestors(cwd).find(at => isBareRepository(files, at))
  if (gitDir !== undefined) return bare(files, gitDir)
  return new KittyError('not_a_repository', `Not in a git repository: ${cwd}`, {
    hint: sh`Go to your repository, or make one: git init`,
  })
}

function bare(files: Where, gitDir: string): KittyError {
  const name = basename(gitDir) === '.git' ? dirname(gitDir) : gitDir
  const branch = /^ref: refs\/heads\/(.+)$/m.exec(files.text(join(gitDir, 'HEAD')) ?? '')?.[1] ?? 'HEAD'
  const words = ['-C', gitDir, 'worktree', 'add', `${name.replace(/\.git$/, '')}-work`, branch]
  return new KittyError('not_a_repository', `${name} is a bare repository: it has no files to work on`, {
    hint: sh`Make a checkout and work there: git ${words}`,
    data: { bare: gitDir },
  })
}

function ancestors(path: string): readonly string[] {
  return dirname(path) === path ? [path] : [path, ...ancestors(dirname(path))]
}

/** The git directory that all worktrees of this one's repository share. Throws `not_a_repository`. */
export function commonDirectory(files: Where, checkout: string): string {
  const gitDir = gitDirectory(files, checkout)
  const common = files.text(join(gitDir, 'commondir'))?.trim()
  return common === undefined ? gitDir : resolvePath(gitDir, common)
}

/** The git directory of a linked worktree; undefined when the folder is none. */
export function worktreeGitDir(files: Where, directory: string): string | undefined {
  const own = `${directory}/.git`
  if (files.stat(own)?.kind === 'directory') return own
  const target = /^gitdir: (.+)$/m.exec(files.text(own) ?? '')?.[1]
  if (target === undefined) return undefined
  const path = resolvePath(directory, target.trim())
  return files.stat(path)?.kind === 'directory' ? path : undefined
}

/** The git directory of a checkout, its own one for a linked worktree. Throws `not_a_repository`. */
export function gitDirectory(files: Where, checkout: string): string {
  const path = join(checkout, '.git')
  if (files.stat(path)?.kind === 'directory') return path
  const target = /^gitdir: (.+)$/m.exec(files.text(path) ?? '')?.[1]
  if (target === undefined) {
    throw new KittyError('not_a_repository', `${path} does not name a git directory`, {
      hint: sh`Repair the worktree: git worktree repair`,
    })
  }
  return resolvePath(checkout, target.trim())
}

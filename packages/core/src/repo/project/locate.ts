/** Where we are: repository, checkout, primary checkout. Read from the files of git, without a git process. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { dirname, isInside, join, resolvePath } from '../../text/paths.ts'
import type { Files, Ports } from '../../world/ports.ts'

export interface Project {
  /**
   * The checkout that holds the missions and takes the bookkeeping commits: the one the user stands in, or
   * the primary one when he stands in a lane worktree.
   */
  readonly root: string
  /** Top of the checkout the user stands in. */
  readonly checkout: string
  /** The main worktree of the repository; lane worktrees live below its `.worktrees/`. */
  readonly primary: string
  /** The git directory all worktrees share. Locks live here. */
  readonly commonDir: string
  /** True when the user stands in a linked worktree. */
  readonly linked: boolean
}

/** Finds the repository above the current directory. Throws `not_a_repository`. */
export function locateProject(ports: Pick<Ports, 'env' | 'files'>): Project {
  const { files, env } = ports
  const checkout = findCheckout(files, env.cwd)
  if (checkout === undefined) {
    throw new KittyError('not_a_repository', `Not in a git repository: ${env.cwd}`, {
      hint: 'Go to your repository, or make one: git init',
    })
  }
  const gitDir = gitDirectory(files, checkout)
  const common = files.text(join(gitDir, 'commondir'))?.trim()
  const commonDir = common === undefined ? gitDir : resolvePath(gitDir, common)
  const linked = common !== undefined
  const primary = linked && commonDir.endsWith('/.git') ? dirname(commonDir) : checkout
  return { root: missionRoot(files, checkout, primary), checkout, primary, commonDir, linked }
}

/** Throws `no_project` where `spec-kitty init` has not been run. */
export function requireKittify(ports: Pick<Ports, 'files'>, project: Project): void {
  if (ports.files.stat(join(project.root, '.kittify')) !== undefined) return
  if (ports.files.stat(join(project.root, 'kitty-specs')) !== undefined) return
  throw new KittyError('no_project', `No Spec Kitty project in ${project.root}`, {
    hint: 'Run: spec-kitty init --ai claude',
  })
}

function missionRoot(files: Files, checkout: string, primary: string): string {
  if (checkout === primary || isInside(join(primary, '.worktrees'), checkout)) return primary
  // A linked worktree of the user's own: its missions are the ones on its branch, if it has any.
  return files.stat(join(checkout, 'kitty-specs')) === undefined ? primary : checkout
}

function findCheckout(files: Files, from: string): string | undefined {
  for (let directory = from; ; directory = dirname(directory)) {
    if (files.stat(join(directory, '.git')) !== undefined) return directory
    if (dirname(directory) === directory) return undefined
  }
}

/** The git directory of a checkout, its own one for a linked worktree. Throws `not_a_repository`. */
export function gitDirectory(files: Pick<Files, 'stat' | 'text'>, checkout: string): string {
  const path = join(checkout, '.git')
  if (files.stat(path)?.kind === 'directory') return path
  const target = /^gitdir: (.+)$/m.exec(files.text(path) ?? '')?.[1]
  if (target === undefined) {
    throw new KittyError('not_a_repository', `${path} does not name a git directory`, {
      hint: 'Repair the worktree: git worktree repair',
    })
  }
  return resolvePath(checkout, target.trim())
}

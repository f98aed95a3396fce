/** Linked worktrees, and the files of a checkout whose branch was moved underneath it. */
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { isInside } from '@spec-kitty/core/text/paths'
import type { AddWorktree, MoveCheckout, RefUpdate, RemoveWorktree } from '@spec-kitty/core/world/change'
import type { Worktree } from '@spec-kitty/core/world/ports'
import { hiddenEdits } from './checkout.ts'
import { backupsFor, goingWorktree } from './keep.ts'
import { commonDirOf, findGitDir, headOf, registered, textOrUndefined } from './layout.ts'
import { readQuiet } from './quiet.ts'
import { updateRefs } from './refs.ts'
import { type RunGit, textOf } from './run.ts'

/**
 * All worktrees, the main one first, read from the files of git. A bare repository has no main one; where the git
 * directory lies apart from its checkout, only that checkout itself can tell.
 */
export function listWorktrees(checkout: string): readonly Worktree[] {
  const gitDir = findGitDir(checkout)
  const commonDir = commonDirOf(gitDir)
  const linked = registered(commonDir).map(({ path, admin }) => describe(path, admin))
  const main =
    gitDir === commonDir ? checkout : basename(commonDir) === '.git' ? dirname(commonDir) : undefined
  return main === undefined || isBare(commonDir) ? linked : [describe(main, commonDir), ...linked]
}

function isBare(commonDir: string): boolean {
  return /^[ \t]*bare[ \t]*=[ \t]*true[ \t]*$/m.test(textOrUndefined(join(commonDir, 'config')) ?? '')
}

function describe(path: string, gitDir: string): Worktree {
  const { branch, sha } = headOf(gitDir)
  const locked = existsSync(join(gitDir, 'locked'))
  const holds = branch === null ? heldBy(gitDir) : undefined
  const prunable = !existsSync(join(path, '.git'))
  return { path, head: sha, branch, prunable, ...(locked ? { locked } : {}), ...(holds ? { holds } : {}) }
}

const RETURNS = {
  'rebase-merge/head-name': 'rebase',
  'rebase-apply/head-name': 'rebase',
  BISECT_START: 'bisect',
} as const

function heldBy(gitDir: string): Worktree['holds'] {
  for (const [name, operation] of Object.entries(RETURNS)) {
    const branch = textOrUndefined(join(gitDir, name))
      ?.trim()
      .replace(/^refs\/heads\//, '')
    if (branch !== undefined && branch !== '') return { branch, operation }
  }
  return undefined
}

/** Where the worktrees of a repository are said to be, read from the files of git. */
export function worktreePaths(commonDir: string): readonly string[] {
  const linked = registered(commonDir).map(tree => tree.path)
  return basename(commonDir) === '.git' ? [dirname(commonDir), ...linked] : linked
}

/**
 * Makes a worktree; there already on this branch is fine. Answers how to take back what was made, before anybody worked
 * in it. Hooks stay off: `worktree.setup` is the documented way.
 */
export async function addWorktree(run: RunGit, change: AddWorktree): Promise<() => Promise<void>> {
  const known = listWorktrees(change.repo).find(tree => samePath(tree.path, change.path))
  if (known?.branch === change.branch && existsSync(join(change.path, '.git'))) return async () => {}
  const head = change.start === undefined ? [] : ['--no-track', '-b', change.branch]
  const args = ['-c', 'core.hooksPath=/dev/null', 'worktree', 'add', '-q', ...head, change.path]
  await run({ cwd: change.repo, args: [...args, change.start ?? change.branch], writes: true })
  const { repo: cwd, path, branch, start } = change
  return async () => {
    await run({ cwd, args: ['worktree', 'remove', '--force', path], writes: true })
    if (start === undefined) return
    await run({ cwd, args: ['update-ref', '-d', `refs/heads/${branch}`, start], writes: true })
  }
}

/** What was saved of a worktree that is gone. */
export interface Removed {
  /** References that keep what only its HEAD led to. */
  readonly backups: readonly RefUpdate[]
  /** The directory that has its ignored files now; undefined when there were none to keep. */
  readonly kept: string | undefined
}

/**
 * Removes a worktree that holds no uncommitted work, or makes git forget one whose folder is gone; neither is fine.
 */
export async function removeWorktree(run: RunGit, change: RemoveWorktree): Promise<Removed> {
  const { repo, path } = change
  const known = registered(commonDirOf(findGitDir(repo))).find(tree => samePath(tree.path, path))
  if (known === undefined && !existsSync(path)) return { backups: [], kept: undefined }
  // Git would empty what it leads to, and then fail.
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true)
    throw new KittyError('git_failed', `${path} is a link: git cannot remove it`, {
      hint: sh`Remove the link and what it leads to by hand, then run the command again.`,
    })
  if (existsSync(join(path, '.git')) && readQuiet(path) === undefined) await refuseHidden(run, path)
  const { backupStaged, keepModules, setAside } = await import('./aside.ts')
  const gone = !existsSync(join(path, '.git'))
  const backups =
    known === undefined
      ? []
      : [
          ...(await backupsFor(run, repo, [goingWorktree(known.admin, path)])),
          ...(gone ? await backupStaged(run, repo, known.admin, path) : []),
        ]
  if (backups.length > 0) {
    await updateRefs(run, {
      kind: 'update_refs',
      repo,
      message: 'spec-kitty: keep commits',
      updates: backups,
    })
  }
  const force = (await needsForce(run, path, known?.admin)) ? ['--force'] : []
  const aside = gone ? keepModules(repo, known?.admin, path) : await setAside(run, repo, path)
  const remove = (how: readonly string[]) =>
    run({ cwd: repo, args: ['worktree', 'remove', ...how, path], writes: true })
  try {
    await remove(force).catch(async cause => {
      // A link of which nothing is checked out holds nothing either.
      if (!/containing submodules/.test(String(cause)) || (await holdsModules(run, path))) throw cause
      await remove(['--force'])
    })
  } catch (cause) {
    aside?.back()
    throw cause
  }
  return { backups, kept: aside?.kept }
}

/** Git would remove files with the edits that it was told to overlook. */
async function refuseHidden(run: RunGit, path: string): Promise<void> {
  const edits = await hiddenEdits(run, path)
  if (edits.length === 0) return
  const message = `git was told to overlook files that are edited there: ${edits.join(', ')}`
  throw new KittyError('git_failed', message, {
    hint: sh`git -C ${path} update-index --no-skip-worktree --no-assume-unchanged -- ${edits}`,
  })
}

/**
 * Git never removes a worktree with submodules unless forced. Forcing is right only where nothing is lost with it: no
 * uncommitted file, inside the submodules neither, and no commit in them that their remotes do not have.
 */
async function needsForce(run: RunGit, path: string, admin: string | undefined): Promise<boolean> {
  if (admin === undefined || !existsSync(join(path, '.git'))) return false
  return modulesOf(admin).length > 0 && !(await holdsModules(run, path))
}

/** Work in submodules of a worktree that is nowhere else, or a repository of its own that was committed as a link. */
export async function holdsModules(run: RunGit, path: string): Promise<boolean> {
  const admin = findGitDir(path)
  const modules = modulesOf(admin)
  // The repository of a submodule lies with the worktree's own; any other, a linked worktree too, is nobody's to remove.
  const links = (await linksOf(run, path)).map(link => join(path, link))
  if (links.some(link => existsSync(join(link, '.git')) && !isInside(admin, findGitDir(link)))) return true
  if (modules.length === 0) return false
  const status = await run({ cwd: path, args: ['status', '--porcelain', '--ignore-submodules=none'] })
  if (status.bytes.length > 0) return true
  for (const module of modules) {
    const args = [`--git-dir=${module}`, 'rev-list', '-1', 'HEAD', '--all', '--reflog', '--not', '--remotes']
    if ((await run({ cwd: path, args, accept: [128] })).bytes.length > 0) return true
  }
  return false
}

/** Paths of which the index has a link to a commit elsewhere: submodules, and repositories that were added by accident. */
async function linksOf(run: RunGit, path: string): Promise<readonly string[]> {
  return textOf(await run({ cwd: path, args: ['ls-files', '-z', '--stage'] }))
    .split('\0')
    .flatMap(row => (row.startsWith('160000 ') ? [row.slice(row.indexOf('\t') + 1)] : []))
}

function modulesOf(admin: string): readonly string[] {
  return repositoriesBelow(join(admin, 'modules'))
}

function repositoriesBelow(directory: string): readonly string[] {
  if (existsSync(join(directory, 'HEAD')) && existsSync(join(directory, 'objects'))) return [directory]
  if (!existsSync(directory)) return []
  const inner = readdirSync(directory, { withFileTypes: true }).filter(entry => entry.isDirectory())
  return inner.flatMap(entry => repositoriesBelow(join(directory, entry.name)))
}

/**
 * Two-tree merge of the index (`git read-tree -m -u`): git looks at every path before it touches the first,
 * so an edit or an untracked file in the way refuses the whole move. Files that already have their new
 * content (an earlier run was killed half-way) are taken over first; moved already is fine.
 */
export async function moveCheckout(run: RunGit, change: MoveCheckout): Promise<void> {
  const cwd = change.checkout
  await run({ cwd, args: ['update-index', '-q', '--refresh'], accept: [1], writes: true })
  const move = {
    cwd,
    args: ['read-tree', '-m', '-u', change.from, change.to],
    accept: [1, 128],
    writes: true,
  }
  const first = await run(move)
  if (first.status === 0) return
  if (await adoptFinished(run, change)) {
    const second = await run(move)
    if (second.status === 0) return
  }
  throw notMoved(change.checkout, first.stderr)
}

/** Edits in the way are for the user to save; anything else (a filter, the disk, a lock) is told in git's words. */
function notMoved(checkout: string, stderr: string): KittyError {
  const inTheWay = stderr
    .split('\n')
    .filter(line => /not uptodate|would be (?:overwritten|removed|lost)/.test(line))
  if (inTheWay.length === 0) {
    return new KittyError(
      'git_failed',
      `Git cannot write the checkout ${checkout}: ${stderr.replaceAll('\n', '; ')}`,
      {
        hint: sh`Mend what git complains about, then run the command again.`,
        data: { stderr },
      },
    )
  }
  return new KittyError(
    'dirty_worktree',
    `${checkout} has changes that the move would overwrite: ${named(inTheWay.join('\n'))}`,
    { hint: sh`git -C ${checkout} stash push --include-untracked` },
  )
}

/** Puts into the index what is on disk already as in `to`; says whether there was anything. */
async function adoptFinished(run: RunGit, change: MoveCheckout): Promise<boolean> {
  const cwd = change.checkout
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', change.from, change.to]
  const fields = (await run({ cwd, args })).bytes.toString('utf8').split('\0')
  const wanted: { path: string; line: string; blob: string; mode: string }[] = []
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [, mode = '', , blob = ''] = (fields[i] ?? '').split(' ')
    const path = fields[i + 1] ?? ''
    if (mode !== '000000' && !path.includes('\n') && modeOf(join(cwd, path)) !== undefined)
      wanted.push({ path, blob, mode, line: `${mode} ${blob}\t${path}\0` })
  }
  if (wanted.length === 0) return false
  const hashes = textOf(
    await run({
      cwd,
      args: ['hash-object', '--stdin-paths'],
      input: wanted.map(w => `${w.path}\n`).join(''),
    }),
  ).split('\n')
  const finished = wanted.filter((w, i) => hashes[i] === w.blob && w.mode === modeOf(join(cwd, w.path)))
  if (finished.length === 0) return false
  const input = finished.map(w => w.line).join('')
  await run({ cwd, args: ['update-index', '-z', '--index-info'], input, writes: true })
  await run({ cwd, args: ['update-index', '-q', '--refresh'], accept: [1], writes: true })
  return true
}

/** The mode git would give to a regular file; undefined for anything else, links among them. */
function modeOf(path: string): string | undefined {
  // A file may have taken the place of a folder on the way to it.
  const stat = existsSync(path) ? lstatSync(path) : undefined
  if (stat?.isFile() !== true) return undefined
  return (stat.mode & 0o100) === 0 ? '100644' : '100755'
}

/** The file names in git's complaint; they stand on lines of their own or in quotes. */
function named(stderr: string): string {
  const names = [...stderr.matchAll(/^\t(.+)$|'([^']+)'/gm)].map(match => match[1] ?? match[2] ?? '')
  return names.length > 0 ? names.join(', ') : stderr
}

function samePath(a: string, b: string): boolean {
  return a === b || real(a) === real(b)
}

/** The parent's real path with the last name: the worktree itself may be gone. */
function real(path: string): string {
  try {
    return join(realpathSync(dirname(path)), basename(path))
  } catch {
    return path
  }
}

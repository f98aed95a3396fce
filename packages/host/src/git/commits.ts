/** History: questions about commits, commits as objects, and the one commit of a command's own files. */
import { isAbsolute, relative, sep } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import { part, sh } from '@spec-kitty/contracts/sh'
import { operationIn } from '@spec-kitty/core/repo/project/open-operation'
import type { Commit } from '@spec-kitty/core/world/change'
import type { NewCommit } from '@spec-kitty/core/world/ports'
import { deadline, pause } from '../clock.ts'
import { createFiles } from '../files.ts'
import { readGitConfig } from './config.ts'
import { findGitDir } from './layout.ts'
import { NOBODY } from './objects.ts'
import { fieldsOf, type GitCall, type RunGit, textOf } from './run.ts'
import { shaOf } from './trees.ts'

export async function isAncestor(
  run: RunGit,
  cwd: string,
  ancestor: string,
  descendant: string,
): Promise<boolean> {
  const answer = await run({ cwd, args: ['merge-base', '--is-ancestor', ancestor, descendant], accept: [1] })
  return answer.status === 0
}

/** Null when the histories are unrelated. */
export async function mergeBase(run: RunGit, cwd: string, a: string, b: string): Promise<Sha | null> {
  return parseSha(textOf(await run({ cwd, args: ['merge-base', a, b], accept: [1] }))) ?? null
}

/** Commits in `to` that are not in `from`, oldest first. */
export async function listCommits(
  run: RunGit,
  cwd: string,
  from: string,
  to: string,
): Promise<readonly Sha[]> {
  const args = ['rev-list', '--reverse', '--topo-order', `^${from}`, to]
  return textOf(await run({ cwd, args }))
    .split('\n')
    .flatMap(line => parseSha(line) ?? [])
}

/** Commits that changed a file, newest first; none where nothing was committed yet. */
export async function changesOf(
  run: RunGit,
  cwd: string,
  path: string,
  behind: 'HEAD' | '--all',
): Promise<readonly Sha[]> {
  const args = ['--literal-pathspecs', 'rev-list', '--full-history', behind, '--', path]
  return textOf(await run({ cwd, args, accept: [128] }))
    .split('\n')
    .flatMap(line => parseSha(line) ?? [])
}

/**
 * Commits beyond `exclude` that the tips reach, each with its parents: one process answers every question of
 * ancestry among them.
 */
export async function commitGraph(
  run: RunGit,
  cwd: string,
  tips: readonly Sha[],
  exclude: Sha,
): Promise<ReadonlyMap<Sha, readonly Sha[]>> {
  const input = `${[...tips, `^${exclude}`].join('\n')}\n`
  const answer = await run({ cwd, args: ['rev-list', '--topo-order', '--parents', '--stdin'], input })
  const graph = new Map<Sha, readonly Sha[]>()
  for (const line of textOf(answer).split('\n')) {
    const [commit, ...parents] = line.split(' ').flatMap(word => parseSha(word) ?? [])
    if (commit) graph.set(commit, parents)
  }
  return graph
}

/**
 * Commits that no reference leads to, reflogs apart: where branches were deleted, their commits are among them. Those that a
 * forecast of ours left behind are not.
 */
export async function lostCommits(run: RunGit, cwd: string): Promise<readonly Sha[]> {
  const args = ['fsck', '--no-reflogs', '--connectivity-only', '--unreachable', '--no-progress']
  // A damaged object elsewhere does not keep us from what is whole.
  const answer = await run({ cwd, args, accept: [1, 2, 3, 4, 5, 6, 7] })
  const found = textOf(answer)
    .split('\n')
    .flatMap(line => parseSha(/^unreachable commit (\w+)$/.exec(line)?.[1] ?? '') ?? [])
  if (found.length === 0) return []
  const log = ['log', '--no-walk=unsorted', '--no-show-signature', '--stdin', '--format=%H %an <%ae>']
  const named = await run({ cwd, args: log, input: found.map(sha => `${sha}\n`).join('') })
  return textOf(named)
    .split('\n')
    .flatMap(line => (line.endsWith(` ${NOBODY}`) ? [] : (parseSha(line.slice(0, 40)) ?? [])))
}

/** `Name <address>` of the authors, as .mailmap has them, in the order of the commits, each once. */
export async function listAuthors(
  run: RunGit,
  cwd: string,
  commits: readonly Sha[],
): Promise<readonly string[]> {
  if (commits.length === 0) return []
  const args = ['log', '--no-walk=unsorted', '--no-show-signature', '--stdin', '--format=%aN <%aE>']
  return [...new Set(textOf(await run({ cwd, args, input: `${commits.join('\n')}\n` })).split('\n'))]
}

/** A commit object. `like` lends its author, date and message; `sign` follows the user's `commit.gpgSign`. */
export async function commitTree(run: RunGit, cwd: string, commit: NewCommit): Promise<Sha> {
  const sign = commit.sign === 'always' || (commit.sign === true && (await wantsSignature(run, cwd)))
  const signed = sign ? ['-S'] : []
  const parents = commit.parents.flatMap(parent => ['-p', parent])
  const original = commit.like === undefined ? undefined : await authorOf(run, cwd, commit.like)
  const args = ['commit-tree', commit.tree, ...signed, ...parents, '-F', '-']
  const call = { cwd, args, input: original?.message ?? commit.message, writes: true }
  return shaOf(await run(original ? { ...call, env: original.env } : call))
}

async function wantsSignature(run: RunGit, cwd: string): Promise<boolean> {
  const [sign] = await readGitConfig(run, cwd, ['commit.gpgsign'])
  return /^(true|yes|on|1)$/i.test(sign ?? '')
}

/** Why git cannot sign; undefined when it can. The commit that is tried is nobody's, and goes nowhere. */
export async function signatureProblem(run: RunGit, cwd: string): Promise<string | undefined> {
  const tree = shaOf(await run({ cwd, args: ['mktree'], input: '', writes: true }))
  const [, name = '', email = ''] = /^(.*) <([^<]*)>$/.exec(NOBODY) ?? []
  const env = { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email }
  const args = ['commit-tree', tree, '-S', '-m', 'Can commits be signed?']
  const { status, stderr } = await run({ cwd, args, env, writes: true, accept: [1, 128] })
  return status === 0 ? undefined : stderr.replaceAll('\n', '; ')
}

async function authorOf(run: RunGit, cwd: string, commit: Sha) {
  const args = ['show', '-s', '--no-show-signature', '--date=raw', '--format=%an%x00%ae%x00%ad%x00%B', commit]
  const [name = '', email = '', date = '', message = ''] = textOf(await run({ cwd, args })).split('\0')
  return { message, env: { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: `@${date}` } }
}

/** How long a commit waits for another git to let go of the index, in ms. */
const INDEX_WAIT_MS = 10_000
/** Our bookkeeping runs no hooks and starts no housekeeping. */
const QUIET = ['-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', '-c', 'maintenance.auto=false']

/**
 * Commits exactly these paths; whatever else is staged or changed stays as it is. No commit when nothing differs, and
 * ignored files are left alone. `made`: absolute paths that are new since the command began. Git is taken to have all
 * others: one process commits, after one that adds what is new. Where that is wrong (a file is ignored, another one was
 * never added, nothing differs) git is asked: two more processes, three when a path is new.
 */
export async function commitPaths(run: RunGit, change: Commit, made: ReadonlySet<string>): Promise<void> {
  const cwd = change.checkout
  const paths = change.paths.map(path => inside(cwd, path))
  if (paths.length === 0) return
  const likely = change.paths.filter(path => made.has(path)).map(path => inside(cwd, path))
  const added: string[] = []
  try {
    if (openOperation(cwd) === undefined) {
      added.push(...likely)
      const all = likely.length === 0 || (await add(run, cwd, likely)) === 0
      if (all && (await commitOnly(run, cwd, change.message, paths, [1])) === 0) return
    }
    const entries = await differing(run, cwd, paths)
    if (entries.length > 0) refuseDuringOperation(cwd)
    const fresh = entries.filter(entry => entry.code === '??').map(entry => entry.path)
    added.push(...fresh)
    if (fresh.length > 0) {
      const args = ['update-index', '-z', '--add', '--stdin']
      await patiently(run, { cwd, args, input: nul(fresh), writes: true })
    }
    const differ = entries.map(entry => entry.path)
    if (differ.length === 0 || (await commitOnly(run, cwd, change.message, differ, [1])) === 0) return
    // The status names a file too whose line ends alone are others than git would write.
    const compare = ['--literal-pathspecs', 'diff', '--quiet', 'HEAD', '--', ...differ]
    if ((await run({ cwd, args: compare, accept: [1, 128] })).status !== 0)
      await commitOnly(run, cwd, change.message, differ, [])
  } catch (cause) {
    if (added.length > 0) {
      const args = ['update-index', '-z', '--force-remove', '--stdin']
      await run({ cwd, args, input: nul(added), writes: true, accept: [1, 128] })
    }
    throw cause
  }
}

/** Adds new files, but none that is ignored: answers 0 when all of them were added. */
async function add(run: RunGit, cwd: string, paths: readonly string[]): Promise<number> {
  const args = [...QUIET, '--literal-pathspecs', 'add', ...selected(paths)]
  return await patiently(run, { cwd, args, ...told(paths), writes: true, mute: true, accept: [1, 128] })
}

/** Bytes of arguments that every system takes. */
const MOST_ARGUMENTS = 8_000

/** Paths as arguments, or, where they are too many, from stdin: to be told nothing there is quicker. */
function selected(paths: readonly string[]): readonly string[] {
  return told(paths).input === undefined
    ? ['--', ...paths]
    : ['--pathspec-from-file=-', '--pathspec-file-nul']
}

function told(paths: readonly string[]): { readonly input?: string } {
  const input = nul(paths)
  return input.length > MOST_ARGUMENTS ? { input } : {}
}

/** `git commit --only`; answers its exit status when that is 0 or accepted. 1: nothing differs, or a path is new to git. */
async function commitOnly(
  run: RunGit,
  cwd: string,
  message: string,
  paths: readonly string[],
  accept: readonly number[],
): Promise<number> {
  const options = ['commit', '-q', '--only', '--no-verify', '--cleanup=verbatim', `--message=${message}`]
  const args = [...QUIET, '--literal-pathspecs', ...options, ...selected(paths)]
  return await patiently(run, { cwd, args, ...told(paths), writes: true, mute: true, accept })
}

async function differing(run: RunGit, cwd: string, paths: readonly string[]) {
  if (paths.length === 0) return []
  const args = [
    '--literal-pathspecs',
    'status',
    '--porcelain',
    '-z',
    '--untracked-files=all',
    '--no-renames',
    '--',
  ]
  return fieldsOf(await run({ cwd, args: [...args, ...paths] })).map(field => ({
    code: field.slice(0, 2),
    path: field.slice(3),
  }))
}

function inside(checkout: string, path: string): string {
  const name = relative(checkout, path)
  if (name === '' || isAbsolute(name) || name.split(sep)[0] === '..')
    throw new KittyError('invalid_input', `${path} is not a file in ${checkout}`)
  return name.split(sep).join('/')
}

/** Git would refuse, end the operation with our commit, or make the commit where it is left behind. */
function refuseDuringOperation(checkout: string): void {
  const open = openOperation(checkout)
  if (open === undefined) return
  const drop = sh`git ${open.abort.split(' ')}`
  throw new KittyError('dirty_worktree', `A git ${open.name} is in progress in ${checkout}`, {
    hint:
      open.name === 'bisect'
        ? sh`Drop it with ${part(drop)}, then try again.`
        : sh`Finish it with git ${open.name} --continue, or drop it with ${part(drop)}; then try again.`,
  })
}

function openOperation(checkout: string) {
  return operationIn(createFiles(), findGitDir(checkout))
}

function nul(paths: readonly string[]): string {
  return paths.map(path => `${path}\0`).join('')
}

/** Runs again while another git holds the index or moves HEAD, for a bounded time. */
async function patiently(run: RunGit, call: GitCall): Promise<number> {
  const late = deadline(INDEX_WAIT_MS)
  for (let ms = 20; ; ms = Math.min(ms * 2, 250)) {
    try {
      return (await run(call)).status
    } catch (cause) {
      if (!isBusy(cause) || late()) throw cause
      await pause(ms + (process.pid % 20))
    }
  }
}

function isBusy(cause: unknown): boolean {
  if (!(cause instanceof KittyError) || cause.code !== 'git_failed') return false
  const stderr = cause.data.stderr
  return (
    typeof stderr === 'string' &&
    /Unable to create '.{1,4096}\.lock': File exists|cannot lock ref/.test(stderr)
  )
}

/** What git removes with a worktree without a word: ignored files, some of them somebody's notes, and what was staged. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { RefUpdate } from '@spec-kitty/core/world/change'
import type { Staged } from '@spec-kitty/core/world/ports'
import { loggedIn, refName } from './keep.ts'
import { commonDirOf, findGitDir, headOf, registered } from './layout.ts'
import { readQuiet } from './quiet.ts'
import { fieldsOf, type RunGit } from './run.ts'
import { shaOf } from './trees.ts'

/** Folders of what tools make again. */
const MADE =
  /(^|\/)(node_modules|target|dist|build|out|coverage|vendor|venv|\.venv|\.tox|__pycache__|\.[\w-]*cache|\.next|\.gradle|\.turbo|\.terraform|\.spec-kitty)\/|\.(pyc|o|class)$/

/** Where they went, and how they come back. */
interface Aside {
  readonly kept: string
  readonly back: () => void
}

/**
 * Moves the ignored files of a worktree into the git directory, `kitty-kept/<name of the worktree>`: all but what tools
 * make again and copies of what the main checkout has. Undefined when there are none. No process where nothing lies there.
 */
export async function setAside(run: RunGit, repo: string, worktree: string): Promise<Aside | undefined> {
  const ignored = ['ls-files', '--others', '--ignored', '--exclude-standard', '--directory', '-z']
  // Of what lies beside the files of git, only git can tell what it ignores.
  if (readQuiet(worktree)?.others.length === 0) return undefined
  const found = fieldsOf(await run({ cwd: worktree, args: ignored }))
  // Of a folder in which all is ignored, git names what is in it as well.
  const outer = found.filter(path => !found.some(other => other.endsWith('/') && isBelow(other, path)))
  const own = outer.filter(path => !MADE.test(path) && !isCopy(join(worktree, path), join(repo, path)))
  if (own.length === 0) return undefined
  const kept = freshName(join(commonDirOf(findGitDir(repo)), 'kitty-kept', basename(worktree)))
  const move = (from: string, to: string): void => {
    for (const path of own) {
      mkdirSync(dirname(join(to, path)), { recursive: true })
      renameSync(join(from, path), join(to, path))
    }
  }
  move(worktree, kept)
  return { kept, back: () => move(kept, worktree) }
}

/** The repositories of submodules, which git forgets with a worktree whose folder is gone, go the same way. */
export function keepModules(repo: string, admin: string | undefined, path: string): Aside | undefined {
  if (admin === undefined || !existsSync(join(admin, 'modules'))) return undefined
  const kept = freshName(join(commonDirOf(findGitDir(repo)), 'kitty-kept', basename(path)))
  const move = (from: string, to: string): void => {
    mkdirSync(to, { recursive: true })
    renameSync(join(from, 'modules'), join(to, 'modules'))
  }
  move(admin, kept)
  return { kept, back: () => move(kept, admin) }
}

function isBelow(folder: string, path: string): boolean {
  return path !== folder && path.startsWith(folder)
}

function isCopy(path: string, original: string): boolean {
  const [a, b] = [path, original].map(name => lstatSync(name, { throwIfNoEntry: false }))
  return (
    a?.isFile() === true &&
    b?.isFile() === true &&
    a.size === b.size &&
    readFileSync(path).equals(readFileSync(original))
  )
}

function freshName(path: string): string {
  let name = path
  for (let i = 2; existsSync(name); i++) name = `${path}-${i}`
  return name
}

/** A worktree goes also where git knows no name to commit under. */
const ANYBODY = Object.fromEntries(
  ['AUTHOR', 'COMMITTER'].flatMap(role => [
    [`GIT_${role}_NAME`, 'Spec Kitty'],
    [`GIT_${role}_EMAIL`, 'spec-kitty@localhost'],
  ]),
)

/**
 * What lies staged in a worktree whose folder is gone and is in no commit; undefined where there is nothing. The branch
 * may have moved since, and the index was not there for it: what it stood on is what it differs from least. One process
 * where it is as its head, two where not.
 */
export async function stagedIn(run: RunGit, repo: string, path: string): Promise<Staged | undefined> {
  const admin = registered(commonDirOf(findGitDir(repo))).find(tree => tree.path === path)?.admin
  return admin === undefined ? undefined : await stagedBy(run, repo, admin)
}

async function stagedBy(run: RunGit, repo: string, admin: string): Promise<Staged | undefined> {
  const { sha: head } = headOf(admin)
  const index = join(admin, 'index')
  if (!existsSync(index)) return undefined
  const found: Staged[] = []
  // A branch that was deleted under it is no head any more: then where it stood last, else against nothing.
  const bases = [head, loggedIn(join(admin, 'logs', 'HEAD')).at(-1) ?? null]
  const known = new Set(bases.filter(base => base !== null))
  for (const base of known.size === 0 ? [null] : known) {
    const args =
      base === null
        ? ['ls-files', '-z']
        : ['diff-index', '--cached', '--name-only', '--no-renames', '-z', base, '--']
    const answer = await run({ cwd: repo, args, accept: [128], env: { GIT_INDEX_FILE: index } })
    const paths = fieldsOf(answer)
    if (answer.status === 0 && paths.length === 0) return undefined
    if (answer.status === 0) found.push({ base, atHead: base === head, paths })
  }
  return found.toSorted((a, b) => a.paths.length - b.paths.length)[0]
}

/**
 * A reference for what lay staged in a worktree whose folder is gone: nobody else has it. What was not resolved is left
 * out, because commits have it. None where the head holds all. Two git processes, three more where something is kept.
 */
export async function backupStaged(
  run: RunGit,
  repo: string,
  admin: string,
  path: string,
): Promise<readonly RefUpdate[]> {
  const staged = await stagedBy(run, repo, admin)
  if (staged === undefined) return []
  const index = join(admin, 'index')
  const git = async (args: readonly string[], file: string, input?: string) =>
    await run({
      cwd: repo,
      args,
      accept: [1],
      writes: true,
      env: { ...ANYBODY, GIT_INDEX_FILE: file },
      ...(input === undefined ? {} : { input }),
    })
  const rows = fieldsOf(await git(['ls-files', '--stage', '-z'], index)).filter(row => / 0\t/.test(row))
  const scratch = mkdtempSync(join(process.getBuiltinModule('node:os').tmpdir(), 'spec-kitty-index-'))
  try {
    const copy = join(scratch, 'index')
    await git(['update-index', '-z', '--add', '--index-info'], copy, rows.map(row => `${row}\0`).join(''))
    const tree = shaOf(await git(['write-tree', '--missing-ok'], copy))
    const parent = staged.base === null ? [] : ['-p', staged.base]
    const message = 'What was staged when the folder was removed'
    const commit = shaOf(await git(['commit-tree', tree, ...parent, '-m', message], copy))
    const ref = `refs/kitty/backup/${refName(basename(path))}/staged/${commit.slice(0, 12)}`
    return [{ ref, old: null, new: commit }]
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Ignored files of a worktree that goes: git removes them without a word, and some of them are somebody's notes. */
import { existsSync, lstatSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { commonDirOf, findGitDir } from './layout.ts'
import { readQuiet } from './quiet.ts'
import { fieldsOf, type RunGit } from './run.ts'

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
  const own = found.filter(path => !MADE.test(path) && !isCopy(join(worktree, path), join(repo, path)))
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

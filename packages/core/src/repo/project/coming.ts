/** What an open operation has still to do, and which untracked files git would not let it write over. */
import type { Sha } from '@spec-kitty/contracts/ids'
import { isInside, join } from '../../text/paths.ts'
import type { Objects, Ports, StatusEntry } from '../../world/ports.ts'
import { gitDirectory } from './locate.ts'
import { isRescheduled } from './open-operation.ts'

/**
 * Untracked files that a commit has which the operation still brings: git stops before it, however often it is told to go
 * on. No process where nothing is untracked, two in a rebase or a series.
 */
export async function inTheWay(
  { files, git }: Pick<Ports, 'files' | 'git'>,
  place: string,
  entries: readonly StatusEntry[],
): Promise<readonly string[]> {
  const untracked = entries.filter(({ code }) => code === '??').map(({ path }) => path)
  const gitDir = gitDirectory(files, place)
  if (untracked.length === 0) return []
  const patched = patchedFiles(files, gitDir)
  if (patched !== undefined)
    // Git writes other names than these in a form of its own.
    return untracked.filter(
      path => /[^ -~]|["\\]/.test(path) || patched.some(name => isInside(name, path) || isInside(path, name)),
    )
  const todo = ['rebase-merge/git-rebase-todo', 'sequencer/todo'].map(name => files.text(join(gitDir, name)))
  const named = (todo.find(text => text !== undefined) ?? '')
    .split('\n')
    .flatMap(line => commitOf(line) ?? [])
  const commits = (await git.resolve(place, named)).filter(sha => sha !== null)
  const objects = git.objects(place)
  try {
    const found: string[] = []
    for (const path of untracked) if (await meets(objects, commits, path)) found.push(path)
    // A renamed folder takes a file to a place that no commit has.
    return found.length === 0 && isRescheduled(files, gitDir) ? untracked : found
  } finally {
    objects.close()
  }
}

/** The commit of a line of what is to be done; undefined for one without. */
export function commitOf(line: string): string | undefined {
  return /^[ \t]{0,9}[a-z]{1,9} (?:-[cC] )?([0-9a-f]{4,64})\b/.exec(line)?.[1]
}

/** The files of the patches from where git stopped; undefined where commits are brought another way. */
function patchedFiles(
  files: Pick<Ports['files'], 'list' | 'text'>,
  gitDir: string,
): readonly string[] | undefined {
  const folder = join(gitDir, 'rebase-apply')
  const next = Number(files.text(join(folder, 'next')) ?? '')
  if (next === 0) return undefined
  const mails = files.list(folder).filter(name => /^\d{4,9}$/.test(name) && Number(name) > next)
  return ['patch', ...mails]
    .flatMap(name => (files.text(join(folder, name)) ?? '').split('\n'))
    .filter(line => line.startsWith('diff --git '))
    .map(line => line.slice(line.lastIndexOf(' b/') + ' b/'.length))
}

/** A commit has a file there, or one where a folder on the way to it is, or a folder in its place. */
async function meets(objects: Objects, commits: readonly Sha[], path: string): Promise<boolean> {
  const names = path.replace(/\/$/, '').split('/')
  for (const commit of commits) {
    for (const i of names.keys()) {
      const entry = await objects.find(commit, names.slice(0, i + 1).join('/'))
      if (entry === undefined) break
      if (i === names.length - 1 || entry.mode !== '40000') return true
    }
  }
  return false
}

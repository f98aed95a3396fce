/** What can be known of a checkout before it is moved, without touching it. */
import { copyFileSync, existsSync, lstatSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import type { PlacedBlob } from '@spec-kitty/core/world/ports'
import { findGitDir } from './layout.ts'
import { fieldsOf, type RunGit, textOf } from './run.ts'

/**
 * Git's own dry run of a move of files and index (`read-tree -n -m -u`), on a copy of the index: what git complains
 * about, undefined when it would go. `adopted` are files that will have their new content by then. One process; two or
 * three more where the index has to be looked at again.
 */
export async function rehearseMove(
  run: RunGit,
  checkout: string,
  from: Sha,
  to: Sha,
  adopted: readonly PlacedBlob[],
): Promise<string | undefined> {
  const index = join(findGitDir(checkout), 'index')
  const scratch = mkdtempSync(join(process.getBuiltinModule('node:os').tmpdir(), 'spec-kitty-index-'))
  try {
    const copy = join(scratch, 'index')
    if (existsSync(index)) copyFileSync(index, copy)
    const git = (args: readonly string[], input?: string) =>
      run({
        cwd: checkout,
        args,
        env: { GIT_INDEX_FILE: copy },
        accept: [1, 128],
        writes: true,
        ...(input === undefined ? {} : { input }),
      })
    const move = ['read-tree', '-n', '-m', '-u', from, to]
    if (adopted.length > 0) {
      const entries = adopted.map(({ path, blob, mode }) => `${mode} ${blob}\t${path}\0`)
      await git(['update-index', '-z', '--add', '--replace', '--index-info'], entries.join(''))
    }
    const first = await git(move)
    if (first.status === 0) return undefined
    // An index that was copied with the repository, or touched files: what git remembers of them is looked up again.
    await git(['update-index', '-q', '--refresh'])
    const second = await git(move)
    return second.status === 0 ? undefined : second.stderr
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Files that git was told not to look at, each with the option of update-index that takes the order back. */
export async function hiddenFiles(run: RunGit, checkout: string): Promise<ReadonlyMap<string, string>> {
  const hidden = new Map<string, string>()
  for (const field of fieldsOf(await run({ cwd: checkout, args: ['ls-files', '-v', '-z'] }))) {
    const tag = field.slice(0, 1)
    if (tag.toUpperCase() === 'S') hidden.set(field.slice(2), '--no-skip-worktree')
    else if (tag !== tag.toUpperCase()) hidden.set(field.slice(2), '--no-assume-unchanged')
  }
  return hidden
}

/** Those of them that lie there with another content than the index has: no status shows them. One process, three where there are any. */
export async function hiddenEdits(run: RunGit, checkout: string): Promise<readonly string[]> {
  const hidden = await hiddenFiles(run, checkout)
  // A link that leads nowhere is there as well.
  const there = [...hidden.keys()].filter(
    path => lstatSync(join(checkout, path), { throwIfNoEntry: false }) !== undefined,
  )
  if (there.length === 0) return []
  const staged = new Map(
    fieldsOf(await run({ cwd: checkout, args: ['ls-files', '-s', '-z'] })).map(field => {
      const [entry = '', path = ''] = field.split('\t')
      return [path, entry.split(' ')[1]] as const
    }),
  )
  // A link has no content of its own to be hashed by name, and a name with a line end cannot be asked for: kept as edited.
  const plain = there.filter(path => !path.includes('\n') && lstatSync(join(checkout, path)).isFile())
  const input = plain.map(path => `${path}\n`).join('')
  const ids = textOf(await run({ cwd: checkout, args: ['hash-object', '--stdin-paths'], input })).split('\n')
  const same = new Set(plain.filter((path, i) => ids[i] === staged.get(path)))
  return there.filter(path => !same.has(path))
}

/** Stores files of a checkout as git would add them, with line ends and filters as configured. One process. */
export async function storeFiles(
  run: RunGit,
  checkout: string,
  paths: readonly string[],
): Promise<readonly Sha[]> {
  if (paths.length === 0) return []
  const input = paths.map(path => `${path}\n`).join('')
  const answer = await run({
    cwd: checkout,
    args: ['hash-object', '-w', '--stdin-paths'],
    input,
    writes: true,
  })
  return textOf(answer)
    .split('\n')
    .flatMap(line => parseSha(line) ?? [])
}

/** What git says where a filter that is required does not give the contents of a file; undefined when all do. */
export async function filterProblem(
  run: RunGit,
  checkout: string,
  files: readonly PlacedBlob[],
): Promise<string | undefined> {
  const input = files
    .filter(({ path, mode }) => mode.startsWith('100') && !path.includes('\n'))
    .map(({ path, blob }) => `${blob} ${path}\n`)
    .join('')
  if (input === '') return undefined
  const args = ['cat-file', '--batch', '--filters']
  const answer = await run({ cwd: checkout, args, input, accept: [1, 128] })
  return answer.status === 0 ? undefined : answer.stderr
}

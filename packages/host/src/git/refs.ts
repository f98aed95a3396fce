/** References: reading them in one process, HEAD without any, moving them all or none. */
import { readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve as resolvePath } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import type { UpdateRefs } from '@spec-kitty/core/change'
import { ioFailed, isAbsent } from '../fault.ts'
import { type RunGit, textOf } from './run.ts'

/** Commit ids of revisions, null where a name is unknown or no commit. */
export async function resolveRevisions(
  run: RunGit,
  cwd: string,
  revs: readonly string[],
): Promise<readonly (Sha | null)[]> {
  if (revs.length === 0) return []
  for (const rev of revs) {
    if (/[\n\0]/.test(rev)) throw new KittyError('invalid_input', `Not a revision: ${JSON.stringify(rev)}`)
  }
  const input = revs.map(rev => `${rev}^{commit}\n`).join('')
  const answer = await run({ cwd, args: ['cat-file', '--batch-check=%(objectname)'], input })
  const lines = textOf(answer).split('\n')
  return revs.map((_, i) => parseSha(lines[i] ?? '') ?? null)
}

/** Full reference names under the prefixes → object ids. */
export async function listRefs(
  run: RunGit,
  cwd: string,
  prefixes: readonly string[],
): Promise<ReadonlyMap<string, Sha>> {
  const found = new Map<string, Sha>()
  if (prefixes.length === 0) return found
  const answer = await run({ cwd, args: ['for-each-ref', '--format=%(objectname) %(refname)', ...prefixes] })
  for (const line of textOf(answer).split('\n')) {
    const cut = line.indexOf(' ')
    const sha = parseSha(line.slice(0, cut))
    if (sha) found.set(line.slice(cut + 1), sha)
  }
  return found
}

/**
 * One transaction. Done already (a repetition after a crash) is fine; anything else that differs from the
 * expected old values is `git_failed`, and no ref has moved.
 */
export async function updateRefs(run: RunGit, change: UpdateRefs): Promise<void> {
  if (change.updates.length === 0) return
  const input = `start\n${change.updates.map(command).join('')}commit\n`
  const args = ['update-ref', '--stdin', '--create-reflog', '-m', change.message]
  try {
    await run({ cwd: change.repo, args, input, writes: true })
  } catch (cause) {
    const now = await listRefs(
      run,
      change.repo,
      change.updates.map(update => update.ref),
    )
    const done = change.updates.every(update => (now.get(update.ref) ?? null) === update.new)
    if (!done) throw cause
  }
}

function command(update: UpdateRefs['updates'][number]): string {
  const zero = '0'.repeat((update.new ?? update.old ?? '').length || 40)
  if (update.new === null) return `delete ${update.ref} ${update.old ?? ''}\n`
  return `update ${update.ref} ${update.new} ${update.old ?? zero}\n`
}

/** The checked-out branch and its commit, read from the files of git. Throws `not_a_repository`. */
export function readHead(checkout: string): { readonly branch: string | null; readonly sha: Sha | null } {
  const gitDir = findGitDir(checkout)
  const head = readText(join(gitDir, 'HEAD'))?.trim()
  if (head === undefined)
    throw new KittyError('not_a_repository', `${checkout} is not in a git repository`, { hint: 'git init' })
  if (!head.startsWith('ref: ')) return { branch: null, sha: parseSha(head) ?? null }
  const ref = head.slice(5).trim()
  if (ref === 'refs/heads/.invalid')
    throw new KittyError(
      'git_failed',
      `${checkout} keeps its references in the reftable format, which is not supported`,
      {
        hint: 'git refs migrate --ref-format=files',
      },
    )
  const commonFile = readText(join(gitDir, 'commondir'))?.trim()
  const commonDir = commonFile === undefined ? gitDir : resolvePath(gitDir, commonFile)
  const loose = readText(join(commonDir, ref)) ?? readText(join(gitDir, ref))
  const sha = loose === undefined ? packedRef(commonDir, ref) : parseSha(loose.trim())
  return { branch: ref.replace(/^refs\/heads\//, ''), sha: sha ?? null }
}

/** `.git` of a checkout: a directory, or a file that names one (linked worktree, submodule). */
function findGitDir(checkout: string): string {
  const dotGit = join(checkout, '.git')
  if (statSync(dotGit, { throwIfNoEntry: false })?.isDirectory()) return dotGit
  const pointer = /^gitdir: (.+)$/m.exec(readText(dotGit) ?? '')?.[1]
  if (pointer === undefined)
    throw new KittyError('not_a_repository', `${checkout} is not the top of a git checkout`, {
      hint: 'git init',
    })
  return isAbsolute(pointer) ? pointer : resolvePath(checkout, pointer)
}

function packedRef(commonDir: string, ref: string): Sha | undefined {
  const packed = readText(join(commonDir, 'packed-refs')) ?? ''
  for (const line of packed.split('\n')) {
    if (line.endsWith(` ${ref}`)) return parseSha(line.slice(0, line.indexOf(' ')))
  }
  return undefined
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if (isAbsent(cause)) return undefined
    throw ioFailed('read', path, cause)
  }
}

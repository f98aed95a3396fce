/** References: asking for many in one process, moving all or none. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import type { RefUpdate, UpdateRefs } from '@spec-kitty/core/world/change'
import { backupsFor, goingBranch } from './keep.ts'
import { findGitDir } from './layout.ts'
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
 * One transaction, with a backup of what a deleted branch alone holds. Done already (a repetition after a crash) is fine; anything else that differs from the
 * expected old values is `git_failed`, and no ref has moved.
 */
export async function updateRefs(run: RunGit, change: UpdateRefs): Promise<void> {
  if (change.updates.length === 0) return
  const backups = await backupsOf(run, change)
  const input = `start\n${[...backups, ...change.updates].map(command).join('')}commit\n`
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

/** Whoever deletes a branch need not think of its commits. */
async function backupsOf(run: RunGit, { repo, updates }: UpdateRefs): Promise<readonly RefUpdate[]> {
  const deleted = updates.filter(update => update.new === null && update.ref.startsWith('refs/heads/'))
  if (deleted.length === 0) return []
  const gitDir = findGitDir(repo)
  const without = updates.map(update => update.ref)
  const held = updates.flatMap(update => update.new ?? (update.built === true ? (update.old ?? []) : []))
  const going = deleted.map(update => goingBranch(gitDir, update.ref))
  return await backupsFor(run, repo, going, { without, held })
}

function command(update: UpdateRefs['updates'][number]): string {
  const zero = '0'.repeat((update.new ?? update.old ?? '').length || 40)
  if (update.new === null) return `delete ${update.ref} ${update.old ?? ''}\n`
  return `update ${update.ref} ${update.new} ${update.old ?? zero}\n`
}

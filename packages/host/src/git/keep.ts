/**
 * Nothing that was committed becomes unreachable: before a branch or a worktree goes, commits that no other reference
 * holds get one below `refs/kitty/backup/`. Reflogs count, because they go with what they belong to: they hold what an
 * agent committed on a detached HEAD, amended or rebased.
 */
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import type { RefUpdate } from '@spec-kitty/core/world/change'
import { commonDirOf, headOf, readRef, textOrUndefined } from './layout.ts'
import { type RunGit, textOf } from './run.ts'

/** A branch or worktree that is about to go. */
export interface Going {
  readonly name: string
  /** Where it stands. */
  readonly tips: readonly Sha[]
  /** Where its reflog says that it stood. */
  readonly logged: readonly Sha[]
}

/** A branch, by its full name. */
export function goingBranch(gitDir: string, ref: string): Going {
  const commonDir = commonDirOf(gitDir)
  const tip = readRef(commonDir, ref)
  const logged = loggedIn(join(commonDir, 'logs', ref))
  return { name: ref.replace(/^refs\/heads\//, ''), tips: tip === undefined ? [] : [tip], logged }
}

/** Files in which git notes commits that belong to one worktree: where an open operation began, and what it put aside. */
const NOTED = [
  'rebase-merge/orig-head',
  'rebase-merge/autostash',
  'rebase-apply/orig-head',
  'rebase-apply/autostash',
  'MERGE_AUTOSTASH',
  'MERGE_HEAD',
  'CHERRY_PICK_HEAD',
  'REVERT_HEAD',
]

/** A worktree: where it stands and stood, what is noted of an open operation, and references of its own. */
export function goingWorktree(admin: string, path: string): Going {
  const named = [...NOTED, ...filesBelow(admin, 'refs')].map(name =>
    textOrUndefined(join(admin, name))?.trim(),
  )
  const tips = [headOf(admin).sha, ...named].flatMap(text => parseSha(text ?? '') ?? [])
  const [before] = [textOrUndefined(join(admin, 'ORIG_HEAD'))?.trim() ?? ''].flatMap(
    text => parseSha(text) ?? [],
  )
  const logged = [...loggedIn(join(admin, 'logs', 'HEAD')), ...(before === undefined ? [] : [before])]
  return { name: basename(path), tips, logged }
}

function filesBelow(directory: string, name: string): readonly string[] {
  const path = join(directory, name)
  if (!existsSync(path)) return []
  return readdirSync(path, { withFileTypes: true }).flatMap(entry =>
    entry.isDirectory() ? filesBelow(directory, join(name, entry.name)) : [join(name, entry.name)],
  )
}

/**
 * The references that keep what would be lost: `refs/kitty/backup/<name>/<commit>` for a tip, `…/<name>/log/<commit>` for
 * a line of commits that a reflog alone leads to.
 * `without`: references that do not count because they go; `held`: commits that get a name in the same step. One git
 * process; none when nothing was ever committed there.
 */
export async function backupsFor(
  run: RunGit,
  repo: string,
  going: readonly Going[],
  { without = [], held = [] }: { readonly without?: readonly string[]; readonly held?: readonly Sha[] } = {},
): Promise<readonly RefUpdate[]> {
  const names = new Map(
    going.flatMap(({ name, tips, logged }) => [
      ...logged.map(sha => [sha, `${refName(name)}/log`] as const),
      ...tips.map(sha => [sha, refName(name)] as const),
    ]),
  )
  if (names.size === 0) return []
  const input = [...names.keys(), ...held.map(sha => `^${sha}`)].map(line => `${line}\n`).join('')
  // Without --single-worktree the HEAD that is about to go would count as a holder.
  const others = [...without.map(ref => `--exclude=${ref}`), '--all']
  const args = [
    'rev-list',
    '--ignore-missing',
    '--parents',
    '--single-worktree',
    '--stdin',
    '--not',
    ...others,
  ]
  const unheld = textOf(await run({ cwd: repo, args, input }))
    .split('\n')
    .map(line => line.split(' '))
  const inner = new Set(unheld.flatMap(([, ...parents]) => parents))
  return unheld.flatMap(([commit = '']) => {
    const sha = parseSha(commit)
    if (sha === undefined || inner.has(commit)) return []
    return [{ ref: `refs/kitty/backup/${names.get(sha)}/${commit.slice(0, 12)}`, old: null, new: sha }]
  })
}

export function loggedIn(path: string): readonly Sha[] {
  const rows = (textOrUndefined(path) ?? '').split('\n')
  return rows
    .flatMap(row => row.split(' ').slice(0, 2))
    .flatMap(text => (/^0+$/.test(text) ? [] : (parseSha(text) ?? [])))
}

/** A name that git takes for a part of a reference's name: a folder may be called anything. */
export function refName(name: string): string {
  const plain = name
    .replace(/[^\w/@%+=,.-]+/g, '-')
    .replace(/\.{2,}|@\{|\/{2,}/g, '-')
    .replace(/(^|\/)[.-]+/g, '$1')
    .replace(/(?:\.lock|\.)+(?=\/|$)/g, '')
    .replace(/^\/|\/$/g, '')
  return plain === '' ? 'worktree' : plain
}

/** How an operation of git goes on from where it stopped, with nothing left out and nothing overwritten. */
import { parseSha } from '@spec-kitty/contracts/ids'
import { type Remedy, sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import type { Ports, StatusEntry } from '../../world/ports.ts'
import { commitOf, inTheWay } from './coming.ts'
import { freeName, uncover } from './covered.ts'
import { commonDirectory, gitDirectory } from './locate.ts'
import type { OpenOperation } from './open-operation.ts'

/** The commands that end an operation, or bring it to the next point where somebody has to choose. */
export async function waysOn(
  ports: Pick<Ports, 'files' | 'git'>,
  place: string,
  { name, edits, abort }: OpenOperation,
): Promise<readonly Remedy[]> {
  if (abort === 'rebase --quit') return [sh`git -C ${place} rebase --quit`]
  const entries = await ports.git.status(place)
  if (name === 'bisect') return await leave(ports, place, entries)
  const at = ['git', '-C', place]
  const next = sh`${at} -c core.editor=true ${name} --continue`
  const followed = entries.filter(({ code }) => code !== '??' && code !== '!!')
  if (isUnresolved(followed)) {
    const links = emptyLinks(ports.files, place, followed)
    return [...(links.length > 0 ? [sh`${at} rm -q --cached -- ${links}`] : []), next]
  }
  const gitDir = gitDirectory(ports.files, place)
  const loose = followed
    .filter(({ code }) => edits !== 'left' && !code.endsWith(' '))
    .flatMap(({ path, from }) => (from === undefined ? [path] : [from, path]))
  const sparse = ports.files.stat(join(gitDir, 'info/sparse-checkout')) !== undefined
  const blocking = await inTheWay(ports, place, entries)
  // Git puts no repository aside.
  const inner = blocking.filter(path => path.endsWith('/')).map(path => join(place, path.slice(0, -1)))
  const plain = blocking.filter(path => !path.endsWith('/'))
  return [
    ...(loose.length > 0 ? [sh`${at} add ${[...(sparse ? ['--sparse'] : []), '-u', '--', ...loose]}`] : []),
    ...(edits === 'apart' && followed.length > 0 ? [sh`${at} commit -m "Keep what was edited"`] : []),
    ...(plain.length > 0 ? [sh`${at} stash push --include-untracked -- ${plain}`] : []),
    ...inner.map(path => sh`mv ${path} ${freeName(ports.files, path)}`),
    ...(edits === 'wanted' && followed.length === 0
      ? emptyStop(ports, place, name)
      : (undone(ports, place, name) ?? [next])),
  ]
}

/**
 * A patch that could not be applied leaves nothing behind, like a commit that has become empty: only that one is skipped.
 * One that fits nowhere, git keeps until the operation ends: a copy stays.
 */
function emptyStop(
  { files }: Pick<Ports, 'files'>,
  place: string,
  name: OpenOperation['name'],
): readonly Remedy[] {
  const patch = join(gitDirectory(files, place), 'rebase-apply/patch')
  if (/^(?:diff|---) /m.test(files.text(patch) ?? ''))
    return [
      sh`git -C ${place} apply --3way ${patch} || cp ${patch} ${freeName(files, `${commonDirectory(files, place)}/patch`)}`,
      skipOrGoOn(place, name),
    ]
  return [sh`git -C ${place} diff --quiet HEAD`, sh`git -C ${place} ${name} --skip`]
}

/** Comes last: where something before it failed, git refuses to go on with what is unresolved. */
function skipOrGoOn(place: string, name: OpenOperation['name']): Remedy {
  const at = ['git', '-C', place]
  return sh`${at} diff --quiet HEAD && ${at} ${name} --skip || ${at} -c core.editor=true ${name} --continue`
}

/** Git goes on behind a commit of a series that it could not even begin with: that one is brought first. */
function undone(
  { files, git }: Pick<Ports, 'files' | 'git'>,
  place: string,
  name: OpenOperation['name'],
): readonly Remedy[] | undefined {
  if (name !== 'cherry-pick' && name !== 'revert') return undefined
  const gitDir = gitDirectory(files, place)
  const [safe, todo = '', options = ''] = ['abort-safety', 'todo', 'opts'].map(file =>
    files.text(join(gitDir, 'sequencer', file)),
  )
  const marked = files.list(gitDir).some(file => /^(?:CHERRY_PICK|REVERT)_HEAD$/.test(file))
  const commit = commitOf(todo)
  if (marked || commit === undefined || safe?.trim() !== git.head(place).sha) return undefined
  const [, parent] = /^\s{0,9}mainline = (\d{1,9})$/m.exec(options) ?? []
  const how = parent === undefined ? [] : ['-m', parent]
  const at = ['git', '-C', place]
  if (name === 'revert')
    // One that changes nothing git leaves unmarked.
    return [sh`${at} revert --no-commit ${[...how, commit]}`, skipOrGoOn(place, name)]
  return [sh`${at} cherry-pick ${[...how, commit]}`, sh`${at} -c core.editor=true cherry-pick --continue`]
}

/** Back to where a bisect began, with what was edited and committed on the way. */
async function leave(
  { files, git }: Pick<Ports, 'files' | 'git'>,
  place: string,
  entries: readonly StatusEntry[],
): Promise<readonly Remedy[]> {
  const at = ['git', '-C', place]
  const { branch, sha } = git.head(place)
  const gitDir = gitDirectory(files, place)
  const start = files.text(join(gitDir, 'BISECT_START'))?.trim() ?? ''
  // Its branch was deleted under it: there is no commit to go back to, or to stay on.
  if (sha === null) return [sh`rm ${['BISECT_LOG', 'BISECT_START'].map(name => join(gitDir, name))}`]
  const ref = `refs/heads/${start}`
  const known = git.named(place, [ref]).has(ref)
  // Where the branch is gone, git has nowhere to go back to.
  const whither = known || parseSha(start) !== undefined ? [] : ['HEAD']
  const reset = sh`${[...at, 'bisect', 'reset', ...whither]}`
  if (branch !== null || isUnresolved(entries)) return [reset]
  const stray = known && !(await git.isAncestor(place, sha, ref))
  const merge = stray ? [sh`${at} merge ${sha}`] : []
  if (entries.length === 0) return [reset, ...merge]
  const inner = entries.some(
    ({ path }) => path.endsWith('/') && files.stat(join(place, path, '.git')) !== undefined,
  )
  const intended = entries.filter(({ code }) => code === ' A').map(({ path }) => path)
  return [
    ...(intended.length > 0 ? [sh`${at} add -- ${intended}`] : []),
    ...uncover(files, place, entries),
    sh`${[...at, 'stash', 'push', ...(inner ? [] : ['--include-untracked'])]}`,
    reset,
    ...merge,
    sh`${at} stash pop`,
  ]
}

/**
 * Links to repositories that were added by accident, on which two sides disagree: nothing of them is checked out, and
 * git can add none of them to say which one is meant.
 */
function emptyLinks(
  files: Ports['files'],
  place: string,
  entries: readonly StatusEntry[],
): readonly string[] {
  const modules = files.text(join(place, '.gitmodules')) ?? ''
  return entries.flatMap(({ code, path }) => {
    const at = join(place, path)
    const bare = files.stat(at)?.kind === 'directory' && files.list(at).length === 0
    return isUnresolved([{ code, path }]) && bare && !modules.includes(path) ? [path] : []
  })
}

function isUnresolved(entries: readonly StatusEntry[]): boolean {
  return entries.some(({ code }) => /U|AA|DD/.test(code))
}

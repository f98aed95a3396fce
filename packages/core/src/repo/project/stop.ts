/** Where an operation of git stopped, and the command that goes on from there, for everybody who meets one. */
import { parseSha } from '@spec-kitty/contracts/ids'
import { joined, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { join } from '../../text/paths.ts'
import type { Ports, StatusEntry } from '../../world/ports.ts'
import { gitDirectory } from './locate.ts'
import { type OpenOperation, openOperation } from './open-operation.ts'

export interface Stop extends OpenOperation {
  /** The checkout, absolute. */
  readonly place: string
  /** Finishing needs no editor; where something is unresolved, git says so and nothing is lost. */
  readonly goOn: Remedy
}

/** The operation open in a checkout. One git process where there is one, two for a bisect. Throws `not_a_repository`. */
export async function readStop(
  ports: Pick<Ports, 'files' | 'git'>,
  place: string,
): Promise<Stop | undefined> {
  const operation = openOperation(ports.files, place)
  if (operation === undefined) return undefined
  const entries = await ports.git.status(place)
  const steps =
    operation.name === 'bisect'
      ? await leave(ports, place, entries)
      : proceed(ports, place, operation, entries)
  return { ...operation, place, goOn: joined(steps, ' && ') }
}

function proceed(
  { files }: Pick<Ports, 'files'>,
  place: string,
  { name, edits }: OpenOperation,
  entries: readonly StatusEntry[],
): readonly Remedy[] {
  const at = ['git', '-C', place]
  const next = sh`${at} -c core.editor=true ${name} --continue`
  const followed = entries.filter(({ code }) => code !== '??' && code !== '!!')
  if (edits === 'left' || isUnresolved(followed)) return [next]
  // Git does not go on with a commit that has become empty; skipping drops what is not committed, so it is asked first.
  if (edits === 'wanted' && followed.length === 0)
    return [sh`${at} diff --quiet HEAD`, sh`${at} ${name} --skip`]
  const loose = followed
    .filter(({ code }) => !code.endsWith(' '))
    .flatMap(({ path, from }) => (from === undefined ? [path] : [from, path]))
  const sparse = files.stat(join(gitDirectory(files, place), 'info/sparse-checkout')) !== undefined
  return [
    ...(loose.length > 0 ? [sh`${at} add ${[...(sparse ? ['--sparse'] : []), '--', ...loose]}`] : []),
    ...(edits === 'apart' && followed.length > 0 ? [sh`${at} commit -m "Keep what was edited"`] : []),
    next,
  ]
}

/** Back to where a bisect began, with what was edited and committed on the way. */
async function leave(
  { files, git }: Pick<Ports, 'files' | 'git'>,
  place: string,
  entries: readonly StatusEntry[],
): Promise<readonly Remedy[]> {
  const at = ['git', '-C', place]
  const { branch, sha } = git.head(place)
  const start = files.text(join(gitDirectory(files, place), 'BISECT_START'))?.trim() ?? ''
  const ref = `refs/heads/${start}`
  const known = git.named(place, [ref]).has(ref)
  // Where the branch is gone, git has nowhere to go back to.
  const whither = known || parseSha(start) !== undefined ? [] : ['HEAD']
  const reset = sh`${[...at, 'bisect', 'reset', ...whither]}`
  if (branch !== null || isUnresolved(entries)) return [reset]
  const stray = known && sha !== null && !(await git.isAncestor(place, sha, ref))
  const merge = stray ? [sh`${at} merge ${sha}`] : []
  if (entries.length === 0) return [reset, ...merge]
  const inner = entries.some(
    ({ path }) => path.endsWith('/') && files.stat(join(place, path, '.git')) !== undefined,
  )
  const intended = entries.filter(({ code }) => code === ' A').map(({ path }) => path)
  return [
    ...(intended.length > 0 ? [sh`${at} add -- ${intended}`] : []),
    sh`${[...at, 'stash', 'push', ...(inner ? [] : ['--include-untracked'])]}`,
    reset,
    ...merge,
    sh`${at} stash pop`,
  ]
}

function isUnresolved(entries: readonly StatusEntry[]): boolean {
  return entries.some(({ code }) => /U|AA|DD/.test(code))
}

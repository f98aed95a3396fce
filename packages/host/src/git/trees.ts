/** Trees as objects: merges and differences, without touching a ref, the index or a file of the user. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import type { MergeTree, TreeDiff } from '@spec-kitty/core/world/ports'
import { fieldsOf, type GitAnswer, type RunGit, textOf } from './run.ts'

/** The object id that a git command printed. */
export function shaOf(answer: GitAnswer): Sha {
  const text = textOf(answer).trim()
  const sha = parseSha(text)
  if (!sha)
    throw new KittyError('git_failed', `git answered ${JSON.stringify(text)} where an object id was expected`)
  return sha
}

/**
 * Merges of pairs of commits as objects: one process for all of them, one for each pair with git 2.38. The union driver
 * of the event log stays out of it (it would start another Spec Kitty): a log that both sides changed is reported as a
 * conflict and united by the caller.
 */
export async function mergeTrees(
  run: RunGit,
  cwd: string,
  pairs: readonly (readonly [Sha, Sha])[],
): Promise<readonly MergeTree[]> {
  if (pairs.length === 0) return []
  const config = ['-c', 'merge.spec-kitty-event-log.driver=false', '-c', 'merge.conflictStyle=merge']
  const args = [...config, 'merge-tree', '--write-tree', '--allow-unrelated-histories']
  if (pairs.length > 1) {
    const input = pairs.map(([ours, theirs]) => `${ours} ${theirs}\n`).join('')
    const answer = await run({ cwd, args: [...args, '--stdin'], input, accept: [129], writes: true })
    if (answer.status === 0) {
      const fields = fieldsOf(answer)[Symbol.iterator]()
      return pairs.map(pair => readMerge(fields, next(fields) !== '1', pair))
    }
  }
  const merges: MergeTree[] = []
  for (const pair of pairs) {
    const answer = await run({ cwd, args: [...args, '-z', ...pair], accept: [1], writes: true })
    merges.push(readMerge(fieldsOf(answer)[Symbol.iterator](), answer.status !== 0, pair))
  }
  return merges
}

/** Three files merged as text; git exits with the number of conflicts, and with 255 where it cannot. */
export async function mergeText(
  run: RunGit,
  cwd: string,
  { base, ours, theirs }: { readonly base: string; readonly ours: string; readonly theirs: string },
  union: boolean,
): Promise<{ readonly bytes: Uint8Array; readonly clean: boolean } | undefined> {
  const labels = ['ours', 'base', 'theirs'].flatMap(label => ['-L', label])
  const args = ['merge-file', '-p', ...(union ? ['--union'] : []), ...labels, ours, base, theirs]
  const accept = [...Array.from({ length: 127 }, (_, i) => i + 1), 255]
  const { status, bytes, stderr } = await run({ cwd, args, accept })
  if (status !== 255) return { bytes, clean: status === 0 }
  if (stderr.includes('Cannot merge binary files')) return undefined
  throw new KittyError('git_failed', `git merge-file failed: ${stderr}`)
}

/**
 * A tree, the index entries of what is in conflict, an empty field, and messages, each as: number of paths, the paths,
 * a type, a text; an empty field at the end. Where git invents a place for one of two things of the same name
 * (`x~<side>`), x is meant.
 */
function readMerge(fields: Iterator<string>, conflicted: boolean, sides: readonly string[]): MergeTree {
  const id = next(fields)
  const tree = parseSha(id)
  if (!tree) throw new KittyError('git_failed', `git merge-tree answered ${JSON.stringify(id)}`)
  const paths = new Set<string>()
  const messages: string[] = []
  for (let field = next(fields); field !== ''; field = next(fields))
    paths.add(field.slice(field.indexOf('\t') + 1))
  if (!conflicted) return { tree, clean: true, conflicts: [], messages }
  // Of a submodule git says at the end, in place of the empty field, how to go on by hand.
  for (let count = next(fields); /^\d+$/.test(count); count = next(fields)) {
    const about = Array.from({ length: Number(count) }, () => next(fields))
    const [type, text] = [next(fields), next(fields)]
    if (!type.startsWith('CONFLICT')) continue
    for (const path of about) paths.add(path)
    messages.push(text.trim())
  }
  const conflicts = new Set([...paths].map(path => withoutSide(path, sides)))
  return { tree, clean: false, conflicts: [...conflicts].sort(compareCodePoints), messages }
}

function next(fields: Iterator<string>): string {
  const { value, done } = fields.next()
  return done === true ? '' : value
}

function withoutSide(path: string, sides: readonly string[]): string {
  const side = sides.find(name => path.includes(`~${name}`))
  if (side === undefined) return path
  const [before = '', after = ''] = path.split(`~${side}`)
  return before + after.replace(/^_\d+/, '')
}

/** Paths that differ between two commits or trees; a rename counts as both names. */
export async function changedPaths(
  run: RunGit,
  cwd: string,
  from: string,
  to: string,
): Promise<readonly string[]> {
  return fieldsOf(
    await run({ cwd, args: ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to] }),
  )
}

/** Raw differences of several pairs of commits or trees, without rename detection. One process. */
export async function diffTrees(
  run: RunGit,
  cwd: string,
  pairs: readonly (readonly [Sha, Sha])[],
): Promise<readonly (readonly TreeDiff[])[]> {
  if (pairs.length === 0) return []
  const args = ['diff-tree', '--stdin', '-r', '-z', '--raw', '--no-renames', '--no-abbrev']
  // With two commits on a line git prints the line and then their differences; a line is never mistaken for one.
  const input = pairs.map(([from, to]) => `${to} ${from}\n`).join('')
  const fields = fieldsOf(await run({ cwd, args, input }))
  const found = new Map<string, TreeDiff[]>()
  let current: TreeDiff[] = []
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] ?? ''
    if (field.startsWith(':')) current.push(readDiff(field, fields[++i] ?? ''))
    else {
      current = []
      found.set(field, current)
    }
  }
  return pairs.map(([, to]) => found.get(to) ?? [])
}

function readDiff(header: string, path: string): TreeDiff {
  const [old = '', mode = '', , blob = ''] = header.split(' ')
  const sha = parseSha(blob)
  const added = old === ':000000'
  return mode === '000000' || !sha
    ? { path, blob: null, mode: null, added }
    : { path, blob: sha, mode, added }
}

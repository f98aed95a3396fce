/** Trees as objects: edits and merges without touching a ref, the index or a file of the user. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { parseSha, type Sha } from '@spec-kitty/contracts/ids'
import { compareCodePoints } from '@spec-kitty/contracts/json'
import type { MergeTree, TreeDiff, TreeEdit } from '@spec-kitty/core/world/ports'
import { fieldsOf, type GitAnswer, type RunGit, textOf } from './run.ts'

/** The object id that a git command printed. */
export function shaOf(answer: GitAnswer): Sha {
  const text = textOf(answer).trim()
  const sha = parseSha(text)
  if (!sha)
    throw new KittyError('git_failed', `git answered ${JSON.stringify(text)} where an object id was expected`)
  return sha
}

/** The tree of `base` with edits, built in an index of its own (three processes). */
export async function editTree(
  run: RunGit,
  cwd: string,
  base: string,
  edits: readonly TreeEdit[],
): Promise<Sha> {
  const scratch = mkdtempSync(join(tmpdir(), 'spec-kitty-index-'))
  try {
    const env = { GIT_INDEX_FILE: join(scratch, 'index') }
    await run({ cwd, args: ['read-tree', base], env, writes: true })
    const input = edits.map(entry).join('')
    await run({ cwd, args: ['update-index', '-z', '--index-info'], input, env, writes: true })
    return shaOf(await run({ cwd, args: ['write-tree'], env, writes: true }))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

function entry(edit: TreeEdit): string {
  if (edit.blob === null) return `0 ${'0'.repeat(40)}\t${edit.path}\0`
  return `${edit.mode ?? '100644'} ${edit.blob}\t${edit.path}\0`
}

/**
 * A merge as an object. The union driver of the event log stays out of it (it would start another
 * Spec Kitty): a log that both sides changed is reported as a conflict and united by the caller.
 */
export async function mergeTree(
  run: RunGit,
  cwd: string,
  ours: string,
  theirs: string,
  base?: string,
): Promise<MergeTree> {
  if (base !== undefined) return mergeOnBase(run, cwd, ours, theirs, base)
  const config = ['-c', 'merge.spec-kitty-event-log.driver=false', '-c', 'merge.conflictStyle=merge']
  const args = [...config, 'merge-tree', '--write-tree', '-z', '--messages', ours, theirs]
  const answer = await run({ cwd, args, accept: [1], writes: true })
  return readMerge(fieldsOf(answer), answer.status !== 0, [ours, theirs])
}

/**
 * A tree, the index entries of what is in conflict, an empty field, and messages, each as: number of paths, the paths,
 * a type, a text. Where git invents a place for one of two things of the same name (`x~<side>`), x is meant.
 */
function readMerge(fields: readonly string[], conflicted: boolean, sides: readonly string[]): MergeTree {
  const tree = parseSha(fields[0] ?? '')
  if (!tree) throw new KittyError('git_failed', `git merge-tree answered ${JSON.stringify(fields[0])}`)
  if (!conflicted) return { tree, clean: true, conflicts: [], messages: [] }
  const gap = fields.indexOf('', 1)
  const entries = fields
    .slice(1, gap < 0 ? fields.length : gap)
    .map(field => field.slice(field.indexOf('\t') + 1))
  const paths = new Set<string>(entries)
  const messages: string[] = []
  for (let i = gap + 1; gap > 0 && i < fields.length; ) {
    const count = Number(fields[i])
    const type = fields[i + count + 1] ?? ''
    if (type.startsWith('CONFLICT')) {
      for (const path of fields.slice(i + 1, i + 1 + count)) paths.add(path)
      messages.push((fields[i + count + 2] ?? '').trim())
    }
    i += count + 3
  }
  const conflicts = new Set([...paths].map(path => withoutSide(path, sides)).filter(path => path !== ''))
  return { tree, clean: false, conflicts: [...conflicts].sort(compareCodePoints), messages }
}

function withoutSide(path: string, sides: readonly string[]): string {
  const side = sides.find(name => path.includes(`~${name}`))
  if (side === undefined) return path
  const [before = '', after = ''] = path.split(`~${side}`)
  return before + after.replace(/^_\d+/, '')
}

/** Git below 2.40 finds the base itself, so the three trees are put on commits that have no other history. */
async function mergeOnBase(
  run: RunGit,
  cwd: string,
  ours: string,
  theirs: string,
  base: string,
): Promise<MergeTree> {
  const graft = async (rev: string, parents: readonly string[]): Promise<Sha> => {
    const args = ['commit-tree', `${rev}^{tree}`, ...parents.flatMap(parent => ['-p', parent]), '-m', 'base']
    return shaOf(await run({ cwd, args, writes: true }))
  }
  const root = await graft(base, [])
  const [left, right] = await Promise.all([graft(ours, [root]), graft(theirs, [root])])
  return mergeTree(run, cwd, left, right)
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

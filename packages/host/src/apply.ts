/** The performer: carries out a plan in order. The only caller of everything that writes. */
import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import type { Change, RemoveWorktree, WriteFile } from '@spec-kitty/core/world/change'
import { errnoOf, ioFailed, isAbsent } from './fault.ts'
import { commitPaths } from './git/commits.ts'
import { updateRefs } from './git/refs.ts'
import type { RunGit } from './git/run.ts'
import { switchBranch } from './git/switch.ts'
import { addWorktree, moveCheckout, removeWorktree } from './git/worktrees.ts'
import type { Place } from './place.ts'
import { appendLines, deleteFile, makeLink, removeDirectory, undoAppend, writeAtomic } from './write.ts'

type Undo = () => void | Promise<void>

/**
 * A performer. Nothing is begun when a change leads out of the project (`named`: another directory that the user named).
 * When a step fails, the file changes and the new branches and worktrees since the last other step that git recorded
 * (commit, moved refs) are taken back, newest first, and the failure is thrown as KittyError.
 */
export function createApply(
  run: RunGit,
  place: Place,
  note: (line: string) => void,
): (changes: readonly Change[], named?: string) => Promise<void> {
  return async (changes, named) => {
    place(changes, named)
    const undos: Undo[] = []
    const made = new Set<string>()
    try {
      for (const change of changes) {
        if ((change.kind === 'write_file' || change.kind === 'append_events') && !existsSync(change.path))
          made.add(change.path)
        const undo = await perform(run, note, change, made)
        if (undo) undos.push(undo)
        else undos.length = 0
      }
    } catch (cause) {
      for (const undo of undos.reverse()) await undo()
      if (cause instanceof KittyError || errnoOf(cause) === undefined) throw cause
      throw ioFailed('write in', 'the project', cause)
    }
  }
}

/** Carries out one change; answers how to take it back, or undefined when it is not to be taken back. `made`: files new since the list began. */
async function perform(
  run: RunGit,
  note: (line: string) => void,
  change: Change,
  made: ReadonlySet<string>,
): Promise<Undo | undefined> {
  switch (change.kind) {
    case 'append_events': {
      if (change.lines.length === 0) return () => {}
      const parents = missingDirectories(change.path)
      const appended = appendLines(change.path, change.lines)
      return () => {
        undoAppend(change.path, appended)
        for (const directory of parents) removeDirectory(directory)
      }
    }
    case 'write_file': {
      const path = targetOf(change)
      const before = readEntry(path)
      verify(change, before)
      const parents = before === undefined ? missingDirectories(path) : []
      writeAtomic(path, change.content, change.executable)
      return () => {
        restore(path, before)
        for (const directory of parents) removeDirectory(directory)
      }
    }
    case 'delete_file': {
      if (change.directory === true) {
        const removed = removeDirectory(change.path)
        return () => void (removed && mkdirSync(change.path, { recursive: true }))
      }
      const before = readEntry(change.path)
      deleteFile(change.path)
      return () => restore(change.path, before)
    }
    case 'update_refs': {
      const { updates } = change
      await updateRefs(run, change)
      if (updates.some(update => update.old !== null)) return undefined
      const back = updates.map(({ ref, new: old }) => ({ ref, old, new: null, built: true }))
      return () => updateRefs(run, { ...change, updates: back })
    }
    case 'add_worktree': {
      const parents = missingDirectories(change.path)
      const remove = await addWorktree(run, change)
      return async () => {
        await remove()
        for (const directory of parents) removeDirectory(directory)
      }
    }
    default:
      await performByGit(run, note, change, made)
      return undefined
  }
}

type GitChange = Exclude<
  Change,
  { kind: 'append_events' | 'write_file' | 'delete_file' | 'update_refs' | 'add_worktree' }
>

/** What git records, and so is not taken back. */
async function performByGit(
  run: RunGit,
  note: (line: string) => void,
  change: GitChange,
  made: ReadonlySet<string>,
): Promise<void> {
  switch (change.kind) {
    case 'commit':
      return commitPaths(run, change, made)
    case 'move_checkout':
      return moveCheckout(run, change)
    case 'switch_branch':
      return switchBranch(run, change)
    case 'remove_worktree':
      await takeDown(run, note, change)
      return
  }
}

/** What would be lost with a worktree is kept, and told. */
async function takeDown(run: RunGit, note: (line: string) => void, change: RemoveWorktree): Promise<void> {
  const { backups, kept } = await removeWorktree(run, change)
  for (const { ref } of backups) note(sh`Commits that only ${change.path} led to are kept: git log ${ref}`)
  if (kept !== undefined) note(sh`What git does not keep of ${change.path} is kept: ls -A ${kept}`)
}

/** Directories that will be made for a file, the innermost first. */
function missingDirectories(path: string): readonly string[] {
  const parent = dirname(path)
  return existsSync(parent) ? [] : [parent, ...missingDirectories(parent)]
}

/** An edit of what was read through a link goes where it was read; anything else takes the place of the link. */
function targetOf(change: WriteFile): string {
  const edits = change.expect !== undefined && change.expect !== null
  return edits && existsSync(change.path) ? realpathSync(change.path) : change.path
}

/** What a path was: the bytes of a file, or where a link led. */
type Entry = Buffer | { readonly link: string } | undefined

function verify(change: WriteFile, before: Entry): void {
  if (change.expect === undefined) return
  const { expect } = change
  const same = expect === null ? before === undefined : isBytes(before) && before.equals(Buffer.from(expect))
  if (same) return
  throw new KittyError('file_changed', `${change.path} was changed by somebody else meanwhile`, {
    hint: sh`Run the command again: it will start from the new content.`,
  })
}

function restore(path: string, before: Entry): void {
  if (isBytes(before)) {
    writeAtomic(path, before)
    return
  }
  deleteFile(path)
  if (before !== undefined) makeLink(path, before.link)
}

function isBytes(entry: Entry): entry is Buffer {
  return Buffer.isBuffer(entry)
}

function readEntry(path: string): Entry {
  try {
    if (lstatSync(path).isSymbolicLink()) return { link: readlinkSync(path) }
    return readFileSync(path)
  } catch (cause) {
    if (isAbsent(cause)) return undefined
    throw ioFailed('read', path, cause)
  }
}

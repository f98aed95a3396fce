/**
 * Everything the program can do to the world (ADR 0031). A command plans a list of these;
 * `--dry-run` prints it, the performer in `host/apply.ts` carries it out. Each kind is idempotent: performing
 * it again after a crash is harmless.
 */
import type { Sha } from '@spec-kitty/contracts/ids'

export type Change =
  | AppendEvents
  | WriteFile
  | DeleteFile
  | Commit
  | UpdateRefs
  | MoveCheckout
  | SwitchBranch
  | AddWorktree
  | RemoveWorktree

/** Appends whole lines to a log with one O_APPEND write and fsync; first a newline when the last one is missing. */
export interface AppendEvents {
  readonly kind: 'append_events'
  readonly path: string
  /** Without line ends. */
  readonly lines: readonly string[]
}

/** Replaces a file atomically (temporary file, fsync, rename), keeping its mode. */
export interface WriteFile {
  readonly kind: 'write_file'
  readonly path: string
  readonly content: string | Uint8Array
  /**
   * What must be there now: text or bytes, null for "no file". Left out: whatever is there may go.
   * A difference is `file_changed`; somebody else edited the file meanwhile.
   */
  readonly expect?: string | Uint8Array | null
  readonly executable?: boolean
}

/** A file with this content, as a change where that is not what is there. `before`: undefined where there is no file. */
export function rewrite(path: string, before: string | undefined, content: string): readonly WriteFile[] {
  return content === before ? [] : [{ kind: 'write_file', path, content, expect: before ?? null }]
}

/** What is not there any more is fine. */
export interface DeleteFile {
  readonly kind: 'delete_file'
  readonly path: string
  /** It is a directory: removed when it holds nothing, else left as it is. */
  readonly directory?: boolean
}

/** The files that these changes write or delete. */
export function written(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(one =>
    one.kind === 'write_file' || (one.kind === 'delete_file' && one.directory !== true) ? [one.path] : [],
  )
}

/** One commit of exactly these paths on the branch that is checked out; no commit when nothing differs. */
export interface Commit {
  readonly kind: 'commit'
  /** Top of the checkout to commit in. */
  readonly checkout: string
  /** Absolute. Other staged or changed files stay as they are. */
  readonly paths: readonly string[]
  readonly message: string
}

/** All refs move or none does; each `old` is checked. */
export interface UpdateRefs {
  readonly kind: 'update_refs'
  readonly repo: string
  readonly message: string
  readonly updates: readonly RefUpdate[]
}

export interface RefUpdate {
  /** Full name. */
  readonly ref: string
  /** Null creates. */
  readonly old: Sha | null
  /** Null deletes. */
  readonly new: Sha | null
  /** What goes was built by us from commits that are kept: it needs no backup. */
  readonly built?: boolean
}

/** Moves the index and files of a checkout whose branch was moved from `from` to `to`; never overwrites an edit. */
export interface MoveCheckout {
  readonly kind: 'move_checkout'
  readonly checkout: string
  readonly from: Sha
  readonly to: Sha
}

/** Puts a checkout on a branch, made at its commit when new; refused when an edit would be lost (ADR 0013). */
export interface SwitchBranch {
  readonly kind: 'switch_branch'
  readonly checkout: string
  /** Short name. */
  readonly branch: string
}

export interface AddWorktree {
  readonly kind: 'add_worktree'
  readonly repo: string
  readonly path: string
  /** Short name. */
  readonly branch: string
  /** Where a new branch starts; left out when the branch exists. */
  readonly start?: string
}

/**
 * A worktree with uncommitted work is an error of the plan. Commits that only it led to are put under
 * `refs/kitty/backup/` first, as they are for a branch that `update_refs` deletes.
 */
export interface RemoveWorktree {
  readonly kind: 'remove_worktree'
  readonly repo: string
  readonly path: string
}

/** What the server is told: no change to the world, handed to the outbox after the commit (`Ports.tell`). */
export interface QueuedFact {
  /** Of the log row that says the same: one fact, one id. */
  readonly event_id?: string
  /** When it happened; now when left out. */
  readonly at?: string
  readonly event_type: string
  readonly aggregate_id: string
  readonly payload: Readonly<Record<string, unknown>>
}

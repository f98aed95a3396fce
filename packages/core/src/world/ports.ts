/**
 * What core may ask of the world. Primitives only: retry, atomic write and locking policy are functions
 * above them. `host/ports.ts` holds the one list of real implementations.
 *
 * All paths are absolute unless a name says otherwise. Reading methods change nothing.
 */
import type { Sha } from '@spec-kitty/contracts/ids'
import type { Json } from '@spec-kitty/contracts/json'
import type { Change, QueuedFact } from './change.ts'
import type { SyncPorts } from './sync-ports.ts'

export interface Ports {
  readonly env: Env
  readonly files: Files
  readonly git: Git
  readonly clock: Clock
  readonly ids: Ids
  readonly locks: Locks
  readonly yaml: Yaml
  /** One line for the person, on stderr. Never part of the answer. */
  readonly note: (line: string) => void
  /** What was made of files that have not changed since; only who stays has it. */
  readonly kept?: Kept | undefined
  /** Network, login and spool: loaded when asked for, never with sync off. */
  readonly sync: () => Promise<SyncPorts>
  /**
   * Performs changes in order; on failure undoes the file changes of this call and throws. Refuses them all as
   * `outside_project` when one leads out of the project. `named`: a directory elsewhere that the user named.
   */
  readonly apply: (changes: readonly Change[], named?: string) => Promise<void>
  /** Hands facts to the outbox of sync, durable when it resolves; nothing happens with sync off. Never throws. */
  readonly tell: (facts: readonly QueuedFact[]) => Promise<void>
}

export interface Env {
  readonly cwd: string
  readonly get: (name: string) => string | undefined
  /** Runs a user-configured shell command (worktree set-up, acceptance tests). Resolves with its outcome, whatever it is. */
  readonly shell: (command: string, options: RunOptions) => Promise<ShellResult>
  /** The same of a program with its words, no shell between. */
  readonly run: (words: readonly [string, ...string[]], options: RunOptions) => Promise<ShellResult>
  /** Absolute path of the program that a name means on PATH; undefined where there is none. */
  readonly find: (program: string) => string | undefined
  /** True while a process with this id exists on this machine. */
  readonly isAlive: (pid: number) => boolean
  readonly pid: number
  /** When this process began, in seconds since 1970 as decimal text: with `pid` it names the process for good. */
  readonly startedAt: string
  readonly hostname: string
}

export interface RunOptions {
  readonly cwd: string
  readonly limitMs: number
  /** Characters of the output, from its end; 64 Ki where left out. */
  readonly keep?: number
  /** Variables besides those of this process. */
  readonly env?: Readonly<Record<string, string>>
}

export interface ShellResult {
  /** Exit status; null when it was ended by the time limit or a signal. */
  readonly status: number | null
  /** stdout and stderr in the order written, cut to their end. */
  readonly output: string
}

export interface FileStat {
  readonly kind: 'file' | 'directory' | 'link' | 'other'
  readonly size: number
  readonly mtimeMs: number
  /** Tells a file from another that was put in its place. */
  readonly id: number
  readonly executable: boolean
}

/** Synchronous on purpose: for many small files it is several times cheaper than promises. */
export interface Files {
  /** Bytes of a file, from an offset on where one is given; undefined when there is none. Throws `io_failed` for anything else. */
  readonly bytes: (path: string, offset?: number) => Uint8Array | undefined
  /** UTF-8 text of a file, byte order mark kept; undefined when there is none. */
  readonly text: (path: string) => string | undefined
  /**
   * The same of a long file, in pieces that end with a line; undefined when it is short, or there is none. What is
   * appended later is not read. Throws `not_utf8` when it reaches such a piece.
   */
  readonly pieces: (path: string) => Iterable<string> | undefined
  /**
   * The text up to the line that closes a front matter, and all of it where no such line stands near the beginning:
   * what comes after need not be text.
   */
  readonly front: (path: string) => string | undefined
  /** Names in a directory, sorted by code point; empty when there is none. */
  readonly list: (path: string) => readonly string[]
  /** Does not follow a link. */
  readonly stat: (path: string) => FileStat | undefined
}

export interface Kept {
  /** What `make` made of the file or directory at `path`, made anew once it is another. What fails is not kept. */
  readonly of: <T>(what: string, path: string, make: () => T) => T
}

export interface Clock {
  /** Now, UTC, as `YYYY-MM-DDTHH:MM:SS.ffffff+00:00`; strictly later than the last answer. */
  readonly now: () => string
  readonly sleep: (ms: number) => Promise<void>
}

export interface Ids {
  /** A ULID, monotonic within the process. */
  readonly ulid: () => string
  /** Lower-case hexadecimal digits. */
  readonly hex: (digits: number) => string
}

export interface Locks {
  /**
   * Takes an exclusive flock(2) on `path`, made when missing and never removed. Two flows of one process
   * exclude each other too. Throws `lock_busy` with the holder's pid after `waitMs`.
   */
  readonly acquire: (path: string, waitMs: number) => Promise<Lock>
}

export interface Lock {
  readonly release: () => void
}

export interface StatusEntry {
  /** Two letters of `git status --porcelain`: index, work tree; `??` is untracked. */
  readonly code: string
  /** Relative to the top of the checkout, `/` separated. */
  readonly path: string
  /** The old path of a rename. */
  readonly from?: string
}

export interface Worktree {
  readonly path: string
  readonly head: Sha | null
  /** Short branch name; null when detached. */
  readonly branch: string | null
  readonly prunable: boolean
  /** Git was told never to forget it, though its folder may be away. */
  readonly locked?: boolean
  /** The branch that an open operation will go back to: git lets no other worktree have it. */
  readonly holds?: { readonly branch: string; readonly operation: 'rebase' | 'bisect' }
}

/** What lies staged in a worktree whose folder is gone, and in no commit. */
export interface Staged {
  /** The commit that it was staged on; null where nothing tells. */
  readonly base: Sha | null
  /** The worktree's head is there still. */
  readonly atHead: boolean
  /** Relative to the top. */
  readonly paths: readonly string[]
}

/** Whether git counts a branch as checked out there. */
export function occupies(tree: Pick<Worktree, 'branch' | 'holds'>, branch: string): boolean {
  return tree.branch === branch || tree.holds?.branch === branch
}

export interface MergeTree {
  readonly tree: Sha
  /** What git says by its exit status: there are conflicts of which it names no file. */
  readonly clean: boolean
  /** Paths in conflict as they are in the two commits, sorted; empty when the merge is clean. */
  readonly conflicts: readonly string[]
  /** What git says of the conflicts. */
  readonly messages: readonly string[]
}

export interface TreeEdit {
  /** Relative to the top of the tree. */
  readonly path: string
  /** New blob, or null to remove the path. */
  readonly blob: Sha | null
  readonly mode?: string
}

/** A checkout in which every file that git follows is as the index says. */
export interface Quiet {
  /** What the index comes to. */
  readonly tree: Sha
  /** What else is there, ignored or not; a folder that holds nothing of git's ends in `/`. */
  readonly others: readonly string[]
}

/** A file as git stores it. */
export interface PlacedBlob {
  /** Relative to the top of the tree. */
  readonly path: string
  readonly blob: Sha
  readonly mode: string
}

/** Where a branch goes when it is pushed. */
export interface PushPlace {
  readonly remote: string
  /** Its name there. */
  readonly branch: string
}

/** One path that differs: what it is in the second of two trees; nulls where it is gone. */
export interface TreeDiff {
  readonly path: string
  readonly blob: Sha | null
  readonly mode: string | null
  /** It was not there in the first tree. */
  readonly added: boolean
}

export interface PatchRequest {
  /** Only this file. */
  readonly path?: string | undefined
  /** Files that are listed at most. */
  readonly files: number
  /** Bytes of one patch, and of all together. */
  readonly each: number
  readonly total: number
}

export interface Patches {
  readonly files: readonly PatchedFile[]
  /** Of all, also those that are not listed. */
  readonly count: number
}

export interface PatchedFile {
  readonly path: string
  readonly oldPath: string | null
  readonly status: 'added' | 'modified' | 'deleted' | 'renamed'
  /** Lines; null for a binary file. */
  readonly additions: number | null
  readonly deletions: number | null
  /** From the first `@@` on; null where there is none or it is too long. */
  readonly patch: string | null
  readonly cut: boolean
}

/** What stands in a tree under a name. */
export interface TreeEntry {
  readonly mode: string
  readonly id: Sha
}

/**
 * The object store of a repository, for one scope: one process for everything that is read, none for what is written.
 * `rev` is a commit, a tree, or a name of one. Close it when the scope ends.
 */
export interface Objects {
  /** Contents of blobs: ids or `rev:path`, undefined where absent. */
  readonly blobs: (specs: readonly string[]) => Promise<readonly (Uint8Array | undefined)[]>
  readonly find: (rev: string, path: string) => Promise<TreeEntry | undefined>
  /** Names in a directory of a tree; empty where there is none. */
  readonly list: (rev: string, path: string) => Promise<readonly string[]>
  /** What a commit says; undefined where there is no such commit. */
  readonly message: (commit: string) => Promise<string | undefined>
  /** Paths that differ, without looking for renames. */
  readonly diff: (from: string, to: string) => Promise<readonly TreeDiff[]>
  /** The tree of `base` with edits; a path that is there keeps its mode where none is given. */
  readonly edit: (base: string, edits: readonly TreeEdit[]) => Promise<Sha>
  /** Stores contents as they are; `like` is any object id of the repository. */
  readonly write: (content: Uint8Array, like: Sha) => Sha
  /** A commit in nobody's name, to merge with: no reference will ever name it. */
  readonly commit: (tree: Sha, parents: readonly Sha[], message: string) => Sha
  readonly close: () => void
}

export interface NewCommit {
  readonly tree: Sha
  readonly parents: readonly Sha[]
  readonly message: string
  /** Author, date and message of this commit are taken over. */
  readonly like?: Sha
  /** Sign when the user's configuration says so; `always` for one who has asked it already. */
  readonly sign?: boolean | 'always'
}

/**
 * Git in our terms. `repo` is any directory inside the repository. Every method is one git process unless
 * it says otherwise. A failing git is `git_failed` with its arguments and stderr.
 */
export interface Git {
  /** Major, minor, patch. Throws `git_missing`. */
  readonly version: () => Promise<readonly [number, number, number]>
  /** Makes a repository, and the directory when it is missing, with the user's settings for new ones. */
  readonly init: (directory: string) => Promise<void>
  /** Values of configuration keys, in order; null where unset. */
  readonly config: (repo: string, keys: readonly string[]) => Promise<readonly (string | null)[]>
  /** All effective settings, by the key that git prints: section and variable in lower case. */
  readonly settings: (repo: string) => Promise<ReadonlyMap<string, string>>
  /** Why git does not know in whose name to commit; undefined when it does. Two processes. */
  readonly identityProblem: (repo: string) => Promise<string | undefined>
  /** Why a commit cannot be signed; undefined when it can. Two processes. */
  readonly signatureProblem: (repo: string) => Promise<string | undefined>
  /** Submodules of a worktree hold work that is nowhere else, so that git removes it for nobody. No process without submodules. */
  readonly holdsModules: (worktree: string) => Promise<boolean>
  /** The checked-out branch (null when detached) and its commit (null when unborn). Read by hand, no process. */
  readonly head: (checkout: string) => { readonly branch: string | null; readonly sha: Sha | null }
  /** The branch that a short name stands for: itself, but for a symbolic reference to another. Read by hand, no process. */
  readonly finalBranch: (checkout: string, branch: string) => string
  /** Commit ids of revisions, null where a name does not exist. One process for all. */
  readonly resolve: (repo: string, revs: readonly string[]) => Promise<readonly (Sha | null)[]>
  /** References by full name, without those that do not exist. Read by hand, no process. */
  readonly named: (checkout: string, names: readonly string[]) => ReadonlyMap<string, Sha>
  /** Full reference names under the prefixes → object ids. */
  readonly refs: (repo: string, prefixes: readonly string[]) => Promise<ReadonlyMap<string, Sha>>
  /** Changed and untracked files; `paths` narrows. Renames detected. Never refreshes the index on disk. */
  readonly status: (checkout: string, paths?: readonly string[]) => Promise<readonly StatusEntry[]>
  /**
   * Undefined when it is not certain that nothing was changed, or there are more than `most` files: git looks at a
   * thousand in the time that its start takes here. Read by hand, no process.
   */
  readonly quiet: (checkout: string, most?: number) => Quiet | undefined
  /** Git looks at every file that it follows, so that an empty status tells of all. Read by hand, no process. */
  readonly isPlain: (checkout: string) => boolean
  /** Of a worktree whose folder is gone; undefined where nothing is. One process, two where something may be. */
  readonly stagedIn: (repo: string, path: string) => Promise<Staged | undefined>
  /** The primary one first. Read by hand, no process. */
  readonly worktrees: (repo: string) => Promise<readonly Worktree[]>
  readonly isAncestor: (repo: string, ancestor: string, descendant: string) => Promise<boolean>
  /** Null when the histories are unrelated. */
  readonly mergeBase: (repo: string, a: string, b: string) => Promise<Sha | null>
  /** Commits that the tips reach and `exclude` does not, each with its parents. */
  readonly graph: (
    repo: string,
    tips: readonly Sha[],
    exclude: Sha,
  ) => Promise<ReadonlyMap<Sha, readonly Sha[]>>
  /** Commits in `to` that are not in `from`, oldest first. */
  readonly commits: (repo: string, from: string, to: string) => Promise<readonly Sha[]>
  /** Commits that changed a file (relative to the top), newest first: those behind the head, or behind all references. */
  readonly changesOf: (repo: string, path: string, behind: 'HEAD' | '--all') => Promise<readonly Sha[]>
  /** Paths that differ between two commits or trees. */
  readonly changedPaths: (repo: string, from: string, to: string) => Promise<readonly string[]>
  /** The same with contents, for several pairs of commits; the second commits must be distinct. One process for all. */
  readonly diffs: (
    repo: string,
    pairs: readonly (readonly [from: Sha, to: Sha])[],
  ) => Promise<readonly (readonly TreeDiff[])[]>
  /** What `to` changes in `from`, file by file. Two processes; patches are cut, so that no commit can fill the memory. */
  readonly patches: (repo: string, from: Sha, to: Sha, ask: PatchRequest) => Promise<Patches>
  /** A scope of reading and writing objects. */
  readonly objects: (repo: string) => Objects
  /** Contents of `rev:path` specifications, undefined where absent. One process for all. */
  readonly blobs: (repo: string, specs: readonly string[]) => Promise<readonly (Uint8Array | undefined)[]>
  /** Stores files of a checkout (relative to its top) as git would add them, with line ends and filters as configured. */
  readonly storeFiles: (checkout: string, paths: readonly string[]) => Promise<readonly Sha[]>
  /**
   * Merges of pairs of commits as objects, no reference or file touched: one process for all of them, with git 2.38 one
   * for each pair. Undefined contents of a pair are `git_failed`.
   */
  readonly mergeTrees: (
    repo: string,
    pairs: readonly (readonly [ours: Sha, theirs: Sha])[],
  ) => Promise<readonly MergeTree[]>
  /**
   * What git makes of three files as text: conflict markers where two changes collide, or with `union` the lines of
   * both. Nothing is written. Undefined where one of them has NUL bytes.
   */
  readonly mergeText: (
    cwd: string,
    files: { readonly base: string; readonly ours: string; readonly theirs: string },
    union: boolean,
  ) => Promise<{ readonly bytes: Uint8Array; readonly clean: boolean } | undefined>
  /** Commits that no reference leads to, reflogs apart. */
  readonly lostCommits: (repo: string) => Promise<readonly Sha[]>
  /**
   * Git's own dry run of `move_checkout`: what it would complain about. `adopted` are files that will have their new
   * content by then. One process, up to three more where the index has to be looked at again.
   */
  readonly rehearseMove: (
    checkout: string,
    from: Sha,
    to: Sha,
    adopted: readonly PlacedBlob[],
  ) => Promise<string | undefined>
  /** `Name <address>` of the authors of these commits, each once. */
  readonly authors: (repo: string, commits: readonly Sha[]) => Promise<readonly string[]>
  /** The lock of another git on the index of a checkout; one that a killed git of ours left does not count. No process. */
  readonly indexLock: (checkout: string) => string | undefined
  /** Files that git was told not to look at → the option of `git update-index` that takes the order back. */
  readonly hiddenFiles: (checkout: string) => Promise<ReadonlyMap<string, string>>
  /** Those of them that lie there with another content than the index has: no status shows them. */
  readonly hiddenEdits: (checkout: string) => Promise<readonly string[]>
  /** What git says where a required filter does not give the contents of one of these files. */
  readonly filterProblem: (checkout: string, files: readonly PlacedBlob[]) => Promise<string | undefined>
  readonly commitTree: (repo: string, commit: NewCommit) => Promise<Sha>
  /** Brings remote-tracking references up to date: a branch's, and those that match `also` (`prefix*`). Throws `git_failed`. */
  readonly fetch: (repo: string, remote: string, branch: string, also: readonly string[]) => Promise<void>
  /** Pushes a branch, never by force. Throws `push_refused`. */
  readonly push: (repo: string, branch: string, to: PushPlace) => Promise<void>
  /** Puts a commit in the place of what a branch of a remote holds now (null: nothing). Throws `push_refused`. */
  readonly publish: (repo: string, commit: Sha, to: PushPlace, expected: Sha | null) => Promise<void>
  /** Where a branch of a remote stands, asked there; null where it is not. Throws `git_failed`. */
  readonly remoteHead: (repo: string, at: PushPlace) => Promise<Sha | null>
}

/** The full YAML library, loaded when first needed: `text/yaml.ts` reads ordinary files without it. */
export interface Yaml {
  /** The value of a document. Throws `file_malformed` with `data.line` (1-based, within the text). */
  readonly parse: (text: string) => Promise<unknown>
  /** Sets top-level keys (undefined removes one) and leaves every other byte alone. */
  readonly edit: (text: string, values: Readonly<Record<string, Json | undefined>>) => Promise<string>
}

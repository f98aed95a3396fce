/**
 * The one error class for refusals that a user can meet, and the table of its codes.
 * Any other Error is a bug and is reported as one.
 */
import type { Json, JsonObject } from './json.ts'
import type { Remedy } from './sh.ts'

/** Exit status: 1 refused or failed, 2 the request itself could not be understood, 130 as a shell tells Ctrl-C. */
export const ERROR_CODES = {
  usage: 2,
  mission_not_found: 2,
  not_in_this_edition: 2,
  ambiguous_mission: 1,
  mission_required: 1,
  not_a_repository: 1,
  git_missing: 1,
  git_too_old: 1,
  git_failed: 1,
  push_refused: 1,
  landing_moved: 1,
  not_landed: 1,
  no_project: 1,
  schema_too_old: 4,
  schema_too_new: 5,
  wp_not_found: 1,
  invalid_lane: 1,
  invalid_input: 1,
  illegal_transition: 1,
  guard_failed: 1,
  not_ready: 1,
  log_missing: 1,
  log_corrupt: 1,
  file_malformed: 1,
  not_utf8: 1,
  tasks_missing: 1,
  file_changed: 1,
  outside_project: 1,
  protected_branch: 1,
  dirty_worktree: 1,
  lock_busy: 1,
  coordination_mission: 1,
  branch_identity_unresolved: 1,
  detached_head: 1,
  in_worktree: 1,
  merge_in_progress: 1,
  merge_not_abortable: 1,
  merge_not_resumable: 1,
  no_merge_to_resume: 1,
  tasks_not_finalized: 1,
  tasks_invalid: 1,
  decision_refused: 1,
  mission_incomplete: 1,
  lane_branch_lost: 1,
  dependency_lane_conflict: 1,
  dependencies_not_satisfied: 1,
  claimed_by_other: 1,
  setup_failed: 1,
  setup_not_trusted: 1,
  tour_failed: 1,
  sync_disabled: 1,
  not_logged_in: 1,
  login_failed: 1,
  session_unreadable: 1,
  sync_failed: 1,
  io_failed: 1,
  interrupted: 130,
  internal: 1,
} as const satisfies Record<string, 1 | 2 | 4 | 5 | 130>

export type ErrorCode = keyof typeof ERROR_CODES

/** A file that cannot be read, and how to know a copy of it that can. */
export interface Restore {
  /** Absolute. */
  readonly path: string
  /** Reads a copy; throws what it throws where that cannot be read either. */
  readonly read: (text: string) => unknown
  /** What to do where nobody ever committed such a copy. */
  readonly otherwise: Remedy
  /** What to say with the command that takes it. */
  readonly say?: (command: Remedy) => Remedy
}

interface Details {
  /** The remedy: one sentence or one command that can be pasted. */
  readonly hint?: Remedy | undefined
  /** Further keys of the JSON answer. A key named `error` replaces the message there (3.2.0 words). */
  readonly data?: JsonObject | undefined
  readonly cause?: unknown
  /** The file it is about: the last commit with a copy that can be read belongs into the remedy. */
  readonly restore?: Restore | undefined
}

export class KittyError extends Error {
  readonly code: ErrorCode
  readonly hint: Remedy | undefined
  readonly data: JsonObject
  readonly restore: Restore | undefined

  constructor(code: ErrorCode, message: string, details: Details = {}) {
    super(message, { cause: details.cause })
    this.name = 'KittyError'
    this.code = code
    this.hint = details.hint
    this.data = details.data ?? {}
    this.restore = details.restore
  }

  get status(): number {
    return ERROR_CODES[this.code]
  }

  /** The document that `--json` prints: `{error, code, hint?, …data}`. */
  toJson(): JsonObject {
    const base: Record<string, Json> = { error: this.message, code: this.code }
    if (this.hint !== undefined) base.hint = this.hint
    return { ...base, ...this.data }
  }
}

/** What is read, or what is made of its refusal; whatever else is thrown goes on. */
export function unlessRefused<T, E>(read: () => T, refused: (error: KittyError) => E): T | E {
  try {
    return read()
  } catch (error) {
    if (error instanceof KittyError) return refused(error)
    throw error
  }
}

/** The same for what takes its time. */
export async function unlessRefusedLater<T, E>(
  read: () => Promise<T>,
  refused: (error: KittyError) => E,
): Promise<T | E> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof KittyError) return refused(error)
    throw error
  }
}

const UNREADABLE: readonly ErrorCode[] = ['file_malformed', 'not_utf8', 'io_failed']

/** True for a refusal that is about one file: what lists files tells it and goes on. */
export function isUnreadable(error: unknown): error is KittyError {
  return error instanceof KittyError && UNREADABLE.includes(error.code)
}

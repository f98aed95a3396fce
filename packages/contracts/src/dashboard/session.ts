/** `GET /api/v2/session`, what the page posts, and what `GET /api/v2/events` sends. */
import * as v from 'valibot'
import type { MergeDryRun } from '../cli/merge-dry-run.ts'
import { KittyError } from '../errors.ts'
import type { MissionCards, MissionDetail, MissionDocument } from './missions.ts'
import type { PackageDetail, PackageDiff } from './package.ts'
import type { Timeline } from './story.ts'

const Text = v.string()
const Lines = v.array(v.string())

export const Session = v.object({
  version: Text,
  project: v.object({ name: Text, path: Text, branch: v.nullable(Text) }),
  /** Nothing can be changed: started with --read-only, or this browser has not been let in by the printed address. */
  read_only: v.boolean(),
  read_only_reason: v.nullable(Text),
  /** To be sent as `X-Spec-Kitty-Token` with whatever acts; null when read_only. */
  request_token: v.nullable(Text),
  /** Name in git of who acts. */
  actor: v.nullable(Text),
})
export type Session = v.InferOutput<typeof Session>

/** Something changed: ask again for what shows it. The `id` of the message resumes behind it. */
export const ChangeMessage = v.object({
  /** Null: the list of missions itself, or settings of the project. */
  mission: v.nullable(Text),
  /** `state`: log, packages, subtasks; `documents`; `lanes`: branches and worktrees. */
  what: v.array(v.picklist(['state', 'documents', 'lanes'])),
  at: Text,
})
export type ChangeMessage = v.InferOutput<typeof ChangeMessage>

export const MoveRequest = v.strictObject({
  to: Text,
  note: v.optional(Text),
  force: v.optional(v.boolean()),
})
export const ApproveRequest = v.strictObject({ note: v.optional(Text), reviewer: v.optional(Text) })
/** A comment on a line of the diff. */
export const LineComment = v.strictObject({
  path: Text,
  line: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** `old` counts the lines of the base. */
  side: v.picklist(['new', 'old']),
  /** The line itself, to be quoted. */
  quote: v.optional(Text),
  text: Text,
})
export type LineComment = v.InferOutput<typeof LineComment>
export const RejectRequest = v.strictObject({
  feedback: v.optional(Text),
  comments: v.optional(v.array(LineComment)),
  reviewer: v.optional(Text),
})
export const StartReviewRequest = v.strictObject({ agent: v.optional(Text) })
export const SubtasksRequest = v.strictObject({ ids: Lines, status: v.picklist(['done', 'pending']) })
export const MergeRequest = v.strictObject({
  strategy: v.optional(v.picklist(['merge', 'squash', 'rebase'])),
  push: v.optional(v.boolean()),
  delete_branch: v.optional(v.boolean()),
  remove_worktree: v.optional(v.boolean()),
})

/** What a page sent, in its declared form. Throws `usage`, naming the key. */
export function readRequest<S extends v.GenericSchema>(schema: S, body: unknown): v.InferOutput<S> {
  const read = v.safeParse(schema, body)
  if (read.success) return read.output
  const [issue] = read.issues
  const key = issue.path?.map(part => String(part.key)).join('.') ?? 'the body'
  throw new KittyError('usage', `${key} of the request is not understood: ${issue.message}`)
}

/** What the page of `--out` carries in place of a server: paths of the API below /api/v2 → answers. */
export interface Snapshot {
  readonly session: Session
  readonly taken_at: string
  readonly answers: Readonly<
    Record<
      string,
      MissionCards | MissionDetail | Timeline | PackageDetail | PackageDiff | MissionDocument | MergeDryRun
    >
  >
}

/** What the page asks to be done: each through the flow of its command, with that flow's refusals. */
import type { AgentActionReview } from '@spec-kitty/contracts/cli/agent-action-review'
import type { MarkStatus } from '@spec-kitty/contracts/cli/mark-status'
import type { Merge } from '@spec-kitty/contracts/cli/merge'
import type { MoveTask } from '@spec-kitty/contracts/cli/move-task'
import {
  ApproveRequest,
  type LineComment,
  MergeRequest,
  MoveRequest,
  RejectRequest,
  readRequest,
  StartReviewRequest,
  SubtasksRequest,
} from '@spec-kitty/contracts/dashboard/session'
import { mergeMission } from '../merge/merge.ts'
import { claimReview } from '../review/claim.ts'
import { markStatus } from '../tasks/mark-status/mark-status.ts'
import { moveTask } from '../tasks/move-task/move-task.ts'
import type { Ports } from '../world/ports.ts'

/** Who acts, and on what; `user` is the name in git of whoever started the dashboard. */
export interface Actor {
  readonly user: string
  readonly version: string
}

type Act<R> = (
  ports: Ports,
  actor: Actor,
  about: { mission: string; wp: string },
  body: unknown,
) => Promise<R>

/** By the last word of the path. A body that is not understood is `usage`. */
export const PACKAGE_ACTS: Readonly<Record<string, Act<MoveTask | AgentActionReview | MarkStatus>>> = {
  approve: (ports, { user }, { mission, wp }, body) => {
    const { note, reviewer } = readRequest(ApproveRequest, body)
    return moveTask(ports, { mission, taskId: wp, to: 'approved', note, reviewer: reviewer ?? user })
  },
  reject: (ports, { user }, { mission, wp }, body) => {
    const { reviewer, ...said } = readRequest(RejectRequest, body)
    const reviewFeedback = feedbackText(said)
    return moveTask(ports, { mission, taskId: wp, to: 'planned', reviewFeedback, reviewer: reviewer ?? user })
  },
  'start-review': (ports, { user }, { mission, wp }, body) => {
    const { agent } = readRequest(StartReviewRequest, body)
    return claimReview(ports, { mission, wpId: wp, agent: agent ?? user })
  },
  move: (ports, { user }, { mission, wp }, body) => {
    const { to, note, force } = readRequest(MoveRequest, body)
    return moveTask(ports, {
      mission,
      taskId: wp,
      to,
      note,
      force,
      agent: to === 'claimed' ? user : undefined,
    })
  },
  subtasks: (ports, _actor, { mission }, body) => {
    const { ids, status } = readRequest(SubtasksRequest, body)
    return markStatus(ports, { mission, taskIds: ids, status })
  },
}

/** The merge itself; its dry run is a question. */
export function mergeFromPage(
  ports: Ports,
  { version }: Actor,
  mission: string,
  body: unknown,
): Promise<Merge> {
  const { strategy, push, delete_branch, remove_worktree } = readRequest(MergeRequest, body)
  return mergeMission(ports, {
    mission,
    version,
    strategy,
    push,
    deleteBranch: delete_branch,
    removeWorktree: remove_worktree,
  })
}

/** Words first, then the comments by file and line, each below the line it is about. */
export function feedbackText({
  feedback = '',
  comments = [],
}: {
  readonly feedback?: string | undefined
  readonly comments?: readonly LineComment[] | undefined
}): string {
  const sorted = comments.toSorted((a, b) => (a.path === b.path ? a.line - b.line : a.path < b.path ? -1 : 1))
  return [feedback.trim(), ...sorted.map(commentText)].filter(part => part !== '').join('\n\n')
}

function commentText({ path, line, side, quote, text }: LineComment): string {
  const where = `**${plain(path)}:${line}**${side === 'old' ? ' (before the change)' : ''}`
  const quoted = quote === undefined || quote.trim() === '' ? [] : [`> \`${plain(quote).trim()}\``]
  return [where, '', ...quoted, ...(quoted.length > 0 ? [''] : []), text.trim()].join('\n')
}

/** On one line, and nothing that ends a span of code. */
function plain(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replaceAll('`', "'")
}

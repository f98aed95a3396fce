/** The stack (ADR 0008): for every id the strategies in their order; the first that knows it decides. Pure. */
import type { MarkStatus, TaskFormat, TaskIdResult } from '@spec-kitty/contracts/cli/mark-status'
import type { NewTransition } from '@spec-kitty/contracts/files/events'
import type { TasksDocument } from '../../repo/tasks/document.ts'
import type { TaskState } from '../../repo/tasks/rows.ts'
import { checkbox } from './checkbox.ts'
import { inlineSubtasks } from './inline-subtasks.ts'
import { pipeTable } from './pipe-table.ts'
import type { TextStrategy } from './verdict.ts'
import { type WpLog, wpId } from './wp-id.ts'

/** An id as asked for: bare, with what its qualifier says about the mission. */
export interface AskedId {
  /** Upper case when it looks like an id, else as typed. */
  readonly id: string
  /** Why it cannot be looked for here; undefined when it can. */
  readonly refusal?: string | undefined
}

export interface Resolution {
  readonly document: TasksDocument
  readonly events: readonly NewTransition[]
  readonly answer: MarkStatus
}

const TEXT_STRATEGIES: readonly (readonly [TaskFormat, TextStrategy])[] = [
  ['checkbox', checkbox],
  ['pipe_table', pipeTable],
  ['inline_subtasks', inlineSubtasks],
]

/** Resolves every id on top of what the ones before it changed. Without a log no work package is known. */
export function resolveIds(
  document: TasksDocument,
  log: WpLog | undefined,
  asked: readonly AskedId[],
  state: TaskState,
): Resolution {
  let current = document
  const events: NewTransition[] = []
  const moved = new Map<string, NewTransition>()
  const ahead = log === undefined ? undefined : withMoves(log, moved)
  const results = asked.map(({ id, refusal }): TaskIdResult => {
    if (refusal !== undefined) return { id, outcome: 'not_found', format: null, message: refusal }
    for (const [format, strategy] of TEXT_STRATEGIES) {
      const verdict = strategy(current, id, state)
      if (verdict === undefined) continue
      if (verdict.kind === 'edit') current = verdict.document
      return {
        id,
        outcome: verdict.kind === 'edit' ? 'updated' : 'already_satisfied',
        format,
        message: verdict.message,
      }
    }
    const verdict = ahead === undefined ? undefined : wpId(ahead, id, state)
    if (verdict === undefined) return unknown(id)
    if (verdict.kind === 'transition') {
      events.push(verdict.event)
      moved.set(verdict.event.wp_id, verdict.event)
    }
    return { id, outcome: WP_OUTCOME[verdict.kind], format: 'wp_id', message: verdict.message }
  })
  return { document: current, events, answer: { results, summary: summarize(results) } }
}

/** The log as it will be: an id that is named twice is moved once. */
function withMoves(log: WpLog, moved: ReadonlyMap<string, NewTransition>): WpLog {
  return {
    ...log,
    standing: wp => {
      const event = moved.get(wp)
      return event === undefined ? log.standing(wp) : { lane: event.to_lane, holder: event.actor }
    },
  }
}

const WP_OUTCOME = { transition: 'updated', satisfied: 'already_satisfied', refused: 'not_found' } as const

function unknown(id: string): TaskIdResult {
  const message = `${id} was not found in any supported task format.`
  return { id, outcome: 'not_found', format: null, message }
}

function summarize(results: readonly TaskIdResult[]): MarkStatus['summary'] {
  const count = (outcome: TaskIdResult['outcome']): number =>
    results.filter(result => result.outcome === outcome).length
  return {
    updated: count('updated'),
    already_satisfied: count('already_satisfied'),
    not_found: count('not_found'),
  }
}

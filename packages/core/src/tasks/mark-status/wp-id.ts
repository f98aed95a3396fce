/** Strategy 4: `WP02`. Validates the lane change and answers with its event; knows nothing of files. */
import type { JsonObject } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { type EventOwner, planTransition, type Stamp, type Standing } from '../../repo/log/transition.ts'
import type { TaskState } from '../../repo/tasks/rows.ts'
import { readWpId } from '../../text/wp-id.ts'
import type { WpVerdict } from './verdict.ts'

/** What the log says about the work packages that were asked for. */
export interface WpLog {
  readonly owner: EventOwner
  /** Undefined: the mission has no such work package. */
  readonly standing: (wpId: string) => Standing | undefined
  /** Evidence of the last approval. */
  readonly approval: (wpId: string) => JsonObject | undefined
  readonly stamp: () => Stamp
}

const TARGET: { readonly [state in TaskState]: Lane } = { done: 'done', pending: 'planned' }

/** Undefined: the id is not that of a work package. */
export function wpId(log: WpLog, id: string, state: TaskState): WpVerdict | undefined {
  const wp = readWpId(id)
  if (wp === undefined) return undefined
  const from = log.standing(wp)
  const to = TARGET[state]
  if (from === undefined)
    return { kind: 'refused', message: `${wp}: mission ${log.owner.slug} has no such work package.` }
  if (from.lane === to) return { kind: 'satisfied', message: `${wp} is already ${to}.` }
  const reason = `mark-status: ${from.lane} -> ${to}`
  const evidence = to === 'done' ? log.approval(wp) : undefined
  const request = { wpId: wp, to, actor: 'user', reason, ...(evidence === undefined ? {} : { evidence }) }
  const { refusal, event } = planTransition(log.owner, from, request, log.stamp())
  if (refusal !== undefined)
    return { kind: 'refused', message: `${wp}: ${refusal.message}. ${refusal.hint ?? ''}`.trim() }
  return { kind: 'transition', event, message: `Moved ${wp} from ${from.lane} to ${to}.` }
}

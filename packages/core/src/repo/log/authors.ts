/** Who built a work package and who approved it, as far as the log names them. */
import type { Transition } from '@spec-kitty/contracts/files/events'
import { isObject, type Json } from '@spec-kitty/contracts/json'
import { wpKey } from '../../text/wp-id.ts'
import type { LogText } from './log.ts'
import { reduceLog } from './reduce.ts'

export interface Authors {
  readonly builder?: string | undefined
  /** Who claimed the review that is open, or was last. */
  readonly reviewer?: string | undefined
  readonly approver?: string | undefined
}

/** What commands write where nobody said who acts. */
const NOBODY: ReadonlySet<string> = new Set([
  '',
  'user',
  'implement-command',
  'recovery',
  'merge',
  'migration',
])

/** By key of the work package (`wpKey`). Throws `log_corrupt`. */
export function readAuthors(log: LogText): ReadonlyMap<string, Authors> {
  let found = new Map<string, Authors>()
  reduceLog(log, () => {
    found = new Map()
    return row => noteAuthors(found, row)
  })
  return found
}

/** Goes on by a transition that is later than all before it. */
export function noteAuthors(found: Map<string, Authors>, row: Transition): void {
  const key = wpKey(row.wp_id)
  const before = found.get(key)
  const next = after(before ?? NONE, row)
  if (next !== before) found.set(key, next)
}

const NONE: Authors = {}

function after(authors: Authors, { from_lane: from, to_lane: to, actor, evidence }: Transition): Authors {
  const who = nameOf(actor)
  switch (to) {
    case 'claimed':
    case 'in_progress':
      // What a reviewer sends back stays the work of the one who did it.
      return from === 'for_review' || from === 'in_review' || who === undefined ? authors : { builder: who }
    case 'for_review':
      return { builder: authors.builder ?? who }
    case 'in_review':
      return { ...authors, reviewer: who }
    case 'approved':
    case 'done': {
      if (from === 'approved') return authors
      const review = isObject(evidence) && isObject(evidence.review) ? evidence.review.reviewer : undefined
      return { ...authors, approver: approverOf(authors, who, nameOf(review)) }
    }
    default:
      return authors
  }
}

/** Who acts counts before whose name is written down; without a name it is whoever claimed the review. */
function approverOf(
  { reviewer }: Authors,
  who: string | undefined,
  named: string | undefined,
): string | undefined {
  return who ?? reviewer ?? named
}

/** The one who built it, when an approval by these is one of its own work. */
export function ownApproval(
  authors: Authors | undefined,
  agent: Json | undefined,
  named: string | undefined,
): string | undefined {
  if (authors?.builder === undefined) return undefined
  return approverOf(authors, nameOf(agent), nameOf(named)) === authors.builder ? authors.builder : undefined
}

/** Whether the approval that stands was given by the one who built it. */
export function isSelfApproved({ builder, approver }: Authors): boolean {
  return builder !== undefined && builder === approver
}

/** A name, `tool:model:profile:role`, or a mapping with `tool`. */
function nameOf(actor: Json | undefined): string | undefined {
  const text = isObject(actor) ? actor.tool : actor
  const name = typeof text === 'string' ? (text.split(':')[0] ?? '').trim() : ''
  return NOBODY.has(name) ? undefined : name
}

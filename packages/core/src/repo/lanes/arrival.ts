/**
 * Whether a work package's code has arrived on the target, and what was begun since. The log is the witness: a merge
 * writes `done` in the very commit that brings the code, and the branches it deletes then are not lost.
 */
import type { Transition } from '@spec-kitty/contracts/files/events'
import type { LogText } from '../log/log.ts'
import { laneOf, type Reduction, reduceLog } from '../log/reduce.ts'

export interface Arrival {
  /** When its code last arrived on the target; null when it never did. */
  readonly at: string | null
  /** Work was begun since; without an arrival: ever. */
  readonly begun: boolean
}

const NEVER: Arrival = { at: null, begun: false }
const WORK: ReadonlySet<string> = new Set(['claimed', 'in_progress', 'for_review', 'in_review', 'approved'])

/** By work package; one without events is absent. Throws `log_corrupt`. */
export function arrivals(log: LogText): ReadonlyMap<string, Arrival> {
  let found = new Map<string, Arrival>()
  reduceLog(log, () => {
    found = new Map()
    return event => noteArrival(found, event)
  })
  return found
}

/** Goes on by a transition that is later than all before it. */
export function noteArrival(found: Map<string, Arrival>, event: Transition): void {
  const before = found.get(event.wp_id) ?? NEVER
  if (event.to_lane === 'done' && event.actor === 'merge')
    found.set(event.wp_id, { at: event.at, begun: false })
  // What is taken back from the end was not begun by that.
  else if (WORK.has(event.to_lane) && event.from_lane !== 'done')
    found.set(event.wp_id, { ...before, begun: true })
  else found.set(event.wp_id, before)
}

export interface LaneArrival {
  /** Work of it is under way or approved that only its branch can hold: the branch must be there. */
  readonly awaited: boolean
  /** Code of it is on the target, and nothing was begun since: what comes next starts there. */
  readonly landed: boolean
}

/** The same for the packages of a lane together. */
export function laneArrival(
  wpIds: readonly string[],
  arrived: ReadonlyMap<string, Arrival>,
  reduction: Reduction,
): LaneArrival {
  const awaited = wpIds.some(id => isAwaited(id, arrived, reduction))
  return { awaited, landed: !awaited && wpIds.some(id => arrived.get(id)?.at != null) }
}

/** True for a package with work that is neither on the target nor given up. */
export function isAwaited(
  wpId: string,
  arrived: ReadonlyMap<string, Arrival>,
  reduction: Reduction,
): boolean {
  const state = laneOf(reduction, wpId)
  return state !== 'done' && state !== 'canceled' && (arrived.get(wpId)?.begun ?? false)
}

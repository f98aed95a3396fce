/** The event log as the merge will leave it: rows of the checkout, of the target and of lanes, by union, never by a side. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { Transition } from '@spec-kitty/contracts/files/events'
import type { Sha } from '@spec-kitty/contracts/ids'
import { type Arrival, noteArrival } from '../repo/lanes/arrival.ts'
import type { StatusFacts } from '../repo/log/emit.ts'
import { type LogText, wholeLog } from '../repo/log/log.ts'
import { unionLogs } from '../repo/log/log-union.ts'
import { type Reduction, reduceLog } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { Objects } from '../world/ports.ts'

export interface LogFacts {
  readonly text: LogText
  readonly reduction: Reduction
  /** Work package → its last approval. */
  readonly approvals: ReadonlyMap<string, Transition>
  /** Work package → whether its code has arrived on the target. */
  readonly arrived: ReadonlyMap<string, Arrival>
}

/** Whose copy of the log cannot be read, and why. */
export interface BrokenLog {
  readonly rev: string
  readonly problem: string
}

type Where = { readonly objects: Objects; readonly mission: Mission }

/** The checkout's log, united with the target's where the checkout stands elsewhere. */
export async function readLogs(where: Where, own: StatusFacts, target: Sha | null): Promise<LogFacts> {
  const { text } = own.log
  return logFacts(target === null ? text : (await unite(where, wholeLog(text), [target])).text)
}

/** Holds no row but the last approvals, however long the log is. */
function logFacts(text: LogText): LogFacts {
  let approvals = new Map<string, Transition>()
  let arrived = new Map<string, Arrival>()
  const reduction = reduceLog(text, () => {
    approvals = new Map()
    arrived = new Map()
    return event => {
      if (event.to_lane === 'approved') approvals.set(event.wp_id, event)
      noteArrival(arrived, event)
    }
  })
  return { text, reduction, approvals, arrived }
}

/** A log with every row that other commits have besides. What cannot be read is left out, and named. */
export async function unite(
  { objects, mission }: Where,
  own: string,
  revs: readonly string[],
): Promise<{ readonly text: string; readonly broken: readonly BrokenLog[] }> {
  const path = missionPaths({ dir: mission.rel }).log
  const blobs = await objects.blobs(revs.map(rev => `${rev}:${path}`))
  const known = new Set(own.split('\n'))
  const broken: BrokenLog[] = []
  const more: string[] = []
  for (const [i, blob] of blobs.entries()) {
    const text = blob === undefined ? '' : new TextDecoder().decode(blob)
    if (text.split('\n').every(line => known.has(line))) continue
    try {
      reduceLog(text)
      more.push(text)
    } catch (cause) {
      if (!(cause instanceof KittyError)) throw cause
      broken.push({ rev: revs[i] ?? '', problem: cause.message })
    }
  }
  return { text: more.length === 0 ? own : unionLogs([own, ...more]).text, broken }
}

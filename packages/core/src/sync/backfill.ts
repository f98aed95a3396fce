/**
 * `sync backfill`: what the logs say, told once more. Every row keeps its id, so the server takes what it lacks and
 * answers `duplicate` to the rest: safe to run at any time, and the way to heal whatever kept an event from its queue.
 */

import { requireSync } from '../link/switch.ts'
import { scanLog } from '../repo/log/log.ts'
import { readMissionLog } from '../repo/log/source.ts'
import { toldOf } from '../repo/log/told.ts'
import { listMissions, resolveMission } from '../repo/mission/handle.ts'
import { locateProject } from '../repo/project/locate.ts'
import { type QueueDoor, queueFacts } from './queue.ts'

export interface Backfill {
  readonly missions: number
  /** Rows of logs that the server is told of. */
  readonly events: number
  /** Of those and what goes with them, put into the queue; 0 when the checkout is opted out. */
  readonly queued: number
}

/** Rows of one write to the queue: its lock is given back in between. */
const PORTION = 500

/** Queues the rows of one mission, or of all. Throws `sync_disabled`, `mission_not_found`, `io_failed`. */
export async function syncBackfill(door: QueueDoor, handle: string | undefined): Promise<Backfill> {
  const { ports } = door
  requireSync(ports.env)
  const project = locateProject(ports)
  const missions =
    handle === undefined ? listMissions(ports, project) : [resolveMission(ports, project, handle)]
  let events = 0
  let queued = 0
  for (const mission of missions) {
    const { text } = await readMissionLog(ports, project, mission)
    const rows = [...scanLog(text)].flatMap(row =>
      row.kind === 'transition' || row.kind === 'lifecycle' ? [row.value] : [],
    )
    const facts = toldOf(mission, rows)
    events += facts.length
    for (let at = 0; at < facts.length; at += PORTION)
      queued += await queueFacts(door, facts.slice(at, at + PORTION))
  }
  return { missions: missions.length, events, queued }
}

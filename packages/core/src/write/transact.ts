/** Lock → facts → plan → apply: the shape of every command that writes to a mission (ADR 0002). */

import type { Mission } from '../repo/mission/handle.ts'
import type { Project } from '../repo/project/locate.ts'
import type { Change } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { refuseDuringMerge } from './journal.ts'
import { hold, missionLock } from './locks.ts'

export interface Plan<R> {
  readonly changes: readonly Change[]
  readonly result: R
}

/**
 * Runs `plan` under the mission's lock and performs what it planned. `plan` reads the facts itself, so that
 * nothing it decides on can change before it is done. Throws whatever it refuses with, or `lock_busy`.
 */
export async function transact<R>(
  ports: Ports,
  project: Project,
  mission: Pick<Mission, 'slug'>,
  plan: () => Promise<Plan<R>> | Plan<R>,
): Promise<R> {
  return await hold(ports, [missionLock(project, mission.slug)], async () => {
    refuseDuringMerge(ports, project, mission.slug)
    const { changes, result } = await plan()
    await ports.apply(changes)
    return result
  })
}

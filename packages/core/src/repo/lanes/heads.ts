/** Where the lane of a work package stands when it moves. Later editions and a merge ask what an approval has seen. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import type { Project } from '../project/locate.ts'
import { executionLane, readLanes } from './manifest.ts'
import { laneBranch, PLANNING_LANE } from './names.ts'

/**
 * Rows for the log, each transition with the commit of its package's lane as `lane_head` of its policy metadata.
 * A row that names one keeps it: the flow that makes a lane knows its commit before there is a branch. Without a branch
 * or a readable lanes.json there is none. Reads files only.
 */
export function withHeads(
  ports: Pick<Ports, 'files' | 'git'>,
  project: Pick<Project, 'top'>,
  mission: Pick<Mission, 'dir' | 'slug' | 'id'>,
  rows: readonly JsonObject[],
): readonly JsonObject[] {
  const moved = rows.flatMap(row => ('to_lane' in row && typeof row.wp_id === 'string' ? [row.wp_id] : []))
  const refs = laneRefs(ports, mission, moved)
  const heads = refs.size === 0 ? undefined : ports.git.named(project.top, [...new Set(refs.values())])
  return rows.map(row => {
    const ref = 'to_lane' in row ? refs.get(String(row.wp_id)) : undefined
    const head = ref === undefined ? undefined : heads?.get(ref)
    const said: { readonly [key: string]: Json } = isObject(row.policy_metadata) ? row.policy_metadata : {}
    return head === undefined ? row : { ...row, policy_metadata: { lane_head: head, ...said } }
  })
}

function laneRefs(
  ports: Pick<Ports, 'files'>,
  mission: Pick<Mission, 'dir' | 'slug' | 'id'>,
  wpIds: readonly string[],
): ReadonlyMap<string, string> {
  const refs = new Map<string, string>()
  if (wpIds.length === 0) return refs
  try {
    const lanes = readLanes(ports, mission)
    for (const wpId of lanes === undefined ? [] : wpIds) {
      const lane = lanes && executionLane(lanes, wpId)
      if (lane === undefined || lane.lane_id === PLANNING_LANE) continue
      refs.set(wpId, `refs/heads/${laneBranch(mission, lane.lane_id)}`)
    }
  } catch (cause) {
    // The command that mends lanes.json moves packages too.
    if (!(cause instanceof KittyError)) throw cause
  }
  return refs
}

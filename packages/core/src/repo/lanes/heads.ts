/** What an approval is an approval of: the commit where the lane of a work package stands. */
import type { JsonObject } from '@spec-kitty/contracts/json'
import type { Ports } from '../../world/ports.ts'
import type { Mission } from '../mission/handle.ts'
import type { Project } from '../project/locate.ts'
import { executionLane, readLanes } from './manifest.ts'
import { laneBranch, PLANNING_LANE } from './names.ts'

/**
 * For the policy metadata of an approval: a merge compares it with what the lane holds by then. Nothing where there is
 * no branch. Reads files only. Throws `file_malformed` (lanes.json).
 */
export function approvedHead(
  ports: Pick<Ports, 'files' | 'git'>,
  project: Pick<Project, 'top'>,
  mission: Mission,
  wpId: string,
): JsonObject {
  const lanes = readLanes(ports, mission)
  const lane = lanes && executionLane(lanes, wpId)
  if (lane === undefined || lane.lane_id === PLANNING_LANE) return {}
  const ref = `refs/heads/${laneBranch(mission, lane.lane_id)}`
  const head = ports.git.named(project.top, [ref]).get(ref)
  return head === undefined ? {} : { lane_head: head }
}

/** Policy metadata with the head that is approved, where something is. */
export function withHead(
  to: string,
  policyMetadata: JsonObject | undefined,
  head: () => JsonObject,
): { readonly policyMetadata?: JsonObject } {
  const whole = to === 'approved' ? { ...policyMetadata, ...head() } : policyMetadata
  return whole === undefined || Object.keys(whole).length === 0 ? {} : { policyMetadata: whole }
}

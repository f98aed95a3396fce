/** `agent decision list`: the questions of a mission and what became of them. Reads only. */
import type { DecisionList } from '@spec-kitty/contracts/cli/decision'
import { resolveMission } from '../repo/mission/handle.ts'
import { locateProject } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'
import { readIndex } from './index-file.ts'

/** Throws what naming a mission throws, `file_malformed`. */
export function listDecisions(
  ports: Ports,
  input: { readonly mission?: string | undefined; readonly status?: string | undefined },
): DecisionList {
  const mission = resolveMission(ports, locateProject(ports), input.mission)
  const entries = readIndex(ports, mission)
    .entries.filter(entry => input.status === undefined || entry.status === input.status)
    .sort((a, b) => (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : 0))
  return {
    contract: 'decision_list_v1',
    mission_slug: mission.slug,
    mission_id: mission.id,
    count: entries.length,
    decisions: entries.map(entry => ({
      decision_id: entry.decision_id,
      status: entry.status,
      origin_flow: entry.origin_flow,
      input_key: entry.input_key,
      question: entry.question,
      options: entry.options ?? [],
      step_id: entry.step_id ?? null,
      slot_key: entry.slot_key ?? null,
      final_answer: entry.final_answer ?? null,
      rationale: entry.rationale ?? null,
      created_at: entry.created_at ?? '',
      resolved_at: entry.resolved_at ?? null,
      resolved_by: entry.resolved_by ?? null,
    })),
  }
}

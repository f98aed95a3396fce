/** `agent decision verify`: do the markers in spec.md and plan.md fit the decisions (docs/missions.md)? Reads only. */
import type { DecisionVerify } from '@spec-kitty/contracts/cli/decision'
import type { DecisionIndex } from '@spec-kitty/contracts/files/decision'
import { resolveMission } from '../repo/mission/handle.ts'
import { locateProject } from '../repo/project/locate.ts'
import { join } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { readIndex } from './index-file.ts'

const DOCUMENTS = ['spec.md', 'plan.md']
const MARKER =
  /\[NEEDS CLARIFICATION(?::[^\]]{0,2000})?\]\s{0,99}<!--\s{0,99}decision_id:\s{0,99}(\S{1,99}?)\s{0,99}-->/g

interface Marker {
  readonly id: string
  readonly location: string
}

/** Throws what naming a mission throws, `file_malformed`. */
export function verifyDecisions(
  ports: Ports,
  input: { readonly mission?: string | undefined },
): DecisionVerify {
  const mission = resolveMission(ports, locateProject(ports), input.mission)
  const markers = DOCUMENTS.flatMap(name =>
    findMarkers(name, ports.files.text(join(mission.dir, name)) ?? ''),
  )
  return compare(readIndex(ports, mission), markers)
}

function findMarkers(name: string, text: string): readonly Marker[] {
  return text
    .split('\n')
    .flatMap((line, i) =>
      [...line.matchAll(MARKER)].map(match => ({ id: match[1] ?? '', location: `${name}:L${i + 1}` })),
    )
}

/** Findings by kind, in the words of the Python edition: whoever works with both compares the answers. */
function compare({ entries }: DecisionIndex, markers: readonly Marker[]): DecisionVerify {
  const deferred = entries.filter(entry => entry.status === 'deferred')
  const findings = [
    ...deferred
      .filter(entry => !markers.some(marker => marker.id === entry.decision_id))
      .map(entry => silent(entry.decision_id)),
    ...markers.filter(marker => !entries.some(entry => entry.decision_id === marker.id)).map(unknown),
    ...markers.flatMap(marker => stale(marker, entries)),
  ]
  return {
    status: findings.length === 0 ? 'clean' : 'drift',
    deferred_count: deferred.length,
    marker_count: markers.length,
    findings,
  }
}

type Finding = DecisionVerify['findings'][number]

function silent(id: string): Finding {
  const detail = 'No inline marker found in spec.md or plan.md'
  return { kind: 'DEFERRED_WITHOUT_MARKER', decision_id_or_ref: id, location: null, detail }
}

function unknown({ id, location }: Marker): Finding {
  const detail = 'Marker references unknown decision_id'
  return { kind: 'MARKER_WITHOUT_DECISION', decision_id_or_ref: id, location, detail }
}

function stale({ id, location }: Marker, entries: DecisionIndex['entries']): readonly Finding[] {
  const status = entries.find(entry => entry.decision_id === id)?.status
  if (status !== 'open' && status !== 'canceled') return []
  const detail = `Decision is in status '${status}', not 'deferred' or 'resolved'`
  return [{ kind: 'STALE_MARKER', decision_id_or_ref: id, location, detail }]
}

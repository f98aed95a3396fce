/** `agent decision verify`: do the markers in spec.md and plan.md fit the decisions (spec/lifecycle.md §5)? Reads only. */
import type { DecisionVerify } from '@spec-kitty/contracts/cli/decision'
import type { DecisionIndex } from '@spec-kitty/contracts/files/decision'
import type { Ports } from '../../ports.ts'
import { locateProject } from '../../project/locate.ts'
import { join } from '../../text/paths.ts'
import { resolveMission } from '../handle.ts'
import { readIndex } from './index-file.ts'

const DOCUMENTS = ['spec.md', 'plan.md']
const MARKER = /\[NEEDS CLARIFICATION(?::[^\]]*)?\]\s*<!--\s*decision_id:\s*(\S+?)\s*-->/g

type Comparison = Omit<DecisionVerify, 'fail_on_stale'>

interface Marker {
  readonly id: string
  readonly location: string
}

/** Throws what naming a mission throws, `file_malformed`. */
export function verifyDecisions(ports: Ports, input: { readonly mission?: string | undefined }): Comparison {
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

function compare({ entries }: DecisionIndex, markers: readonly Marker[]): Comparison {
  const deferred = entries.filter(entry => entry.status === 'deferred')
  const silent = deferred
    .filter(entry => !markers.some(marker => marker.id === entry.decision_id))
    .map(entry => ({
      kind: 'DEFERRED_WITHOUT_MARKER' as const,
      decision_id_or_ref: entry.decision_id,
      location: 'spec.md',
      detail: `The decision on '${entry.input_key}' is deferred, but no document shows it: [NEEDS CLARIFICATION: ${entry.question}] <!-- decision_id: ${entry.decision_id} -->`,
    }))
  const findings = [...silent, ...markers.flatMap(marker => judge(marker, entries))]
  return {
    status: findings.length === 0 ? 'clean' : 'drift',
    deferred_count: deferred.length,
    marker_count: markers.length,
    findings,
  }
}

function judge({ id, location }: Marker, entries: DecisionIndex['entries']): DecisionVerify['findings'] {
  const entry = entries.find(item => item.decision_id === id)
  const place = { decision_id_or_ref: id, location }
  if (entry === undefined) {
    return [{ kind: 'MARKER_WITHOUT_DECISION', ...place, detail: 'No decision has this id' }]
  }
  if (entry.status !== 'open' && entry.status !== 'canceled') return []
  return [{ kind: 'STALE_MARKER', ...place, detail: `The decision is ${entry.status}, not deferred` }]
}

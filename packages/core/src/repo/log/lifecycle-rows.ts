/** Lifecycle rows of the log: what happened to the mission as a whole (docs/log.md). Lanes ignore them. */
import { isObject, type Json, type JsonObject } from '@spec-kitty/contracts/json'
import { basename } from '../../text/paths.ts'
import type { Mission } from '../mission/handle.ts'
import { type LogText, scanLog } from './log.ts'
import type { Stamp } from './transition.ts'

type Owner = Pick<Mission, 'slug' | 'number' | 'rel'>

/** A row to be: kind, what it is about, and what it says. */
export interface LifecycleDraft {
  readonly type: string
  readonly aggregate: { readonly id: string; readonly type: 'Mission' | 'WorkPackage' }
  readonly payload: (stamp: Stamp) => JsonObject
  /** A second row of this kind with this key says nothing new. */
  readonly key: string
}

export type Phase = 'Specify' | 'Plan' | 'Tasks'

/** `SpecifyStarted`, `PlanStarted`, `TasksStarted`. `artifact` is a file name in the mission. */
export function phaseStarted(mission: Owner, phase: Phase, actor: string, artifact?: string): LifecycleDraft {
  return phaseDraft(mission, `${phase}Started`, artifact, { actor })
}

/** `SpecifyCompleted`, `PlanCompleted`, `TasksCompleted`. */
export function phaseCompleted(
  mission: Owner,
  phase: Phase,
  actor: string,
  artifact: string,
  more: JsonObject = {},
): LifecycleDraft {
  return phaseDraft(mission, `${phase}Completed`, artifact, { actor, summary: null, ...more })
}

function phaseDraft(
  mission: Owner,
  type: string,
  artifact: string | undefined,
  more: JsonObject,
): LifecycleDraft {
  const path = artifact === undefined ? {} : { artifact_path: `${mission.rel}/${artifact}` }
  return {
    type,
    aggregate: { id: mission.slug, type: 'Mission' },
    key: artifact ?? '',
    payload: ({ at }) => ({
      ...more,
      ...path,
      at: zulu(at),
      mission_number: mission.number,
      mission_slug: mission.slug,
    }),
  }
}

/** `WPCreated`. `path` is relative to the repository. */
export function wpCreated(
  mission: Owner,
  actor: string,
  wp: {
    readonly id: string
    readonly title: string
    readonly path: string
    readonly dependencies: readonly string[]
  },
): LifecycleDraft {
  return {
    type: 'WPCreated',
    aggregate: { id: wp.id, type: 'WorkPackage' },
    key: wp.id,
    payload: ({ at }) => ({
      actor,
      created_at: zulu(at),
      depends_on: wp.dependencies,
      mission_number: mission.number,
      mission_slug: mission.slug,
      wp_id: wp.id,
      wp_path: wp.path,
      wp_title: wp.title,
    }),
  }
}

/** A row about the mission that is always news. */
export function missionFact(
  aggregateId: string,
  type: string,
  payload: (stamp: Stamp) => JsonObject,
): LifecycleDraft {
  return { type, aggregate: { id: aggregateId, type: 'Mission' }, key: '', payload }
}

/** The row as it stands in the log. */
export function lifecycleRow(draft: LifecycleDraft, stamp: Stamp): JsonObject {
  return {
    aggregate_id: draft.aggregate.id,
    aggregate_type: draft.aggregate.type,
    event_id: stamp.id,
    event_type: draft.type,
    payload: draft.payload(stamp),
    project_slug: null,
    project_uuid: null,
    schema_version: '5.0.0',
    timestamp: stamp.at,
  }
}

/** The drafts that the log does not tell yet: a phase is entered once, however often a command is run. */
export function newFacts(logText: LogText, drafts: readonly LifecycleDraft[]): readonly LifecycleDraft[] {
  const told = new Set<string>()
  for (const row of scanLog(logText)) {
    if (row.kind === 'lifecycle') told.add(`${String(row.value.event_type)} ${keyOf(row.value)}`)
  }
  return drafts.filter(draft => !told.has(`${draft.type} ${draft.key}`))
}

function keyOf(row: JsonObject): string {
  const payload: JsonObject = isObject(row.payload) ? row.payload : {}
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
  // Windows editions wrote `\` in paths.
  return text(payload.wp_id) || basename(text(payload.artifact_path).replaceAll('\\', '/'))
}

/** The Python edition spells times inside payloads with `Z`. */
function zulu(at: string): string {
  return at.replace(/\+00:00$/, 'Z')
}

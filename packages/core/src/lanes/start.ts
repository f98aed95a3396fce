/** Everything the beginning of a work package is decided on. */

import { KittyError } from '@spec-kitty/contracts/errors'
import type { ExecutionLane, LanesJson } from '@spec-kitty/contracts/files/lanes-json'
import type { JsonObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { executionLane, requireLanes } from '../repo/lanes/manifest.ts'
import { actorName } from '../repo/log/actor.ts'
import type { StatusFacts } from '../repo/log/emit.ts'
import { stateOf, laneOf as statusLane } from '../repo/log/reduce.ts'
import type { Mission } from '../repo/mission/handle.ts'
import type { ProjectConfig } from '../repo/project/config.ts'
import type { Project } from '../repo/project/locate.ts'
import {
  findWorkPackage,
  listWpIds,
  readWorkPackages,
  type WorkPackage,
  type WorkPackages,
} from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'
import type { Scene } from '../write/write.ts'
import { requireClaimable } from './claim.ts'

export interface ImplementInput {
  /** Left out: the first planned package whose dependencies are approved. */
  readonly wpId?: string | undefined
  readonly mission?: string | undefined
  readonly agent?: string | undefined
  /** Actor of the events when there is no agent. */
  readonly actor?: string | undefined
  readonly base?: string | undefined
  /** What an orchestrator declares about the agent; goes into the events. */
  readonly policyMetadata?: JsonObject | undefined
  readonly autoCommit?: boolean | undefined
}

export interface StartFacts {
  readonly project: Project
  readonly mission: Mission
  readonly config: ProjectConfig
  readonly status: StatusFacts
  readonly lanes: LanesJson
  readonly packages: readonly WorkPackage[]
  /** Of all packages, those included whose file cannot be read. */
  readonly ids: readonly string[]
  readonly wp: WorkPackage
  /** Where its code is written. */
  readonly lane: ExecutionLane
}

/** Throws `coordination_mission`, `log_corrupt`, `wp_not_found`, `tasks_not_finalized`, `not_ready`. */
export async function startFacts(ports: Ports, scene: Scene, input: ImplementInput): Promise<StartFacts> {
  const { project, mission, config } = scene
  const status = await scene.status()
  const read = await readWorkPackages(ports, mission)
  const lanes = requireLanes(ports, mission)
  const wp =
    input.wpId === undefined
      ? nextReady(read, status, mission)
      : await findWorkPackage(ports, mission, input.wpId)
  const lane = executionLane(lanes, wp.id)
  if (lane === undefined) {
    throw new KittyError(
      'tasks_not_finalized',
      `${wp.id} is in no lane of lanes.json: it was added after the tasks were finalized`,
      {
        hint: sh`spec-kitty agent mission finalize-tasks --mission ${mission.slug}`,
      },
    )
  }
  const ids = listWpIds(ports, mission)
  return { project, mission, config, status, lanes, packages: read.found, ids, wp, lane }
}

function nextReady({ found, unread }: WorkPackages, status: StatusFacts, mission: Mission): WorkPackage {
  const lane = (id: string): string => statusLane(status.reduction, id)
  const settled = (id: string): boolean => lane(id) === 'approved' || lane(id) === 'done'
  const ready = found.find(item => lane(item.id) === 'planned' && item.dependencies.every(settled))
  if (ready !== undefined) return ready
  const illegible = unread.find(({ id }) => lane(id) === 'planned')
  if (illegible !== undefined) throw illegible.error
  throw new KittyError(
    'not_ready',
    `No work package of '${mission.slug}' is planned and has its dependencies approved`,
    {
      hint: sh`See the board: spec-kitty agent tasks status --mission ${mission.slug}`,
    },
  )
}

/** Throws what `requireClaimable` throws. */
export function requireStart({ mission, wp, status, ids }: StartFacts, agent: string | undefined): void {
  requireClaimable({
    wpId: wp.id,
    missionSlug: mission.slug,
    lane: statusLane(status.reduction, wp.id),
    agent,
    owners: ownersOf(wp, stateOf(status.reduction, wp.id)?.actor),
    dependencies: wp.dependencies,
    laneOf: id => statusLane(status.reduction, id),
    known: ids,
  })
}

/** Who works on it: the actor of the log, and the name in the front matter. */
function ownersOf(wp: WorkPackage, actor: JsonObject[string] | undefined): readonly string[] {
  const name = actorName(actor ?? '')
  const named = name === '' || GENERIC_ACTORS.has(name) ? [] : [name]
  return [...named, ...(wp.agent === null ? [] : [wp.agent])]
}

/** Actors that name no one. */
const GENERIC_ACTORS: ReadonlySet<string> = new Set([
  'implement-command',
  'user',
  'recovery',
  'finalize-tasks',
])

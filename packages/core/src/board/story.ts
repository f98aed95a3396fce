/** `log` and `show`: what happened to a mission and how one work package stands. Reads only. */

import type { Happening, MissionLog, ShowWorkPackage } from '@spec-kitty/contracts/cli/story'
import type { Transition } from '@spec-kitty/contracts/files/events'
import { openDependencies } from '../repo/lanes/dependencies.ts'
import { executionLane, readLanes } from '../repo/lanes/manifest.ts'
import { laneBranch, PLANNING_LANE } from '../repo/lanes/names.ts'
import { actorName } from '../repo/log/actor.ts'
import { readHolder, viewStatus } from '../repo/log/emit.ts'
import { type LogText, scanLog } from '../repo/log/log.ts'
import { laneOf, type Reduction } from '../repo/log/reduce.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { listCycles, readCycle } from '../repo/review/cycle.ts'
import { findWorkPackage, listWpIds, type WorkPackage } from '../repo/tasks/work-package.ts'
import type { Ports } from '../world/ports.ts'

interface StoryInput {
  readonly wpId?: string | undefined
  readonly mission?: string | undefined
}

/** All moves, those of one work package where it is named. Throws `wp_not_found`, `log_corrupt`. */
export async function missionLog(ports: Ports, input: StoryInput): Promise<MissionLog> {
  const { project, mission } = open(ports, input)
  const wp = input.wpId === undefined ? undefined : await findWorkPackage(ports, mission, input.wpId)
  const { log } = await viewStatus(ports, project, mission)
  return { mission_slug: mission.slug, events: happenings(log.text, wp?.id) }
}

/** Throws `wp_not_found`, `log_corrupt`, `file_malformed` (a review). */
export async function showWorkPackage(
  ports: Ports,
  input: StoryInput & { readonly wpId: string },
): Promise<ShowWorkPackage> {
  const { project, mission } = open(ports, input)
  const wp = await findWorkPackage(ports, mission, input.wpId)
  const { log, reduction } = await viewStatus(ports, project, mission)
  return describePackage(ports, { project, mission, wp, reduction, events: happenings(log.text, wp.id) })
}

/** What is known of one work package. */
export interface PackageFacts {
  readonly project: Project
  readonly mission: Mission
  readonly wp: WorkPackage
  readonly reduction: Reduction
  /** Its moves, oldest first. */
  readonly events: readonly Happening[]
}

/** Throws `file_malformed` (a review). */
export async function describePackage(
  ports: Ports,
  { project, mission, wp, reduction, events }: PackageFacts,
): Promise<ShowWorkPackage> {
  const last = events.at(-1)
  const cycles = listCycles(ports, mission, wp.id)
  const reviews = await Promise.all(cycles.map(file => readCycle(ports, file, reduction)))
  const waits = openDependencies(wp.dependencies, id => laneOf(reduction, id), listWpIds(ports, mission))
  return {
    mission_slug: mission.slug,
    wp_id: wp.id,
    title: wp.title,
    lane: laneOf(reduction, wp.id),
    since: last?.at ?? null,
    who: last?.who ?? null,
    agent: readHolder(ports, project, reduction)(wp.id, 'agent', wp.agent),
    waits_for: waits.map(({ id, lane, unknown }) => ({
      wp_id: id,
      lane: unknown ? 'no work package' : lane,
    })),
    reviews: reviews.map(({ number, verdict, reviewer, feedback, path }) => ({
      number,
      verdict,
      reviewer,
      feedback: feedback.trim(),
      path,
    })),
    ...(await commitsOf(ports, project, mission, wp.id)),
    events: [...events],
  }
}

function open(ports: Ports, input: StoryInput) {
  const project = locateProject(ports)
  requireKittify(ports, project)
  return { project, mission: resolveMission(ports, project, input.mission) }
}

function happenings(text: LogText, wpId: string | undefined): Happening[] {
  const found: Happening[] = []
  for (const { kind, value } of scanLog(text)) {
    if (kind === 'transition' && (wpId === undefined || value.wp_id === wpId)) found.push(happeningOf(value))
  }
  return found
}

/** A move in the words of a story. */
export function happeningOf({ at, wp_id, actor, from_lane, to_lane, reason, force }: Transition): Happening {
  return {
    at: String(at),
    wp_id,
    who: actorName(actor),
    from_lane,
    to_lane,
    reason: typeof reason === 'string' ? reason : null,
    forced: force === true,
  }
}

/** What the lane of a work package has and the branch that it began on has not. */
async function commitsOf(ports: Ports, project: Project, mission: Mission, wpId: string) {
  const lanes = readLanes(ports, mission)
  const lane = lanes === undefined ? undefined : executionLane(lanes, wpId)
  if (lane === undefined || lane.lane_id === PLANNING_LANE) return { branch: null, commits: [] }
  const branch = laneBranch(mission, lane.lane_id)
  const names = [branch, mission.homeBranch].map(name => `refs/heads/${name}`)
  const refs = ports.git.named(project.top, names)
  const [tip, target] = names.map(name => refs.get(name))
  if (tip === undefined || target === undefined)
    return { branch: tip === undefined ? null : branch, commits: [] }
  return { branch, commits: [...(await ports.git.commits(project.top, target, tip))] }
}

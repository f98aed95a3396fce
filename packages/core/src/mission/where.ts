/** `where`: for whoever comes back to a terminal and does not know where it stands. Reads only; no git process unless a landing waits. */
import type { Where } from '@spec-kitty/contracts/cli/context-resolve'
import { KittyError } from '@spec-kitty/contracts/errors'
import { sh } from '@spec-kitty/contracts/sh'
import { type Choice, decide, spokenReason } from '../next/decide.ts'
import { type BoardItem, type NextFacts, readNextFacts } from '../next/facts.ts'
import { readLanes } from '../repo/lanes/manifest.ts'
import { laneDirectory, PLANNING_LANE } from '../repo/lanes/names.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { locateProject, type Project } from '../repo/project/locate.ts'
import type { Ports } from '../world/ports.ts'
import { type PlanningDocument, planningStep } from './planning-step.ts'

/** Throws `not_a_repository`, `mission_not_found` for a mission that was named, `log_corrupt`. */
export async function whereAmI(
  ports: Ports,
  input: { readonly mission?: string | undefined },
): Promise<Where> {
  const project = locateProject(ports)
  const { branch } = ports.git.head(project.checkout)
  const mission = findMission(ports, project, input.mission)
  const place = { checkout: project.checkout, branch }
  if (mission instanceof KittyError) {
    return {
      ...place,
      in_lane: false,
      mission_slug: null,
      lane_id: null,
      work_packages: [],
      feature_dir: null,
      next_step: mission.hint ?? mission.message,
    }
  }
  const lane = readLanes(ports, mission)?.lanes.find(
    item =>
      item.lane_id !== PLANNING_LANE && laneDirectory(project, mission, item.lane_id) === project.checkout,
  )
  const facts = await readNextFacts(ports, project, mission)
  const board = facts.board.filter(({ wp }) => lane === undefined || lane.wp_ids.includes(wp.id))
  return {
    ...place,
    in_lane: lane !== undefined,
    mission_slug: mission.slug,
    lane_id: lane?.lane_id ?? null,
    work_packages: board.map(item => ({ wp_id: item.wp.id, title: item.wp.title, lane: item.lane })),
    feature_dir: mission.dir,
    next_step: nextStep(facts, lane === undefined ? null : workerOf(board)),
  }
}

/** Standing in no mission, or in several, is an answer here and no refusal. */
function findMission(ports: Ports, project: Project, handle: string | undefined): Mission | KittyError {
  try {
    return resolveMission(ports, project, handle)
  } catch (error) {
    if (error instanceof KittyError && error.code === 'mission_required') return error
    throw error
  }
}

/** Whoever works in this lane: what is said here is for that agent. */
function workerOf(board: readonly BoardItem[]): string | null {
  const item = board.find(({ lane }) => lane === 'claimed' || lane === 'in_progress')
  return item === undefined ? null : (item.wp.agent ?? item.holder)
}

/** The same choice as `next` makes. */
function nextStep(facts: NextFacts, worker: string | null): string {
  const { mission, landing } = facts
  const choice = decide(facts, worker)
  const agent = worker ?? 'NAME'
  const flag = ['--mission', mission.slug]
  if (choice.kind === 'terminal') return 'Nothing is left to do.'
  if (choice.step === 'landing' && landing !== undefined) return `${landing.sentence}: ${landing.command}`
  if (choice.kind === 'blocked')
    return `${spokenReason(choice.reason ?? '')}. ${sh`The board: spec-kitty agent tasks status ${flag}`}`
  if (choice.wpId !== null)
    return sh`spec-kitty agent action ${choice.action ?? 'implement'} ${choice.wpId} --agent ${agent} ${flag}`
  const document = planned(facts, choice)
  return document === undefined
    ? sh`${choice.step}: spec-kitty next --agent ${agent} --result success ${flag}`
    : planningStep(mission, document)
}

/** The document that a step of planning is about, where the mission has those of software. */
function planned({ mission, board }: NextFacts, { step, missing }: Choice): PlanningDocument | undefined {
  if (mission.type !== 'software-dev') return undefined
  if (step === 'discovery' || step === 'specify') return 'spec'
  if (step === 'plan') return missing[0] === 'Required artifact missing: plan.md' ? 'plan' : 'plan-form'
  if (step !== 'tasks') return undefined
  return board.length === 0 ? 'tasks' : 'packages'
}

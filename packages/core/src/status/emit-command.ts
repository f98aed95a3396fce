/** `agent status emit`: one transition, by hand. */
import type { AgentStatusEmit } from '@spec-kitty/contracts/cli/status-emit'
import { KittyError } from '@spec-kitty/contracts/errors'
import type { ExecutionMode } from '@spec-kitty/contracts/files/events'
import { isObject, type JsonObject, parseJson } from '@spec-kitty/contracts/json'
import { DISPLAY_LANES, type DisplayLane, type Lane } from '@spec-kitty/contracts/lanes'
import { listed, sh } from '@spec-kitty/contracts/sh'
import { ownApproval, readAuthors } from '../repo/log/authors.ts'
import { drawStamps, type StatusFacts } from '../repo/log/emit.ts'
import { targetLane } from '../repo/log/matrix.ts'
import { requireTransition, standing } from '../repo/log/transition.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import type { Project } from '../repo/project/locate.ts'
import { askOther, selfNote } from '../repo/review/independence.ts'
import { openSubtasks } from '../repo/tasks/subtasks.ts'
import { requireWpId } from '../repo/tasks/work-package.ts'
import { wpKey } from '../text/wp-id.ts'
import type { Ports } from '../world/ports.ts'
import { type Scene, write } from '../write/write.ts'

export interface EmitInput {
  readonly wpId: string
  readonly to: string
  readonly actor: string
  readonly mission?: string | undefined
  readonly force?: boolean | undefined
  readonly reason?: string | undefined
  readonly evidenceJson?: string | undefined
  /** The same, read already. */
  readonly evidence?: JsonObject | undefined
  readonly policyMetadata?: JsonObject | undefined
  readonly reviewRef?: string | undefined
  readonly workspaceContext?: string | undefined
  readonly subtasksComplete?: boolean | undefined
  readonly executionMode?: ExecutionMode | undefined
  readonly autoCommit?: boolean | undefined
}

/**
 * Appends one transition, writes the snapshot and commits both. Throws what resolving throws, `wp_not_found`,
 * `invalid_lane`, `invalid_input`, `illegal_transition`, `guard_failed`, `log_corrupt`, `coordination_mission`,
 * `protected_branch`, `lock_busy`.
 */
export async function emitStatus(ports: Ports, asked: EmitInput): Promise<AgentStatusEmit> {
  const to = readLane(asked.to)
  const evidence = asked.evidence ?? readEvidence(asked.evidenceJson)
  return write(ports, asked, async scene => {
    const input = { ...asked, wpId: requireWpId(ports, scene.mission, asked.wpId) }
    const status = await scene.status()
    const from = standing(status.reduction, input.wpId)
    const answer = describe(status, input, from.lane, to)
    if (isAlias(input.to) && from.lane === to) return { answer }
    if (to === 'approved' && from.lane !== 'done') judgeIndependence(ports, scene, status, input)
    const [stamp] = drawStamps(ports, status, 1)
    const request = {
      ...input,
      to,
      evidence,
      ...context(ports, scene.project, status, input),
    }
    return {
      events: [requireTransition(scene.mission, from, request, stamp)],
      message: `chore(spec-kitty): status transition ${input.wpId}`,
      answer: { ...answer, event_id: stamp.id },
    }
  })
}

/** Refuses where independent reviews are asked for; elsewhere the one who approves its own work is told. */
function judgeIndependence(
  ports: Ports,
  { config, mission }: Scene,
  { log }: StatusFacts,
  input: EmitInput,
): void {
  const review = input.evidence?.review
  const named = isObject(review) && typeof review.reviewer === 'string' ? review.reviewer : undefined
  const builder = ownApproval(readAuthors(log.text).get(wpKey(input.wpId)), input.actor, named)
  if (builder === undefined || config.independence === 'off') return
  const { message, hint } = askOther(input.wpId, builder, mission.slug)
  if (config.independence === 'require') throw new KittyError('guard_failed', message, { hint })
  ports.note(selfNote(input.wpId, builder))
}

function describe(status: StatusFacts, input: EmitInput, from: Lane, to: DisplayLane): AgentStatusEmit {
  return {
    event_id: null,
    wp_id: input.wpId,
    work_package_id: input.wpId,
    from_lane: from,
    to_lane: to,
    status_events_path: status.log.path,
    actor: input.actor,
  }
}

/** What the guards ask and the user need not say. */
function context(ports: Ports, project: Project, status: StatusFacts, input: EmitInput) {
  const { mission, reduction } = status
  const wp = { id: input.wpId, subtasks: [] }
  const open = (): boolean =>
    openSubtasks(ports.files.text(missionPaths(mission).tasksFile), wp, reduction.ticks).length > 0
  return {
    workspace: input.workspaceContext ?? project.checkout,
    subtasksComplete: input.subtasksComplete ?? !open(),
  }
}

function isAlias(text: string): boolean {
  return text.trim().toLowerCase() === 'doing'
}

function readLane(text: string): DisplayLane {
  const lane = targetLane(text)
  if (lane !== undefined) return lane
  throw new KittyError('invalid_lane', `Unknown lane: ${text}`, {
    hint: sh`Expected one of ${listed(DISPLAY_LANES)}`,
    data: { lane: text },
  })
}

function readEvidence(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  let value: unknown
  try {
    value = parseJson(text)
  } catch (cause) {
    throw badEvidence(`Invalid JSON in --evidence-json: ${cause instanceof Error ? cause.message : text}`)
  }
  if (isObject(value)) return value
  throw badEvidence(`--evidence-json must be a JSON object, not ${text}`)
}

function badEvidence(message: string): KittyError {
  return new KittyError('invalid_input', message, {
    hint: sh`For example: '{"review": {"reviewer": "bob", "verdict": "approved", "reference": "PR#1"}}'`,
  })
}

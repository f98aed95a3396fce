/** The planning verbs of the orchestrator API: thin doors to the flows that the commands of the same name use. */
import { KittyError } from '@spec-kitty/contracts/errors'
import { isObject, type JsonObject, parseObject } from '@spec-kitty/contracts/json'
import { sh } from '@spec-kitty/contracts/sh'
import { closeDecision } from '../decisions/close.ts'
import { openDecisions } from '../decisions/index-file.ts'
import { openDecision } from '../decisions/open.ts'
import { recordAnalysis, verdictOf } from '../mission/analysis.ts'
import { createMission } from '../mission/create.ts'
import { finalizeTasks } from '../mission/finalize.ts'
import { checkPrerequisites } from '../mission/prerequisites.ts'
import { setupPlan } from '../mission/setup-plan.ts'
import { next } from '../next/next.ts'
import { missionPaths } from '../repo/mission/paths.ts'
import { join, resolvePath } from '../text/paths.ts'
import type { Ports } from '../world/ports.ts'
import { requirePolicy } from './policy.ts'
import { ApiRefusal, inWordsOf } from './refusal.ts'
import { type ApiScene, missionHead, readScene } from './scene.ts'

interface Policy {
  readonly policy?: string | undefined
}
interface OnMission {
  readonly mission: string
}

/** A mission with an empty specification. Throws `POLICY_METADATA_REQUIRED`, `MISSION_CREATE_FAILED`. */
export async function specify(
  ports: Ports,
  input: Policy & {
    readonly name: string
    readonly missionType: string
    readonly topology?: string | undefined
  },
) {
  requirePolicy(input.policy)
  if (input.topology?.includes('coord') === true) {
    throw new ApiRefusal(
      'MISSION_CREATE_FAILED',
      `Topology '${input.topology}' is not part of this edition`,
      {
        hint: sh`Leave --topology out, or: --topology lanes`,
      },
    )
  }
  const { name, missionType } = input
  const made = await inWordsOf('MISSION_CREATE_FAILED', createMission(ports, { name, missionType }))
  const step = sh`Replace the scaffold of spec.md with a complete specification; then run: spec-kitty plan --mission ${made.mission_slug}`
  return { ...made, scaffold_only: true, spec_state: 'scaffold_only', next_action: step, next_step: step }
}

/** plan.md from its template. Throws `PLAN_SETUP_FAILED` with what is missing while a gate is closed. */
export async function plan(ports: Ports, input: Policy & OnMission) {
  requirePolicy(input.policy)
  const result = await inWordsOf('PLAN_SETUP_FAILED', setupPlan(ports, { mission: input.mission }))
  if (result.result === 'success' || result.plan_file !== undefined) return result
  const { mission_slug, spec_file, spec_committed, spec_substantive, next_step } = result
  throw new ApiRefusal(result.error_code ?? 'PLAN_SETUP_FAILED', result.blocked_reason ?? next_step, {
    mission_slug,
    spec_file,
    spec_committed,
    spec_substantive,
    next_step,
  })
}

/** The tasks checked, lanes computed, everything planned. Throws `TASKS_FINALIZE_FAILED` or a word of its own. */
export async function tasks(ports: Ports, input: Policy & OnMission) {
  requirePolicy(input.policy)
  const result = await inWordsOf('TASKS_FINALIZE_FAILED', finalizeTasks(ports, { mission: input.mission }))
  if (result.result === 'validation_passed') throw new Error('a check that was not asked for')
  const sha = result.commit_hash
  return {
    ...result,
    planning_commit: { sha, action: sha === null ? null : 'captured', previous_sha: null, branch_tip: sha },
  }
}

/** The documents of a mission; nothing is written. */
export async function prerequisites(
  ports: Ports,
  input: OnMission & { readonly includeTasks?: boolean | undefined },
) {
  const { mission } = await readScene(ports, input.mission)
  const found = checkPrerequisites(ports, { mission: mission.slug, includeTasks: input.includeTasks })
  return { ...found, mission_slug: mission.slug }
}

/**
 * Files the report of an analysis. A report without a verdict would be recorded as `unknown` and is refused. Throws
 * `RECORD_ANALYSIS_INPUT_FILE_NOT_FOUND`, `RECORD_ANALYSIS_EMPTY_BODY`, `RECORD_ANALYSIS_VERDICT_UNRELIABLE`.
 */
export async function fileAnalysis(
  ports: Ports,
  input: Policy & OnMission & { readonly inputFile: string; readonly agent?: string | undefined },
) {
  requirePolicy(input.policy)
  const { mission } = await readScene(ports, input.mission)
  const { inputFile, agent } = input
  const head = { mission_slug: mission.slug }
  const path = resolvePath(ports.env.cwd, inputFile === '-' ? '/dev/stdin' : inputFile)
  const body = ports.files.stat(path)?.kind === 'directory' ? undefined : ports.files.text(path)
  if (body === undefined)
    throw new ApiRefusal('RECORD_ANALYSIS_INPUT_FILE_NOT_FOUND', `Could not read ${inputFile}`, head)
  if (body.trim() === '') throw new ApiRefusal('RECORD_ANALYSIS_EMPTY_BODY', 'The report is empty', head)
  if (verdictOf(body) === 'unknown') {
    throw new ApiRefusal('RECORD_ANALYSIS_VERDICT_UNRELIABLE', 'The report gives no verdict', {
      ...head,
      submitted_verdict: 'unknown',
      hint: sh`Add a line "verdict: ready" or "verdict: blocked" to the report`,
    })
  }
  const result = await recordAnalysis(ports, { mission: mission.slug, body, agent })
  return {
    ...missionHead(mission),
    path: result.path,
    verdict: result.verdict,
    generated_at: result.generated_at,
  }
}

const FLOWS = ['charter', 'specify', 'plan']

/** Throws `INVALID_ORIGIN_FLOW`, `USAGE_ERROR` (options), and the words of `agent decision open`. */
export async function openApiDecision(
  ports: Ports,
  input: Policy &
    OnMission & {
      readonly origin: string
      readonly inputKey: string
      readonly question: string
      readonly stepId?: string | undefined
      readonly slotKey?: string | undefined
      readonly options?: string | undefined
      readonly actor: string
    },
) {
  requirePolicy(input.policy)
  const { origin, policy: _, mission: handle, ...rest } = input
  if (!FLOWS.includes(origin)) {
    const message = `Invalid --origin value '${origin}'. Must be one of: ${FLOWS.join(', ')}`
    throw new ApiRefusal('INVALID_ORIGIN_FLOW', message, { origin, valid_values: FLOWS.join(', ') })
  }
  const { mission } = await readScene(ports, handle)
  const opened = await openDecision(ports, { ...rest, flow: origin, mission: mission.slug })
  const { decision_id, idempotent, artifact_path, event_lamport } = opened
  return {
    ...missionHead(mission),
    decision_id,
    status: 'open' as const,
    idempotent,
    artifact_path,
    event_lamport,
  }
}

export type CloseInput = Policy &
  OnMission & {
    readonly decisionId: string
    readonly finalAnswer?: string | undefined
    readonly otherAnswer?: boolean | undefined
    readonly rationale?: string | undefined
    readonly resolvedBy?: string | undefined
    readonly actor: string
  }

/** Throws `DECISION_MISSING_STEP_OR_SLOT` for an empty rationale, and the words of `agent decision`. */
export async function closeApiDecision(
  ports: Ports,
  outcome: 'resolved' | 'deferred' | 'canceled',
  input: CloseInput,
) {
  requirePolicy(input.policy)
  const { policy: _, mission: handle, decisionId: id, actor, resolvedBy = actor, ...rest } = input
  if (outcome !== 'resolved' && (input.rationale ?? '').trim() === '') {
    throw new ApiRefusal('DECISION_MISSING_STEP_OR_SLOT', '--rationale must be a non-empty string', {
      field: 'rationale',
    })
  }
  const { mission } = await readScene(ports, handle)
  const closed = await closeDecision(ports, { ...rest, id, outcome, resolvedBy, mission: mission.slug })
  return { ...missionHead(mission), ...closed }
}

const RESULTS = ['success', 'failed', 'blocked'] as const

/**
 * `next --answer`: the answer to the open decision, and the next step. Throws `RESULT_REQUIRED`, `INVALID_RESULT`,
 * `NO_PENDING_DECISION`, `AMBIGUOUS_PENDING_DECISION`, `DECISION_NOT_PENDING`.
 */
export async function answerDecision(
  ports: Ports,
  input: Policy &
    OnMission & {
      readonly agent: string
      readonly answer: string
      readonly result?: string | undefined
      readonly decisionId?: string | undefined
    },
) {
  requirePolicy(input.policy)
  if (input.result === undefined)
    throw new ApiRefusal('RESULT_REQUIRED', '--result is required alongside --answer for answer-decision')
  const { mission } = await readScene(ports, input.mission)
  const result = RESULTS.find(word => word === input.result)
  if (result === undefined) {
    const message = `--result must be one of ${RESULTS.join(', ')}, got '${input.result}'`
    throw new ApiRefusal('INVALID_RESULT', message, { result: input.result, valid_values: RESULTS })
  }
  const pending = openDecisions(ports, mission).map(({ decision_id: id }) => id)
  const { agent, answer, decisionId = pending[0] } = input
  if (decisionId === undefined) throw new ApiRefusal('NO_PENDING_DECISION', 'No decision waits for an answer')
  if (input.decisionId === undefined && pending.length > 1) {
    const message = 'Several decisions are pending: name one with --decision-id'
    throw new ApiRefusal('AMBIGUOUS_PENDING_DECISION', message, { pending_decision_ids: pending })
  }
  if (!pending.includes(decisionId)) {
    const message = `Decision '${decisionId}' is not pending in mission '${mission.slug}'`
    throw new ApiRefusal('DECISION_NOT_PENDING', message, { decision_id: decisionId })
  }
  const decision = await next(ports, { mission: mission.slug, agent, answer, result, decisionId })
  const { answer: _, answered: __, ...data } = decision
  return { ...data, answered_decision_id: decisionId }
}

/** How far the planning has come, and what comes next; nothing is written. Throws `DESIGN_STATUS_EVENT_LOG_UNREADABLE`. */
export async function designStatus(ports: Ports, input: OnMission) {
  try {
    const scene = await readScene(ports, input.mission)
    const { mission } = scene
    const open = openDecisions(ports, mission).map(({ decision_id, origin_flow: origin }) => ({
      decision_id,
      origin,
    }))
    const [current_phase, step] = phaseOf(ports, scene)
    return {
      ...missionHead(mission),
      current_phase,
      next_action: open.length > 0 ? 'resolve-decision' : step,
      open_decisions: open,
    }
  } catch (cause) {
    const isBroken =
      cause instanceof KittyError && (cause.code === 'log_corrupt' || cause.code === 'file_malformed')
    if (!isBroken) throw cause
    const data: JsonObject = { mission_slug: input.mission, error: cause.message }
    throw new ApiRefusal('DESIGN_STATUS_EVENT_LOG_UNREADABLE', cause.message, data)
  }
}

function phaseOf(ports: Ports, { mission, status }: ApiScene): readonly [phase: string, next: string | null] {
  const known = parseObject(status.snapshotText ?? '{}')?.work_packages
  const lost = Object.keys(isObject(known) ? known : {}).filter(id => !status.reduction.workPackages.has(id))
  if (lost.length > 0)
    throw new KittyError('log_corrupt', `status.json names ${lost.join(', ')}, the log does not`)
  const paths = missionPaths(mission)
  const has = (path: string): boolean => ports.files.stat(path) !== undefined
  if (!has(paths.spec)) return ['specify', 'specify']
  if (!has(paths.plan)) return ['specify', 'plan']
  if (status.reduction.workPackages.size === 0) return ['plan', 'tasks']
  return has(join(mission.dir, 'analysis-report.md')) ? ['analyze', null] : ['tasks', 'check-prerequisites']
}

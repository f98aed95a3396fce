/**
 * `next`: what an agent does now. Asking reads only; reporting also writes a prompt and a line of memory
 * below `.kittify/runtime/`, which git ignores. Nothing is committed; board and documents stay the only truth.
 */
import type { Next } from '@spec-kitty/contracts/cli/next'
import { KittyError } from '@spec-kitty/contracts/errors'
import { type JsonObject, printLine } from '@spec-kitty/contracts/json'
import { listed, part, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { closeDecision } from '../decisions/close.ts'
import type { OpenDecision } from '../decisions/index-file.ts'
import { settleArrived } from '../landing/settle-arrived.ts'
import { ignoreChanges } from '../repo/lanes/ignore.ts'
import { executionLane, readLanes } from '../repo/lanes/manifest.ts'
import { laneDirectory } from '../repo/lanes/names.ts'
import { weightedPercentage } from '../repo/log/progress.ts'
import { type Mission, resolveMission } from '../repo/mission/handle.ts'
import { locateProject, type Project, requireKittify } from '../repo/project/locate.ts'
import { findWorkPackage } from '../repo/tasks/work-package.ts'
import type { AppendEvents, WriteFile } from '../world/change.ts'
import type { Ports } from '../world/ports.ts'
import { writeLocal } from '../write/local.ts'
import { type Choice, decide } from './decide.ts'
import { type Issued, memoryPath, type NextFacts, promptPath, readNextFacts, type Trouble } from './facts.ts'
import { stepPrompt } from './prompt.ts'

export interface NextInput {
  readonly mission?: string | undefined
  readonly agent?: string | undefined
  readonly result?: 'success' | 'failed' | 'blocked' | undefined
  readonly answer?: string | undefined
  readonly decisionId?: string | undefined
}

/** Settles, when somebody reports, a mission that has landed. Throws `usage` for options that do not go together, and what naming a mission throws. */
export async function next(ports: Ports, input: NextInput): Promise<Next> {
  checkOptions(input)
  const project = locateProject(ports)
  requireKittify(ports, project)
  const mission = resolveMission(ports, project, input.mission)
  if (input.result === undefined || input.agent === undefined) {
    return query(await readNextFacts(ports, project, mission), input, ports.clock.now())
  }
  const [settled] = await settleArrived(ports, project, [mission])
  const answered = input.answer === undefined ? undefined : await answer(ports, project, mission, input)
  const now = settled === undefined ? mission : resolveMission(ports, project, mission.slug)
  const facts = await readNextFacts(ports, project, now)
  const given = await advance(ports, project, facts, input.agent, input.result)
  const again = given.reason === null || given.mission_state === 'landing' ? '' : `. ${given.reason}`
  const decision = settled === undefined ? given : { ...given, reason: `${settled}${again}` }
  return answered === undefined ? decision : { ...decision, answered, answer: input.answer ?? '' }
}

function checkOptions({ agent, result, answer: words, decisionId }: NextInput): void {
  const refuse = (message: string, hint: Remedy): KittyError => new KittyError('usage', message, { hint })
  const example = sh`spec-kitty next --agent claude --result success`
  if (result !== undefined && (agent === undefined || agent.trim() === '')) {
    throw refuse('--agent is required with --result: say who reports', example)
  }
  if (words !== undefined && result === undefined)
    throw refuse('--answer needs --result', sh`${part(example)} --answer "yes"`)
  if (decisionId !== undefined && words === undefined)
    throw refuse('--decision-id needs --answer', sh`${part(example)} --answer "yes"`)
}

/* ------------------------------------------------------------------- asking */

/** The same choice as a report would get; pure, and nothing is written. */
export function query(facts: NextFacts, input: Pick<NextInput, 'agent'>, at: string): Next {
  const agent = input.agent ?? null
  const base = shape(facts, agent, at)
  const choice = decide(facts, agent)
  const done =
    choice.kind === 'terminal' || (choice.step !== 'landing' && !facts.reopened && isAllDone(facts))
  const head = {
    ...base,
    kind: 'query',
    is_query: true,
    mission_state: done ? 'done' : queryState(facts, choice),
    preview_step: done ? null : choice.step,
    wp_id: choice.wpId,
  } as const
  const failed = agent === null ? null : troubleOf(facts, agent)
  const pending = question(facts)
  if (pending !== undefined) {
    return { ...head, ...asking(facts, pending, agent), kind: 'query', mission_state: head.mission_state }
  }
  return {
    ...head,
    reason: failed ?? choice.reason,
    next_command: done ? null : commandAfter(facts, choice, agent),
  }
}

function queryState(facts: NextFacts, choice: Choice): string {
  const { finalized, type, memory } = facts
  if (!finalized && choice.step === type.steps[0]?.id && memory.last.size === 0) return 'not_started'
  // Only a review can be waited for by name; everything else that is stuck is still the step it is stuck in.
  return choice.kind === 'blocked' && choice.step === 'review' ? 'blocked' : choice.step
}

function isAllDone({ finalized, board: readable, unread }: NextFacts): boolean {
  const board = [...readable, ...unread]
  return (
    finalized &&
    board.every(({ lane }) => lane === 'done' || lane === 'canceled') &&
    board.some(({ lane }) => lane === 'done')
  )
}

/** What is run next; where nothing can be begun, where to look. */
function commandAfter({ mission, landing }: NextFacts, choice: Choice, agent: string | null): Remedy {
  if (choice.step === 'landing' && landing !== undefined) return landing.command
  return choice.kind === 'blocked'
    ? sh`spec-kitty agent tasks status --mission ${mission.slug}`
    : goOn(mission, agent)
}

/** The command that reports the step before and gives the next one. */
function goOn(mission: Mission, agent: string | null): Remedy {
  return sh`spec-kitty next --agent ${agent ?? 'NAME'} --result success --mission ${mission.slug} --json`
}

/* ---------------------------------------------------------------- reporting */

async function advance(
  ports: Ports,
  project: Project,
  facts: NextFacts,
  agent: string,
  result: 'success' | Trouble,
): Promise<Next> {
  const at = ports.clock.now()
  const last = facts.memory.last.get(agent)
  const base = shape(facts, agent, at)
  const report =
    last === undefined ? [] : [memo({ kind: 'result', at, agent, result, step: last.step, wp_id: last.wpId })]
  if (result !== 'success' && last !== undefined) {
    await writeLocal(ports, remember(ports, project, facts, report))
    return {
      ...base,
      kind: 'blocked',
      mission_state: last.step,
      step_id: last.step,
      wp_id: last.wpId,
      reason: failure(facts, agent, last, result),
      next_command: goOn(facts.mission, agent),
    }
  }
  const known = last === undefined ? facts : withReport(facts, last)
  const pending = question(known)
  if (pending !== undefined) {
    await writeLocal(ports, remember(ports, project, facts, report))
    return { ...base, ...asking(facts, pending, agent) }
  }
  const choice = decide(known, agent)
  if (choice.kind !== 'step') {
    await writeLocal(ports, remember(ports, project, facts, report))
    return {
      ...base,
      kind: choice.kind,
      mission_state: choice.step,
      reason: choice.reason,
      next_command: choice.kind === 'terminal' ? null : commandAfter(facts, choice, agent),
    }
  }
  const workspace = workspaceOf(ports, project, facts.mission, choice.wpId)
  const path = promptPath(project, facts.mission, choice.step, choice.wpId)
  const body = choice.wpId === null ? '' : (await findWorkPackage(ports, facts.mission, choice.wpId)).body
  const again = last?.step === choice.step && last.wpId === choice.wpId
  const issued = memo({ kind: 'issued', at, agent, result: null, step: choice.step, wp_id: choice.wpId })
  await writeLocal(ports, [
    { kind: 'write_file', path, content: stepPrompt(known, choice, agent, workspace, body) },
    ...remember(ports, project, facts, [...report, issued]),
  ])
  return {
    ...base,
    kind: 'step',
    mission_state: choice.step,
    step_id: choice.step,
    action: choice.action,
    wp_id: choice.wpId,
    workspace_path: workspace,
    prompt_file: path,
    reason: choice.reason,
    guard_failures: again ? [...choice.missing] : [],
    next_command: goOn(facts.mission, agent),
  }
}

function withReport(facts: NextFacts, { step }: Issued): NextFacts {
  const { memory } = facts
  return { ...facts, memory: { ...memory, reported: new Set([...memory.reported, step]) } }
}

function troubleOf(facts: NextFacts, agent: string): string | null {
  const { last, trouble } = facts.memory
  const [step, result] = [last.get(agent), trouble.get(agent)]
  return step === undefined || result === undefined ? null : failure(facts, agent, step, result)
}

function failure({ mission }: NextFacts, agent: string, { step, wpId }: Issued, result: Trouble): string {
  const what = wpId === null ? '' : ` (${wpId})`
  const board =
    wpId === null
      ? ''
      : sh` So that the board shows it: spec-kitty agent tasks move-task ${wpId} --to blocked --agent ${agent} --note "<why>" --mission ${mission.slug}`
  return `Previous step '${step}'${what} ${result === 'failed' ? 'failed' : 'is blocked'}. Remove what is in the way and run next again with --result success: it goes on from the board.${board}`
}

function memo(row: JsonObject): string {
  return printLine(row)
}

function remember(
  ports: Pick<Ports, 'files'>,
  project: Project,
  facts: NextFacts,
  lines: readonly string[],
): readonly (WriteFile | AppendEvents)[] {
  if (lines.length === 0) return []
  return [
    ...ignoreChanges(ports, project),
    { kind: 'append_events', path: memoryPath(project, facts.mission), lines },
  ]
}

function workspaceOf(
  ports: Pick<Ports, 'files'>,
  project: Project,
  mission: Mission,
  wpId: string | null,
): string | null {
  const lanes = wpId === null ? undefined : readLanes(ports, mission)
  const lane = lanes === undefined || wpId === null ? undefined : executionLane(lanes, wpId)
  return lane === undefined ? null : laneDirectory(project, mission, lane.lane_id)
}

/** The decision that is asked before anything else, as long as the mission is open. */
function question({ decisions, merged }: NextFacts): OpenDecision | undefined {
  return merged ? undefined : decisions[0]
}

function asking(
  { mission, decisions }: NextFacts,
  open: OpenDecision,
  agent: string | null,
): Partial<Next> & Pick<Next, 'kind' | 'mission_state'> {
  const id = decisions.length === 1 ? [] : ['--decision-id', open.decision_id]
  const command = sh`spec-kitty next --agent ${agent ?? 'NAME'} --result success --answer "<answer>" ${id} --mission ${mission.slug} --json`
  return {
    kind: 'decision_required',
    mission_state: open.origin_flow,
    step_id: open.origin_flow,
    decision_id: open.decision_id,
    input_key: open.input_key,
    question: open.question,
    options: open.options.length === 0 ? null : [...open.options],
    reason: `${decisions.length === 1 ? 'A decision is' : `${decisions.length} decisions are`} open. Answer: ${command}`,
    next_command: command,
  }
}

/** Resolves the open decision that is meant; one that is the only one needs no id. */
async function answer(ports: Ports, project: Project, mission: Mission, input: NextInput): Promise<string> {
  const { decisions } = await readNextFacts(ports, project, mission)
  const open = decisions.map(decision => decision.decision_id)
  const [first, second] = open
  if (first === undefined)
    throw new KittyError('invalid_input', 'No pending decisions to answer', { hint: sh`Leave --answer out` })
  const id = input.decisionId ?? (second === undefined ? first : undefined)
  if (id === undefined || !open.includes(id)) {
    const message = id === undefined ? 'Several decisions are pending' : `Decision '${id}' is not pending`
    throw new KittyError('invalid_input', message, {
      hint: sh`--decision-id with one of: ${listed(open)}`,
      data: { pending: open },
    })
  }
  await closeDecision(ports, {
    mission: mission.slug,
    id,
    outcome: 'resolved',
    finalAnswer: input.answer,
    resolvedBy: input.agent,
  })
  return id
}

/* -------------------------------------------------------------------- shape */

function shape(facts: NextFacts, agent: string | null, at: string): Next {
  const { mission } = facts
  return {
    kind: 'step',
    agent,
    mission_slug: mission.slug,
    mission_number: mission.number,
    mission_type: mission.type,
    mission: mission.type,
    mission_state: 'unknown',
    timestamp: at,
    action: null,
    wp_id: null,
    workspace_path: null,
    prompt_file: null,
    reason: null,
    guard_failures: [],
    progress: progressOf(facts),
    origin: {},
    run_id: null,
    step_id: null,
    decision_id: null,
    input_key: null,
    question: null,
    options: null,
    is_query: false,
    preview_step: null,
    next_command: null,
  }
}

function progressOf({ board, unread, finalized }: NextFacts): Next['progress'] {
  if (!finalized) return null
  const lanes = [...board, ...unread].map(item => item.lane)
  const count = (...wanted: readonly string[]): number => lanes.filter(lane => wanted.includes(lane)).length
  return {
    total_wps: lanes.length,
    done_wps: count('done'),
    approved_wps: count('approved'),
    in_progress_wps: count('claimed', 'in_progress'),
    planned_wps: count('planned'),
    for_review_wps: count('for_review', 'in_review'),
    weighted_percentage: weightedPercentage(lanes),
  }
}

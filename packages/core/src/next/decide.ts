/**
 * What comes next, from board and documents alone: the same choice whether an agent asks or reports.
 * Pure.
 */
import type { Lane } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import type { WaitingLanding } from '../landing/waiting.ts'
import { type OpenDependency, openDependencies, openRemedy } from '../repo/lanes/dependencies.ts'
import { isQuick } from '../repo/mission/types.ts'
import type { BoardItem, NextFacts } from './facts.ts'

/** The word of 3.2.0 for it, which scripts look for. */
const AT_WORK = 'all_wps_in_progress'

/** A reason as a person reads it. */
export function spokenReason(reason: string): string {
  return reason.startsWith(`${AT_WORK}: `) ? `being worked on${reason.slice(AT_WORK.length)}` : reason
}

export interface Choice {
  readonly kind: 'step' | 'blocked' | 'terminal'
  /** Step id; `done` at the end. */
  readonly step: string
  readonly action: string | null
  readonly wpId: string | null
  readonly reason: string | null
  /** What is missing before the step is done. */
  readonly missing: readonly string[]
}

/** What no longer holds the mission up. */
const THROUGH: ReadonlySet<Lane> = new Set<Lane>(['approved', 'done', 'canceled'])
const HANDED_IN: ReadonlySet<Lane> = new Set<Lane>(['for_review', 'in_review', ...THROUGH])

/** `agent`: work that this agent has begun comes before anything new; what it built itself is for others to review. */
export function decide(facts: NextFacts, agent: string | null): Choice {
  if (facts.merged) return facts.landing?.arrived === undefined ? done() : landing(facts.landing)
  if (facts.finalized) return fromBoard(facts, agent)
  return fromDocuments(facts)
}

function done(): Choice {
  return {
    kind: 'terminal',
    step: 'done',
    action: null,
    wpId: null,
    reason: 'All mission steps completed',
    missing: [],
  }
}

function step(id: string, missing: readonly string[], reason: string | null = null): Choice {
  return { kind: 'step', step: id, action: id, wpId: null, reason, missing }
}

/**
 * The first step that is not done yet. A step without a document of its own (a talk, pages among those that were there
 * before) was done when somebody reported it, or when a later document is written.
 */
function fromDocuments(facts: NextFacts): Choice {
  const { steps } = facts.type
  for (const [at, item] of steps.entries()) {
    const missing = facts.documents.get(item.id)
    const own = missing !== undefined && item.artefact?.startsWith('/') !== true
    if (missing !== undefined && missing.length > 0) return step(item.id, missing)
    if (item.board === 'tasks') return step(item.id, tasksMissing(facts))
    if (item.board === 'accepted') break
    if (own || facts.memory.reported.has(item.id)) continue
    if (!steps.slice(at + 1).some(later => facts.documents.get(later.id)?.length === 0))
      return step(item.id, [])
  }
  return step('accept', ['The mission is not closed'], 'Everything is written; close the mission')
}

function tasksMissing({ board, mission }: NextFacts): readonly string[] {
  if (board.length === 0) return ['There are no work packages: tasks.md and tasks/WP01-….md']
  return [sh`The tasks are not finalized: spec-kitty agent mission finalize-tasks --mission ${mission.slug}`]
}

function fromBoard(facts: NextFacts, agent: string | null): Choice {
  const { board } = facts
  const mine = board.find(item => isOwn(facts, item, agent))
  if (mine !== undefined) return work(mine.lane === 'in_review' ? 'review' : 'implement', mine)
  const undocumented = promotedStep(facts)
  if (undocumented !== undefined) return undocumented
  const ready = board.filter(item => item.lane === 'planned' && unmet(facts, item).length === 0)
  const waiting = board.filter(item => item.lane === 'for_review')
  const foreign = waiting.filter(item => agent === null || builderOf(item) !== agent)
  for (const [action, items] of [
    ['implement', ready],
    ['review', foreign],
  ] as const) {
    const free = items.find(item => givenTo(facts, agent, action, item) === undefined)
    if (free !== undefined) return work(action, free)
  }
  const given = ready[0] === undefined ? 'review' : 'implement'
  const [taken] = [...ready, ...foreign]
  if (taken !== undefined) return handedOut(facts, agent, given, taken)
  const [own] = waiting
  if (own !== undefined) return ownReview(facts, own, agent)
  const illegible = facts.unread.filter(item => !THROUGH.has(item.lane)).map(({ message }) => message)
  if (board.every(item => THROUGH.has(item.lane)) && illegible.length === 0)
    return facts.landing !== undefined
      ? landing(facts.landing)
      : facts.reopened
        ? reopened(facts)
        : finish(board)
  return stuck(facts, illegible, agent)
}

/** A promoted mission had a board before it had documents: what `accept` will ask for is written first. */
function promotedStep(facts: NextFacts): Choice | undefined {
  const { mission, type, documents, matrix } = facts
  if (typeof mission.meta.promoted_at !== 'string') return undefined
  const open = type.steps.find(item => (documents.get(item.id) ?? []).length > 0)
  if (open !== undefined) return step(open.id, documents.get(open.id) ?? [])
  return matrix ? undefined : step('tasks', tasksMissing(facts))
}

/**
 * Begun by this agent: its name is in the package, or it was sent there and the log names it. A log row alone, which
 * anybody may write in anybody's name, is not enough.
 */
function isOwn(
  { mission, memory }: NextFacts,
  { lane, holder, wp }: BoardItem,
  agent: string | null,
): boolean {
  if (agent === null) return false
  if (lane === 'in_review') return holder === agent
  if (lane !== 'claimed' && lane !== 'in_progress') return false
  if (wp.agent !== null) return wp.agent === agent
  // What a person began without naming an agent, in a checkout with one package, is for whoever is asked to go on.
  return isQuick(mission) || (holder === agent && memory.last.get(agent)?.wpId === wp.id)
}

/** The other agent that was sent to a package a moment ago, and may be about to begin. */
function givenTo(
  { memory }: NextFacts,
  agent: string | null,
  action: 'implement' | 'review',
  item: BoardItem,
): string | undefined {
  if (agent === null) return undefined
  const others = [...memory.last].filter(([name, { step, wpId, fresh }]) => {
    const mayBegin = action === 'implement' || builderOf(item) !== name
    return (
      name !== agent &&
      fresh &&
      step === action &&
      wpId === item.wp.id &&
      mayBegin &&
      !memory.trouble.has(name)
    )
  })
  return others[0]?.[0]
}

/** All that could be begun was given to others, who have not begun it. */
function handedOut(
  facts: NextFacts,
  agent: string | null,
  action: 'implement' | 'review',
  item: BoardItem,
): Choice {
  const { wp } = item
  const take = sh`spec-kitty agent action ${action} ${wp.id} --agent ${agent ?? 'NAME'} --mission ${facts.mission.slug}`
  return {
    kind: 'blocked',
    step: action,
    action: null,
    wpId: null,
    reason: `${wp.id} was just given to ${givenTo(facts, agent, action, item)}, who has not begun it. Ask again in a while; if it is to be yours: ${take}`,
    missing: [],
  }
}

/** Who handed it in. */
function builderOf({ named, holder }: BoardItem): string {
  return named ?? holder
}

/** Nobody approves its own work as long as somebody else takes part in the mission. */
function ownReview(facts: NextFacts, item: BoardItem, agent: string | null): Choice {
  const builder = builderOf(item)
  const named = [...facts.board.map(({ named: name }) => name), ...facts.memory.last.keys()]
  const others = [...new Set(named)].filter(name => name !== null && name !== builder)
  if (others.length === 0) {
    return { ...work('review', item), reason: `Only ${builder} takes part, who built ${item.wp.id} as well` }
  }
  return {
    kind: 'blocked',
    step: 'review',
    action: null,
    wpId: null,
    reason: `${item.wp.id} waits for a review by somebody else than ${builder}, who built it; ${others.join(', ')} can. When nobody else comes: ${sh`spec-kitty agent action review ${item.wp.id} --agent ${agent ?? 'NAME'} --mission ${facts.mission.slug}`}`,
    missing: [],
  }
}

function work(action: 'implement' | 'review', { wp, lane }: BoardItem): Choice {
  const missing = HANDED_IN.has(lane) && action === 'implement' ? [] : [`${wp.id} is ${lane}`]
  return { kind: 'step', step: action, action, wpId: wp.id, reason: null, missing }
}

function unmet({ board, unread }: NextFacts, { wp }: BoardItem): readonly OpenDependency[] {
  const all = [...board.map(item => ({ id: item.wp.id, lane: item.lane })), ...unread]
  const lanes = new Map(all.map(item => [item.id, item.lane]))
  return openDependencies(wp.dependencies, id => lanes.get(id) ?? 'genesis', [...lanes.keys()])
}

function finish(board: readonly BoardItem[]): Choice {
  const approved = board.filter(item => item.lane === 'approved').map(item => item.wp.id)
  const left =
    approved.length > 0 ? `Approved and not merged: ${approved.join(', ')}` : 'The mission is not merged'
  return step('accept', [left], `${left}. Accept and merge.`)
}

/** Nothing is left but to press the button, and to settle what it did. */
function landing({ sentence }: WaitingLanding): Choice {
  return { kind: 'blocked', step: 'landing', action: null, wpId: null, reason: sentence, missing: [] }
}

/** Nothing can be begun: say what everything waits for. */
function stuck(facts: NextFacts, illegible: readonly string[], agent: string | null): Choice {
  const { board, mission } = facts
  const at = (lane: Lane): readonly string[] =>
    board.filter(item => item.lane === lane).map(item => item.wp.id)
  const blocked = at('blocked')
  const reviewing = at('in_review')
  const working = [...at('claimed'), ...at('in_progress')]
  const base = { action: null, wpId: null, missing: [] }
  const waits = board
    .filter(item => item.lane === 'planned')
    .map(item => ({ id: item.wp.id, open: unmet(facts, item) }))
  const sentence = ({ id, open }: (typeof waits)[number]): string => waiting(id, mission.slug, open)
  // What waiting does not help.
  const hopeless = waits
    .filter(({ id, open }) => openRemedy(id, mission.slug, open) !== undefined)
    .map(sentence)
  const taken = board.find(({ lane }) => HELD.has(lane))
  const more = [...hopeless, ...illegible, ...(taken === undefined ? [] : takeOver(facts, taken, agent))]
  if (working.length > 0) {
    return {
      ...base,
      kind: 'blocked',
      step: 'implement',
      reason: [`${AT_WORK}: ${working.join(', ')}`, ...more].join('; '),
    }
  }
  if (reviewing.length > 0) {
    return {
      ...base,
      kind: 'blocked',
      step: 'review',
      reason: [`review in progress: ${reviewing.join(', ')}`, ...more].join('; '),
    }
  }
  const reason = [
    ...(blocked.length > 0 ? [`blocked: ${blocked.join(', ')}`] : []),
    ...waits.map(sentence),
    ...illegible,
  ].join('; ')
  return { ...base, kind: 'blocked', step: 'implement', reason: reason + goneOn(blocked, mission.slug) }
}

/** In somebody's hands. */
const HELD: ReadonlySet<Lane> = new Set<Lane>(['claimed', 'in_progress', 'in_review'])

/** An agent that does not come back leaves its claim: how another one goes on with it, work and all. */
function takeOver(
  { mission }: NextFacts,
  { wp, lane, holder }: BoardItem,
  agent: string | null,
): readonly string[] {
  if (agent === null) return []
  const on = ['--agent', agent, '--force', '--note', '<why>', '--mission', mission.slug]
  const command =
    lane === 'in_review'
      ? sh`spec-kitty agent tasks move-task ${wp.id} --to in_review ${on}`
      : sh`spec-kitty agent tasks move-task ${wp.id} --to in_progress ${on}`
  return [
    `if ${(lane === 'in_review' ? undefined : wp.agent) ?? holder} does not come back to ${wp.id}: ${command}`,
  ]
}

/** Everything is done, and somebody has opened the mission again: there is nothing to merge, and something to change. */
function reopened({ board, mission }: NextFacts): Choice {
  const first = board.find(({ lane }) => lane === 'done')?.wp.id ?? 'WP01'
  const back = sh`spec-kitty agent tasks move-task ${first} --to planned --force --note "<why>" --review-feedback-file FILE --mission ${mission.slug}`
  return {
    kind: 'blocked',
    step: 'implement',
    action: null,
    wpId: null,
    reason: `The mission is open again, and every package is done. Write what is to be changed into a FILE and send back what is to be worked on, such as ${first}: ${back}`,
    missing: [],
  }
}

/** How the first goes on when nothing is in the way any more. */
function goneOn([first]: readonly string[], missionSlug: string): string {
  if (first === undefined) return ''
  return sh`. When nothing is in the way any more: spec-kitty agent tasks move-task ${first} --to in_progress --note "<what has changed>" --mission ${missionSlug}`
}

function waiting(wpId: string, missionSlug: string, open: readonly OpenDependency[]): string {
  const remedy = openRemedy(wpId, missionSlug, open)
  const ids = open.map(({ id, lane, unknown }) =>
    unknown ? `${id} (no work package)` : lane === 'canceled' ? `${id} (canceled)` : id,
  )
  return `${wpId} waits for ${ids.join(', ')}${remedy === undefined ? '' : `. ${remedy}`}`
}

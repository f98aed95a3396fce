/**
 * What comes next, from board and documents alone: the same choice whether an agent asks or reports.
 * Pure.
 */
import type { Lane } from '@spec-kitty/contracts/lanes'
import { sh } from '@spec-kitty/contracts/sh'
import { canceledRemedy, type OpenDependency, openDependencies } from '../repo/lanes/dependencies.ts'
import type { BoardItem, NextFacts } from './facts.ts'

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

/** `agent`: work that this agent has begun comes before anything new. */
export function decide(facts: NextFacts, agent: string | null): Choice {
  if (facts.merged) return terminal('All mission steps completed')
  if (facts.finalized) return fromBoard(facts, agent)
  return fromDocuments(facts)
}

function terminal(reason: string): Choice {
  return { kind: 'terminal', step: 'done', action: null, wpId: null, reason, missing: [] }
}

function step(id: string, missing: readonly string[], reason: string | null = null): Choice {
  return { kind: 'step', step: id, action: id, wpId: null, reason, missing }
}

/** The first step that is not done yet. Talking an idea through leaves no document: a written one shows that it was done. */
function fromDocuments(facts: NextFacts): Choice {
  const { steps } = facts.type
  const written = steps.some(item => facts.documents.get(item.id)?.length === 0)
  for (const item of steps) {
    const missing = facts.documents.get(item.id)
    if (missing !== undefined) {
      if (missing.length > 0) return step(item.id, missing)
    } else if (item.board === 'tasks') {
      return step(item.id, tasksMissing(facts))
    } else if (item.board === 'accepted') {
      return step(item.id, ['The mission is not closed'], 'Everything is written; close the mission')
    } else if (!written && !facts.memory.reported.has(item.id)) {
      return step(item.id, [])
    }
  }
  return terminal('All documents of the mission are written')
}

function tasksMissing({ board, mission }: NextFacts): readonly string[] {
  if (board.length === 0) return ['There are no work packages: tasks.md and tasks/WP01-….md']
  return [sh`The tasks are not finalized: spec-kitty agent mission finalize-tasks --mission ${mission.slug}`]
}

function fromBoard({ board, mission }: NextFacts, agent: string | null): Choice {
  const mine = board.find(item => isOwn(item, agent))
  if (mine !== undefined) return work(mine.lane === 'in_review' ? 'review' : 'implement', mine)
  const ready = board.find(item => item.lane === 'planned' && unmet(board, item).length === 0)
  if (ready !== undefined) return work('implement', ready)
  const waiting = board.find(item => item.lane === 'for_review')
  if (waiting !== undefined) return work('review', waiting)
  if (board.every(item => THROUGH.has(item.lane))) return finish(board)
  return stuck(board, mission.slug)
}

function isOwn({ lane, holder, wp }: BoardItem, agent: string | null): boolean {
  if (agent === null) return false
  if (lane === 'in_review') return holder === agent
  return (lane === 'claimed' || lane === 'in_progress') && (wp.agent ?? holder) === agent
}

function work(action: 'implement' | 'review', { wp, lane }: BoardItem): Choice {
  const missing = HANDED_IN.has(lane) && action === 'implement' ? [] : [`${wp.id} is ${lane}`]
  return { kind: 'step', step: action, action, wpId: wp.id, reason: null, missing }
}

function unmet(board: readonly BoardItem[], { wp }: BoardItem): readonly OpenDependency[] {
  const lanes = new Map(board.map(item => [item.wp.id, item.lane]))
  return openDependencies(wp.dependencies, id => lanes.get(id) ?? 'genesis')
}

function finish(board: readonly BoardItem[]): Choice {
  const approved = board.filter(item => item.lane === 'approved').map(item => item.wp.id)
  const left =
    approved.length > 0 ? `Approved and not merged: ${approved.join(', ')}` : 'The mission is not merged'
  return step('accept', [left], `${left}. Accept and merge.`)
}

/** Nothing can be begun: say what everything waits for. */
function stuck(board: readonly BoardItem[], missionSlug: string): Choice {
  const at = (lane: Lane): readonly string[] =>
    board.filter(item => item.lane === lane).map(item => item.wp.id)
  const blocked = at('blocked')
  const reviewing = at('in_review')
  const working = [...at('claimed'), ...at('in_progress')]
  const base = { action: null, wpId: null, missing: [] }
  if (working.length > 0) {
    return {
      ...base,
      kind: 'blocked',
      step: 'implement',
      reason: `all_wps_in_progress: ${working.join(', ')}`,
    }
  }
  if (reviewing.length > 0) {
    return { ...base, kind: 'blocked', step: 'review', reason: `review in progress: ${reviewing.join(', ')}` }
  }
  const waits = board
    .filter(item => item.lane === 'planned')
    .map(item => waiting(item.wp.id, missionSlug, unmet(board, item)))
  const reason = [blocked.length > 0 ? `blocked: ${blocked.join(', ')}` : '', ...waits].filter(
    part => part !== '',
  )
  return { ...base, kind: 'blocked', step: 'implement', reason: reason.join('; ') }
}

function waiting(wpId: string, missionSlug: string, open: readonly OpenDependency[]): string {
  const remedy = canceledRemedy(wpId, missionSlug, open)
  const ids = open.map(({ id, lane }) => (lane === 'canceled' ? `${id} (canceled)` : id))
  return `${wpId} waits for ${ids.join(', ')}${remedy === undefined ? '' : `. ${remedy}`}`
}

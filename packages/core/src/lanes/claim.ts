/** Whether a work package may be begun, by whom, and which events that takes. Pure. */
import { KittyError } from '@spec-kitty/contracts/errors'
import type { JsonObject } from '@spec-kitty/contracts/json'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { joined, listed, type Remedy, sh } from '@spec-kitty/contracts/sh'
import { type OpenDependency, openDependencies, openRemedy, openWords } from '../repo/lanes/dependencies.ts'
import type { TransitionRequest } from '../repo/log/transition.ts'

export interface ClaimFacts {
  readonly wpId: string
  readonly missionSlug: string
  readonly lane: Lane
  /** Who begins; undefined for `implement` without a name. */
  readonly agent: string | undefined
  /** Who has it, as far as is known; the first is the one to name. */
  readonly owners: readonly string[]
  readonly dependencies: readonly string[]
  readonly laneOf: (wpId: string) => Lane
  /** The ids of all packages. */
  readonly known: readonly string[]
}

/**
 * Refuses what cannot be begun. What spec and plan say was judged when the tasks were finalized: a planned package is
 * not held back by them again. Throws `illegal_transition` (wrong lane), `tasks_not_finalized`, `claimed_by_other` or
 * `dependencies_not_satisfied`.
 */
export function requireClaimable(facts: ClaimFacts): void {
  refuseLane(facts)
  refuseOther(facts)
  // Work that has begun goes on, whatever happened to its dependencies meanwhile.
  if (facts.lane !== 'in_progress') requireDependencies(facts)
}

function refuseLane({ lane, wpId, missionSlug }: ClaimFacts): void {
  if (lane === 'planned' || lane === 'claimed' || lane === 'in_progress' || lane === 'blocked') return
  const mission = ['--mission', missionSlug]
  if (lane === 'genesis') {
    throw new KittyError(
      'tasks_not_finalized',
      `${wpId} is not planned yet: the tasks of '${missionSlug}' are not finalized`,
      {
        hint: sh`spec-kitty agent mission finalize-tasks ${mission}`,
      },
    )
  }
  const ended = lane === 'done' || lane === 'canceled'
  throw new KittyError('illegal_transition', `${wpId} is in ${lane}: there is nothing to implement`, {
    hint: ended
      ? sh`To open it again: spec-kitty agent tasks move-task ${wpId} --to planned --force --note "why" --review-feedback-file FILE ${mission}`
      : sh`To send it back: spec-kitty agent tasks move-task ${wpId} --to planned --review-feedback-file FILE ${mission}`,
    data: { lane },
  })
}

function refuseOther({ lane, agent, owners, wpId, missionSlug }: ClaimFacts): void {
  if (lane !== 'in_progress' && lane !== 'claimed') return
  const [owner] = owners
  if (agent === undefined || owner === undefined || owners.includes(agent)) return
  throw new KittyError('claimed_by_other', `${wpId} is being worked on by '${owner}', not by '${agent}'`, {
    hint: sh`Take another one, or take it over: spec-kitty agent tasks move-task ${wpId} --to in_progress --agent ${agent} --force --note "why" --mission ${missionSlug}`,
    data: { owner },
  })
}

function requireDependencies(facts: ClaimFacts): void {
  const open = openDependencies(facts.dependencies, facts.laneOf, facts.known)
  if (open.length === 0) return
  const code = 'dependencies_not_satisfied'
  const ids = open.map(item => item.id).join(', ')
  const message = `${code}: ${facts.wpId} depends on ${ids}; not yet approved: ${openWords(open)}`
  const remedy = dependencyRemedy(facts, open)
  throw new KittyError(code, message, { hint: remedy, data: { blockers: [{ code, message, remedy }] } })
}

function dependencyRemedy({ wpId, missionSlug }: ClaimFacts, open: readonly OpenDependency[]): Remedy {
  const pending = open.filter(({ lane, unknown }) => lane !== 'canceled' && !unknown).map(({ id }) => id)
  const finish =
    pending.length === 0
      ? undefined
      : sh`Finish and approve ${listed(pending)} first: spec-kitty agent tasks status --mission ${missionSlug}`
  const hopeless = openRemedy(wpId, missionSlug, open)
  return joined(
    [finish, hopeless].filter(remedy => remedy !== undefined),
    ' · ',
  )
}

export interface StartRequest {
  readonly wpId: string
  readonly lane: Lane
  readonly actor: string
  readonly workspace: string
  /** False for planning work in the checkout itself. */
  readonly isolated: boolean
  readonly policyMetadata?: JsonObject | undefined
}

/** The changes that bring a claimable package to `in_progress`; none when it is there. */
export function startRequests(start: StartRequest): readonly TransitionRequest[] {
  const to = (lane: Lane): TransitionRequest => ({
    wpId: start.wpId,
    to: lane,
    actor: start.actor,
    workspace: start.workspace,
    executionMode: start.isolated ? 'worktree' : 'direct_repo',
    policyMetadata: start.policyMetadata,
  })
  if (start.lane === 'planned') return [to('claimed'), to('in_progress')]
  return start.lane === 'in_progress' ? [] : [to('in_progress')]
}

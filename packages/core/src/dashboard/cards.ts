/** A mission in the list of the dashboard: from its log and meta.json, no file of a work package. */

import type { MissionCard, MissionCards } from '@spec-kitty/contracts/dashboard/missions'
import { type KittyError, unlessRefused } from '@spec-kitty/contracts/errors'
import type { Lane } from '@spec-kitty/contracts/lanes'
import { openDecisions } from '../decisions/index-file.ts'
import { actorName } from '../repo/log/actor.ts'
import { weightedPercentage } from '../repo/log/progress.ts'
import type { Reduction, WpState } from '../repo/log/reduce.ts'
import { countLanes } from '../repo/log/snapshot.ts'
import type { Mission } from '../repo/mission/handle.ts'
import { isMerged, summarize } from '../repo/summary.ts'
import type { Ports } from '../world/ports.ts'

const WORKING: ReadonlySet<Lane> = new Set<Lane>(['claimed', 'in_progress', 'in_review'])
const WAITING: ReadonlySet<Lane> = new Set<Lane>(['for_review', 'blocked'])
const FINISHED: ReadonlySet<Lane> = new Set<Lane>(['approved', 'done', 'canceled'])

/** `reduction` is undefined where the log cannot be read; `problem` says why. */
export function missionCard(
  ports: Pick<Ports, 'files'>,
  mission: Mission,
  reduction: Reduction | undefined,
  problem?: KittyError,
): MissionCard {
  const states = [...(reduction?.workPackages ?? [])]
  const held = (lanes: ReadonlySet<Lane>) =>
    states.filter(([, state]) => lanes.has(state.lane)).map(([wp, state]) => heldBy(wp, state))
  const decisions = decisionsOf(ports, mission)
  const counts = Object.entries(reduction === undefined ? {} : countLanes(reduction))
  return {
    ...summarize(mission, reduction),
    by_lane: Object.fromEntries(counts.filter(([, count]) => count > 0)),
    progress_percentage: weightedPercentage(states.map(([, state]) => state.lane)),
    working: held(WORKING),
    waiting: held(WAITING),
    open_decisions: decisions.open,
    landing: landingOf(mission, states),
    last_event_at: reduction?.lastAt ?? '',
    problems: [problem, decisions.problem].flatMap(error => (error === undefined ? [] : [error.message])),
  }
}

/** The list, and the number for title and icon: of what the page says that it waits for a person. */
export function missionCards(cards: readonly MissionCard[]): MissionCards {
  const open = cards.filter(card => card.landing === 'open' || card.landing === 'ready')
  const waiting = open.map(
    ({ waiting, open_decisions, landing }) =>
      waiting.length + (open_decisions > 0 ? 1 : 0) + (landing === 'ready' ? 1 : 0),
  )
  return { missions: [...cards], waiting_for_me: waiting.reduce((sum, count) => sum + count, 0) }
}

function heldBy(wpId: string, { lane, actor, last_transition_at: since }: WpState) {
  return { wp_id: wpId, lane, who: actorName(actor), since }
}

function landingOf(
  mission: Mission,
  states: readonly (readonly [string, WpState])[],
): MissionCard['landing'] {
  if (typeof mission.meta.closed_at === 'string') return 'closed'
  if (isMerged(mission)) return 'merged'
  const lanes = new Set(states.map(([, { lane }]) => lane))
  if (![...lanes].every(lane => FINISHED.has(lane))) return 'open'
  if (lanes.has('approved')) return 'ready'
  return lanes.has('done') ? 'merged' : 'open'
}

function decisionsOf(ports: Pick<Ports, 'files'>, mission: Mission) {
  return unlessRefused(
    () => ({ open: openDecisions(ports, mission).length, problem: undefined }),
    problem => ({ open: 0, problem }),
  )
}

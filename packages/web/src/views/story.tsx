/** Events told as a story: who moved what, when, and why. */
import type { Happening } from '@spec-kitty/contracts/cli/story'
import { toPackage } from '../data/route.ts'
import { clock, day, moment } from '../data/time.ts'
import { LaneSign, laneTitle } from '../parts/lane.tsx'

interface Props {
  /** Newest first. */
  readonly events: readonly (Happening & { readonly index?: number })[]
  readonly mission: string
  /** Of one package: its id need not be said. */
  readonly alone?: boolean
  /** Asked for with a click on the time. */
  readonly goTo?: (index: number) => void
}

export function Story({ events, mission, alone = false, goTo }: Props) {
  const days: { readonly name: string; readonly events: Props['events'][number][] }[] = []
  for (const event of events) {
    const name = day(event.at)
    const last = days.at(-1)
    if (last?.name === name) last.events.push(event)
    else days.push({ name, events: [event] })
  }
  return (
    <div class="story">
      {days.map(({ name, events: these }) => (
        <section key={name} aria-label={name}>
          <h2>{name}</h2>
          <ol>
            {these.map((event, index) => (
              <Event key={event.index ?? index} event={event} mission={mission} alone={alone} goTo={goTo} />
            ))}
          </ol>
        </section>
      ))}
    </div>
  )
}

interface EventProps {
  readonly event: Props['events'][number]
  readonly mission: string
  readonly alone: boolean
  readonly goTo: ((index: number) => void) | undefined
}

function Event({ event, mission, alone, goTo }: EventProps) {
  const { index } = event
  return (
    <li>
      {goTo === undefined || index === undefined ? (
        <time dateTime={event.at} title={moment(event.at)}>
          {clock(event.at)}
        </time>
      ) : (
        <button type="button" class="bare" title="See the board at this moment" onClick={() => goTo(index)}>
          <time dateTime={event.at}>{clock(event.at)}</time>
        </button>
      )}
      <LaneSign lane={event.to_lane} />
      <p>
        <strong>{event.who}</strong> {verbOf(event)}{' '}
        {!alone && (
          <a href={toPackage(mission, event.wp_id, 'history')} class="id">
            {event.wp_id}
          </a>
        )}
        <span class="quiet">
          {' '}
          {event.from_lane === event.to_lane ? '' : `${laneTitle(event.from_lane)} → `}
          {laneTitle(event.to_lane)}
          {event.forced && ', forced'}
        </span>
        {event.reason !== null && !SAYS_NOTHING.test(event.reason) && (
          <span class="reason">{event.reason}</span>
        )}
      </p>
    </li>
  )
}

/** What the command writes when nobody gave a reason. */
const SAYS_NOTHING = /^move-task: \w+ → \w+$/

const VERBS: Readonly<Record<string, string>> = {
  planned: 'planned',
  claimed: 'took',
  in_progress: 'worked on',
  for_review: 'handed in',
  in_review: 'began to review',
  approved: 'approved',
  done: 'finished',
  blocked: 'blocked',
  canceled: 'canceled',
}

function verbOf({ from_lane, to_lane }: Happening): string {
  const back = ['for_review', 'in_review', 'approved'].includes(from_lane)
  if (back && (to_lane === 'in_progress' || to_lane === 'planned')) return 'sent back'
  return VERBS[to_lane] ?? 'moved'
}

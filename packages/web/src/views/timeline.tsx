/** The log of a mission as a story, and a slider: the board as it was after any event. */
import type { MissionDetail } from '@spec-kitty/contracts/dashboard/missions'
import type { Timeline, TimelineEvent } from '@spec-kitty/contracts/dashboard/story'
import { DISPLAY_LANES } from '@spec-kitty/contracts/lanes'
import { useMemo } from 'preact/hooks'
import { useAnswer } from '../data/answers.ts'
import { route, setParam, toPackage } from '../data/route.ts'
import { moment } from '../data/time.ts'
import { LaneSign, laneTitle } from '../parts/lane.tsx'
import { Empty, Refused, Waiting } from '../parts/notice.tsx'
import { lanesAt } from './moment.ts'
import { Story } from './story.tsx'

/** More than these at once are no story; the slider leads to the others. */
const MOST_EVENTS = 200
/** As many as the server tells at once. */
const WHOLE_STORY = 10_000

export function TimelineView({ detail }: { readonly detail: MissionDetail }) {
  const mission = detail.mission.mission_slug
  const path = `/missions/${encodeURIComponent(mission)}/log`
  const newest = useAnswer<Timeline>(path)
  // Whoever asks for an early moment gets the story from before it.
  const asked = Number(route.value.params.get('at') ?? Number.NaN)
  const earlier = newest?.data !== undefined && asked < newest.data.from
  const before = Math.min(newest?.data?.total ?? 0, asked + WHOLE_STORY / 2)
  const past = useAnswer<Timeline>(earlier ? `${path}?before=${before}&limit=${WHOLE_STORY}` : undefined)
  const reply = earlier ? past : newest
  if (reply === undefined) return <Waiting />
  if (reply.data === undefined) return <Refused refusal={reply.refusal} />
  if (reply.data.total === 0)
    return <Empty title="Nothing happened yet.">The story begins when the tasks are finalized.</Empty>
  return <Telling timeline={reply.data} titles={titlesOf(detail)} mission={mission} />
}

const titlesOf = (detail: MissionDetail): ReadonlyMap<string, string> =>
  new Map(detail.packages.map(({ id, title }) => [id, title]))

interface Props {
  readonly timeline: Timeline
  readonly titles: ReadonlyMap<string, string>
  readonly mission: string
}

function Telling({ timeline, titles, mission }: Props) {
  const { params } = route.value
  const who = params.get('who') ?? ''
  const wp = params.get('wp') ?? ''
  const last = timeline.total - 1
  const at = Math.min(last, Math.max(0, Number(params.get('at') ?? last)))
  const goTo = (index: number) => setParam('at', index >= last ? '' : String(index))
  const told = timeline.events.filter(
    event => event.index <= at && (who === '' || event.who === who) && (wp === '' || event.wp_id === wp),
  )
  const people = useMemo(() => distinct(timeline.events.map(event => event.who)), [timeline])
  const packages = useMemo(() => distinct(timeline.events.map(event => event.wp_id)), [timeline])
  const lanes = useMemo(() => lanesAt(timeline, at), [timeline, at])
  const event = timeline.events[at - timeline.from]
  return (
    <>
      <Slider at={at} last={last} event={event} goTo={goTo} />
      <Moment lanes={lanes} titles={titles} moved={event?.wp_id} mission={mission} />
      <div class="filters">
        <Choice name="who" label="Agent" value={who} options={people} />
        <Choice name="wp" label="Package" value={wp} options={packages} />
        <span class="quiet" role="status">
          {told.length === 1 ? '1 event' : `${told.length} events`}
        </span>
      </div>
      <Story events={told.slice(-MOST_EVENTS).reverse()} mission={mission} goTo={goTo} />
      {told.length > MOST_EVENTS && (
        <button type="button" onClick={() => goTo(told.at(-MOST_EVENTS)?.index ?? 0)}>
          Go back to event {told.at(-MOST_EVENTS)?.index}
        </button>
      )}
    </>
  )
}

/** WP2 before WP10. */
const byName = (a: string, b: string): number => a.localeCompare(b, undefined, { numeric: true })

const distinct = (words: readonly string[]): readonly string[] => [...new Set(words)].sort(byName)

interface SliderProps {
  readonly at: number
  readonly last: number
  readonly event: TimelineEvent | undefined
  readonly goTo: (index: number) => void
}

function Slider({ at, last, event, goTo }: SliderProps) {
  const words =
    event === undefined ? '' : `${moment(event.at)}: ${event.who}, ${event.wp_id} ${laneTitle(event.to_lane)}`
  return (
    <div class="slider">
      <button type="button" aria-label="One event back" disabled={at === 0} onClick={() => goTo(at - 1)}>
        ‹
      </button>
      <input
        type="range"
        min={0}
        max={last}
        value={at}
        aria-label="Moment"
        aria-valuetext={words}
        onInput={change => goTo(Number(change.currentTarget.value))}
      />
      <button type="button" aria-label="One event on" disabled={at === last} onClick={() => goTo(at + 1)}>
        ›
      </button>
      <p>
        <strong>{at === last ? 'Now' : event === undefined ? '' : moment(event.at)}</strong>{' '}
        <span class="quiet">
          event {at + 1} of {last + 1}
        </span>
      </p>
    </div>
  )
}

interface MomentProps {
  readonly lanes: ReadonlyMap<string, string>
  readonly titles: ReadonlyMap<string, string>
  readonly moved: string | undefined
  readonly mission: string
}

/** The board in small. */
function Moment({ lanes, titles, moved, mission }: MomentProps) {
  return (
    <ul class="moment" aria-label="The board at this moment">
      {DISPLAY_LANES.map(lane => {
        const ids = [...lanes].filter(([, where]) => where === lane).map(([id]) => id)
        if (ids.length === 0) return null
        return (
          <li key={lane} data-lane={lane}>
            <span class="lane-name">
              <LaneSign lane={lane} />
              {laneTitle(lane)} <span class="count">{ids.length}</span>
            </span>
            <span class="ids">
              {ids
                .sort(byName)
                .slice(0, 40)
                .map(id => (
                  <a
                    key={id}
                    href={toPackage(mission, id)}
                    title={titles.get(id)}
                    class={id === moved ? 'moved' : ''}
                  >
                    {id}
                  </a>
                ))}
              {ids.length > 40 && <span class="quiet">+{ids.length - 40}</span>}
            </span>
          </li>
        )
      })}
    </ul>
  )
}

interface ChoiceProps {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly options: readonly string[]
}

function Choice({ name, label, value, options }: ChoiceProps) {
  return (
    <label>
      <span class="quiet">{label}</span>{' '}
      <select value={value} onChange={event => setParam(name, event.currentTarget.value)}>
        <option value="">all</option>
        {options.map(option => (
          <option key={option} value={option}>
            {option}
          </option>
        ))}
      </select>
    </label>
  )
}
